import fc from 'fast-check'
import { limits } from '../../../../src/base/index.js'
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
  memberOf,
  type CommitToken,
} from '../../../../src/totem/wire/control.js'
import { OctetWriter, writeU64 } from '../../../../src/base/octets.js'

const nodeId = fc.integer({ min: 1, max: 0xffff_ffff })
const process = fc.record({ nodeId, incarnation: fc.maxSafeNat() })
const text = fc.stringMatching(/^[ -~ä-üぁ-ん]{1,60}$/u)
const ringId = fc.record({ representative: fc.nat(0xffff_ffff), sequence: fc.maxSafeNat() })
const heard = fc.array(fc.nat(0xffff_ffff), { maxLength: limits.ringMembers })
const ringSequence = fc.maxSafeNat().map((value) => Math.min(value, limits.ringSequenceMax))

const failed = fc
  .tuple(process, fc.constantFrom({ left: false }, { left: true }, { left: false, refused: true }))
  .map(([one, why]) => ({ ...one, ...why }))

const joins = fc.record({
  address: text,
  name: text,
  ringSequence,
  tokenCount: fc.maxSafeNat(),
  processes: fc.array(process, { maxLength: 60 }),
  failed: fc.array(failed, {
    maxLength: 40,
  }),
  heard,
})

const presences = fc.record({ address: text, name: text, ringId, heard })

const entry = fc.record({
  nodeId,
  incarnation: fc.maxSafeNat(),
  address: text,
  name: text,
  filled: fc.boolean(),
  oldRing: ringId,
  oldReceived: fc.maxSafeNat(),
  oldHighest: fc.maxSafeNat(),
  oldSafe: fc.maxSafeNat(),
  obligations: fc.uint8Array({ maxLength: 16 }),
})

const commits = fc.record({
  ringId: fc.record({ representative: nodeId, sequence: ringSequence }),
  hop: fc.nat(0xffff_ffff),
  firstSequence: fc.maxSafeNat().map((value) => Math.min(value, limits.messageSequenceMax)),
  leavers: fc.array(process, { maxLength: 10 }),
  entries: fc
    .uniqueArray(entry, { minLength: 1, maxLength: 12, selector: (one) => one.nodeId })
    .map((entries) => entries.sort((a, b) => a.nodeId - b.nodeId)),
})

const answers = fc.record({ asker: process, number: fc.maxSafeNat() })

interface Codec {
  readonly name: string
  readonly decode: (body: Uint8Array) => unknown
  readonly bodies: fc.Arbitrary<Uint8Array>
}

const codecs: Codec[] = [
  { name: 'join', decode: decodeJoin, bodies: joins.map(encodeJoin) },
  { name: 'commit', decode: decodeCommit, bodies: commits.map(encodeCommit) },
  { name: 'presence', decode: decodePresence, bodies: presences.map(encodePresence) },
  { name: 'ring id', decode: decodeRingId, bodies: ringId.map(encodeRingId) },
  { name: 'query', decode: decodeQuery, bodies: fc.maxSafeNat().map(encodeQuery) },
  { name: 'answer', decode: decodeAnswer, bodies: answers.map(encodeAnswer) },
]

