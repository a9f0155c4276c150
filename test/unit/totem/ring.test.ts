import { crc32 } from 'node:zlib'
import { limits } from '../../../src/base/index.js'
import { FrameKind, sealFrame, clusterHash } from '../../../src/totem/wire/header.js'
import { decodeToken, encodeToken } from '../../../src/totem/wire/token.js'
import { Rings, type Node } from './rings.js'

const checksum = (frame: Uint8Array, offset: number): number => crc32(frame.subarray(offset))

/** Seal octets again as a frame of this process. */
function seal(frame: Uint8Array, kind: FrameKind, as: Node): Uint8Array {
  const { nodeId, incarnation } = as.options
  sealFrame(frame, { clusterHash: clusterHash('test'), nodeId, incarnation }, kind, 0, 1, checksum)
  return frame
}

const kindOf = (frame: Uint8Array): number => frame[8]!
const texts = (node: Node): string[] => node.deliveries.map(({ payload }) => payload)

describe('a process by itself', () => {
  test('is a ring of one after the grace for others that start too', () => {
    const rings = new Rings()
    const node = rings.add(1).start()
    expect(node.ring.state).toBe('gather')
    rings.run(20)
    expect(node.configurations).toEqual([])
    rings.run(100)
    expect(node.ring.state).toBe('operational')
    expect(node.configurations).toMatchObject([{ kind: 'regular', joined: [{ nodeId: 1 }], left: [] }])
  })

  test('delivers its messages to itself, in order, and is quiet then', () => {
    const rings = Rings.formed(1)
    const node = rings.nodes[0]!
    for (const text of ['a', 'b', '']) expect(node.say(text, 'safe')).toBe(true)
    expect(node.ring.quiet).toBe(false)
    rings.run(1)
    expect(texts(node)).toEqual(['a', 'b', ''])
    expect(node.ring.quiet).toBe(true)
  })

  test('what is sent before there is a ring is delivered in the first one', () => {
    const rings = new Rings()
    const node = rings.add(1).start()
    node.say('early')
    rings.run(200)
    expect(texts(node)).toEqual(['early'])
  })

  test('waits for the disk before it uses a ring number that is not reserved', () => {
    const rings = new Rings()
    const node = rings.add(1)
    node.diskWorks = false
    node.ring.start(0, node.options.incarnation)
    rings.run(2000)
    expect(node.configurations).toEqual([])
    expect(node.reserved).not.toEqual([])
    node.ring.onReserved(node.reserved.at(-1)!, rings.clock.nowMs)
    rings.run(100)
    expect(node.members).toEqual([1])
  })

  test('does nothing on its own that costs a processor: no token spins in a ring of one', () => {
    const rings = Rings.formed(1)
    const before = rings.nodes[0]!.framesSent
    rings.run(10_000)
    const perSecond = (rings.nodes[0]!.framesSent - before) / 10
    expect(perSecond).toBeLessThan(10)
  })
})

