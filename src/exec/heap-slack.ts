import { getHeapStatistics, setFlagsFromString } from 'node:v8'

/** What may gather between two collections of the whole heap, while that is much compared to what lives. */
const SLACK_OCTETS = 256 * 1024 * 1024
/** With so much alive the engine's own way of growing leaves room enough. */
const LARGE_OCTETS = 512 * 1024 * 1024
const GROWTH_MAX_PERCENT = 1500
const INTERVAL_MS = 500
/** What lives is the least that was in use lately: the rest of it has been collected since. */
const SAMPLES = 16

/**
 * Every message passes through buffers that are dead a moment later. The engine counts them as growth of the
 * heap, and goes through all of it each time they come to a few times its size: with the small heap of an
 * executive that is ten times a second, a third of its processor time. This leaves more room in between.
 */
export class HeapSlack {
  readonly #samples: number[] = []
  #percent = 0
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#adapt()
    this.#timer = setInterval(() => this.#adapt(), INTERVAL_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #adapt(): void {
    const { used_heap_size: heap, external_memory: external } = getHeapStatistics()
    this.#samples.push(heap + external)
    if (this.#samples.length > SAMPLES) this.#samples.shift()
    const percent = growthPercent(Math.min(...this.#samples))
    // Zero is the engine's own choice. Small changes are not worth it.
    if (Math.abs(percent - this.#percent) <= this.#percent / 4 && (percent === 0) === (this.#percent === 0))
      return
    this.#percent = percent
    setFlagsFromString(`--heap-growing-percent=${percent}`)
  }
}

/** By how much of what lives the heap may grow; 0: as the engine sees fit. */
export function growthPercent(liveOctets: number): number {
  if (liveOctets >= LARGE_OCTETS) return 0
  return Math.min(GROWTH_MAX_PERCENT, Math.round((100 * SLACK_OCTETS) / Math.max(1, liveOctets)))
}
