import { readU32, readU64 } from '../../base/index.js'
import { BODY_AT } from '../../services/ckpt/wire.js'
import type { Call } from '../services/ckpt-watcher.js'
import type { Shadow } from './checkpoint-shadow.js'

/** Clocks differ by at most so much in their rate: a time measured here may be so much shorter elsewhere. */
const RATE = 0.955
/** Rounding of times to whole milliseconds. */
const ROUNDING_MS = 3
/** In a whole ring, what is due has ended after so long: each member would have sent for it twice. */
const OVERDUE_MS = 2500

/** Nothing ends before its time, and what is due ends. */
export class CheckpointTimes {
  /** By expiration time, which the load gives out once each: virtual time before which it must not end. */
  private readonly expirations = new Map<bigint, number>()
  /** By key, and by number of the retention: the same. */
  private readonly retentions = new Map<number, Map<number, number>>()

  constructor(
    private readonly nowMs: () => number,
    private readonly violate: (promise: string, message: string) => void,
  ) {}

  onCall({ method, params, ckpt }: Call): void {
    if (method !== 'sectionCreate' && method !== 'expirationTimeSet') return
    const { expirationTime } = params as { readonly expirationTime?: bigint }
    if (expirationTime === undefined) return
    const remainingMs = Math.max(0, Number(expirationTime / 1_000_000n) - ckpt.wallMs())
    const earliestMs = this.earliest(remainingMs)
    this.expirations.set(
      expirationTime,
      Math.min(earliestMs, this.expirations.get(expirationTime) ?? Infinity),
    )
  }

  onExpired(expirationTime: bigint, name: string): void {
    const earlyMs = (this.expirations.get(expirationTime) ?? -Infinity) - this.nowMs()
    if (earlyMs <= 0) return
    this.violate('expiry', `a section of ${name} ended ${earlyMs.toFixed(1)} ms before its time`)
  }

  /** Nobody may have something open any more. */
  onApplied({ ckpt }: Shadow): void {
    for (const checkpoint of ckpt.service.machine.state.checkpoints.values()) {
      const { key, openers, retentionNumber, retentionDueMs, retentionDurationMs } = checkpoint
      if (openers.length > 0 || retentionDueMs === Infinity) continue
      const known = this.retentionsOf(key)
      // Sides that are apart count on alike: of two with one number the shorter one counts.
      const earliestMs = this.earliest(retentionDurationMs)
      known.set(retentionNumber, Math.min(earliestMs, known.get(retentionNumber) ?? Infinity))
    }
  }

  /** What was left of a retention on one side counts. */
  onAdopted({ ckpt }: Shadow): void {
    for (const checkpoint of ckpt.service.machine.state.checkpoints.values()) {
      const { key, openers, retentionNumber, retentionDueMs, retentionDurationMs } = checkpoint
      if (openers.length > 0 || retentionDueMs === Infinity) continue
      const known = this.retentionsOf(key)
      known.set(retentionNumber, Math.min(this.earliest(retentionDurationMs), ...known.values()))
    }
  }

  /** A checkpoint ended by this message. */
  onRetired(payload: Uint8Array, name: string): void {
    const key = readU64(payload, BODY_AT)
    const earliestMs = this.retentions.get(key)?.get(readU32(payload, BODY_AT + 8))
    const earlyMs = (earliestMs ?? -Infinity) - this.nowMs()
    if (earlyMs > 0) this.violate('retention', `${name} ended ${earlyMs.toFixed(1)} ms before its time`)
  }

  checkQuiet({ ckpt }: Shadow): void {
    const { service, process } = ckpt
    const dueMs = service.nowMs() - OVERDUE_MS
    for (const checkpoint of service.machine.state.checkpoints.values()) {
      const { name, openers, retentionDueMs, sections } = checkpoint
      if (openers.length === 0 && retentionDueMs < dueMs) {
        this.violate('retention', `${process.name} still holds ${name}, whose retention is over`)
      }
      for (const section of sections.values()) {
        if (section.dueMs >= dueMs) continue
        this.violate('expiry', `${process.name} still holds section ${section.id} of ${name}, which is due`)
      }
    }
  }

  private retentionsOf(key: number): Map<number, number> {
    const known = this.retentions.get(key) ?? new Map<number, number>()
    this.retentions.set(key, known)
    return known
  }

  private earliest(durationMs: number): number {
    return this.nowMs() + durationMs * RATE - ROUNDING_MS
  }
}
