import { limits } from '../../base/index.js'

/** False alarms count for this long. */
const MEMORY_MS = 5000
/** A process that speaks this soon after it was given up as silent was only slow. */
const FALSE_ALARM_MS = 2000
/** So many false alarms make the patience one consensus timeout longer. */
const ALARMS_A_STEP = 4

/**
 * How long to wait for a silent process. On a machine that has more to do than it can, processes that
 * live are given up, appear again and are given up again; where that happens the consensus timeout
 * grows, up to the token timeout, and shrinks again when it is quiet.
 */
export class Patience {
  private readonly silenced = new Map<string, number>()
  private alarms: number[] = []

  constructor(
    private readonly consensusTimeoutMs: number,
    private readonly tokenTimeoutMs: number,
  ) {}

  gaveUp(process: string, nowMs: number): void {
    if (this.silenced.size >= limits.knownProcesses) this.silenced.clear()
    this.silenced.set(process, nowMs)
  }

  heard(process: string, nowMs: number): void {
    const sinceMs = this.silenced.get(process)
    if (sinceMs === undefined) return
    this.silenced.delete(process)
    if (nowMs - sinceMs < FALSE_ALARM_MS) this.alarms.push(nowMs)
  }

  timeoutMs(nowMs: number): number {
    this.alarms = this.alarms.filter((atMs) => nowMs - atMs < MEMORY_MS)
    const steps = 1 + Math.floor(this.alarms.length / ALARMS_A_STEP)
    return Math.max(this.consensusTimeoutMs, Math.min(steps * this.consensusTimeoutMs, this.tokenTimeoutMs))
  }
}
