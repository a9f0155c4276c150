import type { TimerName } from '../totem/index.js'

/** The event loop's means, injected so that tests own the time. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Call back after a delay, whole milliseconds from 1. @returns what cancels it */
  after(delayMs: number, callback: () => void): () => void
  /** Call back in the next turn, after what waits in the sockets was read. */
  nextTurn(callback: () => void): void
  /** Call back as soon as what runs at present has ended. */
  soon(callback: () => void): void
}

/** How often and how long this process did not run when it should have. */
export interface PauseCounters {
  pauses: number
  pausedMs: number
  longestPauseMs: number
}

export interface TimerDriverOptions {
  readonly clock: Clock
  /** After a longer pause what waits in the sockets is of a past that the others have left behind. */
  readonly staleAfterMs: number
  onTimer(timer: TimerName, nowMs: number): void
  /** Frames received so far: tells when the sockets are drained. */
  framesReceived(): number
  /** This process did not run for `lateMs` longer than it had asked for. */
  onPause(lateMs: number): void
}

/** Later than this, and the process was stopped, swapped out or starved: it suspects itself first. */
const PAUSE_THRESHOLD_MS = 20

/** Nearer than this counts as due: the event loop's timers know whole milliseconds only. */
const TOLERANCE_MS = 0.5

/** Turns of the event loop spent on draining sockets after a pause, at most. */
const DRAIN_TURNS = 256

const timers: readonly TimerName[] = [
  'token-loss',
  'token-retransmit',
  'token-hold',
  'probe',
  'join',
  'join-soon',
  'consensus',
  'suspect',
  'commit-retransmit',
  'merge',
  'leave',
]
const indexOf = new Map(timers.map((timer, index) => [timer, index]))

/**
 * The ring's timers on one timeout of the event loop. Each token moves several of them, so setting one is a
 * store in a table; the timeout is armed anew only for an earlier time, and finds out on firing what is due.
 *
 * When it fires late the timers that are due may be so only because this process did not run: what the others
 * sent meanwhile waits in the sockets. That is read first, and moves the timers it disproves; after a pause
 * in which the others must have given us up it is read and thrown away, for acting on it would only disturb
 * them.
 */
export class TimerDriver {
  readonly pauses: PauseCounters = { pauses: 0, pausedMs: 0, longestPauseMs: 0 }
  readonly #deadlines = new Float64Array(timers.length).fill(Infinity)
  #armedForMs = Infinity
  #disarm: (() => void) | undefined
  #isRunning = false
  #isDraining = false
  #isDiscarding = false
  #stopped = false
  #generation = 0

  constructor(private readonly options: TimerDriverOptions) {}

  set(timer: TimerName, delayMs: number): void {
    const nowMs = this.options.clock.now()
    const deadlineMs = nowMs + delayMs
    this.#deadlines[indexOf.get(timer)!] = deadlineMs
    if (deadlineMs < this.#armedForMs) this.#arm(deadlineMs, nowMs)
  }

  cancel(timer: TimerName): void {
    this.#deadlines[indexOf.get(timer)!] = Infinity
  }

  /**
   * To be asked for each frame: whether it is news. Frames may be read before a timer can fire, so they too
   * find out about a pause.
   */
  accepts(nowMs: number): boolean {
    const lateMs = nowMs - this.#armedForMs
    if (lateMs > PAUSE_THRESHOLD_MS && !this.#isDraining) this.#beginDraining(lateMs)
    return !this.#isDiscarding
  }

  /** This process did not run for a while, and has not yet read what waits in the sockets since. */
  isBehind(nowMs: number): boolean {
    return this.#isDraining || nowMs - this.#armedForMs > PAUSE_THRESHOLD_MS
  }

  stop(): void {
    this.#stopped = true
    this.#disarmNow()
  }

  #arm(deadlineMs: number, nowMs: number): void {
    if (this.#stopped || this.#isDraining) return
    this.#disarmNow()
    this.#armedForMs = deadlineMs
    const delayMs = deadlineMs - nowMs
    if (delayMs > TOLERANCE_MS) {
      this.#disarm = this.options.clock.after(Math.max(1, Math.floor(delayMs)), () => this.#onFired())
      return
    }
    const generation = this.#generation
    const run = (): void => {
      if (generation === this.#generation) this.#onFired()
    }
    // A timer that sets one for now, again and again, must not keep the sockets from being read. What came by
    // a socket may go on at once, and be answered in this turn.
    if (this.#isRunning) this.options.clock.nextTurn(run)
    else this.options.clock.soon(run)
  }

  #disarmNow(): void {
    this.#generation++
    this.#disarm?.()
    this.#disarm = undefined
    this.#armedForMs = Infinity
  }

  #onFired(): void {
    const nowMs = this.options.clock.now()
    const lateMs = nowMs - this.#armedForMs
    if (lateMs > PAUSE_THRESHOLD_MS) {
      this.#beginDraining(lateMs)
      return
    }
    this.#disarmNow()
    this.#runDue(nowMs)
  }

  #beginDraining(lateMs: number): void {
    this.#disarmNow()
    this.#countPause(lateMs)
    this.#isDraining = true
    this.#isDiscarding = lateMs > this.options.staleAfterMs
    this.#drain(DRAIN_TURNS, this.options.framesReceived())
  }

  #countPause(lateMs: number): void {
    this.pauses.pauses++
    this.pauses.pausedMs += lateMs
    this.pauses.longestPauseMs = Math.max(this.pauses.longestPauseMs, lateMs)
    this.options.onPause(lateMs)
  }

  #drain(turnsLeft: number, framesBefore: number): void {
    this.options.clock.nextTurn(() => {
      if (this.#stopped) return
      const frames = this.options.framesReceived()
      if (frames !== framesBefore && turnsLeft > 1) {
        this.#drain(turnsLeft - 1, frames)
        return
      }
      this.#isDraining = false
      this.#isDiscarding = false
      this.#runDue(this.options.clock.now())
    })
  }

  #runDue(nowMs: number): void {
    this.#isRunning = true
    for (let index = 0; index < timers.length && !this.#stopped; index++) {
      if (this.#deadlines[index] > nowMs + TOLERANCE_MS) continue
      this.#deadlines[index] = Infinity
      this.options.onTimer(timers[index], nowMs)
    }
    const next = Math.min(...this.#deadlines)
    if (next < this.#armedForMs) this.#arm(next, this.options.clock.now())
    this.#isRunning = false
  }
}

/** The clock of the process itself. */
export const processClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    const timeout = setTimeout(callback, delayMs)
    return () => clearTimeout(timeout)
  },
  nextTurn: (callback) => {
    setImmediate(callback)
  },
  soon: (callback) => {
    process.nextTick(callback)
  },
}
