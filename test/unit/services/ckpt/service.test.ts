import { attributes, octets, open, OrderedWorld, TestClient } from './ordered-world.js'

const NEVER = 2n ** 63n - 1n

let world: OrderedWorld
let writer: TestClient
let reader: TestClient

beforeEach(() => {
  world = new OrderedWorld(3)
  writer = new TestClient(1)
  reader = new TestClient(2)
})

function create(handle: number, id: string, data = '', expirationTime = NEVER): unknown {
  const params = { handle, sectionId: octets(id), expirationTime, data: octets(data) }
  return world.call(1, writer, 'sectionCreate', params)
}

/** What a section holds on a node, as the reader there gets it. */
function read(nodeId: number, handle: number, id: string, client = reader): unknown {
  const { result, code } = world.call(nodeId, client, 'checkpointRead', [handle, octets(id), 0, null])
  if (code !== undefined) return code
  if (!Array.isArray(result)) return result
  return new TextDecoder().decode((result as [Uint8Array])[0])
}

describe('writing', () => {
  test('what is written on one node is read on all', () => {
    const handle = open(world, 1, writer, 'a')
    create(handle, 's', 'hello')
    expect(world.call(1, writer, 'checkpointWrite', [handle, octets('s'), 5, octets(' world')]).result).toBe(
      null,
    )
    const clients = world.nodes.map(({ nodeId }) => new TestClient(nodeId))
    const handles = clients.map((client, index) => open(world, index + 1, client, 'a', null))
    const contents = handles.map((own, index) => read(index + 1, own, 's', clients[index]))
    expect(contents).toEqual(['hello world', 'hello world', 'hello world'])
  })

  test('a gap between the end and what is written is zero', () => {
    const handle = open(world, 1, writer, 'a')
    create(handle, 's', 'abcdef')
    world.call(1, writer, 'sectionOverwrite', [handle, octets('s'), octets('x')])
    world.call(1, writer, 'checkpointWrite', [handle, octets('s'), 4, octets('y')])
    expect(read(1, handle, 's', writer)).toBe('x\0\0\0y')
  })

  test('a vector is written as a whole or not at all', () => {
    const handle = open(world, 1, writer, 'a')
    create(handle, 's', 'old')
    const vector = [handle, octets('s'), 0, octets('new'), octets('missing'), 0, octets('x')]
    const { result } = world.call(1, writer, 'checkpointWrite', vector)
    expect(result).toMatchObject({ error: 'ERR_NOT_EXIST', index: 1 })
    expect(read(1, handle, 's', writer)).toBe('old')
  })

  test('to all replicas: answered when all have it; to the active one: when this node has it', () => {
    const all = open(world, 1, writer, 'all')
    const active = open(world, 1, writer, 'active', { creationFlags: 2 })
    create(all, 's')
    create(active, 's')
    const calls = [all, active].map((handle) => {
      return world.ask(1, writer, 'checkpointWrite', [handle, octets('s'), 0, octets('x')])
    })
    world.deliver()
    expect(calls.map(({ answer }) => answer)).toEqual([undefined, { result: null }])
    world.stable()
    expect(calls.map(({ answer }) => answer)).toEqual([{ result: null }, { result: null }])
  })

  test('past checkpointSize: ERR_NO_SPACE, counted over the elements of a vector', () => {
    const handle = open(world, 1, writer, 'a', { checkpointSize: 100 })
    create(handle, 'a', 'x'.repeat(50))
    create(handle, 'b')
    const vector = [handle, octets('b'), 0, octets('y'.repeat(30)), octets('b'), 20, octets('y'.repeat(31))]
    expect(world.call(1, writer, 'checkpointWrite', vector).result).toMatchObject({
      error: 'ERR_NO_SPACE',
      index: 1,
    })
    vector[6] = octets('y'.repeat(30))
    expect(world.call(1, writer, 'checkpointWrite', vector).result).toBe(null)
    expect(create(handle, 'c', 'z')).toMatchObject({ code: 'ERR_NO_SPACE' })
  })

  test('waits while there is no room, and while the gate is shut', () => {
    const handle = open(world, 1, writer, 'a')
    create(handle, 's')
    const node = world.node(1)
    node.hasRoom = false
    const call = world.ask(1, writer, 'checkpointWrite', [handle, octets('s'), 0, octets('1')])
    world.settle()
    expect(call.answer).toBeUndefined()
    node.hasRoom = true
    node.service.onGate('paused')
    node.service.onDrain()
    world.settle()
    expect(call.answer).toBeUndefined()
    node.service.onGate('open')
    world.settle()
    expect(call.answer).toEqual({ result: null })
  })

  test('when the state goes what was not sent is to be tried again, what was sent is unknown', () => {
    const handle = open(world, 1, writer, 'a')
    create(handle, 's')
    const { service } = world.node(1)
    const sent = world.ask(1, writer, 'checkpointWrite', [handle, octets('s'), 0, octets('1')])
    service.onGate('paused')
    const unsent = world.ask(1, writer, 'checkpointWrite', [handle, octets('s'), 0, octets('2')])
    service.onGate('closed')
    service.onDropped()
    expect(unsent.answer).toMatchObject({ code: 'ERR_TRY_AGAIN' })
    expect(sent.answer).toMatchObject({ code: 'ERR_TIMEOUT' })
    const late = world.ask(1, writer, 'checkpointRead', [handle, octets('s'), 0, null])
    expect(late.answer).toMatchObject({ code: 'ERR_TRY_AGAIN' })
  })
})

