import { limits } from '../../base/index.js'

const FIRST_BLOCK_MS = 1000
/** With the word of the other that it hears us. */
const BLOCK_MAX_MS = 12_000
const UNHEARD_BLOCK_MAX_MS = 60_000
/** An attempt that a quarantined process begins itself is joined this often. */
const ADMISSION_INTERVAL_MS = 11_500
/** Together for this long: past failures are forgotten. */
const FORGIVE_MS = 10_000

interface Record {
  strikes: number
  untilMs: number
  unheardUntilMs: number
  togetherSinceMs: number | null
  admittedAtMs: number
}

/**
 * Keeps lasting half-connectivity from reforming the ring over and over: when a process is heard
 * and yet could not be brought into the ring, no new attempt is begun on its account for a time
 * that doubles with each failure. The first failure is free: it mostly was a fault that has passed.
 * Attempts that the other begins are joined more often than that: only so do two that keep each
 * other in quarantine find together when faults stop.
 */
export class Quarantine {
  private readonly records = new Map<number, Record>()

  /** @returns how many failures in a row this makes */
  strike(nodeId: number, nowMs: number): number {
    const record = this.records.get(nodeId) ?? fresh()
    const { togetherSinceMs } = record
    if (togetherSinceMs !== null && nowMs - togetherSinceMs > FORGIVE_MS) record.strikes = 0
    record.togetherSinceMs = null
    const doubled = 2 ** Math.min(record.strikes - 1, 10)
    if (record.strikes > 0) {
      record.untilMs = nowMs + Math.min(BLOCK_MAX_MS, FIRST_BLOCK_MS * doubled)
      record.unheardUntilMs = nowMs + Math.min(UNHEARD_BLOCK_MAX_MS, 10 * FIRST_BLOCK_MS * doubled)
    }
    record.strikes++
    this.records.delete(nodeId)
    this.records.set(nodeId, record)
    if (this.records.size > limits.knownProcesses)
      this.records.delete(this.records.keys().next().value as number)
    return record.strikes
  }

  /** A ring with this process was installed. */
  together(nodeId: number, nowMs: number): void {
    const record = this.records.get(nodeId)
    if (record) record.togetherSinceMs ??= nowMs
  }

  /** @param hearsUs the process says that it hears us */
  blocks(nodeId: number, hearsUs: boolean, nowMs: number): boolean {
    const record = this.records.get(nodeId)
    if (!record || record.togetherSinceMs !== null) return false
    return nowMs < (hearsUs ? record.untilMs : record.unheardUntilMs)
  }

  /** Whether to join an attempt that a process has begun which says that it hears us. */
  admits(nodeId: number, nowMs: number): boolean {
    if (!this.blocks(nodeId, true, nowMs)) return true
    const record = this.records.get(nodeId)!
    if (nowMs - record.admittedAtMs < ADMISSION_INTERVAL_MS) return false
    record.admittedAtMs = nowMs
    return true
  }

  /** Somebody is kept out at present: our presence must be announced for them to say they hear us. */
  active(nowMs: number): boolean {
    for (const record of this.records.values()) {
      if (record.togetherSinceMs === null && nowMs < record.unheardUntilMs) return true
    }
    return false
  }
}

function fresh(): Record {
  return { strikes: 0, untilMs: 0, unheardUntilMs: 0, togetherSinceMs: null, admittedAtMs: -Infinity }
}
