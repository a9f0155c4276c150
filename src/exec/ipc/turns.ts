import { performance } from 'node:perf_hooks'

/** Octets in and out of one client, as far as taking turns goes. */
export interface Worker {
  /** Handle what came, for a short time. @returns whether there is more to do at once */
  work(): boolean
  /** Send what has gathered. */
  flush(): void
}

/** Work for clients goes on as long as this in one go; then the ring and the timers have their turn. */
const TURN_MS = 2
/**
 * Work done as it comes in is counted over such a span; what exceeds its share waits for the end of the
 * turn.
 */
const WINDOW_MS = 6

/**
 * Shares the event loop: between clients, which take turns, and between all of them and the ring. Frames that
 * are made for a client outside of its turn leave together at the end of the loop's turn.
 */
export class Turns {
  #ready: Worker[] = []
  #unsent: Worker[] = []
  #scheduled = false
  #windowAtMs = 0
  #spentMs = 0

  /** Octets came for this client: work now, if there is time. @returns whether work is left for later */
  onInput(worker: Worker): boolean {
    const nowMs = performance.now()
    if (nowMs - this.#windowAtMs >= WINDOW_MS) {
      this.#windowAtMs = nowMs
      this.#spentMs = 0
    }
    if (this.#spentMs < TURN_MS) {
      const isMore = worker.work()
      worker.flush()
      this.#spentMs += performance.now() - nowMs
      if (!isMore) return false
    }
    this.workLater(worker)
    return true
  }

  workLater(worker: Worker): void {
    this.#ready.push(worker)
    this.#schedule()
  }

  flushLater(worker: Worker): void {
    this.#unsent.push(worker)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#run)
  }

  #run = (): void => {
    this.#scheduled = false
    const unsent = this.#unsent
    this.#unsent = []
    for (const worker of unsent) worker.flush()
    const ready = this.#ready
    const endMs = performance.now() + TURN_MS
    let at = 0
    this.#ready = []
    while (at < ready.length && performance.now() < endMs) {
      const worker = ready[at++]!
      if (worker.work()) this.#ready.push(worker)
      worker.flush()
    }
    // Those that were not reached come first the next time.
    if (at < ready.length) this.#ready = [...ready.slice(at), ...this.#ready]
    if (this.#ready.length > 0) this.#schedule()
  }
}
