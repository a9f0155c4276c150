import { writeU32 } from '../base/octets.js'
import { limits } from '../base/index.js'
import { returnBlock, takeBlock } from './block-pool.js'
import { EncodingError } from './encoding-error.js'

/** Of the frame's length, before its message. */
export const LENGTH_OCTETS = 4

/** Text up to this length is written octet by octet, which is faster than to ask for its length first. */
const SHORT_TEXT = 24

const NO_BLOCK: Buffer = Buffer.alloc(0)

/** Octets of whole frames, in a block that goes back to the pool when they are written. */
export interface FilledBlock {
  readonly block: Buffer
  readonly octets: number
  readonly frames: number
}

/**
 * Writes frames one after the other: a length, then one value of plain MessagePack. What is written gathers
 * until it is taken: one write for all frames of a turn. Contents are copied once, from the value into a
 * block.
 */
export class FrameWriter {
  /** Octets of whole frames that were not taken yet. */
  waitingOctets = 0
  #block = NO_BLOCK
  #at = 0
  #frameAt = 0
  /** Whole frames in the block. */
  #frames = 0
  #filled: FilledBlock[] = []
  #values = 0

  /** A frame with an array of so many elements; they follow, then endFrame(). */
  beginFrame(elements: number): void {
    this.#frameAt = this.#at
    this.#values = 1 + elements
    this.#claim(LENGTH_OCTETS + 1)
    this.#at += LENGTH_OCTETS
    this.#block[this.#at++] = 0x90 | elements
  }

