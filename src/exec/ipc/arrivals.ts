import type { Session } from './session.js'

/** Connections that have not said hello, in the order in which they came. */
export class Arrivals {
  /** With those that have since said hello or gone; they are passed over. */
  #queue: { readonly session: Session; readonly atMs: number }[] = []
  #at = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  add(session: Session, nowMs: number): void {
    this.#queue.push({ session, atMs: nowMs })
    this.#size++
  }

  /** One of them has said hello, or is gone. */
  leave(): void {
    this.#size--
  }

  get oldest(): Session | undefined {
    return this.#first()?.session
  }

  /** The oldest, if it came before then. */
  oldestBefore(timeMs: number): Session | undefined {
    const first = this.#first()
    return first !== undefined && first.atMs < timeMs ? first.session : undefined
  }

  #first(): { readonly session: Session; readonly atMs: number } | undefined {
    while (this.#at < this.#queue.length && this.#queue[this.#at]!.session.state !== 'greeting') this.#at++
    if (this.#at > this.#queue.length / 2) {
      this.#queue = this.#queue.slice(this.#at)
      this.#at = 0
    }
    return this.#queue[this.#at]
  }
}
