import { isUtf8 } from 'node:buffer'
import { limits } from '../base/index.js'
import { MalformedError } from './malformed-error.js'

/** Text up to this length is looked up among what was read before: methods and keys come again and again. */
const CACHED_TEXT_OCTETS = 32
const CACHE_SIZE = 512

/** Up to here an array is made in its full length at once. */
const PREALLOCATED_ELEMENTS = 64

/** Octets are handed out as a view of what was received, unless that would keep many times as much alive. */
const VIEW_SHARE = 4

const cache: string[] = new Array<string>(CACHE_SIZE).fill('')

/**
 * Reads plain MessagePack: nil, booleans, integers, floats, text, octets, arrays and maps with text as
 * keys; no
 * extensions. Written for input that is out to harm: a length is believed only as far as there are octets for
 * it, depth and number of values are limited, text must be UTF-8.
 */
export class MessagePackReader {
  octets: Buffer = Buffer.alloc(0)
  at = 0
  end = 0
  /** The same octets, whose slice() copies. */
  #plain: Uint8Array | undefined
  #values = 0

  /** Read from here on. */
  begin(octets: Buffer, at: number, end: number): void {
    if (octets !== this.octets) this.#plain = undefined
    this.octets = octets
    this.at = at
    this.end = end
    this.#values = 0
  }

  /** @throws MalformedError */
  value(depth = 0): unknown {
    if (this.at >= this.end) throw new MalformedError('it ends in the middle of a value')
    if (++this.#values > limits.ipcMessageValues) {
      throw new MalformedError(`it has more than ${limits.ipcMessageValues} values`)
    }
    const token = this.octets[this.at++]!
    if (token < 0x80) return token
    if (token >= 0xe0) return token - 0x100
    if (token < 0x90) return this.#map(token & 0x0f, depth)
    if (token < 0xa0) return this.#array(token & 0x0f, depth)
    if (token < 0xc0) return this.#text(token & 0x1f)
    return this.#longValue(token, depth)
  }

  /** Number of elements of the array that comes next. @throws MalformedError when it is no short array */
  shortArray(): number {
    const token = this.at < this.end ? this.octets[this.at++]! : 0
    if (token < 0x90 || token > 0x9f) throw new MalformedError('it is not an array of up to 15 elements')
    return token & 0x0f
  }

  /** An unsigned integer that a double holds exactly. @throws MalformedError */
  natural(what: string): number {
    const value = this.value()
    if (typeof value === 'number' && value >= 0 && Number.isSafeInteger(value)) return value
    throw new MalformedError(`its ${what} is not an integer from 0 to 2^53 - 1`)
  }

  /** @throws MalformedError */
  text(what: string): string {
    const value = this.value()
    if (typeof value === 'string') return value
    throw new MalformedError(`its ${what} is not text`)
  }

  #longValue(token: number, depth: number): unknown {
    switch (token) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#bin(this.#unsigned(1 << (token - 0xc4)))
      case 0xca:
        return this.octets.readFloatBE(this.#take(4))
      case 0xcb:
        return this.octets.readDoubleBE(this.#take(8))
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#unsigned(1 << (token - 0xcc))
      case 0xcf:
        return this.#unsigned64()
      case 0xd0:
      case 0xd1:
      case 0xd2:
        return this.#signed(1 << (token - 0xd0))
      case 0xd3:
        return this.#signed64()
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#unsigned(1 << (token - 0xd9)))
      case 0xdc:
      case 0xdd:
        return this.#array(this.#unsigned(2 << (token - 0xdc)), depth)
      case 0xde:
      case 0xdf:
        return this.#map(this.#unsigned(2 << (token - 0xde)), depth)
      default:
        throw new MalformedError(`octet 0x${token.toString(16)} begins no value of plain MessagePack`)
    }
  }

