import { crc32 } from 'node:zlib'
import {
  HEADER_OCTETS,
  FrameKind,
  openFrame,
  sealFrame,
  clusterHash,
} from '../../../../src/totem/wire/header.js'
import { encodeAnswer } from '../../../../src/totem/wire/control.js'
import { cutControl } from '../../../../src/totem/wire/parts.js'
import { Rings, type Node } from '../rings.js'

const checksum = (frame: Uint8Array, offset: number): number => crc32(frame.subarray(offset))
const kindOf = (frame: Uint8Array): number => frame[8]!
const framesOf = (rings: Rings, kind: FrameKind): Uint8Array[] => {
  return rings.wire.filter((frame) => kindOf(frame) === kind)
}

/** Three of one ring, of whom the third has just gone silent. */
function withSilentThird(): { rings: Rings; nodes: [Node, Node, Node] } {
  const rings = Rings.formed(1, 2, 3)
  const nodes = rings.nodes as [Node, Node, Node]
  rings.loses = (_, to) => to === nodes[2]
  rings.run(300)
  expect(nodes[0].ring.state).toBe('operational')
  rings.wire.length = 0
  return { rings, nodes }
}

/** An answer to the first query, as this node would have sent it. */
function answerAs(node: Node, asker: Node, number: number): Uint8Array {
  const { nodeId, incarnation } = asker.options
  const body = encodeAnswer({ asker: { nodeId, incarnation }, number })
  const frame = cutControl(body, 1472)[0]!
  const origin = {
    clusterHash: clusterHash('test'),
    nodeId: node.options.nodeId,
    incarnation: node.options.incarnation,
  }
  sealFrame(frame, origin, FrameKind.answer, 0, 1_000_000, checksum)
  return frame
}

test('a rotation of the token shows that all are there, as of the visit before', () => {
  const rings = Rings.formed(1, 2, 3)
  const { ring } = rings.nodes[0]!
  const { nowMs } = rings.clock
  expect(ring.heardWithin(nowMs, 30)).toEqual([1, 2, 3])
  expect(ring.heardWithin(nowMs + 1000, 30)).toEqual([1])
  expect(ring.silentMs(nowMs)).toBeLessThan(15)
  expect(ring.silentMs(nowMs + 1000)).toBeGreaterThanOrEqual(1000)
})

test('before its first ring a process has heard nobody and is silent for ever; alone it is never', () => {
  const rings = new Rings()
  const { ring } = rings.add(1).start()
  ring.askPresence(0)
  expect([ring.heardWithin(0, 1000), ring.silentMs(0), ring.isExcluded]).toEqual([[], Infinity, false])
  rings.run(500)
  ring.askPresence(500)
  expect([ring.heardWithin(500, 1), ring.silentMs(500)]).toEqual([[1], 0])
  expect(framesOf(rings, FrameKind.query)).toEqual([])
})

test('an answer that was not asked for proves nothing', () => {
  const { rings, nodes } = withSilentThird()
  const [one, two] = nodes
  one.ring.onFrame(answerAs(two, one, 1), rings.clock.nowMs)
  expect(one.ring.heardWithin(rings.clock.nowMs, 100)).toEqual([1])
  expect(one.ring.counters['refused.answer']).toBe(1)
})

test('an answer counts from when its query went out', () => {
  const { rings, nodes } = withSilentThird()
  const [one, two] = nodes
  const askedMs = rings.clock.nowMs
  rings.loses = () => true
  one.ring.askPresence(askedMs)
  rings.run(80)
  one.ring.onFrame(answerAs(two, one, 1), rings.clock.nowMs)
  expect(one.ring.heardWithin(askedMs + 90, 100)).toEqual([1, 2])
  expect(one.ring.heardWithin(askedMs + 110, 100)).toEqual([1])
})

test('an answer to another process, to a query of long ago or to one of the future is none', () => {
  const { rings, nodes } = withSilentThird()
  const [one, two, three] = nodes
  rings.loses = () => true
  for (let query = 0; query < 9; query++) {
    one.ring.askPresence(rings.clock.nowMs)
    rings.run(10)
  }
  expect(framesOf(rings, FrameKind.query)).toHaveLength(9)
  const { nowMs } = rings.clock
  for (const frame of [answerAs(two, three, 9), answerAs(two, one, 1), answerAs(two, one, 10)]) {
    one.ring.onFrame(frame, nowMs)
    expect(one.ring.heardWithin(nowMs, 200)).toEqual([1])
  }
  one.ring.onFrame(answerAs(two, one, 2), nowMs)
  expect(one.ring.heardWithin(nowMs, 200)).toEqual([1, 2])
})

test('a flood of queries, replayed or new, is answered once in 10 ms', () => {
  const { rings, nodes } = withSilentThird()
  const [one, two] = nodes
  one.ring.askPresence(rings.clock.nowMs)
  const [query] = framesOf(rings, FrameKind.query)
  for (let i = 0; i < 100; i++) two.ring.onFrame(query!, rings.clock.nowMs)
  rings.run(20)
  expect(framesOf(rings, FrameKind.answer)).toHaveLength(1)
  for (let i = 0; i < 100; i++) {
    const frame = query!.slice()
    const { nodeId, incarnation } = one.options
    const origin = { clusterHash: clusterHash('test'), nodeId, incarnation }
    sealFrame(frame, origin, FrameKind.query, 0, 1_000_000 + i, checksum)
    two.ring.onFrame(frame, rings.clock.nowMs)
  }
  expect(framesOf(rings, FrameKind.answer)).toHaveLength(2)
  expect(two.ring.counters['refused.replay']).toBeGreaterThanOrEqual(99)
  expect(two.ring.counters['refused.query']).toBe(99)
})

