import type { Random } from '../../base/index.js'

export interface LoopWorld {
  readonly clock: { readonly nowMs: number; schedule(delayMs: number, run: () => void): void }
  readonly random: Random
}

interface Input {
  readonly isTimer: boolean
  readonly run: () => void
}

/**
 * The event loop of one process that is none of ours: it takes what comes one after another, unless it is
 * stopped from outside, or what it runs does not return.
 */
export class EventLoop {
  isDead = false
  isPaused = false
  /** Since when it takes nothing, by the clock of the run; null: it does. */
  stalledSinceMs: number | null = null
  /** In this stall it was stopped from outside. */
  wasPaused = false
  /** When it last took nothing. */
  lastStallMs = -Infinity
  private busyUntilMs = -1
  private inbox: Input[] = []
  private isTurning = false

  constructor(
    private readonly world: LoopWorld,
    /** Of the clock of its machine. */
    private readonly rate: () => number,
  ) {}

  /** Its code runs, be it only that which does not return. */
  get runs(): boolean {
    return !this.isDead && !this.isPaused
  }

  get isStalled(): boolean {
    return this.stalledSinceMs !== null
  }

  /** Something arrives. */
  post(run: () => void): void {
    this.take({ isTimer: false, run })
  }

  /** @param delayMs by the clock of its machine */
  after(delayMs: number, run: () => void): void {
    this.world.clock.schedule(delayMs / this.rate(), () => this.take({ isTimer: true, run }))
  }

  pause(): void {
    if (this.isDead || this.isPaused) return
    this.isPaused = true
    this.wasPaused = true
    this.stalledSinceMs ??= this.world.clock.nowMs
  }

  resume(): void {
    if (this.isDead || !this.isPaused) return
    this.isPaused = false
    this.turn()
  }

  /** What runs now does not return for so long. */
  block(durationMs: number): void {
    const { clock } = this.world
    this.stalledSinceMs ??= clock.nowMs
    this.busyUntilMs = Math.max(this.busyUntilMs, clock.nowMs + durationMs)
    clock.schedule(durationMs, () => this.turn())
  }

  kill(): void {
    this.isDead = true
    this.inbox = []
  }

  private take(input: Input): void {
    if (this.isDead) return
    this.inbox.push(input)
    this.turn()
  }

  private turn(): void {
    const { clock } = this.world
    const cannot = (): boolean => this.isDead || this.isPaused || clock.nowMs < this.busyUntilMs
    if (this.isTurning || cannot()) return
    this.isTurning = true
    if (this.isStalled) this.wake()
    while (!cannot() && this.inbox.length > 0) this.inbox.shift()!.run()
    this.isTurning = false
  }

  /** Timers that are due may come before what waits at the socket, or behind it. */
  private wake(): void {
    this.stalledSinceMs = null
    this.wasPaused = false
    this.lastStallMs = this.world.clock.nowMs
    const timers = this.inbox.filter(({ isTimer }) => isTimer)
    const others = this.inbox.filter(({ isTimer }) => !isTimer)
    this.inbox = this.world.random.chance(0.5) ? [...timers, ...others] : [...others, ...timers]
  }
}
