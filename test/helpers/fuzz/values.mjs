import { limits } from '../../../dist/base/index.js'

/** Numbers at which counters and limits of the wire begin or end. */
const edges = [
  0,
  1,
  2,
  3,
  64,
  127,
  128,
  129,
  255,
  256,
  512,
  513,
  1023,
  1024,
  2047,
  2048,
  8191,
  8192,
  8193,
  65_535,
  65_536,
  limits.messageOctets,
  limits.messageOctets + 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 42 - 1,
  2 ** 42,
  2 ** 42 + 1,
  2 ** 52 - 4097,
  2 ** 52 - 4096,
  2 ** 52 - 1,
  2 ** 52,
  2 ** 53 - 2,
  2 ** 53 - 1,
]

/** A number worth trying in the place of `real`: near it, or near a limit, within [0, most]. */
export function drawNumber(random, real, most) {
  const kind = random.next()
  let value
  if (kind < 0.35) value = real + random.below(5) - 2
  else if (kind < 0.5)
    value = real + random.pick([10, 100, 1000, 2047, 2048, 8192, -10, -100, -8192, 2 ** 32])
  else if (kind < 0.85) value = random.pick(edges)
  else value = Math.floor(random.next() * Math.min(most, 2 ** random.below(54)))
  return Math.max(0, Math.min(most, value))
}