describe('reading', () => {
  test('waits until this node knows that it is not behind', () => {
    const handle = open(world, 1, writer, 'a')
    create(handle, 's', 'x')
    const node = world.node(1)
    node.isCurrent = false
    const call = world.ask(1, writer, 'checkpointRead', [handle, octets('s'), 0, null])
    expect([call.answer, node.service.isHolding]).toEqual([undefined, true])
    node.isCurrent = true
    node.service.onCurrent()
    expect(call.answer?.result).toHaveLength(1)
  })

  test('an iteration goes through what was there when it began', () => {
    const handle = open(world, 1, writer, 'a')
    for (const id of ['a', 'b', 'c']) create(handle, id)
    const { result } = world.call(1, writer, 'iterationInitialize', { handle, choice: 5 })
    create(handle, 'd')
    world.call(1, writer, 'sectionDelete', { handle, sectionId: octets('a') })
    const { iteration } = result as { readonly iteration: number }
    const page = (count: number): unknown => {
      const next = world.call(1, writer, 'iterationNext', { iteration, count }).result
      return (next as { readonly sectionId: Uint8Array }[]).map(({ sectionId }) =>
        String.fromCharCode(...sectionId),
      )
    }
    expect([page(2), page(2), page(2)]).toEqual([['a', 'b'], ['c'], []])
    expect(world.call(1, writer, 'iterationFinalize', { iteration }).result).toBe(null)
    expect(world.call(1, writer, 'iterationNext', { iteration, count: 1 }).code).toBe('ERR_BAD_HANDLE')
  })

  test('digests of one place in the order are those of that place', () => {
    const handle = open(world, 1, writer, 'a')
    create(handle, 's', 'first')
    const asked = world.ask(2, reader, 'digests', { names: ['a', 'none'] })
    world.deliver()
    const after = world.ask(1, writer, 'sectionOverwrite', [handle, octets('s'), octets('second, longer')])
    world.settle()
    expect(after.answer).toEqual({ result: null })
    const { members } = asked.answer!.result as {
      readonly members: { readonly nodeId: number; readonly checkpoints: unknown[] }[]
    }
    expect(members.map(({ nodeId }) => nodeId)).toEqual([1, 2, 3])
    const first = { name: 'a', numberOfSections: 1, memoryUsed: 5 }
    for (const { checkpoints } of members) {
      expect(checkpoints[0]).toMatchObject(first)
      expect(checkpoints[1]).toEqual({ name: 'none', digest: null, numberOfSections: 0, memoryUsed: 0 })
      expect(checkpoints[0]).toEqual(members[0]!.checkpoints[0])
    }
  })

  test('list goes by pages', () => {
    for (const name of ['b', 'c', 'a']) open(world, 1, writer, name)
    const names = (after: string | null): unknown => {
      const { result } = world.call(3, reader, 'list', { after, count: 2 })
      const { checkpoints, more } = result as {
        readonly checkpoints: { readonly name: string }[]
        readonly more: boolean
      }
      return [checkpoints.map(({ name }) => name), more]
    }
    expect([names(null), names('b')]).toEqual([
      [['a', 'b'], true],
      [['c'], false],
    ])
  })
})

