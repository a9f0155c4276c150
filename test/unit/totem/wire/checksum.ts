import { crc32 } from 'node:zlib'
import { writeU32 } from '../../../../src/base/octets.js'

export const checksum = (frame: Uint8Array, offset: number): number => crc32(frame.subarray(offset))

/** A copy with some octets replaced and the checksum made right again. */
export function patched(frame: Uint8Array, at: number, ...octets: number[]): Uint8Array {
  const copy = frame.slice()
  copy.set(octets, at)
  writeU32(copy, 4, checksum(copy, 8))
  return copy
}