  /** @returns where the octets begin */
  #take(length: number): number {
    const at = this.at
    if (length > this.end - at) throw new MalformedError('it ends in the middle of a value')
    this.at = at + length
    return at
  }

  #unsigned(octets: number): number {
    const at = this.#take(octets)
    if (octets === 1) return this.octets[at]!
    return octets === 2 ? this.octets.readUInt16BE(at) : this.octets.readUInt32BE(at)
  }

  #signed(octets: number): number {
    const at = this.#take(octets)
    if (octets === 1) return this.octets.readInt8(at)
    return octets === 2 ? this.octets.readInt16BE(at) : this.octets.readInt32BE(at)
  }

  #unsigned64(): number | bigint {
    const at = this.#take(8)
    const high = this.octets.readUInt32BE(at)
    if (high < 0x20_0000) return high * 0x1_0000_0000 + this.octets.readUInt32BE(at + 4)
    return this.octets.readBigUInt64BE(at)
  }

  #signed64(): number | bigint {
    const at = this.#take(8)
    const high = this.octets.readInt32BE(at)
    if (high >= -0x20_0000 && high < 0x20_0000) {
      const value = high * 0x1_0000_0000 + this.octets.readUInt32BE(at + 4)
      if (Number.isSafeInteger(value)) return value
    }
    return this.octets.readBigInt64BE(at)
  }

  #bin(length: number): Uint8Array {
    const at = this.#take(length)
    const { buffer, byteOffset, length: all } = this.octets
    if (length * VIEW_SHARE >= buffer.byteLength) return new Uint8Array(buffer, byteOffset + at, length)
    // One of a Buffer would be a view.
    this.#plain ??= new Uint8Array(buffer, byteOffset, all)
    return this.#plain.slice(at, at + length)
  }

  #array(length: number, depth: number): unknown[] {
    this.#checkContainer(length, depth)
    const array: unknown[] = length <= PREALLOCATED_ELEMENTS ? new Array<unknown>(length) : []
    for (let i = 0; i < length; i++) array[i] = this.value(depth + 1)
    return array
  }

  #map(length: number, depth: number): Record<string, unknown> {
    this.#checkContainer(length * 2, depth)
    const map: Record<string, unknown> = {}
    for (let i = 0; i < length; i++) {
      const key = this.value(depth + 1)
      if (typeof key !== 'string') throw new MalformedError('a key of a map is not text')
      if (key === '__proto__') throw new MalformedError('a key of a map is __proto__')
      map[key] = this.value(depth + 1)
    }
    return map
  }

  /** Every element has at least one octet. */
  #checkContainer(elements: number, depth: number): void {
    if (elements > this.end - this.at) throw new MalformedError('it is shorter than its arrays and maps say')
    if (depth >= limits.ipcMessageDepth) {
      throw new MalformedError(`its arrays and maps are nested more than ${limits.ipcMessageDepth} deep`)
    }
  }

  #text(length: number): string {
    const at = this.#take(length)
    if (length > CACHED_TEXT_OCTETS) return this.#plainText(at, at + length)
    return length === 0 ? '' : this.#cachedText(at, length)
  }

  #cachedText(at: number, length: number): string {
    const { octets } = this
    let hash = length
    let or = 0
    for (let i = at; i < at + length; i++) {
      const octet = octets[i]!
      hash = (hash * 31 + octet) | 0
      or |= octet
    }
    if (or > 0x7f) return this.#plainText(at, at + length)
    const slot = hash & (CACHE_SIZE - 1)
    const known = cache[slot]!
    if (known.length === length) {
      let i = 0
      while (i < length && known.charCodeAt(i) === octets[at + i]) i++
      if (i === length) return known
    }
    return (cache[slot] = octets.toString('latin1', at, at + length))
  }

  #plainText(at: number, end: number): string {
    const text = this.octets.toString('utf8', at, end)
    // What is not UTF-8 has become this character; but it may have been there.
    if (text.includes('\ufffd') && !isUtf8(this.octets.subarray(at, end))) {
      throw new MalformedError('text in it is not UTF-8')
    }
    return text
  }
}
