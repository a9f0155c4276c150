// Well-formed frames with false contents: what an attacker who knows the protocol sends.
import {
  decodeAnswer,
  decodeCommit,
  decodeJoin,
  decodePresence,
  decodeQuery,
  decodeRingId,
  encodeAnswer,
  encodeCommit,
  encodeJoin,
  encodePresence,
  encodeQuery,
  encodeRingId,
} from '../../../dist/totem/wire/control.js'
import { clusterHash, FrameKind, HEADER_OCTETS, sealFrame } from '../../../dist/totem/wire/header.js'
import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from '../../../dist/base/octets.js'
import { cutControl } from '../../../dist/totem/wire/parts.js'
import { decodeToken, encodeToken } from '../../../dist/totem/wire/token.js'
import { mutate } from './mutate.mjs'
import { drawNumber } from './values.mjs'
import { checksum, CLUSTER } from './world.mjs'

const BODY_AT = HEADER_OCTETS + 4
const U32_MAX = 2 ** 32 - 1
const U53_MAX = 2 ** 53 - 1
const names = ['node-1', 'node-2', 'stranger', '', 'x'.repeat(255), 'line\nbreak \u001b[2J', 'ä'.repeat(127)]
const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.9', '', 'nonsense', '::1', '239.192.0.1']

/** Send a frame under a name. @param origin {nodeId, incarnation, counter} */
export function seal(frame, kind, flags, origin) {
  const identity = {
    clusterHash: clusterHash(CLUSTER),
    nodeId: origin.nodeId,
    incarnation: origin.incarnation,
  }
  sealFrame(frame, identity, kind, flags, origin.counter, checksum)
  return frame
}

/** A forged frame made from what was captured, or null when nothing fits. */
export function forge(random, world) {
  const kind = random.pick(Object.values(FrameKind))
  const captured = world.captured.get(kind)
  if (!captured) return null
  const latest = random.chance(0.7)
  const frame = captured[latest ? captured.length - 1 : random.below(captured.length)]
  const origin = drawOrigin(random, world, frame)
  const forged = random.chance(0.25) ? blind(random, frame) : shape(random, world, kind, frame)
  return forged && { what: nameOf(kind), frame: seal(forged.frame, kind, forged.flags, origin) }
}

/** Parts of one control message that never come to an end, or large ones. */
export function unfinishedParts(random, world) {
  const parts = random.pick([2, 3, 63, 64])
  const frame = new Uint8Array(BODY_AT + random.below(random.chance(0.01) ? 65_000 : 1400))
  writeU16(frame, HEADER_OCTETS, random.below(parts))
  writeU16(frame, HEADER_OCTETS + 2, parts)
  const real = random.pick(world.nodes)
  const origin = {
    nodeId: random.chance(0.2) ? real.nodeId : 1 + random.below(1000),
    incarnation: real.incarnation,
    counter: random.below(2 ** 40),
  }
  return { what: 'parts', frame: seal(frame, FrameKind.join, 0, origin) }
}

function nameOf(kind) {
  return Object.keys(FrameKind).find((name) => FrameKind[name] === kind)
}

/** Mostly a living member, sometimes another life of it, or a stranger. */
function drawOrigin(random, world, frame) {
  const nodeId = readU32(frame, 16)
  const incarnation = readU64(frame, 20)
  const node = random.chance(0.6) ? { nodeId, incarnation } : random.pick(world.nodes)
  const counter = world.lastCounters.get(node.nodeId) ?? 0
  return {
    nodeId: random.chance(0.85) ? node.nodeId : Math.max(1, drawNumber(random, node.nodeId, U32_MAX)),
    incarnation: random.chance(0.85) ? node.incarnation : drawNumber(random, node.incarnation, U53_MAX),
    counter: random.chance(0.6) ? counter + 1 + random.below(1000) : drawNumber(random, counter, U53_MAX),
  }
}

function blind(random, frame) {
  return {
    frame: mutate(random, frame, HEADER_OCTETS),
    flags: random.chance(0.8) ? frame[9] : random.below(256),
  }
}

function shape(random, world, kind, frame) {
  if (kind === FrameKind.data) return shapeData(random, world, frame)
  if (kind === FrameKind.token) return shapeToken(random, frame)
  const body = shapeControl(random, world, kind, frame.subarray(BODY_AT))
  return body && { frame: random.pick(cutControl(body, 1472)), flags: 0 }
}

function shapeData(random, world, frame) {
  const forged = frame.slice()
  const ring = random.pick(world.nodes).regular?.ringId
  if (ring && random.chance(0.8)) {
    writeU32(forged, HEADER_OCTETS, ring.representative)
    writeU64(forged, HEADER_OCTETS + 4, ring.sequence)
  }
  const tokens = world.captured.get(FrameKind.token)
  const next = tokens ? readU64(tokens[tokens.length - 1], HEADER_OCTETS + 20) + 1 : 1
  writeU64(forged, HEADER_OCTETS + 12, drawNumber(random, next, U53_MAX))
  if (random.chance(0.3)) return { frame: mutate(random, forged, HEADER_OCTETS + 20), flags: random.below(4) }
  return { frame: forged, flags: random.chance(0.8) ? frame[9] : random.below(4) }
}

