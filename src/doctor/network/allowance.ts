/** Counts what may be spent: so much a second, and what a tenth of a second comes to at once. */
export class Allowance {
  #left: number
  #filledAtMs: number

  constructor(
    private readonly perSecond: number,
    nowMs: number,
  ) {
    this.#left = this.#most
    this.#filledAtMs = nowMs
  }

  /** @returns whether there was enough left; then it is spent */
  spend(amount: number, nowMs: number): boolean {
    const grown = (Math.max(0, nowMs - this.#filledAtMs) * this.perSecond) / 1000
    this.#left = Math.min(this.#most, this.#left + grown)
    this.#filledAtMs = nowMs
    if (amount > this.#left) return false
    this.#left -= amount
    return true
  }

  get #most(): number {
    return this.perSecond / 10
  }
}