describe('messages', () => {
  test('reach all in one order, with one position each', () => {
    const rings = Rings.formed(1, 2, 3)
    for (let i = 0; i < 30; i++) {
      for (const node of rings.nodes) node.say(`${node.options.nodeId}.${i}`, i % 3 === 0 ? 'safe' : 'agreed')
      rings.run(0.15)
    }
    rings.run(50)
    const [one, two, three] = rings.nodes
    expect(one!.deliveries).toHaveLength(90)
    expect(two!.deliveries).toEqual(one!.deliveries)
    expect(three!.deliveries).toEqual(one!.deliveries)
    const positions = one!.deliveries.map(({ position }) => position)
    expect(positions).toEqual([...positions].sort((a, b) => a - b))
    for (const nodeId of [1, 2, 3]) {
      const own = one!.deliveries.filter(({ from }) => from === nodeId).map(({ payload }) => payload)
      expect(own).toEqual(Array.from({ length: 30 }, (_, i) => `${nodeId}.${i}`))
    }
  })

  test('a safe message is delivered nowhere while a member lacks it', () => {
    const rings = Rings.formed(1, 2, 3)
    rings.loses = (frame, to) => kindOf(frame) === FrameKind.data && to.options.nodeId === 3
    rings.nodes[0]!.say('safe', 'safe')
    rings.run(100)
    expect(rings.nodes.map(texts)).toEqual([[], [], []])
    rings.loses = () => false
    rings.run(20)
    expect(rings.nodes.map(texts)).toEqual([['safe'], ['safe'], ['safe']])
  })

  test('an agreed message is not held up by a member that lacks it, what is behind a hole is', () => {
    const rings = Rings.formed(1, 2, 3)
    rings.loses = (frame, to) => kindOf(frame) === FrameKind.data && to.options.nodeId === 3
    rings.nodes[0]!.say('first')
    rings.run(20)
    expect(rings.nodes.map(texts)).toEqual([['first'], ['first'], []])
    let dropped = false
    rings.loses = (frame, to) => {
      if (kindOf(frame) !== FrameKind.data || to.options.nodeId !== 3 || dropped) return false
      dropped = true
      return true
    }
    rings.nodes[1]!.say('second')
    rings.run(50)
    expect(texts(rings.nodes[2]!)).toEqual(['first', 'second'])
  })

  test('are stable once all have delivered them, and not before', () => {
    const rings = Rings.formed(1, 2, 3)
    const [one, , three] = rings.nodes as [Node, Node, Node]
    rings.loses = (frame, to) => kindOf(frame) === FrameKind.data && to === three
    one.say('a')
    rings.run(30)
    expect(texts(one)).toEqual(['a'])
    const { position } = one.deliveries[0]!
    expect(one.stable.filter((stable) => stable.position >= position)).toEqual([])
    rings.loses = () => false
    rings.run(50)
    expect(one.stable.at(-1)).toEqual({ ringId: one.ringId, position })
    expect(three.stable.at(-1)).toEqual({ ringId: one.ringId, position })
  })

  test('larger than the limit are a mistake of the caller', () => {
    const node = Rings.formed(1).nodes[0]!
    expect(() => node.ring.multicast(new Uint8Array(limits.messageOctets + 1), 'agreed')).toThrow(RangeError)
    expect(node.ring.multicast(new Uint8Array(limits.messageOctets), 'agreed')).toBe(true)
  })

  test('beyond the limit of what may wait are refused, and one drain follows', () => {
    const rings = Rings.formed(1, 2)
    const node = rings.nodes[0]!
    const payload = new Uint8Array(64 * 1024)
    while (node.ring.multicast(payload, 'agreed'));
    expect(node.drains).toBe(0)
    rings.run(3000)
    expect(node.drains).toBe(1)
    expect(rings.nodes[1]!.deliveries).toHaveLength(limits.pendingOctets / payload.length)
  })
})

describe('leaving', () => {
  test('of one: what it accepted goes out first, then the others know why it is gone', () => {
    const rings = Rings.formed(1, 2, 3)
    const [one, two, three] = rings.nodes as [Node, Node, Node]
    three.say('goodbye', 'safe')
    three.ring.leave()
    expect(three.say('too late')).toBe(false)
    rings.run(60)
    expect(three.hasLeft).toBe(true)
    expect(three.ring.state).toBe('left')
    expect(texts(one)).toEqual(['goodbye'])
    expect(two.members).toEqual([1, 2])
    expect(two.configurations.at(-2)).toMatchObject({
      kind: 'transitional',
      left: [{ nodeId: 3, reason: 'left' }],
    })
  })

  test('a process that has left sends nothing, sets no timer and takes no frame', () => {
    const rings = Rings.formed(1, 2)
    const two = rings.nodes[1]!
    two.ring.leave()
    rings.run(60)
    const { framesSent } = two
    expect([...two.timers.keys()]).toEqual([])
    two.ring.onRefused('10.0.0.1', rings.clock.nowMs)
    two.ring.onTimer('join', rings.clock.nowMs)
    rings.run(5000)
    expect(two.framesSent).toBe(framesSent)
    expect(two.configurations.at(-1)!.members).toHaveLength(2)
  })

  test('while a ring is being formed does not wait', () => {
    const rings = new Rings()
    const node = rings.add(1).start()
    node.ring.leave()
    expect(node.hasLeft).toBe(true)
    rings.run(1000)
    expect(node.configurations).toEqual([])
  })

  test('when nobody takes the token on, it is gone after a token timeout all the same', () => {
    const rings = Rings.formed(1, 2)
    rings.loses = () => true
    const two = rings.nodes[1]!
    two.say('nobody hears this', 'safe')
    two.ring.leave()
    rings.run(two.options.tokenTimeoutMs + 1)
    expect(two.hasLeft).toBe(true)
  })
})

