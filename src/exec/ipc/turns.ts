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
  /** Have worked as their octets came. */
  #worked: Worker[] = []
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
      // After the ring, if that goes on at once: what comes of it leaves with the answers.
      if (this.#worked.push(worker) === 1) process.nextTick(this.#flushWorked)
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

  #flushWorked = (): void => {
    const beginMs = performance.now()
    const worked = this.#worked
    this.#worked = []
    for (const worker of worked) worker.flush()
    this.#spentMs += performance.now() - beginMs
  }

  #run = (): void => {
    this.#scheduled = false
    const endMs = performance.now() + TURN_MS
    this.#unsent = this.#goThrough(this.#unsent, endMs, flush)
    this.#ready = this.#goThrough(this.#ready, endMs, work)
    if (this.#ready.length > 0 || this.#unsent.length > 0) this.#schedule()
  }

  /** @returns those that were not reached, before those that came or are left with something to do */
  #goThrough(workers: Worker[], endMs: number, act: (worker: Worker) => boolean): Worker[] {
    const again: Worker[] = []
    let at = 0
    while (at < workers.length) {
      const worker = workers[at++]!
      if (act(worker)) again.push(worker)
      if (performance.now() >= endMs) break
    }
    return at < workers.length ? workers.slice(at).concat(again) : again
  }
}

function flush(worker: Worker): boolean {
  worker.flush()
  return false
}

function work(worker: Worker): boolean {
  const isMore = worker.work()
  worker.flush()
  return isMore
}
