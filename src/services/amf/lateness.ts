/** Less is a loaded machine's everyday life. */
const NOTABLE_MS = 20
/** So long after this process runs again what waited for it has been dealt with. */
const REMEMBERED_MS = 500

/** For how long this process did not run when it should have, lately. */
export class Lateness {
  #lateMs = 0
  #untilMs = -Infinity

  /** Something came later than asked for. @returns whether that is worth noting */
  note(lateMs: number, nowMs: number): boolean {
    if (lateMs < NOTABLE_MS) return false
    // The same pause shows in more than one place.
    this.#lateMs = Math.max(this.at(nowMs), lateMs)
    this.#untilMs = nowMs + REMEMBERED_MS
    return true
  }

  at(nowMs: number): number {
    return nowMs < this.#untilMs ? this.#lateMs : 0
  }
}
