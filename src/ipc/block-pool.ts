/** Where frames are gathered: a small block for the few of a quiet client, large ones for a stream. */
const SMALL_OCTETS = 4 * 1024
const LARGE_OCTETS = 64 * 1024
/** Blocks kept for reuse. */
const SMALL_KEPT = 256
const LARGE_KEPT = 64

const small: Buffer[] = []
const large: Buffer[] = []

/** A block of at least so many octets, with anything in it. @param isFirst nothing was gathered before it */
export function takeBlock(octets: number, isFirst: boolean): Buffer {
  if (isFirst && octets <= SMALL_OCTETS) return small.pop() ?? Buffer.allocUnsafeSlow(SMALL_OCTETS)
  if (octets <= LARGE_OCTETS) return large.pop() ?? Buffer.allocUnsafeSlow(LARGE_OCTETS)
  return Buffer.allocUnsafeSlow(octets)
}

/** Only blocks that nobody reads any more. */
export function returnBlock(block: Buffer): void {
  if (block.length === SMALL_OCTETS && small.length < SMALL_KEPT) small.push(block)
  else if (block.length === LARGE_OCTETS && large.length < LARGE_KEPT) large.push(block)
}