describe('frames that are not for this ring', () => {
  /** Counters of node 1 that grew while it was given a frame. */
  function reaction(rings: Rings, frame: Uint8Array): Record<string, number> {
    const { ring } = rings.nodes[0]!
    const before = { ...ring.counters }
    ring.onFrame(frame, rings.clock.nowMs)
    const grown = Object.entries(ring.counters).filter(([name, value]) => value !== (before[name] ?? 0))
    return Object.fromEntries(grown.map(([name, value]) => [name, value - (before[name] ?? 0)]))
  }

  const last = (rings: Rings, kind: FrameKind, from: number): Uint8Array => {
    const found = rings.wire.filter((frame) => kindOf(frame) === kind && frame[16] === from).at(-1)
    if (!found) throw new Error('no such frame was sent')
    return found.slice()
  }

  function untouched(rings: Rings): void {
    const before = rings.nodes[0]!.configurations.length
    rings.run(3000)
    expect(rings.nodes[0]!.configurations).toHaveLength(before)
    expect(rings.nodes[0]!.ring.state).toBe('operational')
  }

  test('garbage, truncated and changed frames change counters only', () => {
    const rings = Rings.formed(1, 2)
    expect(reaction(rings, new Uint8Array(0))).toEqual({ 'refused.not-ours': 1 })
    expect(reaction(rings, Uint8Array.of(1, 2, 3))).toEqual({ 'refused.not-ours': 1 })
    const token = last(rings, FrameKind.token, 2)
    expect(reaction(rings, token.subarray(0, token.length - 1))).toEqual({ 'refused.checksum': 1 })
    token[50]! ^= 1
    expect(reaction(rings, token)).toEqual({ 'refused.checksum': 1 })
    untouched(rings)
  })

  test('another version and another cluster are counted apart and said once', () => {
    const rings = Rings.formed(1, 2)
    const versioned = last(rings, FrameKind.token, 2)
    versioned[3]! += 1
    const foreign = last(rings, FrameKind.token, 2)
    foreign[12]! ^= 1
    for (let i = 0; i < 3; i++) {
      expect(reaction(rings, versioned)).toEqual({ 'refused.version': 1 })
      expect(reaction(rings, foreign)).toEqual({ 'refused.cluster': 1 })
    }
    const warnings = rings.nodes[0]!.lines.filter((line) => line.startsWith('warning: '))
    expect(warnings).toHaveLength(2)
    expect(warnings.join()).toMatch(/version.*another cluster than "test"/)
    untouched(rings)
  })

  test('own frames that come back are nothing', () => {
    const rings = Rings.formed(1, 2)
    expect(reaction(rings, last(rings, FrameKind.token, 1))).toEqual({})
  })

  test('an old token, a token of another ring, a token of the wrong member change nothing', () => {
    const rings = Rings.formed(1, 2, 3)
    const old = last(rings, FrameKind.token, 3)
    rings.run(100)
    expect(reaction(rings, old)).toEqual({ tokensDuplicate: 1 })
    const [, two, three] = rings.nodes as [Node, Node, Node]
    const token = decodeToken(old)!
    const other = { ...token, count: token.count + 1000, ringId: { representative: 1, sequence: 1 } }
    expect(reaction(rings, seal(encodeToken(other), FrameKind.token, three))).toEqual({ 'refused.ring': 1 })
    const stolen = { ...token, count: token.count + 1000 }
    expect(reaction(rings, seal(encodeToken(stolen), FrameKind.token, two))).toEqual({ 'refused.sender': 1 })
    untouched(rings)
  })

  test('data of a former life of a member is refused', () => {
    const rings = Rings.formed(1, 2)
    rings.nodes[1]!.say('x')
    rings.run(10)
    const data = last(rings, FrameKind.data, 2)
    const { nodeId, incarnation } = rings.nodes[1]!.options
    const origin = { clusterHash: clusterHash('test'), nodeId, incarnation: incarnation - 1 }
    sealFrame(data, origin, FrameKind.data, 0, 1, checksum)
    expect(reaction(rings, data)).toEqual({ 'refused.sender': 1 })
    untouched(rings)
  })

  test('a data frame that comes twice is delivered once', () => {
    const rings = Rings.formed(1, 2)
    rings.nodes[1]!.say('x')
    rings.run(10)
    expect(reaction(rings, last(rings, FrameKind.data, 2))).toEqual({ framesDuplicate: 1 })
    expect(texts(rings.nodes[0]!)).toEqual(['x'])
  })

  test('a replayed join or presence of a member is refused', () => {
    const rings = Rings.formed(1, 2)
    expect(reaction(rings, last(rings, FrameKind.join, 2))).toEqual({ 'refused.replay': 1 })
    untouched(rings)
  })
})

