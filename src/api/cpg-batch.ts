import { limits, writeU32 } from '../base/index.js'

/** In front of each message. */
export const LENGTH_OCTETS = 4
const FIRST_OCTETS = 1024
/** One of the largest messages is not worth its memory being kept. */
const KEPT_OCTETS_MAX = limits.cpgBatchOctets * 2

/**
 * Messages of one turn of the event loop that leave together, each behind its length. The octets are copied
 * when a message is added: the application may write to them again. In front is room for what the executive
 * puts there. Used again and again: a memory of its own for each batch costs more than to fill it.
 */
export class CpgBatch {
  private octets = Buffer.allocUnsafe(FIRST_OCTETS)
  private at: number = limits.cpgRoomOctets

  /** @returns false when it is full: the message is for the next one */
  add(payload: Uint8Array): boolean {
    const end = this.at + LENGTH_OCTETS + payload.length
    if (this.at > limits.cpgRoomOctets && end > limits.cpgBatchOctets) return false
    if (end > this.octets.length) this.grow(end)
    writeU32(this.octets, this.at, payload.length)
    this.octets.set(payload, this.at + LENGTH_OCTETS)
    this.at = end
    return true
  }

  /** The batch, until the next message is added: that begins another one. */
  take(): Uint8Array {
    const taken = this.octets.subarray(0, this.at)
    this.at = limits.cpgRoomOctets
    if (this.octets.length > KEPT_OCTETS_MAX) this.octets = Buffer.allocUnsafe(FIRST_OCTETS)
    return taken
  }

  private grow(octets: number): void {
    const roomy = Math.min(this.octets.length * 4, limits.cpgBatchOctets)
    const grown = Buffer.allocUnsafe(Math.max(octets, roomy))
    this.octets.copy(grown, 0, 0, this.at)
    this.octets = grown
  }
}
