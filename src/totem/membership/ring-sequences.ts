import { limits } from '../../base/index.js'
import type { TotemPort } from '../port.js'

/** Numbers up to here are believed whoever says them: 2^42 milliseconds are the year 2109. */
const ANY_CLOCK = 2 ** 42
/** Beyond that, how far ahead of the highest known one a number may be. */
const LEAP_MAX = 2 ** 32
/** Who says more than that is believed step by step, so that nobody is shut out for good. */
const LEAP_INTERVAL_MS = 1000

/**
 * The ring sequence numbers a process may use. A number is used only when the disk says that a
 * later start begins past it, so that no two rings ever share an identity, crashes or not.
 */
export class RingSequences {
  private asked: number
  private bound = ANY_CLOCK
  private leaptAtMs = -Infinity

  constructor(
    private readonly port: TotemPort,
    /** The highest number this process has tried or installed. */
    public highest: number,
    private durable: number,
  ) {
    this.asked = durable
  }

  /** @returns false when `sequence` is no news, or not durable yet: the disk is asked for it */
  use(sequence: number): boolean {
    if (sequence <= this.highest) return false
    if (sequence + limits.ringSequenceBlock / 2 > this.asked) {
      this.asked = sequence + limits.ringSequenceBlock
      this.port.reserve(this.asked)
    }
    if (sequence > this.durable) return false
    this.highest = sequence
    return true
  }

  onReserved(sequence: number): void {
    if (sequence > this.durable) this.durable = sequence
  }

  /** A forged number must not use up what all rings to come need: 2^20 s of forging would be needed. */
  believable(sequence: number, nowMs: number): boolean {
    const known = Math.max(this.bound, this.highest)
    if (sequence <= known + LEAP_MAX) return true
    if (sequence >= limits.ringSequenceMax || nowMs - this.leaptAtMs < LEAP_INTERVAL_MS) return false
    this.leaptAtMs = nowMs
    this.bound = known + LEAP_MAX
    return sequence <= this.bound + LEAP_MAX
  }
}
