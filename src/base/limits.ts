/** Every bound of the system that is not configurable, in one place. */
export const limits = {
  /** Members of one ring. The token states two watermarks a member and must fit one frame. */
  ringMembers: 128,
  /** Octets of a node or cluster name (SA_MAX_NAME_LENGTH less its terminator is 255). */
  nameOctets: 255,
  /** Octets of one message at the group messaging contract. */
  messageOctets: 1024 * 1024,
  /** Octets accepted by the ring and not yet sent; beyond it multicast() refuses. */
  pendingOctets: 8 * 1024 * 1024,
  /** Messages accepted by the ring and not yet sent. */
  pendingMessages: 16_384,
  /** Parts of one control message (join, commit token) that does not fit one frame. */
  controlParts: 64,
  /** Processes whose last control frame is remembered to tell replays from news. */
  knownProcesses: 1024,
  /** Ring sequence numbers reserved on disk at a time. */
  ringSequenceBlock: 1024,
  /** Stretches of history a state remembers; what is older counts as a conflict, never as contained. */
  lineageEntries: 128,
  /** Services that stand on one group. */
  services: 16,
  /** Octets of a snapshot in one message. */
  transferChunkOctets: 32 * 1024,
  /** Octets of a snapshot on their way at a time; more only while changes come faster than it moves. */
  transferWindowOctets: 128 * 1024,
  transferWindowMaxOctets: 2 * 1024 * 1024,
  /** Octets of changes a member that caught up applies at a time. */
  catchUpSliceOctets: 256 * 1024,
  /** Changes a member that caught up applies at a time. */
  catchUpSliceMessages: 500,
  /** Nodes of a cluster on one machine (`ais cluster`). */
  sandboxNodes: 64,
  /** Highest ring sequence number; far from what an IEEE double counts exactly. */
  ringSequenceMax: 2 ** 52,
  /** Highest message sequence number of one ring; past it the ring is formed anew and counts from 1. */
  messageSequenceMax: 2 ** 52,
  /** Trackings of the cluster's membership that one connection may have open. */
  clmTrackings: 64,
} as const
