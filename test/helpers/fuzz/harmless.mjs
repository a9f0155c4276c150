// Frames that must change nothing but counters, by class.
import {
  decodeAnswer,
  decodeCommit,
  decodeJoin,
  decodePresence,
  decodeQuery,
  decodeRingId,
} from '../../../dist/totem/wire/control.js'
import { readDataFrame } from '../../../dist/totem/wire/data-frame.js'
import { clusterHash, FrameKind, HEADER_OCTETS, openFrame } from '../../../dist/totem/wire/header.js'
import { readU16, readU32, readU64, writeU32, writeU64 } from '../../../dist/base/octets.js'
import { decodeToken } from '../../../dist/totem/wire/token.js'
import { ringOf } from './forge.mjs'
import { garbage, mutate, repair } from './mutate.mjs'
import { drawNumber } from './values.mjs'
import { checksum, CLUSTER } from './world.mjs'

const OURS = clusterHash(CLUSTER)
const BODY_AT = HEADER_OCTETS + 4

/** Each makes one frame, or null when what it drew does not fit. */
export const harmless = {
  /** Random octets, some behind our magic. */
  garbage: (random) => garbage(random),

  /** A real frame, changed, with the checksum it had. */
  corrupted(random, world) {
    const frame = mutate(random, drawCaptured(random, world))
    const sound = frame.length >= 8 && readU32(frame, 4) === checksum(frame, 8)
    return sound ? null : frame
  },

  /** A frame of another cluster or of another version, its checksum right. */
  foreign(random, world) {
    const frame = drawCaptured(random, world).slice()
    if (random.chance(0.5)) {
      writeU32(frame, 12, clusterHash(`other ${random.below(1000)}`))
    } else {
      frame[3] = random.pick([0, 2, 3, 255])
    }
    return repair(random.chance(0.5) ? frame : mutate(random, frame, 16))
  },

  /** Our cluster, the right checksum, and a header or a body that is none. */
  malformed(random, world) {
    const frame = drawCaptured(random, world).slice()
    switch (random.below(5)) {
      case 0:
        frame[8] = random.pick([0, 9, 100, 255])
        return repair(frame)
      case 1:
        frame[10 + random.below(2)] = 1 + random.below(255)
        return repair(frame)
      case 2:
        writeU32(frame, 16, 0)
        return repair(frame)
      case 3:
        writeU64(frame, random.pick([20, 28]), 2 ** 53)
        return repair(frame)
      default: {
        const changed = repair(mutate(random, frame, HEADER_OCTETS))
        return isMalformed(changed) ? changed : null
      }
    }
  },

  /** Data and tokens of another ring, another sender or another life of a member. */
  stranger(random, world) {
    const frame = random
      .pick([FrameKind.data, FrameKind.token].map((kind) => pickOf(random, world, kind)))
      .slice()
    switch (random.below(3)) {
      case 0: {
        const { representative, sequence } = ringOf(frame)
        if (random.chance(0.5))
          writeU32(frame, HEADER_OCTETS, drawNumber(random, representative, 2 ** 32 - 1))
        writeU64(frame, HEADER_OCTETS + 4, drawNumber(random, sequence, 2 ** 53 - 1))
        const rings = world.nodes.map(({ regular }) => regular.ringId.sequence)
        if (rings.includes(readU64(frame, HEADER_OCTETS + 4))) return null
        break
      }
      case 1:
        writeU32(frame, 16, 4 + random.below(1000))
        break
      default: {
        const incarnation = drawNumber(random, readU64(frame, 20), 2 ** 53 - 1)
        if (world.nodes.some((node) => node.incarnation === incarnation)) return null
        writeU64(frame, 20, incarnation)
      }
    }
    return repair(frame)
  },

  /** Frames sent before, of this ring and of those before it, as they were. */
  replayed: (random, world) => random.pick(world.archive),
}

/**
 * A replayed wish to cancel the hold of an idle token is granted: the token comes sooner, and another member
 * may have the next word. All agree on the order all the same.
 */
export const mayChangeTimes = new Set(['replayed'])

function drawCaptured(random, world) {
  return pickOf(random, world, random.pick([...world.captured.keys()]))
}

function pickOf(random, world, kind) {
  return random.pick(world.captured.get(kind))
}

function isMalformed(frame) {
  const header = openFrame(frame, OURS, checksum)
  if (typeof header === 'string') return true
  if (header.kind === FrameKind.data) {
    return readDataFrame(frame, header.sender, header.incarnation, header.flags) === null
  }
  if (header.kind === FrameKind.token) return decodeToken(frame) === null
  if (frame.length < BODY_AT) return true
  if (readU16(frame, HEADER_OCTETS) !== 0 || readU16(frame, HEADER_OCTETS + 2) !== 1) return false
  return decoderOf(header.kind)(frame.subarray(BODY_AT)) === null
}

function decoderOf(kind) {
  if (kind === FrameKind.join) return decodeJoin
  if (kind === FrameKind.commit) return decodeCommit
  if (kind === FrameKind.query) return decodeQuery
  if (kind === FrameKind.answer) return decodeAnswer
  return kind === FrameKind.presence ? decodePresence : decodeRingId
}