describe('control messages', () => {
  test('joins come back', () => {
    fc.assert(fc.property(joins, (join) => expect(decodeJoin(encodeJoin(join))).toEqual(join)))
  })

  test('commit tokens come back', () => {
    fc.assert(fc.property(commits, (token) => expect(decodeCommit(encodeCommit(token))).toEqual(token)))
  })

  test('presences and ring ids come back', () => {
    fc.assert(
      fc.property(presences, ringId, (presence, id) => {
        expect(decodePresence(encodePresence(presence))).toEqual(presence)
        expect(decodeRingId(encodeRingId(id))).toEqual(id)
      }),
    )
  })

  test('queries and answers come back', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), answers, (number, answer) => {
        expect(decodeQuery(encodeQuery(number))).toBe(number)
        expect(decodeAnswer(encodeAnswer(answer))).toEqual(answer)
      }),
    )
  })

  test.each(codecs)('a $name with octets missing or left over is malformed', ({ decode, bodies }) => {
    fc.assert(
      fc.property(bodies, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 20 }), (body, at, more) => {
        expect(decode(body)).not.toBeNull()
        expect(decode(body.subarray(0, at % body.length))).toBeNull()
        const longer = new Uint8Array(body.length + more.length)
        longer.set(body)
        longer.set(more, body.length)
        expect(decode(longer)).toBeNull()
      }),
    )
  })

  test.each(codecs)('a damaged $name is decoded or refused, never thrown at', ({ decode, bodies }) => {
    const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(bodies, damages, (body, changes) => {
        const damaged = body.slice()
        for (const [at, octet] of changes) damaged[at % damaged.length] = octet
        const decoded = decode(damaged)
        expect(['object', 'number']).toContain(typeof decoded)
      }),
      { numRuns: 500 },
    )
  })

  test('a process with node id 0 is malformed', () => {
    const join = {
      address: '10.0.0.1',
      name: 'one',
      ringSequence: 1,
      tokenCount: 0,
      processes: [{ nodeId: 0, incarnation: 1 }],
      failed: [],
      heard: [],
    }
    expect(decodeJoin(encodeJoin(join))).toBeNull()
  })

  test.each([
    ['address', { address: '' }],
    ['name', { name: 'line\nbreak' }],
  ])('a bad %s is malformed', (_, change) => {
    const presence = {
      address: '10.0.0.1',
      name: 'one',
      ringId: { representative: 1, sequence: 1 },
      heard: [],
    }
    expect(decodePresence(encodePresence(presence))).not.toBeNull()
    expect(decodePresence(encodePresence({ ...presence, ...change }))).toBeNull()
  })

  test('ring sequence numbers over the limit are malformed', () => {
    const join = {
      address: 'a',
      name: 'n',
      ringSequence: limits.ringSequenceMax + 1,
      tokenCount: 0,
      processes: [],
      failed: [],
      heard: [],
    }
    expect(decodeJoin(encodeJoin(join))).toBeNull()
  })

  test('a count that the message cannot hold allocates nothing', () => {
    const out = new OctetWriter()
    out.text('a')
    out.text('n')
    out.u64(1)
    out.u64(1)
    out.u16(0xffff)
    expect(decodeJoin(out.finish())).toBeNull()
  })
})

describe('commit tokens', () => {
  const one = {
    nodeId: 1,
    incarnation: 5,
    address: '10.0.0.1',
    name: 'one',
    filled: true,
    oldRing: { representative: 0, sequence: 0 },
    oldReceived: 0,
    oldHighest: 0,
    oldSafe: 0,
    obligations: new Uint8Array(0),
  }
  const token = (nodeIds: readonly number[], change: Partial<CommitToken> = {}): Uint8Array => {
    return encodeCommit({
      ringId: { representative: nodeIds[0] ?? 1, sequence: 10 },
      hop: 0,
      firstSequence: 0,
      leavers: [],
      entries: nodeIds.map((id) => ({ ...one, nodeId: id })),
      ...change,
    })
  }

  test('members are sorted, each once, and not too many', () => {
    const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
    expect(decodeCommit(token([1, 2, 3]))).not.toBeNull()
    expect(decodeCommit(token([]))).toBeNull()
    expect(decodeCommit(token([2, 1]))).toBeNull()
    expect(decodeCommit(token([1, 1]))).toBeNull()
    expect(decodeCommit(token(upTo(limits.ringMembers)))).not.toBeNull()
    expect(decodeCommit(token(upTo(limits.ringMembers + 1)))).toBeNull()
  })

  test('numbers over their limits are malformed', () => {
    const beyond = { representative: 1, sequence: limits.ringSequenceMax + 1 }
    expect(decodeCommit(token([1], { ringId: beyond }))).toBeNull()
    expect(decodeCommit(token([1], { firstSequence: limits.messageSequenceMax + 1 }))).toBeNull()
    const body = token([1])
    writeU64(body, 4, 2 ** 53)
    expect(decodeCommit(body)).toBeNull()
  })

  test('an entry is a member', () => {
    expect(memberOf(one)).toEqual({ nodeId: 1, incarnation: 5, address: '10.0.0.1', name: 'one' })
  })
})