function shapeToken(random, frame) {
  const token = decodeToken(frame)
  if (!token) return null
  const some = (real, most) => (random.chance(0.25) ? drawNumber(random, real, most) : real)
  const forged = {
    ringId: { representative: token.ringId.representative, sequence: some(token.ringId.sequence, 2 ** 52) },
    count: random.chance(0.7)
      ? token.count + 1 + random.below(6)
      : drawNumber(random, token.count, U53_MAX - 1),
    sequence: some(token.sequence, 2 ** 52),
    rotationFrames: some(token.rotationFrames, U32_MAX),
    backlog: some(token.backlog, U32_MAX),
    entries: token.entries.map((entry) => ({
      received: some(entry.received, 2 ** 52),
      delivered: some(entry.delivered, 2 ** 52),
      phase: random.chance(0.9) ? entry.phase : random.below(4),
    })),
    requests: token.requests.slice(),
  }
  if (random.chance(0.3)) {
    const requests = random.pick([1, 10, 300, 5000])
    for (let i = 0; i < requests; i++) forged.requests.push(drawNumber(random, token.sequence, 2 ** 52))
  }
  if (random.chance(0.1)) forged.entries.pop()
  return { frame: encodeToken(forged), flags: 0 }
}

function shapeControl(random, world, kind, body) {
  switch (kind) {
    case FrameKind.join:
      return shapeJoin(random, world, decodeJoin(body))
    case FrameKind.commit:
      return shapeCommit(random, decodeCommit(body))
    case FrameKind.presence: {
      const presence = decodePresence(body)
      if (!presence) return null
      return encodePresence({
        ...presence,
        ...drawAddress(random, presence),
        ringId: drawRing(random, presence.ringId),
      })
    }
    case FrameKind.query: {
      const number = decodeQuery(body)
      return number === null ? null : encodeQuery(drawNumber(random, number, U53_MAX))
    }
    case FrameKind.answer:
      return shapeAnswer(random, world, decodeAnswer(body))
    default: {
      const ringId = decodeRingId(body)
      return ringId && encodeRingId(random.chance(0.5) ? ringId : drawRing(random, ringId))
    }
  }
}

function shapeAnswer(random, world, answer) {
  if (!answer) return null
  const { nodeId, incarnation } = random.pick(world.nodes)
  return encodeAnswer({
    asker: random.chance(0.5) ? answer.asker : { nodeId, incarnation },
    number: random.chance(0.5)
      ? answer.number + random.below(20)
      : drawNumber(random, answer.number, U53_MAX),
  })
}

function shapeJoin(random, world, join) {
  if (!join) return null
  const process = () => {
    const node = random.pick(world.nodes)
    return {
      nodeId: random.chance(0.7) ? node.nodeId : 1 + random.below(400),
      incarnation: random.chance(0.6) ? node.incarnation : drawNumber(random, node.incarnation, U53_MAX),
    }
  }
  const many = () => (random.chance(0.03) ? 510 : random.below(4))
  return encodeJoin({
    ...join,
    ...drawAddress(random, join),
    ringSequence: random.chance(0.5) ? join.ringSequence : drawNumber(random, join.ringSequence, 2 ** 52),
    tokenCount: random.chance(0.8) ? join.tokenCount : drawNumber(random, join.tokenCount, U53_MAX),
    processes: random.chance(0.6)
      ? join.processes
      : [...join.processes, ...Array.from({ length: many() }, process)],
    failed: random.chance(0.6)
      ? join.failed
      : Array.from({ length: many() }, () => ({ ...process(), left: random.chance(0.3) })),
    heard: random.chance(0.7) ? join.heard : Array.from({ length: many() }, () => 1 + random.below(200)),
  })
}

function shapeCommit(random, token) {
  if (!token) return null
  const some = (real) => (random.chance(0.2) ? drawNumber(random, real, U53_MAX) : real)
  return encodeCommit({
    ringId: random.chance(0.6) ? token.ringId : drawRing(random, token.ringId),
    hop: random.chance(0.6) ? token.hop + random.below(8) : drawNumber(random, token.hop, U32_MAX),
    firstSequence: random.chance(0.8)
      ? token.firstSequence
      : drawNumber(random, token.firstSequence, 2 ** 52),
    leavers: token.leavers,
    entries: token.entries.map((entry) => ({
      ...entry,
      ...drawAddress(random, entry),
      filled: random.chance(0.8) ? true : !entry.filled,
      oldRing: random.chance(0.8) ? entry.oldRing : drawRing(random, entry.oldRing),
      oldReceived: some(entry.oldReceived),
      oldHighest: some(entry.oldHighest),
      oldSafe: some(entry.oldSafe),
      obligations: random.chance(0.8) ? entry.obligations : new Uint8Array(random.below(256)).fill(255),
    })),
  })
}

function drawRing(random, { representative, sequence }) {
  return {
    representative: random.chance(0.7) ? representative : drawNumber(random, representative, U32_MAX),
    sequence: random.chance(0.3) ? sequence : drawNumber(random, sequence, U53_MAX),
  }
}

function drawAddress(random, { address, name }) {
  return {
    address: random.chance(0.8) ? address : random.pick(addresses),
    name: random.chance(0.8) ? name : random.pick(names),
  }
}

/** Whether anything but a counter may come of this frame at its receiver, by its form and origin alone. */
export function ringOf(frame) {
  return { representative: readU32(frame, HEADER_OCTETS), sequence: readU64(frame, HEADER_OCTETS + 4) }
}

/** Octets of a control frame before its body, and how many parts it has. */
export function partsOf(frame) {
  return frame.length >= BODY_AT ? readU16(frame, HEADER_OCTETS + 2) : 0
}
