import fc from 'fast-check'
import {
  clusterHash,
  FrameKind,
  HEADER_OCTETS,
  areSeveral,
  frameOctetsAt,
  isFrom,
  openFrame,
  ownMark,
  sealFrame,
} from '../../../../src/totem/wire/header.js'
import { checksum, patched } from './checksum.js'

const hash = clusterHash('home')
const origin = { clusterHash: hash, nodeId: 7, incarnation: 1_790_000_000_000 }

function sealed(bodyOctets = 20): Uint8Array {
  const frame = new Uint8Array(HEADER_OCTETS + bodyOctets).fill(0xa5)
  sealFrame(frame, origin, FrameKind.join, 3, 99, checksum)
  return frame
}

describe('the frame header', () => {
  test('what is sealed opens again', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(FrameKind)),
        fc.nat(255),
        fc.integer({ min: 1, max: 0xffff_ffff }),
        fc.maxSafeNat(),
        fc.maxSafeNat(),
        fc.uint8Array({ maxLength: 1500 }),
        (kind, flags, nodeId, incarnation, counter, body) => {
          const frame = new Uint8Array(HEADER_OCTETS + body.length)
          frame.set(body, HEADER_OCTETS)
          sealFrame(frame, { clusterHash: hash, nodeId, incarnation }, kind, flags, counter, checksum)
          const header = { kind, flags, sender: nodeId, incarnation, counter }
          expect(openFrame(frame, hash, checksum)).toEqual(header)
          expect(isFrom(frame, nodeId, incarnation)).toBe(true)
          expect(frame.subarray(HEADER_OCTETS)).toEqual(body)
        },
      ),
    )
  })

  test.each([
    ['shorter than a header', sealed().subarray(0, HEADER_OCTETS - 1), 'not-ours'],
    ['empty', new Uint8Array(0), 'not-ours'],
    ['another magic', patched(sealed(), 0, 0x42), 'not-ours'],
    ['a later version', patched(sealed(), 3, 2), 'version'],
    ['another cluster', patched(sealed(), 12, 0), 'cluster'],
    ['a flipped bit', Object.assign(sealed(), { 40: 0xa4 }), 'checksum'],
    ['kind 0', patched(sealed(), 8, 0), 'malformed'],
    ['a kind too many', patched(sealed(), 8, FrameKind.answer + 1), 'malformed'],
    ['a length that is not its own', patched(sealed(), 10, 1), 'malformed'],
    ['a length of more than there is', patched(sealed(), 11, 1), 'malformed'],
    ['sender 0', patched(sealed(), 16, 0, 0, 0, 0), 'malformed'],
    ['an incarnation of 2^53', patched(sealed(), 20, 0, 0, 0, 0, 0, 0, 0x20, 0), 'malformed'],
    ['a counter of 2^53', patched(sealed(), 28, 0, 0, 0, 0, 0, 0, 0x20, 0), 'malformed'],
  ])('refuses a frame with %s', (_, frame, refusal) => {
    expect(openFrame(frame, hash, checksum)).toBe(refusal)
  })

  test('every changed bit behind the checksum is noticed', () => {
    const frame = sealed()
    for (let bit = 4 * 8; bit < frame.length * 8; bit++) {
      const changed = frame.slice()
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(['checksum', 'cluster']).toContain(openFrame(changed, hash, checksum))
    }
  })

  test('a frame is from one life of one node only', () => {
    expect(isFrom(sealed(), 7, origin.incarnation + 1)).toBe(false)
    expect(isFrom(sealed(), 8, origin.incarnation)).toBe(false)
    expect(isFrom(sealed().subarray(0, 30), 7, origin.incarnation)).toBe(false)
  })

  test('cluster names are hashed by FNV-1a, 32 bit', () => {
    // From the test vectors of the algorithm's authors.
    expect(clusterHash('')).toBe(0x811c9dc5)
    expect(clusterHash('a')).toBe(0xe40c292c)
    expect(clusterHash('foobar')).toBe(0xbf9cf968)
  })

  test('whatever arrives is refused or opened, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (frame) => {
        expect(['string', 'object']).toContain(typeof openFrame(frame, hash, checksum))
      }),
    )
  })

  test('of frames that came together each says how long it is', () => {
    const together = Buffer.concat([sealed(5), sealed(20), sealed(0)])
    expect(areSeveral(together)).toBe(true)
    expect(frameOctetsAt(together, 0)).toBe(HEADER_OCTETS + 5)
    expect(frameOctetsAt(together, HEADER_OCTETS + 5)).toBe(HEADER_OCTETS + 20)
  })

  test.each([
    ['one frame', sealed()],
    ['nothing', new Uint8Array(0)],
    ['a frame and something behind it', Buffer.concat([sealed(), Uint8Array.of(1, 2)])],
    ['a frame and nearly another one', Buffer.concat([sealed(), sealed().subarray(0, -1)])],
    ['a frame and one of no length', Buffer.concat([sealed(), patched(sealed(), 10, 0, 0)])],
    ['a frame and one of less than a header', Buffer.concat([sealed(), patched(sealed(), 10, 3, 0)])],
    ['a frame and one of more than there is', Buffer.concat([sealed(), patched(sealed(), 10, 0xff, 0xff)])],
  ])('%s is not several', (_, octets) => {
    expect(areSeveral(octets)).toBe(false)
  })

  test('the mark of a process is in its own frames alone', () => {
    const { at, octets } = ownMark(origin)
    expect(sealed().subarray(at, at + octets.length)).toEqual(octets)
    expect(octets).not.toEqual(ownMark({ ...origin, incarnation: origin.incarnation + 1 }).octets)
    expect(octets).not.toEqual(ownMark({ ...origin, nodeId: origin.nodeId + 1 }).octets)
  })
})
