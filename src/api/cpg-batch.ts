import { limits, writeU32 } from '../base/index.js'

const LENGTH_OCTETS = 4
const FIRST_OCTETS = 1024

/**
 * Messages of one turn of the event loop that leave together, each behind its length. The octets are copied
 * when a message is added: the application may write to them again.
 */
export class CpgBatch {
  private octets: Buffer
  private at = 0

  constructor(octets: number) {
    this.octets = Buffer.allocUnsafe(Math.max(FIRST_OCTETS, octets + LENGTH_OCTETS))
  }

  /** @returns false when it is full: the message is for the next one */
  add(payload: Uint8Array): boolean {
    const end = this.at + LENGTH_OCTETS + payload.length
    if (this.at > 0 && end > limits.cpgBatchOctets) return false
    if (end > this.octets.length) this.grow(end)
    writeU32(this.octets, this.at, payload.length)
    this.octets.set(payload, this.at + LENGTH_OCTETS)
    this.at = end
    return true
  }

  finish(): Uint8Array {
    return this.octets.subarray(0, this.at)
  }

  private grow(octets: number): void {
    const grown = Buffer.allocUnsafe(
      Math.max(octets, Math.min(this.octets.length * 4, limits.cpgBatchOctets)),
    )
    this.octets.copy(grown, 0, 0, this.at)
    this.octets = grown
  }
}
