/** Beyond so many only every second one is kept, then every fourth, and so on. */
const SAMPLES_MAX = 1 << 20

/** How long operations took; costs little to add to. */
export class Latencies {
  #samples = new Float64Array(1024)
  #kept = 0
  #added = 0
  #stride = 1

  /** @param ms milliseconds */
  add(ms: number): void {
    if (this.#added++ % this.#stride !== 0) return
    if (this.#kept === this.#samples.length) this.makeRoom()
    this.#samples[this.#kept++] = ms
  }

  /** @param share 0.99: so many took no longer @returns microseconds; 0 when there are none */
  percentileUs(share: number): number {
    if (this.#kept === 0) return 0
    const sorted = this.#samples.slice(0, this.#kept).sort()
    const index = Math.min(this.#kept - 1, Math.floor(this.#kept * share))
    return Math.round(sorted[index]! * 10_000) / 10
  }

  private makeRoom(): void {
    if (this.#kept < SAMPLES_MAX) {
      const larger = new Float64Array(this.#samples.length * 2)
      larger.set(this.#samples)
      this.#samples = larger
      return
    }
    this.#stride *= 2
    this.#kept /= 2
    for (let index = 0; index < this.#kept; index++) this.#samples[index] = this.#samples[2 * index]!
  }
}
