/**
 * Little-endian fields in octet arrays. Counters are u64 on the wire and exact doubles in memory
 * (every counter stays below 2^53, see `limits`), so that hot paths need neither BigInt nor DataView.
 */

export function readU16(octets: Uint8Array, at: number): number {
  return octets[at]! | (octets[at + 1]! << 8)
}

export function readU32(octets: Uint8Array, at: number): number {
  return (octets[at]! | (octets[at + 1]! << 8) | (octets[at + 2]! << 16) | (octets[at + 3]! << 24)) >>> 0
}

/** A u64 as a number; values of 2^53 and more lose precision and are for the caller to refuse. */
export function readU64(octets: Uint8Array, at: number): number {
  return readU32(octets, at) + readU32(octets, at + 4) * 0x1_0000_0000
}

export function writeU16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value
  octets[at + 1] = value >>> 8
}

export function writeU32(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value
  octets[at + 1] = value >>> 8
  octets[at + 2] = value >>> 16
  octets[at + 3] = value >>> 24
}

export function writeU64(octets: Uint8Array, at: number, value: number): void {
  writeU32(octets, at, value >>> 0)
  writeU32(octets, at + 4, Math.floor(value / 0x1_0000_0000))
}

const CONTROL_CHARACTERS = /\p{Cc}|\p{Zl}|\p{Zp}/u
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Writes fields one after the other into an array that grows; for control messages, not for data. */
export class OctetWriter {
  private octets = new Uint8Array(512)
  private at = 0

  u8(value: number): void {
    const at = this.claim(1)
    this.octets[at] = value
  }

  u16(value: number): void {
    const at = this.claim(2)
    writeU16(this.octets, at, value)
  }

  u32(value: number): void {
    const at = this.claim(4)
    writeU32(this.octets, at, value)
  }

  u64(value: number): void {
    const at = this.claim(8)
    writeU64(this.octets, at, value)
  }

  bytes(value: Uint8Array): void {
    const at = this.claim(value.length)
    this.octets.set(value, at)
  }

  /** At most 255 octets of UTF-8, behind their number. */
  text(value: string): void {
    const octets = encoder.encode(value)
    if (octets.length > 255) throw new RangeError('text of more than 255 octets')
    this.u8(octets.length)
    this.bytes(octets)
  }

  finish(): Uint8Array {
    return this.octets.subarray(0, this.at)
  }

  private claim(size: number): number {
    const at = this.at
    this.at += size
    if (this.at > this.octets.length) {
      const grown = new Uint8Array(Math.max(this.at, this.octets.length * 2))
      grown.set(this.octets)
      this.octets = grown
    }
    return at
  }
}

/**
 * Reads fields one after the other. Reading past the end, a counter out of range or text that is
 * not UTF-8 makes the reader `broken` and every further field 0 or empty: the caller checks once.
 */
export class OctetReader {
  broken = false

  constructor(
    private readonly octets: Uint8Array,
    private at = 0,
  ) {}

  u8(): number {
    const at = this.take(1)
    return at < 0 ? 0 : this.octets[at]!
  }

  u16(): number {
    const at = this.take(2)
    return at < 0 ? 0 : readU16(this.octets, at)
  }

  u32(): number {
    const at = this.take(4)
    return at < 0 ? 0 : readU32(this.octets, at)
  }

  u64(): number {
    const at = this.take(8)
    if (at < 0) return 0
    const value = readU64(this.octets, at)
    if (value <= Number.MAX_SAFE_INTEGER) return value
    this.broken = true
    return 0
  }

  /** A count of items of at least `itemOctets` each: refused before anything is allocated by it. */
  count(limit: number, itemOctets: number): number {
    const value = this.u16()
    if (value <= limit && value * itemOctets <= this.octets.length - this.at) return value
    this.broken = true
    return 0
  }

  bytes(length: number): Uint8Array {
    const at = this.take(length)
    return at < 0 ? new Uint8Array(0) : this.octets.subarray(at, at + length)
  }

  /** Everything that is left. */
  rest(): Uint8Array {
    return this.bytes(this.broken ? 0 : this.octets.length - this.at)
  }

  /** A name or an address: not empty, and nothing in it that could forge a line of output. */
  text(): string {
    const octets = this.bytes(this.u8())
    try {
      const text = decoder.decode(octets)
      if (text !== '' && !CONTROL_CHARACTERS.test(text)) return text
    } catch {
      // Not UTF-8: broken, like all else that is no text.
    }
    this.broken = true
    return ''
  }

  /** Everything was read and nothing was wrong. */
  done(): boolean {
    return !this.broken && this.at === this.octets.length
  }

  private take(length: number): number {
    const at = this.at
    if (this.broken || at + length > this.octets.length) {
      this.broken = true
      return -1
    }
    this.at = at + length
    return at
  }
}
