import fc from 'fast-check'
import { limits, readU32, seededRandom } from '../../../../src/base/index.js'
import { CpgService, type Client } from '../../../../src/services/index.js'
import {
  batchProblem,
  decodeMessage,
  encodeAnnouncement,
  encodeBatch,
  encodeHold,
  encodeJoin,
  encodeLeave,
  Kind,
  type Membership,
} from '../../../../src/services/cpg/wire.js'
import type { View } from '../../../../src/group/index.js'

const VIEW = 7
const member = { nodeId: 1, incarnation: 1, name: 'one', address: '10.0.0.1' }
const view = {
  number: VIEW,
  ringId: { representative: 1, sequence: VIEW },
  members: [member, { ...member, nodeId: 2 }],
} as unknown as View

/** Room for the header, then these, each behind its length. */
function packed(texts: readonly string[]): Uint8Array {
  const parts = texts.flatMap((text) => [text.length & 0xff, text.length >> 8, 0, 0, ...Buffer.from(text)])
  return Uint8Array.from([...new Uint8Array(limits.cpgRoomOctets), ...parts])
}

const membership: Membership = { number: 1, pid: 10, group: 'g' }

/** One of each kind, as members send them. */
function honestMessages(): Uint8Array[] {
  return [
    encodeAnnouncement({ view: VIEW, memberships: [membership, { ...membership, number: 2 }], held: ['h'] }),
    encodeJoin({ number: 3, pid: 11, group: 'g' }),
    encodeBatch(packed(['one', '', 'three']), membership, true),
    encodeHold('g', true),
    encodeHold('g', false),
    encodeBatch(packed(['x'.repeat(300)]), { ...membership, group: 'n'.repeat(128) }, false),
    encodeLeave(2, true),
    encodeLeave(1, false),
  ]
}

/** Flip, cut, lengthen, or put numbers where they hurt. */
function forge(seed: number, message: Uint8Array): Uint8Array {
  const random = seededRandom(seed)
  const forged = new Uint8Array(Math.max(0, message.length + random.pick([0, 0, 0, -1, -5, 7])))
  forged.set(message.subarray(0, forged.length))
  for (let left = random.below(4); left > 0; left--) {
    const at = random.below(Math.max(1, Math.min(forged.length, random.chance(0.5) ? 24 : forged.length)))
    forged[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])
  }
  return forged
}

/** Joined as the second member of its service; remembers what it is told. */
class Listener implements Client {
  readonly id = 1
  readonly told: unknown[] = []
  readonly waitingOctets = 0
  readonly takenOctets = 0

  event(_subscription: number, body: unknown): void {
    this.told.push(body)
  }
  hold(): boolean {
    return true
  }
  release(): void {
    // Nothing is counted here.
  }
  whenTaken(): void {
    // Everything is read at once.
  }
  cut(): void {
    throw new Error('a member that reads was cut off')
  }
}

function serviceWithMember() {
  const sent: Uint8Array[] = []
  const service: CpgService = new CpgService({
    nodeId: 1,
    send: (payload) => sent.push(payload) > 0,
    after: () => () => undefined,
    log: () => undefined,
  })
  const settle = (): void => {
    for (const payload of sent.splice(0)) service.onMessage(1, payload)
  }
  const client = new Listener()
  const call = (method: string, params: unknown): { result: unknown } => {
    const outcome: { result: unknown } = { result: undefined }
    const answer = (result: unknown): unknown => (outcome.result = result)
    const fail = (code: string): unknown => (outcome.result = code)
    service.onRequest({ client, method, params, answer, fail })
    settle()
    return outcome
  }
  service.onView(view, new Set([1]))
  settle()
  const joined = call('join', { group: 'g', pid: 5, subscription: 0 }).result as { readonly member: number }
  return { service, client, call, member: joined.member }
}

test('messages come back as they were', () => {
  const kinds = honestMessages().map((message) => decodeMessage(message)?.kind)
  expect(kinds).toEqual([
    ...[Kind.announcement, Kind.join, Kind.batch, Kind.hold, Kind.hold, Kind.batch, Kind.leave, Kind.leave],
  ])
  expect(decodeMessage(honestMessages()[0]!)).toEqual({
    kind: Kind.announcement,
    announcement: { view: VIEW, memberships: [membership, { ...membership, number: 2 }], held: ['h'] },
  })
  expect(decodeMessage(honestMessages()[2]!)).toMatchObject({ batch: { membership, isSafe: true } })
})

test('any octets are decoded to a sound message or to none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(0, 1, 2, 3, 4, 5, 6), (octets, kind) => {
      const payload = Uint8Array.from([13, 1, kind, ...octets])
      const message = decodeMessage(payload)
      if (message?.kind === Kind.batch) expect(batchProblem(message.batch.messages)).toBeNull()
      if (message?.kind === Kind.announcement) {
        expect(message.announcement.memberships.length).toBeLessThanOrEqual(limits.cpgMemberships)
      }
    }),
    { numRuns: 2000 },
  )
})

test('whatever another node has delivered, members are told whole messages, and the service goes on', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (seeds) => {
      const { service, client, call, member: own } = serviceWithMember()
      for (const message of honestMessages()) {
        for (let times = 0; times < 4; times++) service.onMessage(2, forge(seeds.next().value, message))
        service.onMessage(2, message)
      }
      // Whoever it was that held the group by a forged message: its node goes.
      service.onView({ ...view, number: VIEW + 1, members: [view.members[0]!] }, new Set([1]))
      const before = client.told.length
      const answered = call('multicast', { member: own, safe: false, messages: packed(['still here']) })
      expect(answered.result).toBeNull()
      expect(client.told.slice(before)).toEqual([
        [1, 5, false, packed(['still here']).subarray(limits.cpgRoomOctets)],
      ])
      for (const body of client.told) {
        if (Array.isArray(body)) expect(batchProblem(body[3] as Uint8Array)).toBeNull()
      }
      expect(call('leave', { member: own }).result).toBeNull()
      expect(service.quiet).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('lengths that claim more than there is are refused', () => {
  const octets = encodeBatch(packed(['abc']), membership, false)
  const at = octets.length - 7
  expect(readU32(octets, at)).toBe(3)
  for (const length of [2, 4, 0xffff_ffff, limits.cpgMessageOctets + 1]) {
    const forged = octets.slice()
    new DataView(forged.buffer).setUint32(at, length, true)
    expect(decodeMessage(forged)).toBeNull()
  }
  expect(decodeMessage(encodeBatch(packed([]), membership, false))).toBeNull()
})