test('a stranger, or another life of a member, is not answered', () => {
  const { rings, nodes } = withSilentThird()
  const [one, two] = nodes
  one.ring.askPresence(rings.clock.nowMs)
  rings.run(20)
  const [query] = framesOf(rings, FrameKind.query)
  rings.wire.length = 0
  for (const [nodeId, incarnation] of [
    [9, 9_000_000],
    [1, one.options.incarnation + 1],
  ] as const) {
    const frame = query!.slice()
    const origin = { clusterHash: clusterHash('test'), nodeId, incarnation }
    sealFrame(frame, origin, FrameKind.query, 0, 5, checksum)
    two.ring.onFrame(frame, rings.clock.nowMs)
  }
  expect(framesOf(rings, FrameKind.answer)).toEqual([])
  expect(two.ring.counters['refused.query']).toBe(2)
})

test('queries and answers do not make what was sent before them a replay', () => {
  const { rings, nodes } = withSilentThird()
  const [one, two] = nodes
  one.ring.askPresence(rings.clock.nowMs)
  rings.run(1)
  const [answer] = framesOf(rings, FrameKind.answer)
  const header = openFrame(answer!, clusterHash('test'), checksum)
  expect(header).toMatchObject({ kind: FrameKind.answer, sender: 2 })
  expect(answer!.length).toBe(HEADER_OCTETS + 4 + 20)
  rings.loses = () => false
  rings.run(3000)
  expect([one.members, two.members]).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ])
  expect(two.ring.counters['refused.replay']).toBeUndefined()
})

/** Milliseconds for which node 1 is apart from all outside of its ring: refusals believed, and not. */
function apartOf(rings: Rings): [number, number] {
  const { ring } = rings.nodes[0]!
  const { nowMs } = rings.clock
  return [ring.apartMs(nowMs, true), ring.apartMs(nowMs, false)]
}

test('whoever fell silent can have counted this process until their last token, and no longer', () => {
  const rings = Rings.formed(1, 2, 3)
  const [one, , three] = rings.nodes as [Node, Node, Node]
  expect(apartOf(rings)).toEqual([Infinity, Infinity])
  const cutAtMs = rings.clock.nowMs
  rings.loses = (frame, to) => to === three || frame[16] === 3
  rings.run(1500)
  expect(one.members).toEqual([1, 2])
  const [apartMs, sceptical] = apartOf(rings)
  const sinceMs = rings.clock.nowMs - cutAtMs
  expect(apartMs).toBeGreaterThanOrEqual(sinceMs)
  expect(apartMs).toBeLessThan(sinceMs + 1000)
  expect(sceptical).toBe(apartMs)
  expect(one.ring.apartMs(rings.clock.nowMs + 7, true)).toBe(apartMs + 7)
  rings.loses = () => false
  rings.run(3000)
  expect(one.members).toEqual([1, 2, 3])
  expect(apartOf(rings)).toEqual([Infinity, Infinity])
})

test('an answer to one that is lost afterwards counts as well as a token', () => {
  const rings = Rings.formed(1, 2, 3)
  const [one, , three] = rings.nodes as [Node, Node, Node]
  rings.loses = (frame) => kindOf(frame) === FrameKind.token
  rings.run(400)
  three.ring.askPresence(rings.clock.nowMs)
  rings.run(20)
  expect(three.ring.heardWithin(rings.clock.nowMs, 30)).toEqual([1, 2, 3])
  const answeredAtMs = rings.clock.nowMs
  rings.loses = (frame, to) => to === three || frame[16] === 3
  rings.run(2500)
  expect(one.members).toEqual([1, 2])
  const sinceMs = rings.clock.nowMs - answeredAtMs
  expect(apartOf(rings)[0]).toBeGreaterThanOrEqual(sinceMs)
  expect(apartOf(rings)[0]).toBeLessThanOrEqual(sinceMs + 20)
})

test('one that its host says is gone counts for the sceptical alone', () => {
  const rings = Rings.formed(1, 2, 3)
  rings.loses = (frame, to) => to.options.nodeId === 3 || frame[16] === 3
  // One learns it from the host, the other from the one.
  rings.nodes[1]!.ring.onRefused('10.0.0.3', rings.clock.nowMs)
  rings.run(300)
  expect(rings.nodes[0]!.members).toEqual([1, 2])
  const [apartMs, sceptical] = apartOf(rings)
  expect(apartMs).toBe(Infinity)
  expect(sceptical).toBeLessThan(400)
})

test('one that said that it leaves does not count', () => {
  const rings = Rings.formed(1, 2, 3)
  rings.nodes[2]!.ring.leave()
  rings.run(300)
  expect(rings.nodes[0]!.members).toEqual([1, 2])
  expect(apartOf(rings)).toEqual([Infinity, Infinity])
})

test('who has left the group neither asks nor answers', () => {
  const { rings, nodes } = withSilentThird()
  const [one, two] = nodes
  two.ring.leave()
  rings.run(1500)
  expect(two.ring.state).toBe('left')
  rings.wire.length = 0
  two.ring.askPresence(rings.clock.nowMs)
  expect(rings.wire).toEqual([])
  expect(one.ring.isExcluded).toBe(false)
})
