/** After so many octets the pattern begins again: sequence number and writer. */
const PATTERN_OCTETS = 16
/** A payload of at least so many octets says which write it was. */
export const TELLING_OCTETS = 8

/**
 * Fill a payload with who writes it and with which of its writes: every octet depends on them, so a payload
 * that is half of one write and half of another is noticed.
 * @param sequence counts the writes of a writer
 */
export function fillPattern(payload: Buffer, writer: number, sequence: number): void {
  const pattern = Buffer.allocUnsafe(PATTERN_OCTETS)
  pattern.writeUIntLE(sequence, 0, 6)
  pattern.writeUInt16LE(writer & 0xffff, 6)
  // The second half is the first one's complement: no two writes differ in one octet only.
  for (let index = 0; index < 8; index++) pattern[8 + index] = ~pattern[index]! & 0xff
  payload.fill(pattern)
}

/** Which write a payload claims to be. @param payload of TELLING_OCTETS at least */
export function claimOf(payload: Buffer): { readonly writer: number; readonly sequence: number } {
  return { writer: payload.readUInt16LE(6), sequence: payload.readUIntLE(0, 6) }
}

/** Is the payload that of this write, octet by octet? */
export function isWrite(payload: Buffer, size: number, writer: number, sequence: number): boolean {
  if (payload.length !== size) return false
  const expected = Buffer.allocUnsafe(size)
  fillPattern(expected, writer, sequence)
  return payload.equals(expected)
}