describe('open and close', () => {
  test('the last close starts the retention, opening ends it', () => {
    const handle = open(world, 1, writer, 'a')
    const second = open(world, 2, reader, 'a', null)
    world.call(1, writer, 'checkpointClose', { handle })
    for (const node of world.nodes) node.pass(6000)
    world.settle()
    expect(world.call(2, reader, 'statusGet', { handle: second }).result).toMatchObject({ openers: 1 })
    world.call(2, reader, 'checkpointClose', { handle: second })
    for (const node of world.nodes) node.pass(4999)
    world.settle()
    const third = open(world, 3, reader, 'a', null)
    for (const node of world.nodes) node.pass(60_000)
    world.settle()
    world.call(3, reader, 'checkpointClose', { handle: third })
    for (const node of world.nodes) node.pass(5001)
    world.settle()
    expect(world.call(1, writer, 'checkpointOpen', { name: 'a', flags: 1, attributes: null }).code).toBe(
      'ERR_NOT_EXIST',
    )
  })

  test('without retention it goes with the last close; for ever it stays', () => {
    const gone = open(world, 1, writer, 'gone', { retentionDurationMs: 0 })
    const kept = open(world, 1, writer, 'kept', { retentionDurationMs: null as unknown as number })
    for (const handle of [gone, kept]) world.call(1, writer, 'checkpointClose', { handle })
    for (const node of world.nodes) node.pass(1e9)
    world.settle()
    expect(world.call(2, reader, 'show', { name: 'gone' }).code).toBe('ERR_NOT_EXIST')
    expect(world.call(2, reader, 'show', { name: 'kept' }).result).toMatchObject({ openers: 0 })
  })

  test('who goes closes what it had open: an application, a node', () => {
    open(world, 1, writer, 'a', { retentionDurationMs: 0 })
    open(world, 3, reader, 'b', { retentionDurationMs: 0 })
    world.node(1).service.onClientGone(writer)
    world.settle()
    expect(writer.holds).toBe(0)
    expect(world.call(2, reader, 'show', { name: 'a' }).code).toBe('ERR_NOT_EXIST')
    world.view([1, 2])
    for (const node of world.nodes) node.pass(100)
    world.settle()
    expect(world.call(2, reader, 'show', { name: 'b' }).code).toBe('ERR_NOT_EXIST')
  })

  test('an application that goes while it opens leaves nothing open', () => {
    const params = { name: 'a', flags: 7, attributes: { ...attributes, retentionDurationMs: 0 } }
    world.ask(1, writer, 'checkpointOpen', params)
    world.node(1).service.onClientGone(writer)
    world.settle()
    expect(world.call(2, reader, 'show', { name: 'a' }).code).toBe('ERR_NOT_EXIST')
  })

  test('what was unlinked lives until its last handle closes, and its name is free', () => {
    const old = open(world, 1, writer, 'a')
    create(old, 's', 'old')
    expect(world.call(2, reader, 'checkpointUnlink', { name: 'a' }).result).toBe(null)
    const anew = open(world, 2, reader, 'a', { maxSections: 3, checkpointSize: 300 })
    expect(read(1, old, 's', writer)).toBe('old')
    expect(read(2, anew, 's')).toMatchObject({ error: 'ERR_NOT_EXIST' })
    world.call(1, writer, 'checkpointClose', { handle: old })
    expect(world.nodes.map(({ service }) => service.machine.state.checkpoints.size)).toEqual([1, 1, 1])
  })

  test('who may not hold more gets ERR_NO_RESOURCES', () => {
    const client = new TestClient(9, 0)
    const params = { name: 'a', flags: 7, attributes }
    expect(world.call(1, client, 'checkpointOpen', params).code).toBe('ERR_NO_RESOURCES')
  })
})

