// Hostile octets for the socket of applications: what the attacker writes, frame by frame.
import { Packr } from 'msgpackr'
import { amfMethods, amfParams, misbehave } from './ipc-amf.mjs'
import { ckptMethods, ckptParams } from './ipc-ckpt.mjs'
import { cpgMethods, cpgParams, joining, useGroup } from './ipc-cpg.mjs'

const packr = new Packr({ useRecords: false, variableMapSize: true })

export function lengthPrefixed(octets) {
  const frame = Buffer.alloc(4 + octets.length)
  frame.writeUInt32LE(octets.length)
  frame.set(octets, 4)
  return frame
}

export const frameOf = (value) => lengthPrefixed(packr.pack(value))

export const honestHello = [0, { magic: 'ais', versions: [1], program: 'hostile', pid: 1 }]

const methods = [
  'clm.clusterTrack',
  'clm.clusterTrackStop',
  'clm.clusterNodeGet',
  'ais.ping',
  'ais.echo',
  'clm',
  'clm.',
  '.clusterTrack',
  'clm.constructor',
  'clm.__proto__',
  '__proto__.x',
  'nobody.there',
  '',
]

/** A value of any kind, now and then one that a service asks for. */
export function anyValue(random, depth = 0) {
  switch (random.below(depth > 3 ? 9 : 12)) {
    case 0:
      return null
    case 1:
      return random.chance(0.5)
    case 2:
      return random.pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 255])
    case 3:
      return random.pick([-1, 0xffff_ffff, 2 ** 32, 2 ** 53, 2 ** 53 - 1, -(2 ** 31), 0.5, NaN, Infinity])
    case 4:
      return random.pick([0n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n)])
    case 5:
      return random.pick(['', 'a', 'flags', '\u0000', '\n', '💥', 'x'.repeat(random.below(300))])
    case 6:
      return Buffer.alloc(random.below(200), random.below(256))
    case 7:
      return new Date(random.below(2 ** 31))
    case 8:
      return random.pick(methods)
    case 9:
      return Array.from({ length: random.below(6) }, () => anyValue(random, depth + 1))
    default:
      return anyMap(random, depth)
  }
}

function anyMap(random, depth) {
  const keys = ['flags', 'subscription', 'nodeId', 'magic', 'versions', 'pid', 'program', '__proto__', 'x']
  return Object.fromEntries(
    Array.from({ length: random.below(5) }, () => [random.pick(keys), anyValue(random, depth + 1)]),
  )
}

const likelyParams = (random) => {
  const flags = random.pick([1, 2, 3, 4, 5, 6, 0, 8])
  return { flags, subscription: random.below(50), nodeId: random.pick([0, 1, 7, 0xffff_ffff]) }
}

function request(random) {
  const service = random.below(4)
  if (service === 0) {
    const method = random.pick(ckptMethods)
    return [1, random.below(1000), method, ckptParams(random, method, anyValue)]
  }
  if (service === 1) return [1, random.below(1000), random.pick(amfMethods), amfParams(random, anyValue)]
  if (service === 2) return [1, random.below(1000), random.pick(cpgMethods), cpgParams(random, anyValue)]
  const params = random.chance(0.6) ? likelyParams(random) : anyValue(random)
  return [1, random.below(1000), random.pick(methods), params]
}

/** A container that claims more than there is: array, map, text or octets with 16 or 32 bits of length. */
function hostileLength(random) {
  const body = Buffer.alloc(1 + random.below(64), random.below(256))
  body[0] = random.pick([0xdd, 0xdf, 0xdb, 0xc6, 0xdc, 0xde, 0xda, 0xc5, 0xc9])
  if (body.length >= 5 && random.chance(0.8))
    body.writeUInt32BE(random.pick([0xffff_ffff, 2 ** 24, 70_000]), 1)
  return lengthPrefixed(Buffer.concat([Buffer.from([0x94, 1, 1, 0xa1, 0x61]), body]))
}

