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
  catchUpSliceOctets: 1024 * 1024,
  /** Changes a member that caught up applies at a time. */
  catchUpSliceMessages: 4000,
  /** Octets of services handed to the engine and not delivered yet: a new view may have to wait for them. */
  groupInFlightOctets: 1024 * 1024,
  /** Checkpoints in a cluster, unlinked ones that are still open included. */
  ckptCheckpoints: 16_384,
  /** Sections of one checkpoint. */
  ckptSections: 1024 * 1024,
  /** Octets of one section. */
  ckptSectionOctets: 1024 * 1024 * 1024,
  /** Octets of a section's id. */
  ckptSectionIdOctets: 1024,
  /** Octets of all sections together, as far as a node takes writes. */
  ckptOctets: 4 * 1024 * 1024 * 1024,
  /** Octets of data and section ids that one write, and one read, carries. */
  ckptCallOctets: 1_000_000,
  /** Sections named by one write or read. */
  ckptVectorElements: 4096,
  /** Unlinked checkpoints that are remembered, so that a side that was apart does not bring them back. */
  ckptTombstones: 4096,
  /** Octets of what lost a conflict, kept in memory; the oldest beyond it go to the state directory. */
  ckptConflictOctets: 64 * 1024 * 1024,
  /** Conflicts remembered; the oldest beyond it are forgotten, and the log says so. */
  ckptConflicts: 1024,
  /** Checkpoints, sections or conflicts in one answer that lists them. */
  ckptPageItems: 512,
  /** Checkpoints whose digests one ordered query asks for. */
  ckptQueryNames: 1024,
  /** Units in one groups.conf. */
  amfUnits: 1024,
  /** Components in one groups.conf. */
  amfComponents: 4096,
  /** Component service instances that one groups.conf comes to, implied ones included. */
  amfInstances: 4096,
  /** Octets of what a groups.conf comes to, as the nodes tell it each other. */
  amfConfigOctets: 768 * 1024,
  /** Octets of the attributes of one component service instance. */
  amfAttributeOctets: 64 * 1024,
  /** Attribute lines of one component service instance. */
  amfAttributes: 1024,
  /** Shortest lease of a component, milliseconds: it is renewed five times as often. */
  amfLeaseMinMs: 50,
  /** Decisions of AMF that are remembered, with their causes. */
  amfDecisions: 1024,
  /** Characters of a text in a message of AMF: the words of an error report. */
  amfTextLength: 1000,
  /** Components that one connection may have registered. */
  amfComponentsOfClient: 256,
  /** Health checks of one component. */
  amfHealthchecksOfComponent: 16,
  /** Shortest period of a health check, milliseconds. */
  amfHealthcheckPeriodMinMs: 10,
  /** Processes that are watched for one component. */
  amfProcessesOfComponent: 32,
  /** Applications of one node that follow AMF's decisions. */
  amfWatchers: 256,
  /** Callbacks of AMF that nobody waits for any more, and which an application may still answer. */
  amfVoidInvocations: 1024,
  /** Octets of the name of a process group (CPG_MAX_NAME_LENGTH). */
  cpgNameOctets: 128,
  /** Octets of one message to a process group. */
  cpgMessageOctets: 1_000_000,
  /** Octets in front of the messages of a call that the executive makes its own header of. */
  cpgRoomOctets: 144,
  /** Octets of small messages that go as one through the ring, the lengths of each included. */
  cpgBatchOctets: 32_000,
  /** Memberships of all applications of one node. */
  cpgMemberships: 4096,
  /** Octets of one node's messages to groups on their way, which other services need not wait behind. */
  cpgInFlightOctets: 512 * 1024,
  /** The same of all members of the cluster together: what a member that reads slowly has still to take. */
  cpgInFlightOctetsOfAll: 8 * 1024 * 1024,
  /** Octets waiting for one member to read them, from which on senders to its group wait. */
  cpgWaitingOctets: 1024 * 1024,
  /** For so long senders wait for a member that takes nothing, milliseconds; then it is disconnected. */
  cpgStuckMs: 5000,
  /** Questions of one executive about the configurations of others, without an answer. */
  confQuestions: 64,
  /** Octets of what a node says of its configuration, without what AMF was given. */
  confDocumentOctets: 64 * 1024,
  /** Time for a member to say which configuration it has, milliseconds. */
  confAnswerMs: 5000,
  /** Nodes of a cluster on one machine (`ais cluster`): what two cores bear. */
  sandboxNodes: 32,
  /** Highest ring sequence number; far from what an IEEE double counts exactly. */
  ringSequenceMax: 2 ** 52,
  /**
   * Octets of one message between an application and the executive: a group message, and what goes with it.
   */
  ipcFrameOctets: 1024 * 1024 + 16 * 1024,
  /** Values in one such message, keys of maps included: what decoding may cost. */
  ipcMessageValues: 16_384,
  /** Arrays and maps within each other in one such message. */
  ipcMessageDepth: 32,
  /** Applications connected to one executive; fewer where the system allows fewer open files. */
  ipcClients: 4096,
  /**
   * Requests of one client without an answer; no further ones are read from it until half of them have one.
   */
  ipcClientRequests: 1024,
  /** Octets of one client's requests without an answer; the same. */
  ipcClientRequestOctets: 4 * 1024 * 1024,
  /** Tracks, handles and the like that one client may have open. */
  ipcClientHolds: 4096,
  /** Octets waiting for one client to read them, beyond which its requests are no longer read. */
  ipcClientWaitingOctets: 1024 * 1024,
  /** Octets waiting for one client to read them, beyond which it is disconnected. */
  ipcClientWaitingOctetsMax: 16 * 1024 * 1024,
  /** Octets waiting for all clients together; beyond it the one that most wait for is disconnected. */
  ipcWaitingOctetsMax: 128 * 1024 * 1024,
  /** Octets of unfinished messages of all clients; beyond it the one that is largest is disconnected. */
  ipcUnfinishedOctetsMax: 64 * 1024 * 1024,
  /**
   * Octets of all clients' requests without an answer; beyond it a client with any waits with the next one.
   */
  ipcRequestOctetsMax: 64 * 1024 * 1024,
  /** Calls of one connection of the API without an answer; beyond it they are refused. */
  ipcCalls: 65_536,
  /** Octets of calls of one connection that the executive did not take yet; beyond it they are refused. */
  ipcCallOctets: 16 * 1024 * 1024,
  /** Answers that `ais doctor --listen` sends a second, in all, to one asker, and to the group. */
  doctorAnswersPerSecond: 4000,
  doctorAnswersPerSecondOfAsker: 1000,
  doctorGroupAnswersPerSecond: 100,
  /** Octets of those answers a second. */
  doctorAnswerOctetsPerSecond: 8 * 1024 * 1024,
  /** Addresses that asked and are remembered; the first of them is forgotten for the next. */
  doctorAskers: 256,
  /** Senders on the group's address that `ais doctor` tells apart. */
  doctorSenders: 256,
  /** Highest message sequence number of one ring; past it the ring is formed anew and counts from 1. */
  messageSequenceMax: 2 ** 52,
} as const
