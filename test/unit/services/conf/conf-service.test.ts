import fc from 'fast-check'
import { limits, LOCAL_NODE_ID } from '../../../../src/base/index.js'
import { client, configurationOf, World, type TestNode } from './world.js'

function three(): { readonly world: World; readonly nodes: readonly [TestNode, TestNode, TestNode] } {
  const world = new World()
  const nodes = [world.node(1), world.node(2), world.node(3)] as const
  world.view(...nodes)
  return { world, nodes }
}

/** The answer of a node whose files are as they were found. */
function answerOf(nodeId: number, groupsText: string | null): unknown {
  const { version, network, groups } = configurationOf(nodeId)
  return {
    nodeId,
    version,
    network: { ...network, digest: 'aa' },
    groups: { ...groups, digest: null },
    groupsText,
  }
}

test('a member says what it runs with, and of its files what they are now', () => {
  const { world, nodes } = three()
  const outcomes = nodes[0].get(2)
  expect(outcomes).toEqual([])
  world.settle()
  expect(outcomes).toEqual([{ result: answerOf(2, null) }])
  const withGroups = nodes[0].get(2, true)
  world.settle()
  expect(withGroups).toEqual([{ result: answerOf(2, 'groups of 2') }])
  expect(nodes[0].service.quiet).toBe(true)
  expect(nodes[0].alarms.size).toBe(0)
})

test('of this node it is said without a message, and before there is a view', () => {
  const world = new World()
  const node = world.node(7)
  expect(node.get(LOCAL_NODE_ID, true)).toEqual([{ result: answerOf(7, 'groups of 7') }])
  expect(node.get(7)).toEqual([{ result: answerOf(7, null) }])
  expect(world.sent).toEqual([])
})

test.each([
  ['nodeId', { nodeId: 0 }],
  ['nodeId', { nodeId: 1.5 }],
  ['nodeId', { nodeId: '2' }],
  ['nodeId', { nodeId: LOCAL_NODE_ID + 1 }],
  ['nodeId', {}],
  ['groups', { nodeId: 2, groups: 1 }],
  ['a map', null],
  ['a map', [2]],
  ['a map', 'node2'],
])('%s as in %j is refused', (what, params) => {
  const { nodes } = three()
  const [outcome] = nodes[0].call(client(1), 'configurationGet', params)
  expect(outcome).toMatchObject({ code: 'ERR_INVALID_PARAM' })
  expect(outcome!.text).toContain(what)
})

test('unknown methods and members are named', () => {
  const { nodes } = three()
  expect(nodes[0].call(client(1), 'get', {})).toEqual([
    { code: 'ERR_NOT_SUPPORTED', text: 'conf has no method "get"; it has configurationGet' },
  ])
  expect(nodes[0].get(4)).toEqual([{ code: 'ERR_NOT_EXIST', text: 'node 4 is no member of the cluster' }])
  expect(new World().node(1).get(2)).toMatchObject([{ code: 'ERR_TRY_AGAIN' }])
})

test('a member that leaves is not waited for, one that was started again is to be asked again', () => {
  const { world, nodes } = three()
  const gone = nodes[0].get(2)
  const again = nodes[0].get(3)
  world.sent.splice(0)
  const reborn = world.node(3, 2)
  world.view(nodes[0], reborn)
  expect(gone).toMatchObject([{ code: 'ERR_NOT_EXIST' }])
  expect(gone[0]!.text).toContain('has left the cluster')
  expect(again).toMatchObject([{ code: 'ERR_TRY_AGAIN' }])
  world.settle()
  expect(gone.length + again.length).toBe(2)
})

test('a question that got lost with a view is asked again in the next', () => {
  const { world, nodes } = three()
  const outcomes = nodes[0].get(2)
  world.sent.splice(0)
  world.view(...nodes)
  world.settle()
  expect(outcomes).toEqual([{ result: answerOf(2, null) }])
})

