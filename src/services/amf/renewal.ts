import type { QuorumState } from '../../group/index.js'

/** What is asked of the ring and its timers; `Node` has them. */
export interface RenewalGround {
  readonly ring: {
    readonly isExcluded: boolean
    silentMs(nowMs: number): number
    heardWithin(nowMs: number, windowMs: number): readonly number[]
    askPresence(nowMs: number): void
  }
  readonly timers: { isBehind(nowMs: number): boolean }
}

export interface RenewalSettings {
  readonly leaseMs: number
  /** A partition without quorum brings its actives down: they may go on only with one. */
  readonly needsQuorum: boolean
}

/** Whether the components of this node may hold what they hold for another lease. */
export class Renewal {
  #isStopping = false

  constructor(
    private readonly settings: RenewalSettings,
    private readonly ground: RenewalGround,
    /** Of the last view; null before the first. */
    private readonly quorum: () => QuorumState | null,
  ) {}

  /** This node leaves: never again. */
  stop(): void {
    this.#isStopping = true
  }

  /** @param nowMs the clock of the ring */
  may(nowMs: number): boolean {
    const { ring, timers } = this.ground
    const { leaseMs, needsQuorum } = this.settings
    // Who comes out of a pause first learns what the others have done meanwhile.
    if (this.#isStopping || ring.isExcluded || timers.isBehind(nowMs)) return false
    const quorum = this.quorum()
    if (quorum === null) return false
    if (!needsQuorum || quorum.needed === null) return true
    // In good time for answers, and for asking again should they be lost.
    if (ring.silentMs(nowMs) > leaseMs / 4) ring.askPresence(nowMs)
    return quorum.quorate && ring.heardWithin(nowMs, leaseMs).length >= quorum.needed
  }
}
