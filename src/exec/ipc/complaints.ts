import { performance } from 'node:perf_hooks'

const INTERVAL_MS = 60_000
const KEYS_MAX = 64

/** What clients do wrong goes to the log once a minute each, with how often it happened. */
export class Complaints {
  readonly #said = new Map<string, { atMs: number; message: string; repeats: number }>()

  constructor(private readonly write: (message: string) => void) {}

  add(key: string, message: string): void {
    const nowMs = performance.now()
    const last = this.#said.get(key)
    if (last !== undefined && nowMs - last.atMs < INTERVAL_MS) {
      last.repeats++
      last.message = message
      return
    }
    if (this.#said.size >= KEYS_MAX) this.flush(Infinity)
    this.#said.set(key, { atMs: nowMs, message, repeats: 0 })
    this.write(message)
  }

  /** Report the repeats whose minute is over. */
  flush(nowMs: number): void {
    for (const [key, { atMs, message, repeats }] of this.#said) {
      if (nowMs - atMs < INTERVAL_MS) continue
      this.#said.delete(key)
      if (repeats > 0) this.write(`${message} (and ${repeats} times more in the minute before)`)
    }
  }
}
