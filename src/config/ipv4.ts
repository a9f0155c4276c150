/** An address found at the start of a text, the way inet_aton(3) reads it. */
export interface ScannedAddress {
  /** Unsigned, network order. */
  readonly address: number
  /** The part of the text that is the address. */
  readonly text: string
  /** What follows it, without the blanks in between. */
  readonly rest: string
}

const whitespace = /[\t\n\v\f\r ]/

function scanNumber(part: string): number | null {
  if (/^0[xX][0-9a-fA-F]+$/.test(part)) return Number.parseInt(part.slice(2), 16)
  if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8)
  if (/^[1-9][0-9]*$/.test(part)) return Number.parseInt(part, 10)
  return null
}

/**
 * Read an address as inet_aton(3) did for the original: decimal, octal and hexadecimal parts, fewer
 * than four of them (the last one then fills the rest), and anything after a blank is not looked at.
 * @returns null when there is none
 */
export function scanIpv4(text: string): ScannedAddress | null {
  const end = text.search(whitespace)
  const word = end < 0 ? text : text.slice(0, end)
  const rest = end < 0 ? '' : text.slice(end).trim()
  const parts = word.split('.')
  if (parts.length > 4) return null
  let address = 0
  for (const [index, part] of parts.entries()) {
    const value = scanNumber(part)
    if (value === null) return null
    const last = index === parts.length - 1
    const octetsLeft = 4 - index
    if (value > (last ? 256 ** octetsLeft - 1 : 255)) return null
    address += last ? value : value * 256 ** (octetsLeft - 1)
  }
  return { address, text: word, rest }
}

/** A dotted quad of plain decimals, nothing else. @returns null for any other text */
export function ipv4ToNumber(text: string): number | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null
  let address = 0
  for (const part of text.split('.')) {
    const value = Number(part)
    if (value > 255 || (part.length > 1 && part.startsWith('0'))) return null
    address = address * 256 + value
  }
  return address
}

export function ipv4ToText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')
}

/** @param prefixLength 0 to 32 */
export function prefixMask(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0
}

export function sameNetwork(a: number, b: number, mask: number): boolean {
  return (a & mask) === (b & mask)
}

export function isLoopback(address: number): boolean {
  return address >>> 24 === 127
}

export function isMulticast(address: number): boolean {
  return address >>> 28 === 0xe
}

/** Looks like IPv6, with or without a zone or a prefix length; good enough to say "not yet". */
export function looksLikeIpv6(text: string): boolean {
  const word = text.split(/[%/\s]/)[0]
  return /^[0-9a-fA-F:.]+$/.test(word) && (word.match(/:/g)?.length ?? 0) >= 2
}