  /** @returns octets of the message @throws EncodingError when it is too large; it is dropped then */
  endFrame(): number {
    const octets = this.#at - this.#frameAt - LENGTH_OCTETS
    if (octets > limits.ipcFrameOctets) {
      this.dropFrame()
      throw new EncodingError(
        'too-large',
        `a message of ${octets} octets; at most ${limits.ipcFrameOctets} are possible`,
      )
    }
    writeU32(this.#block, this.#frameAt, octets)
    this.waitingOctets += octets + LENGTH_OCTETS
    this.#frames++
    return octets
  }

  /** Forget what was written since beginFrame(). */
  dropFrame(): void {
    this.#at = this.#frameAt
  }

  /**
   * The oldest of what was written, at least one block, and further ones as long as all are at most so many
   * octets. Each block is to be given back when its octets are on their way.
   */
  take(octetsMax: number): FilledBlock[] {
    const filled = this.#filled
    if (this.#at > 0) filled.push({ block: this.#block, octets: this.#at, frames: this.#frames })
    this.#block = NO_BLOCK
    this.#at = 0
    this.#frames = 0
    let count = 0
    let octets = 0
    while (count < filled.length && (count === 0 || octets + filled[count]!.octets <= octetsMax)) {
      octets += filled[count++]!.octets
    }
    this.#filled = filled.splice(count)
    this.waitingOctets -= octets
    return filled
  }

  /** Forget everything; for a connection that is gone. */
  clear(): void {
    for (const { block } of this.take(Infinity)) returnBlock(block)
  }

  /** @throws EncodingError for what has no plain MessagePack; the frame is to be dropped then */
  value(value: unknown, depth = 0): void {
    if (++this.#values > limits.ipcMessageValues) {
      throw new EncodingError('too-large', `a message of more than ${limits.ipcMessageValues} values`)
    }
    switch (typeof value) {
      case 'number':
        return this.#number(value)
      case 'string':
        return this.text(value)
      case 'boolean':
        return this.#token(value ? 0xc3 : 0xc2)
      case 'undefined':
        return this.#token(0xc0)
      case 'bigint':
        return this.#bigint(value)
      case 'object':
        return this.#object(value, depth)
      default:
        throw new EncodingError('unknown-type', `a ${typeof value} cannot be sent`)
    }
  }

  /** A value that another writer has written. */
  encoded(octets: Uint8Array): void {
    this.#claim(octets.length)
    this.#block.set(octets, this.#at)
    this.#at += octets.length
  }

  /** An integer from 0 to 2^53 - 1. */
  natural(value: number): void {
    if (value < 0x80) return this.#token(value)
    if (value < 0x100) {
      this.#claim(2)
      this.#block[this.#at++] = 0xcc
      this.#block[this.#at++] = value
    } else if (value < 0x1_0000) {
      this.#claim(3)
      this.#block[this.#at++] = 0xcd
      this.#block[this.#at++] = value >>> 8
      this.#block[this.#at++] = value
    } else if (value < 0x1_0000_0000) {
      this.#claim(5)
      this.#block[this.#at] = 0xce
      this.#at = this.#block.writeUInt32BE(value, this.#at + 1)
    } else {
      this.#claim(9)
      this.#block[this.#at] = 0xcf
      this.#block.writeUInt32BE(Math.floor(value / 0x1_0000_0000), this.#at + 1)
      this.#at = this.#block.writeUInt32BE(value % 0x1_0000_0000, this.#at + 5)
    }
    return undefined
  }

  text(value: string): void {
    if (value.length <= SHORT_TEXT && this.#shortText(value)) return
    const octets = Buffer.byteLength(value)
    this.#header(octets, 0xa0, 32, 0xd9)
    this.#claim(octets)
    this.#at += this.#block.write(value, this.#at)
  }

  /** @returns false when it is not ASCII */
  #shortText(value: string): boolean {
    this.#claim(1 + SHORT_TEXT)
    const block = this.#block
    const at = this.#at
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 0x7f) return false
      block[at + 1 + i] = unit
    }
    block[at] = 0xa0 | value.length
    this.#at = at + 1 + value.length
    return true
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value)) {
      this.#claim(9)
      this.#block[this.#at] = 0xcb
      this.#at = this.#block.writeDoubleBE(value, this.#at + 1)
    } else if (value >= 0) this.natural(value)
    else if (value >= -32) this.#token(value & 0xff)
    else if (value >= -0x8000_0000) {
      this.#claim(5)
      this.#block[this.#at] = 0xd2
      this.#at = this.#block.writeInt32BE(value, this.#at + 1)
    } else this.#bigint(BigInt(value))
  }

  #bigint(value: bigint): void {
    this.#claim(9)
    if (value >= 0n && value < 1n << 64n) {
      this.#block[this.#at] = 0xcf
      this.#at = this.#block.writeBigUInt64BE(value, this.#at + 1)
    } else if (value < 0n && value >= -(1n << 63n)) {
      this.#block[this.#at] = 0xd3
      this.#at = this.#block.writeBigInt64BE(value, this.#at + 1)
    } else throw new EncodingError('unknown-type', `the integer ${value} does not fit 64 bits`)
  }

  #object(value: object | null, depth: number): void {
    if (value === null) return this.#token(0xc0)
    if (value instanceof Uint8Array) return this.#bin(value)
    if (depth >= limits.ipcMessageDepth) {
      throw new EncodingError(
        'too-large',
        `arrays and objects are nested more than ${limits.ipcMessageDepth} deep`,
      )
    }
    if (Array.isArray(value)) {
      this.#header(value.length, 0x90, 16, 0xdb)
      for (let i = 0; i < value.length; i++) this.value(value[i], depth + 1)
      return undefined
    }
    return this.#map(value, depth)
  }

  #map(value: object, depth: number): void {
    if (value instanceof Map || value instanceof Set || value instanceof Date || ArrayBuffer.isView(value)) {
      throw new EncodingError('unknown-type', `a ${value.constructor.name} cannot be sent`)
    }
    const keys = Object.keys(value)
    this.#values += keys.length
    this.#header(keys.length, 0x80, 16, 0xdd)
    for (const key of keys) {
      this.text(key)
      this.value((value as Record<string, unknown>)[key], depth + 1)
    }
  }

  #bin(value: Uint8Array): void {
    this.#header(value.length, 0, 0, 0xc4)
    this.#claim(value.length)
    this.#block.set(value, this.#at)
    this.#at += value.length
  }

  /**
   * Token and length of text, octets, an array or a map.
   * @param short token of a length below `shortLimit`
   * @param long token with a length of 8 bits; of 16 and 32 bits the next two. Arrays and maps have no 8 bits
   */
  #header(length: number, short: number, shortLimit: number, long: number): void {
    this.#claim(5)
    if (length < shortLimit) this.#block[this.#at++] = short | length
    else if (length < 0x100 && long < 0xdb) {
      this.#block[this.#at++] = long
      this.#block[this.#at++] = length
    } else if (length < 0x1_0000) {
      this.#block[this.#at] = long + 1
      this.#at = this.#block.writeUInt16BE(length, this.#at + 1)
    } else {
      this.#block[this.#at] = long + 2
      this.#at = this.#block.writeUInt32BE(length, this.#at + 1)
    }
  }

  #token(token: number): void {
    this.#claim(1)
    this.#block[this.#at++] = token
  }

  /** Room for so many octets; a frame that does not fit its block is taken along to a larger one. */
  #claim(octets: number): void {
    if (octets > this.#block.length - this.#at) this.#nextBlock(octets)
  }

  #nextBlock(octets: number): void {
    const begun = this.#at - this.#frameAt
    if (begun + octets > limits.ipcFrameOctets + LENGTH_OCTETS + SHORT_TEXT + 1) {
      throw new EncodingError('too-large', `a message of more than ${limits.ipcFrameOctets} octets`)
    }
    const old = this.#block
    const isFirst = this.#filled.length === 0 && old === NO_BLOCK
    // A long frame grows by doubling; its contents, the last to be written, claim what they need.
    this.#block = takeBlock(Math.max(begun + octets, begun * 2), isFirst)
    old.copy(this.#block, 0, this.#frameAt, this.#at)
    if (this.#frameAt > 0) this.#filled.push({ block: old, octets: this.#frameAt, frames: this.#frames })
    else if (old !== NO_BLOCK) returnBlock(old)
    this.#frames = 0
    this.#frameAt = 0
    this.#at = begun
  }
}