function deep(random) {
  const depth = random.pick([30, 33, 100, 5000])
  const octet = random.pick([0x91, 0x81, 0xdc])
  const nest = Buffer.alloc(depth * (octet === 0xdc ? 3 : octet === 0x81 ? 2 : 1), octet)
  if (octet === 0xdc) for (let at = 0; at < nest.length; at += 3) nest.writeUInt16BE(1, at + 1)
  if (octet === 0x81) for (let at = 1; at < nest.length; at += 2) nest[at] = 0xa0
  return lengthPrefixed(Buffer.concat([Buffer.from([0x94, 1, 1, 0xa1, 0x61]), nest, Buffer.from([0xc0])]))
}

function flipped(random, frame) {
  const octets = Buffer.from(frame)
  for (let left = 1 + random.below(4); left > 0; left--)
    octets[random.below(octets.length)] ^= 1 << random.below(8)
  return octets
}

function hostileFrameLength(random) {
  const frame = Buffer.alloc(4 + random.below(40), random.below(256))
  frame.writeUInt32LE(random.pick([0, 0xffff_ffff, 2 ** 31, 1024 * 1024 + 16 * 1024 + 1, 5, 100]))
  return frame
}

/** Many values in little room: what decoding them costs is bounded. */
function manyValues(random) {
  const count = random.pick([1000, 16_384, 60_000])
  const body = Buffer.alloc(8 + count, 0xc0)
  body.set([0x94, 1, 1, 0xa1, 0x61, 0xdc])
  body.writeUInt16BE(count, 6)
  return lengthPrefixed(body)
}

/** A request that opens a checkpoint, likely with success. */
export function openCheckpoint(random, id) {
  const open = ckptParams(random, 'ckpt.checkpointOpen', anyValue)
  return frameOf([1, id, 'ckpt.checkpointOpen', { ...open, flags: 7 }])
}

/** What an application does with the checkpoint that it has open, for good or ill. */
export function useCheckpoint(random, handle) {
  const sections = ['a', 'b', 'c'].map((name, index) => {
    const data = Buffer.alloc(random.below(30), 1)
    const params = { handle, sectionId: Buffer.from(name), expirationTime: 2n ** 63n - 1n, data }
    return [1, index, 'ckpt.sectionCreate', params]
  })
  const calls = Array.from({ length: 3 + random.below(12) }, (_, index) => {
    const method = random.pick(ckptMethods)
    return [1, 10 + index, method, ckptParams(random, method, anyValue, handle)]
  })
  return [...sections, ...calls].map(frameOf)
}

export const joinGroup = (random, id) => frameOf(joining(random, id))

/** What a member does with its group, for good or ill. */
export const misuseGroup = (random, member) => useGroup(random, member, anyValue).map(frameOf)

/** A component as nobody wants one. */
export const useComponent = (random) => misbehave(random, anyValue).map(frameOf)

/** Kinds of hostile input: name, and the octets of one. */
export const kinds = {
  garbage: (random) => Buffer.from(Array.from({ length: 1 + random.below(60) }, () => random.below(256))),
  framedGarbage: (random) =>
    lengthPrefixed(Buffer.from(Array.from({ length: 1 + random.below(60) }, () => random.below(256)))),
  flipped: (random) => flipped(random, frameOf(random.chance(0.8) ? request(random) : honestHello)),
  cutShort: (random) => {
    const frame = frameOf(request(random))
    return frame.subarray(0, random.below(frame.length))
  },
  extended: (random) => lengthPrefixed(Buffer.concat([packr.pack(request(random)), packr.pack(null)])),
  frameLength: hostileFrameLength,
  valueLength: hostileLength,
  deep,
  manyValues,
  anyMessage: (random) => frameOf(anyValue(random)),
  anyElements: (random) =>
    frameOf([random.below(8), ...Array.from({ length: random.below(5) }, () => anyValue(random))]),
  hello: (random) => frameOf(random.chance(0.5) ? [0, anyValue(random)] : honestHello),
  request: (random) => frameOf(request(random)),
  anyParams: (random) => {
    const method = random.pick(random.pick([methods, ckptMethods, amfMethods, cpgMethods]))
    return frameOf([1, random.below(1000), method, anyValue(random)])
  },
}
