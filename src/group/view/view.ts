import type { Departed, Member, RingId } from '../configuration.js'

/** A member of a view: of a configuration whose members have told each other who they are. */
export interface ViewMember extends Member {
  /** When the member's executive was started, nanoseconds since 1970 by its own clock. */
  readonly bootTimestamp: bigint
  /** Number of the view with which the member came into this cluster; the same on every member. */
  readonly initialViewNumber: number
}

/** Whether a view may act for the whole cluster, and why. */
export interface QuorumState {
  readonly quorate: boolean
  /** Votes of the whole cluster; null: quorum is off. */
  readonly expectedVotes: number | null
  /** Members of the view: each has one vote. */
  readonly votes: number
  /** Votes that make a quorum; null: quorum is off. */
  readonly needed: number | null
  /** There would be enough votes, but nobody here has seen all members since its start. */
  readonly waitingForAll: boolean
}

/**
 * What the services see of the cluster: a regular configuration, once all of its members have exchanged
 * what they hold. Every member of a view sees the same one, at the same place in the order.
 */
export interface View {
  /** The sequence of its ring id: grows with every view, across restarts of the whole cluster too. */
  readonly number: number
  readonly ringId: RingId
  /** Sorted by node id. */
  readonly members: readonly ViewMember[]
  /** Since the view before at this process; a node that was restarted is in both lists. */
  readonly joined: readonly ViewMember[]
  readonly left: readonly (ViewMember & Pick<Departed, 'reason'>)[]
  readonly quorum: QuorumState
  /**
   * When the view began, nobody who is no member of it had counted members of it as ones that run for so
   * many milliseconds: what it took itself for entitled to on that ground has its end that much sooner. With
   * quorum it is enough that all others together were none for so long; a refusal by a host is no proof
   * there, and who began later than that may have voted in another life.
   */
  readonly apartMs: number
}