describe('time', () => {
  test('a section ends on all nodes together, when its time has come', () => {
    const handle = open(world, 1, writer, 'a')
    const expirationTime = BigInt(world.node(1).wallMs + 3000) * 1_000_000n
    create(handle, 's', 'x', expirationTime)
    for (const node of world.nodes) node.pass(2999)
    world.settle()
    expect(read(1, handle, 's', writer)).toBe('x')
    for (const node of world.nodes) node.pass(1)
    world.settle()
    expect(read(1, handle, 's', writer)).toMatchObject({ error: 'ERR_NOT_EXIST' })
    expect(world.nodes.map(({ service }) => service.machine.state.memoryUsed)).toEqual([0, 0, 0])
  })

  test('a clock that is set moves nothing', () => {
    const handle = open(world, 1, writer, 'a')
    create(handle, 's', 'x', BigInt(world.node(1).wallMs + 3000) * 1_000_000n)
    for (const node of world.nodes) node.wallMs += 1e8
    for (const node of world.nodes) node.pass(2999)
    world.settle()
    expect(read(1, handle, 's', writer)).toBe('x')
  })

  test('when the first member does not end it, the next one does', () => {
    const handle = open(world, 2, writer, 'a')
    world.call(2, writer, 'sectionCreate', {
      handle,
      sectionId: octets('s'),
      expirationTime: BigInt(world.node(2).wallMs + 10) * 1_000_000n,
      data: octets('x'),
    })
    world.view([2, 3])
    world.node(2).pass(10)
    world.settle()
    expect(read(2, handle, 's', writer)).toMatchObject({ error: 'ERR_NOT_EXIST' })
  })

  test('a section that got more time while its end was under way stays', () => {
    const handle = open(world, 1, writer, 'a')
    create(handle, 's', 'x', BigInt(world.node(1).wallMs + 10) * 1_000_000n)
    const params = { handle, sectionId: octets('s'), expirationTime: NEVER }
    const call = world.ask(1, writer, 'expirationTimeSet', params)
    world.node(1).pass(10)
    world.settle()
    expect(call.answer).toEqual({ result: null })
    expect(read(1, handle, 's', writer)).toBe('x')
  })
})

describe('following changes', () => {
  test('changes of one turn come together, from all nodes', () => {
    const handle = open(world, 1, writer, 'a')
    const own = open(world, 2, reader, 'a', null)
    world.call(2, reader, 'track', { handle: own, subscription: 4 })
    create(handle, 's', 'abc')
    expect(reader.events).toEqual([
      { subscription: 4, body: { name: 'a', changes: [['created', octets('s'), 0, 3]] } },
    ])
    world.call(2, reader, 'trackStop', { handle: own })
    world.call(1, writer, 'sectionDelete', { handle, sectionId: octets('s') })
    expect(reader.events).toHaveLength(1)
    expect(world.call(2, reader, 'trackStop', { handle: own }).code).toBe('ERR_NOT_EXIST')
  })
})

describe('the active replica', () => {
  test('collocated and asynchronous: nothing goes before it is chosen, and when its node is gone', () => {
    const handle = open(world, 1, writer, 'a', { creationFlags: 2 | 8 })
    expect(create(handle, 's')).toMatchObject({ code: 'ERR_NOT_EXIST' })
    const own = open(world, 3, reader, 'a', null)
    expect(world.call(3, reader, 'activeReplicaSet', { handle: own }).result).toBe(null)
    expect(create(handle, 's')).toEqual({ result: octets('s') })
    expect(world.call(1, writer, 'statusGet', { handle }).result).toMatchObject({ activeReplica: 3 })
    world.view([1, 2])
    for (const node of world.nodes) node.pass(100)
    world.settle()
    expect(world.call(1, writer, 'statusGet', { handle }).code).toBe('ERR_NOT_EXIST')
  })
})
