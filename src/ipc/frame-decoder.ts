import { readU32 } from '../base/octets.js'
import { limits } from '../base/index.js'
import { LENGTH_OCTETS } from './frame-writer.js'

/**
 * Chunks smaller than this are gathered, so that a frame that comes octet by octet needs no more than it
 * is.
 */
const SMALL_CHUNK_OCTETS = 4096
const GATHER_OCTETS = 16 * 1024

const NOTHING: Buffer = Buffer.alloc(0)

/**
 * Cuts a stream of octets into frames, whatever way it was cut on its way. Frames that came whole are
 * handed out
 * where they lie; one that came in parts is put together once. Nothing is allocated by a length that was
 * only announced.
 */
export class FrameDecoder {
  /** Of the frame that next() found: octets[start] up to octets[end - 1]. */
  octets = NOTHING
  start = 0
  end = 0
  /** A frame is too long: nothing more comes from this stream. */
  broken: string | undefined
  #chunk = NOTHING
  #at = 0
  #parts: Buffer[] = []
  #partOctets = 0
  /** Of the unfinished frame, its length included; 0 when that is not known yet. */
  #needed = 0
  #gathered = NOTHING
  #gatheredOctets = 0

  /** Octets kept of a frame whose rest did not come yet. */
  get unfinishedOctets(): number {
    return this.#partOctets
  }

  /** The next octets of the stream. Only after next() answered false. */
  push(chunk: Buffer): void {
    this.#chunk = chunk
    this.#at = 0
  }

  /** @returns whether there is a whole frame, in `octets`, `start` and `end`, until the next call */
  next(): boolean {
    if (this.broken !== undefined) return false
    if (this.#partOctets > 0) return this.#nextOfParts()
    const left = this.#chunk.length - this.#at
    if (left >= LENGTH_OCTETS) {
      const length = readU32(this.#chunk, this.#at)
      if (!this.#accepts(length)) return false
      if (left - LENGTH_OCTETS >= length) {
        this.octets = this.#chunk
        this.start = this.#at + LENGTH_OCTETS
        this.end = this.#at = this.start + length
        return true
      }
      this.#needed = LENGTH_OCTETS + length
    }
    if (left > 0) this.#keep(left)
    this.#chunk = NOTHING
    this.#at = 0
    return false
  }

  #nextOfParts(): boolean {
    if (this.#needed === 0) {
      const missing = Math.min(LENGTH_OCTETS - this.#partOctets, this.#chunk.length - this.#at)
      this.#keep(missing)
      if (this.#partOctets < LENGTH_OCTETS) return false
      const length = readU32(this.#assembled(), 0)
      if (!this.#accepts(length)) return false
      this.#needed = LENGTH_OCTETS + length
    }
    this.#keep(Math.min(this.#needed - this.#partOctets, this.#chunk.length - this.#at))
    if (this.#partOctets < this.#needed) return false
    this.octets = this.#assembled()
    this.start = LENGTH_OCTETS
    this.end = this.#needed
    this.#parts = []
    this.#partOctets = 0
    this.#needed = 0
    return true
  }

  /** Put the next octets of the chunk to the unfinished frame. */
  #keep(octets: number): void {
    if (octets === 0) return
    const part = this.#chunk.subarray(this.#at, this.#at + octets)
    this.#at += octets
    this.#partOctets += octets
    if (octets >= SMALL_CHUNK_OCTETS) {
      this.#closeGathered()
      this.#parts.push(part)
      return
    }
    if (octets > this.#gathered.length - this.#gatheredOctets) {
      this.#closeGathered()
      this.#gathered = Buffer.allocUnsafeSlow(this.#gatherSize(octets))
    }
    this.#gatheredOctets += part.copy(this.#gathered, this.#gatheredOctets)
  }

  /** A short frame needs little; and so does one of which only the beginning ever comes. */
  #gatherSize(octets: number): number {
    const rest = this.#needed - this.#partOctets + octets
    const wanted = this.#needed === 0 ? octets + LENGTH_OCTETS : Math.max(rest, octets)
    return Math.min(wanted, Math.max(octets, Math.min(GATHER_OCTETS, this.#partOctets * 2)))
  }

  #closeGathered(): void {
    if (this.#gatheredOctets > 0) this.#parts.push(this.#gathered.subarray(0, this.#gatheredOctets))
    this.#gathered = NOTHING
    this.#gatheredOctets = 0
  }

  #assembled(): Buffer {
    this.#closeGathered()
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts, this.#partOctets)]
    return this.#parts[0]!
  }

  #accepts(length: number): boolean {
    if (length <= limits.ipcFrameOctets && length > 0) return true
    this.broken =
      length === 0
        ? 'a frame of no octets'
        : `a frame of ${length} octets; at most ${limits.ipcFrameOctets} are possible`
    return false
  }
}
