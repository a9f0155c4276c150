import fc from 'fast-check'
import { limits } from '../../../../src/base/index.js'
import { HEADER_OCTETS } from '../../../../src/totem/wire/header.js'
import { writeU16, writeU32, writeU64 } from '../../../../src/base/octets.js'
import { decodeToken, encodeToken, requestCapacity, type Token } from '../../../../src/totem/wire/token.js'

const sequences = fc.oneof(
  fc.integer({ min: 0, max: 10_000 }),
  fc.integer({ min: limits.messageSequenceMax - 10_000, max: limits.messageSequenceMax }),
)

const tokens = sequences.chain((sequence): fc.Arbitrary<Token> => {
  const mark = fc.nat(Math.min(sequence, 0xffff_ffff)).map((lag) => sequence - lag)
  return fc.record({
    ringId: fc.record({ representative: fc.nat(0xffff_ffff), sequence: fc.nat(2 ** 31) }),
    count: fc.maxSafeNat().map((count) => Math.min(count, Number.MAX_SAFE_INTEGER - 1)),
    sequence: fc.constant(sequence),
    rotationFrames: fc.nat(0xffff_ffff),
    backlog: fc.nat(0xffff_ffff),
    scale: fc.nat(0xffff),
    entries: fc.array(fc.record({ received: mark, delivered: mark, phase: fc.nat(3) }), {
      minLength: 1,
      maxLength: limits.ringMembers,
    }),
    requests: fc.array(mark, { maxLength: 50 }),
  })
})

function sample(): Token {
  return {
    ringId: { representative: 1, sequence: 9 },
    count: 4,
    sequence: 100,
    rotationFrames: 0,
    backlog: 0,
    scale: 100,
    entries: [
      { received: 100, delivered: 99, phase: 3 },
      { received: 98, delivered: 97, phase: 3 },
    ],
    requests: [99],
  }
}

const at = (offset: number): number => HEADER_OCTETS + offset

describe('the token', () => {
  test('every token comes back, near the end of the numbers too', () => {
    fc.assert(fc.property(tokens, (token) => expect(decodeToken(encodeToken(token))).toEqual(token)))
  })

  test('a lag that 32 bit cannot hold is stated as the largest, never as a small one', () => {
    const token = { ...sample(), sequence: 2 ** 40 }
    const [entry] = decodeToken(encodeToken(token))!.entries
    expect(entry.received).toBe(2 ** 40 - 0xffff_ffff)
  })

  test('every other length is malformed', () => {
    const frame = encodeToken(sample())
    for (let length = 0; length < frame.length; length++) {
      expect(decodeToken(frame.subarray(0, length))).toBeNull()
    }
    const longer = new Uint8Array(frame.length + 1)
    longer.set(frame)
    expect(decodeToken(longer)).toBeNull()
  })

  test.each<[string, (frame: Uint8Array) => void]>([
    ['no members', (frame) => writeU16(frame, at(36), 0)],
    ['more members than a ring has', (frame) => writeU16(frame, at(36), limits.ringMembers + 1)],
    ['more requests than it is long', (frame) => writeU16(frame, at(38), 2)],
    ['a sequence number over the limit', (frame) => writeU64(frame, at(20), limits.messageSequenceMax + 1)],
    ['a ring sequence over the limit', (frame) => writeU64(frame, at(4), limits.ringSequenceMax + 1)],
    ['a count that cannot grow', (frame) => writeU64(frame, at(12), Number.MAX_SAFE_INTEGER)],
    ['a member that lags behind zero', (frame) => writeU32(frame, at(42), 101)],
    ['deliveries behind zero', (frame) => writeU32(frame, at(44), 0xffff_ffff)],
    ['an unknown phase', (frame) => frame.fill(4, at(48), at(49))],
  ])('with %s it is malformed', (_, damage) => {
    const frame = encodeToken(sample())
    expect(decodeToken(frame)).not.toBeNull()
    damage(frame)
    expect(decodeToken(frame)).toBeNull()
  })

  test('a token filled to its capacity fits the frame', () => {
    for (const [members, octets] of [
      [3, 1472],
      [128, 1472],
      [50, 548],
    ] as const) {
      const token = sample()
      const requests = new Array<number>(requestCapacity(members, octets)).fill(50)
      const entries = new Array<Token['entries'][0]>(members).fill(token.entries[0])
      const { length } = encodeToken({ ...token, entries, requests })
      expect(length).toBeLessThanOrEqual(octets)
      expect(length).toBeGreaterThan(octets - 4)
    }
  })

  test('whatever arrives is decoded or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 70, maxLength: 130 }), (octets) => {
        const token = decodeToken(octets)
        if (token) expect(token.entries.length).toBeGreaterThan(0)
      }),
      { numRuns: 2000 },
    )
  })
})
