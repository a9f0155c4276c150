import { performance } from 'node:perf_hooks'

const INTERVAL_MS = 60_000
/** Different ones remembered, and so at most written in that time: clients choose the names in them. */
const KEYS_MAX = 32

interface Said {
  readonly atMs: number
  message: string
  repeats: number
}

/** What clients do wrong goes to the log once a minute each, with how often it happened. */
export class Complaints {
  readonly #said = new Map<string, Said>()
  #leftOut = 0

  /** @param nowMs a clock that does not jump */
  constructor(
    private readonly write: (message: string) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Nothing is left to report. */
  get areTold(): boolean {
    return this.#said.size === 0 && this.#leftOut === 0
  }

  /** @param key of what is the same for a minute */
  add(key: string, message: string): void {
    const said = this.#said.get(key)
    const nowMs = this.nowMs()
    if (said !== undefined && nowMs - said.atMs < INTERVAL_MS) {
      said.repeats++
      said.message = message
      return
    }
    if (said === undefined && this.#said.size >= KEYS_MAX) {
      this.#leftOut++
      return
    }
    this.#said.set(key, { atMs: nowMs, message, repeats: 0 })
    this.write(message)
  }

  /** Report the repeats whose minute is over. To be called now and then. */
  flush(): void {
    const nowMs = this.nowMs()
    for (const [key, { atMs, message, repeats }] of this.#said) {
      if (nowMs - atMs < INTERVAL_MS) continue
      this.#said.delete(key)
      if (repeats > 0) this.write(`${message} (and ${repeats} times more in the minute before)`)
    }
    if (this.#leftOut === 0 || this.#said.size >= KEYS_MAX) return
    this.write(`${this.#leftOut} complaints about other clients were left out`)
    this.#leftOut = 0
  }
}
