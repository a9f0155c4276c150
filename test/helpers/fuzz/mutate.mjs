// Octets from octets: what happens to frames whose structure the attacker ignores.
import { writeU16, writeU32 } from '../../../dist/base/octets.js'
import { checksum } from './world.mjs'

const UDP_OCTETS_MAX = 65_507

/** Put the right checksum on a frame. */
export function repair(frame) {
  if (frame.length >= 8) writeU32(frame, 4, checksum(frame, 8))
  return frame
}

export function garbage(random) {
  const long = random.chance(0.002)
  const frame = new Uint8Array(random.below(long ? UDP_OCTETS_MAX : random.pick([8, 40, 80, 200, 1500])))
  for (let at = 0; at < frame.length; at += 4) {
    const word = random.below(0x1_0000_0000)
    for (let i = 0; i < 4 && at + i < frame.length; i++) frame[at + i] = word >>> (8 * i)
  }
  if (random.chance(0.5) && frame.length >= 8) frame.set([0x41, 0x49, 0x53, 1])
  return frame
}

/** One to eight changes of a copy. @param from octets before this one stay as they are */
export function mutate(random, original, from = 0) {
  let frame = original.slice()
  const changes = 1 + (random.chance(0.5) ? 0 : random.below(8))
  for (let i = 0; i < changes; i++) frame = change(random, frame, from)
  return frame
}

function change(random, frame, from) {
  const span = frame.length - from
  if (span <= 0) return extend(random, frame)
  const at = from + random.below(span)
  switch (random.below(8)) {
    case 0:
    case 1:
      frame[at] ^= 1 << random.below(8)
      return frame
    case 2:
      frame[at] = random.pick([0, 1, 2, 0x7f, 0x80, 0xff, random.below(256)])
      return frame
    case 3:
      if (at + 2 <= frame.length) writeU16(frame, at, random.pick([0, 1, 128, 129, 512, 513, 0x7fff, 0xffff]))
      return frame
    case 4:
      if (at + 4 <= frame.length) writeU32(frame, at, random.pick([0, 1, 0x7fffffff, 0x80000000, 0xffffffff]))
      return frame
    case 5:
      return frame.slice(0, at)
    case 6:
      return extend(random, frame)
    default: {
      const end = at + random.below(Math.min(64, frame.length - at) + 1)
      frame.copyWithin(from + random.below(span), at, end)
      return frame
    }
  }
}

function extend(random, frame) {
  const more = random.chance(0.01) ? random.below(UDP_OCTETS_MAX - frame.length) : 1 + random.below(64)
  const longer = new Uint8Array(frame.length + more)
  longer.set(frame)
  if (random.chance(0.5)) longer.fill(random.below(256), frame.length)
  return longer
}
