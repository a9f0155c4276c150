import type { HaState } from './amf.js'

// Under what lease a component holds its assignments, and what it has to be told when that ends. One and the
// same for applications (the API), for programs under a guardian, and in the simulator.

/** A component service instance as its component was told of it last. */
export interface Holding {
  readonly csi: string
  readonly instance: string
  readonly haState: HaState
  /** Fencing token of the activation. */
  readonly epoch: bigint
}

/** What the component is to be told, in this order, before it is told anything else. */
export type DemotionStep =
  | { readonly kind: 'csi-set'; readonly holding: Holding }
  | { readonly kind: 'csi-remove'; readonly holding: Holding }

/**
 * What becomes of an assignment that came from the executive.
 * - tell: the component is told, and holds it from now on
 * - lapsed: it is not told and will not answer; amf.lapsed with `seen` says so to the executive
 * - nothing-held: it let go of that before; it is not told, and OK is the answer
 */
export type Verdict = 'tell' | 'lapsed' | 'nothing-held'

/**
 * The lease of one registration of a component, over one connection to its executive.
 *
 * A component holds assignments only under a live lease: one that the executive renewed less than `leaseMs`
 * ago, counted from when it sent the renewal. The clock is the machine's monotonic one, which the executive
 * has too. Whoever owns a lease calls `check` before anything that came from the executive is handled, before
 * an HA state is told to anybody, and at `untilMs`.
 *
 * Executive and component agree on what is held by these rules: the component is told of an assignment only
 * if its lease is live at that moment (`assign`); when the lease ends all that is held is let go of at once,
 * and the executive is told up to which invocation assignments had been seen by then. It takes those of them
 * that have no answer as never to be acted on; what is newer is still to be handled, by the same rules.
 */
export class ComponentLease {
  /** Highest invocation that has come. */
  seen = 0
  /** When the lease ends; -Infinity: it was never renewed, or its connection broke. */
  untilMs = -Infinity
  #isBroken = false
  readonly #held = new Map<string, Holding>()

  /** @param leaseMs as the executive says when it registers the component */
  constructor(readonly leaseMs: number) {}

  get holdings(): readonly Holding[] {
    return [...this.#held.values()]
  }

  isLive(nowMs: number): boolean {
    return nowMs < this.untilMs
  }

  /**
   * The executive renewed the lease. What lapsed before stays gone. A lease never lasts longer than `leaseMs`
   * from now, whatever clock the executive may have.
   */
  renew(sentAtMs: number, nowMs: number): void {
    if (!this.#isBroken) this.untilMs = Math.max(this.untilMs, Math.min(sentAtMs, nowMs) + this.leaseMs)
  }

  /**
   * Has the lease ended on something that is held?
   * @returns what the component is to be told; null: nothing. It holds nothing any more.
   */
  check(nowMs: number): readonly DemotionStep[] | null {
    return this.isLive(nowMs) || this.#held.size === 0 ? null : this.demote()
  }

  /** The executive wants it back. @returns what the component is to be told; it holds nothing any more */
  demote(): readonly DemotionStep[] {
    const held = this.holdings
    this.#held.clear()
    const quiesced = held
      .filter(({ haState }) => haState === 'active' || haState === 'quiescing')
      .map((holding): DemotionStep => ({ kind: 'csi-set', holding: { ...holding, haState: 'quiesced' } }))
    const removed = held.map((holding): DemotionStep => ({ kind: 'csi-remove', holding }))
    return [...quiesced, ...removed]
  }

  /** The connection broke, and with it the lease ends for good. @returns as `demote` */
  broken(): readonly DemotionStep[] {
    this.#isBroken = true
    this.untilMs = -Infinity
    return this.demote()
  }

  /** Something that is to be answered came, of whatever kind. */
  receive(invocation: number): void {
    this.seen = Math.max(this.seen, invocation)
  }

  /** An HA state for a CSI came. `check` was called before. */
  assign(holding: Holding, nowMs: number): Verdict {
    const { csi, haState } = holding
    const isWithdrawal = haState === 'quiesced' || haState === 'quiescing'
    if (isWithdrawal && !this.#held.has(csi)) return 'nothing-held'
    if (!this.isLive(nowMs)) return 'lapsed'
    this.#held.set(csi, holding)
    return 'tell'
  }

  /** A CSI is to be given up. `check` was called before. */
  remove(csi: string): Verdict {
    return this.#held.delete(csi) ? 'tell' : 'nothing-held'
  }

  /** What is held at this moment; null: nothing, or the lease has ended. */
  holdingOf(csi: string, nowMs: number): Holding | null {
    return this.isLive(nowMs) ? (this.#held.get(csi) ?? null) : null
  }
}