test('an answer that got lost with a view is given again', () => {
  const { world, nodes } = three()
  const outcomes = nodes[0].get(2, true)
  world.deliver()
  expect(world.sent).toHaveLength(1)
  // It is delivered on the side of node 2 alone.
  world.members = [nodes[1]]
  world.settle()
  world.view(...nodes)
  world.settle()
  expect(outcomes).toEqual([{ result: answerOf(2, 'groups of 2') }])
})

test('a member that does not know the question is given up after a time', () => {
  const { world, nodes } = three()
  const outcomes = nodes[0].get(2)
  world.sent.splice(0)
  nodes[0].ring()
  expect(outcomes).toMatchObject([{ code: 'ERR_TIMEOUT' }])
  expect(outcomes[0]!.text).toContain('within 5 s')
  expect(nodes[0].service.quiet).toBe(true)
})

test('an answer that comes too late, or twice, changes nothing', () => {
  const { world, nodes } = three()
  const outcomes = nodes[0].get(2)
  world.deliver()
  const [answer] = world.sent
  nodes[0].ring()
  world.settle()
  nodes[0].service.onMessage(2, answer!.payload)
  expect(outcomes).toMatchObject([{ code: 'ERR_TIMEOUT' }])
})

test('only the member that was asked is believed', () => {
  const { world, nodes } = three()
  const outcomes = nodes[0].get(2)
  world.deliver()
  nodes[0].service.onMessage(3, world.sent[0]!.payload)
  expect(outcomes).toEqual([])
  world.settle()
  expect(outcomes).toHaveLength(1)
})

test('who is gone is answered no more', () => {
  const { world, nodes } = three()
  const outcomes = nodes[0].call(client(5), 'configurationGet', { nodeId: 2 })
  nodes[0].service.onClientGone(client(6))
  expect(nodes[0].service.quiet).toBe(false)
  const leaving = client(7)
  const others = nodes[0].call(leaving, 'configurationGet', { nodeId: 3 })
  nodes[0].service.onClientGone(leaving)
  world.settle()
  expect(outcomes).toHaveLength(1)
  expect(others).toEqual([])
  expect(nodes[0].alarms.size).toBe(0)
})

test('there is one answer at a time on its way, and no more questions than the limit', () => {
  const { world, nodes } = three()
  const outcomes = Array.from({ length: limits.confQuestions }, () => nodes[0].get(2, true))
  expect(nodes[0].get(3)).toMatchObject([{ code: 'ERR_TRY_AGAIN' }])
  for (let left = limits.confQuestions; left > 0; left--) world.deliver()
  expect(world.sent).toHaveLength(1)
  world.settle()
  expect(outcomes.map((each) => each.length)).toEqual(outcomes.map(() => 1))
  const more = nodes[0].get(3)
  world.settle()
  expect(more).toHaveLength(1)
})

test('without room questions and answers wait for it', () => {
  const { world, nodes } = three()
  nodes[0].hasRoom = false
  const outcomes = nodes[0].get(2)
  expect(world.sent).toEqual([])
  nodes[0].hasRoom = true
  nodes[0].service.onDrain()
  nodes[1].hasRoom = false
  world.settle()
  expect(outcomes).toEqual([])
  nodes[1].hasRoom = true
  nodes[1].service.onDrain()
  world.settle()
  expect(outcomes).toHaveLength(1)
})

test('a member that goes while its files are looked at', () => {
  const { world, nodes } = three()
  nodes[1].digests = null
  const outcomes = nodes[0].get(2)
  world.settle()
  world.view(nodes[0], nodes[2])
  nodes[1].digests = { network: 'bb', groups: 'cc' }
  nodes[1].read()
  world.settle()
  expect(outcomes).toMatchObject([{ code: 'ERR_NOT_EXIST' }])
})

