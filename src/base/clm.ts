/**
 * What to be told about the cluster; flags are added up. Numbers of the standard (SaUint8T trackFlags of
 * saClmClusterTrack).
 */
export const TrackFlags = {
  /** The present members, once (SA_TRACK_CURRENT). */
  TRACK_CURRENT: 1,
  /** On each change every member, each with its own change (SA_TRACK_CHANGES). */
  TRACK_CHANGES: 2,
  /** On each change those members that changed (SA_TRACK_CHANGES_ONLY). */
  TRACK_CHANGES_ONLY: 4,
} as const

/** Node id by which a process asks for the node it runs on (SA_CLM_LOCAL_NODE_ID of B.01.01). */
export const LOCAL_NODE_ID = 0xffff_ffff

/** What became of a node. Numbers of the standard (SaClmClusterChangesT). */
export const ClusterChange = {
  /** Still a member (SA_CLM_NODE_NO_CHANGE). */
  NODE_NO_CHANGE: 1,
  /** A member since this view (SA_CLM_NODE_JOINED). */
  NODE_JOINED: 2,
  /** No member any more since this view (SA_CLM_NODE_LEFT). */
  NODE_LEFT: 3,
} as const

export type ClusterChange = (typeof ClusterChange)[keyof typeof ClusterChange]

/** A node of the cluster (SaClmClusterNodeT). */
export interface ClusterNode {
  /** 1 to 0xfffffffe: of network.conf, else the IPv4 address as a number. */
  readonly nodeId: number
  /** Address its executive speaks from, as text. */
  readonly nodeAddress: string
  /** Of network.conf, else the host name. */
  readonly nodeName: string
  readonly clusterName: string
  /** False for a node that is no member any more. */
  readonly member: boolean
  /** When the node's executive was started, nanoseconds since 1970 by that node's clock. */
  readonly bootTimestamp: bigint
  /** Number of the view with which the node came into this cluster; the same on every member. */
  readonly initialViewNumber: number
}

/** A node and what became of it (SaClmClusterNotificationT). */
export interface ClusterNotification {
  readonly clusterNode: ClusterNode
  readonly clusterChange: ClusterChange
  /** Of a node that left: it said so ('left'), or it vanished ('failed'). Else null. */
  readonly reason: 'left' | 'failed' | null
}

/** Are these flags of clusterTrack? Some are needed; all changes and only changes exclude each other. */
export function areTrackFlags(flags: number): boolean {
  const { TRACK_CURRENT, TRACK_CHANGES, TRACK_CHANGES_ONLY } = TrackFlags
  const both = TRACK_CHANGES | TRACK_CHANGES_ONLY
  return Number.isInteger(flags) && flags > 0 && flags <= (TRACK_CURRENT | both) && (flags & both) !== both
}

/** Do these flags ask for changes to come? */
export function asksForChanges(flags: number): boolean {
  return (flags & (TrackFlags.TRACK_CHANGES | TrackFlags.TRACK_CHANGES_ONLY)) !== 0
}

/** Why a view may act for the whole cluster, or may not. */
export interface ClusterQuorum {
  /** Votes of the whole cluster; null: the quorum is off, every view is quorate. */
  readonly expectedVotes: number | null
  /** Votes of this view: its members have one each. */
  readonly votes: number
  /** Votes that make a quorum; null: the quorum is off. */
  readonly needed: number | null
  /** There would be votes enough, but nobody here has seen all nodes since the cluster was started. */
  readonly waitingForAll: boolean
}

/** One view of the cluster: what all members agree on about it. */
export interface ClusterView {
  /** Grows with every view; the same on every member. */
  readonly viewNumber: number
  /** Identity of the ring the view stands on. */
  readonly ringId: { readonly representative: number; readonly sequence: number }
  /** Whether this view may act for the whole cluster. Always true where the quorum is off. */
  readonly quorate: boolean
  readonly quorum: ClusterQuorum
  /** The node this was asked on. */
  readonly localNodeId: number
  /** Members of the view (numberOfMembers of SaClmClusterTrackCallbackT). */
  readonly numberOfMembers: number
}
