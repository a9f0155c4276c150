import type { LogLevel, TotemPort } from './port.js'

const INTERVAL_MS = 60_000
const KEYS_MAX = 256

/** Says a thing that may happen a thousand times a second once a minute, and how often it did. */
export class LogLimiter {
  private readonly said = new Map<string, { atMs: number; skipped: number }>()

  constructor(private readonly port: TotemPort) {}

  log(level: LogLevel, key: string, message: string, nowMs: number): void {
    const last = this.said.get(key)
    if (last && nowMs - last.atMs < INTERVAL_MS) {
      last.skipped++
      return
    }
    if (this.said.size >= KEYS_MAX) this.said.clear()
    this.said.set(key, { atMs: nowMs, skipped: 0 })
    this.port.log(level, last && last.skipped > 0 ? `${message} (repeated ${last.skipped} times)` : message)
  }
}
