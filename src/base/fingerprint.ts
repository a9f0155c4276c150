/**
 * A number that stands for a list of numbers below 2^53: two FNV-1a hashes over their halves. Enough against
 * accidents, none against malice.
 */
export class Fingerprint {
  private low = 0x811c9dc5
  private high = 0x01000193

  add(value: number): void {
    this.mix(value >>> 0)
    this.mix(Math.floor(value / 0x1_0000_0000))
  }

  /** Below 2^52. */
  value(): number {
    return (this.high & 0xf_ffff) * 0x1_0000_0000 + (this.low >>> 0)
  }

  private mix(word: number): void {
    this.low = Math.imul(this.low ^ word, 0x01000193)
    this.low ^= this.low >>> 15
    this.high = Math.imul(this.high ^ word ^ (this.low >>> 7), 0x5bd1e995)
    this.high ^= this.high >>> 13
  }
}