describe('a refusal', () => {
  test('of an address nobody has is ignored', () => {
    const rings = Rings.formed(1, 2)
    rings.nodes[0]!.ring.onRefused('10.9.9.9', rings.clock.nowMs)
    rings.nodes[0]!.ring.onRefused('10.0.0.1', rings.clock.nowMs)
    expect(rings.nodes[0]!.ring.state).toBe('operational')
  })

  test('of a member that lives costs a ring, not the member', () => {
    const rings = Rings.formed(1, 2, 3)
    rings.nodes[0]!.ring.onRefused('10.0.0.2', rings.clock.nowMs)
    expect(rings.nodes[0]!.ring.state).toBe('gather')
    rings.run(100)
    for (const node of rings.nodes) {
      expect(node.members).toEqual([1, 2, 3])
      expect(node.configurations.flatMap(({ left }) => left)).toEqual([])
    }
  })

  test('of a dead one has the others without it within 50 ms, though the host says no more', () => {
    const rings = Rings.formed(1, 2, 3)
    const [one, , three] = rings.nodes as [Node, Node, Node]
    rings.nodes.splice(1, 1)
    rings.loses = (frame) => frame[16] === 2
    one.ring.onRefused('10.0.0.2', rings.clock.nowMs)
    rings.run(50)
    expect([one.members, three.members]).toEqual([
      [1, 3],
      [1, 3],
    ])
    expect(one.configurations.at(-2)!.left).toMatchObject([{ nodeId: 2, reason: 'failed' }])
  })
})

describe('an idle ring', () => {
  test('sends few frames, and yet something to each successor every 10 ms or so', () => {
    const rings = Rings.formed(1, 2, 3)
    rings.run(200)
    const before = rings.nodes.map(({ framesSent }) => framesSent)
    rings.run(1000)
    rings.nodes.forEach(({ framesSent }, index) => {
      const inOneSecond = framesSent - before[index]!
      expect(inOneSecond).toBeGreaterThanOrEqual(95)
      expect(inOneSecond).toBeLessThanOrEqual(300)
    })
  })
})