test('what a process asked that is gone is not answered any more', () => {
  const { world, nodes } = three()
  nodes[1].digests = null
  for (let asked = 0; asked < 3; asked++) nodes[0].get(2)
  world.settle()
  world.view(nodes[1], nodes[2])
  nodes[1].digests = { network: 'aa', groups: 'aa' }
  nodes[1].read()
  // The one that was being made when it went.
  expect(world.sent).toHaveLength(1)
  world.deliver()
  expect(world.sent).toEqual([])
})

test('messages that are none, or not readable, are passed over', () => {
  const { world, nodes } = three()
  const outcomes = nodes[0].get(2)
  world.deliver()
  const { payload } = world.sent[0]!
  fc.assert(
    fc.property(fc.nat(payload.length - 1), fc.uint8Array({ maxLength: 40 }), (length, noise) => {
      nodes[0].service.onMessage(3, payload.slice(0, length))
      nodes[0].service.onMessage(3, noise)
      nodes[1].service.onMessage(1, Uint8Array.from([12, 0, ...noise]))
    }),
  )
  world.settle()
  expect(outcomes).toHaveLength(1)
  const strange = nodes[0].get(2)
  world.deliver()
  const text = Buffer.from(world.sent[0]!.payload)
  text.set(Buffer.from('['), text.indexOf('{"version"'))
  nodes[0].service.onMessage(2, text)
  expect(strange).toMatchObject([{ code: 'ERR_NOT_SUPPORTED' }])
})

describe('whatever happens', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), of: fc.nat(2), by: fc.nat(2) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('lose' as const), at: fc.nat(5) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('view' as const),
        of: fc.subarray([0, 1, 2], { minLength: 1 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), at: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('room' as const), at: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('files' as const), at: fc.nat(2) }) },
  )

  test('a call ends exactly once while its executive lives, with the truth about the node asked', () => {
    let ends = 0
    const check = fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => {
      const world = new World()
      const nodes = [world.node(1), world.node(2), world.node(3)]
      const asked: { of: number; by: TestNode; outcomes: ReturnType<TestNode['get']> }[] = []
      let lives = 1
      world.view(...nodes)
      for (const one of steps) {
        if (one.kind === 'ask') {
          const by = nodes[one.by]!
          asked.push({ of: one.of + 1, by, outcomes: by.get(one.of + 1) })
        } else if (one.kind === 'deliver') world.deliver()
        else if (one.kind === 'lose') {
          // Messages are lost with a configuration, and not without one.
          world.sent.splice(one.at)
          world.view(...world.members)
        } else if (one.kind === 'view') world.view(...one.of.map((at) => nodes[at]!))
        else if (one.kind === 'restart') {
          const before = nodes[one.at]!
          nodes[one.at] = world.node(one.at + 1, ++lives)
          for (const [index, { from }] of [...world.sent.entries()].reverse()) {
            if (from === before) world.sent.splice(index, 1)
          }
          world.view(...nodes)
        } else if (one.kind === 'room') {
          const node = nodes[one.at]!
          node.hasRoom = !node.hasRoom
          if (node.hasRoom) node.service.onDrain()
        } else {
          const node = nodes[one.at]!
          node.digests = node.digests === null ? { network: 'aa', groups: 'aa' } : null
          node.read()
        }
      }
      for (const node of nodes) {
        node.hasRoom = true
        node.digests = { network: 'aa', groups: 'aa' }
        node.read()
        node.service.onDrain()
      }
      world.view(...nodes)
      world.settle()
      for (const { of, by, outcomes } of asked) {
        if (!nodes.includes(by)) continue
        expect(outcomes).toHaveLength(1)
        const { result } = outcomes[0] as { result?: { nodeId: number } }
        if (result !== undefined) expect(result.nodeId).toBe(of)
        ends++
      }
      for (const node of nodes) {
        expect(node.service.quiet).toBe(true)
        expect(node.alarms.size).toBe(0)
      }
    })
    fc.assert(check, { numRuns: 500 })
    expect(ends).toBeGreaterThan(500)
  })
})
