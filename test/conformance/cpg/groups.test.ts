import { errorOf, Live } from './live.js'

// The calls of process groups, a test a row; names in brackets are those of libcpg.

let live: Live

beforeAll(async () => (live = await Live.start(3, '127.0.26')), 60_000)
afterAll(() => live.cluster.close())
afterEach(() => live.finalizeAll())

describe('initialize, finalize (cpg_initialize, cpg_finalize, cpg_local_get)', () => {
  test('an application knows its node', async () => {
    expect((await live.initialize(2)).localNodeId).toBe(2)
  })

  test('no executive: ERR_TRY_AGAIN; a version that is not served: ERR_VERSION', async () => {
    const { Cpg } = await import('../../../src/api/index.js')
    expect(await errorOf(Cpg.initialize({ socket: '/nowhere/ais.sock' }))).toBe('ERR_TRY_AGAIN')
    const socket = live.cluster.socketPath(0)
    const version = { releaseCode: 'Z', majorVersion: 1, minorVersion: 1 }
    expect(await errorOf(Cpg.initialize({ socket, version }))).toBe('ERR_VERSION')
  })

  test('the others are told process-down; afterwards every call is ERR_BAD_HANDLE', async () => {
    const name = live.name()
    const stays = await live.member(name, 1)
    const goes = await live.member(name, 2)
    await stays.until('1 2; 2 join')
    await goes.cpg.finalize()
    await stays.until('1; 2 process-down')
    expect(await errorOf(goes.cpg.finalize())).toBe('ERR_BAD_HANDLE')
    expect(await errorOf(goes.cpg.join(name, {}))).toBe('ERR_BAD_HANDLE')
    expect(await errorOf(goes.send('late'))).toBe('ERR_BAD_HANDLE')
    expect(await errorOf(goes.group.leave())).toBe('ERR_BAD_HANDLE')
  })
})

describe('join (cpg_join)', () => {
  test('the configuration comes first, then its own joining, and then the call resolves', async () => {
    const member = await live.member(live.name())
    expect(member.told).toEqual(['nodes 1 2 3', '1; 1 join'])
    expect(member.group.members).toEqual([member.group.self])
    expect(member.group.self).toEqual({ nodeId: 1, pid: process.pid })
  })

  test('all members are told, with all members, and agree on the order', async () => {
    const name = live.name()
    const first = await live.member(name, 3)
    const second = await live.member(name, 1)
    const third = await live.member(name, 2)
    await first.until('1 2 3; 2 join')
    await second.until('1 2 3; 2 join')
    expect(first.told).toEqual(['nodes 1 2 3', '3; 3 join', '1 3; 1 join', '1 2 3; 2 join'])
    expect(second.told).toEqual(['nodes 1 2 3', '1 3; 1 join', '1 2 3; 2 join'])
    expect(third.told).toEqual(['nodes 1 2 3', '1 2 3; 2 join'])
  })

  test('a group that this application is in: ERR_EXIST; another application may', async () => {
    const name = live.name()
    const member = await live.member(name)
    expect(await errorOf(member.cpg.join(name, {}))).toBe('ERR_EXIST')
    const other = await live.member(name)
    expect(other.group.members).toHaveLength(2)
  })

  test('names: over 128 octets ERR_TOO_BIG; none, control characters ERR_INVALID_PARAM', async () => {
    const cpg = await live.initialize()
    await (await cpg.join('é'.repeat(64), {})).leave()
    expect(await errorOf(cpg.join(`${'é'.repeat(64)}x`, {}))).toBe('ERR_TOO_BIG')
    expect(await errorOf(cpg.join('', {}))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(cpg.join('a\nb', {}))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(cpg.join(7 as unknown as string, {}))).toBe('ERR_INVALID_PARAM')
  })
})

describe('leave (cpg_leave)', () => {
  test('the others are told; the one that left is told nothing more, and may join again', async () => {
    const name = live.name()
    const stays = await live.member(name, 1)
    const goes = await live.member(name, 2)
    await goes.group.leave()
    const told = goes.told.length
    await stays.until('1; 2 leave')
    await stays.send('unheard')
    await stays.until('1: unheard')
    expect(goes.told).toHaveLength(told)
    expect(await errorOf(goes.send('late'))).toBe('ERR_BAD_HANDLE')
    expect(await errorOf(goes.group.leave())).toBe('ERR_BAD_HANDLE')
    await goes.join(name)
    expect(goes.told.at(-1)).toBe('1 2; 2 join')
  })

  test('what was sent before it comes before it', async () => {
    const name = live.name()
    const stays = await live.member(name, 1)
    const goes = await live.member(name, 2)
    const sent = Array.from({ length: 50 }, (_, index) => `${index}`)
    for (const text of sent) void goes.send(text)
    await goes.group.leave()
    await stays.until('1; 2 leave')
    expect(stays.messages).toEqual(sent.map((text) => `2: ${text}`))
    expect(stays.told.at(-1)).toBe('1; 2 leave')
    expect(goes.messages).toEqual(stays.messages)
  })
})

describe('multicast (cpg_mcast_joined)', () => {
  test('all members get it, with its sender and guarantee, the sender too, and nobody else', async () => {
    const name = live.name()
    const members = [await live.member(name, 1), await live.member(name, 2)] as const
    const stranger = await live.member(live.name(), 2)
    await members[0].send('agreed')
    await members[1].send('safe', 'safe')
    for (const member of members) {
      await member.until('2: safe (safe)')
      expect(member.messages).toEqual(['1: agreed', '2: safe (safe)'])
    }
    expect(stranger.messages).toEqual([])
  })

  test('three that send at once: one order for all, and for each in the order it sent', async () => {
    const name = live.name()
    const members = await Promise.all([1, 2, 3].map((nodeId) => live.member(name, nodeId)))
    const count = 300
    for (let number = 1; number <= count; number++) {
      for (const member of members) void member.send(`${number}`, number % 7 === 0 ? 'safe' : 'agreed')
      if (number % 10 === 0) await Promise.all(members.map((member) => member.send(`turn ${number}`)))
    }
    for (const member of members)
      await Promise.all([1, 2, 3].map((id) => member.until(`${id}: turn ${count}`)))
    const [first, ...others] = members.map(({ messages }) => messages)
    for (const other of others) expect(other).toEqual(first)
    for (const id of [1, 2, 3]) {
      const own = first!.filter((text) => text.startsWith(`${id}: `) && !text.includes('turn'))
      expect(own.map((text) => Number(/\d+$|\d+(?= \(safe)/.exec(text)![0]))).toEqual(
        Array.from({ length: count }, (_, index) => index + 1),
      )
    }
  })

  test('none, one and 1,000,000 octets come as they were; one more is ERR_TOO_BIG', async () => {
    const name = live.name()
    const sender = await live.member(name, 1)
    const receiver = await live.member(name, 3)
    const large = Buffer.from(
      Uint32Array.from({ length: 250_000 }, (_, index) => index * 2_654_435_761).buffer,
    )
    for (const payload of [Buffer.alloc(0), Buffer.from('x'), large]) void sender.group.multicast(payload)
    expect(await errorOf(sender.group.multicast(Buffer.alloc(1_000_001)))).toBe('ERR_TOO_BIG')
    await receiver.until('1: 1000000 octets')
    expect(receiver.octets.map(({ length }) => length)).toEqual([0, 1, 1_000_000])
    expect(Buffer.compare(receiver.octets[2]!, large)).toBe(0)
  })

  test('octets may be written to again at once', async () => {
    const member = await live.member(live.name())
    const payload = Buffer.from('first')
    void member.group.multicast(payload)
    payload.write('again')
    await member.group.multicast(payload)
    await member.until('1: again')
    expect(member.messages).toEqual(['1: first', '1: again'])
  })

  test('what is no octets, and no guarantee: ERR_INVALID_PARAM', async () => {
    const { group } = await live.member(live.name())
    expect(await errorOf(group.multicast('text' as unknown as Uint8Array))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(group.multicast(Buffer.from('a'), 'fast' as 'agreed'))).toBe('ERR_INVALID_PARAM')
  })
})

describe('flow control (cpg_flow_control_state_get)', () => {
  test('a sender that heeds isFull and drain is never refused, and all comes', async () => {
    const name = live.name()
    const sender = await live.member(name, 1)
    const receiver = await live.member(name, 2)
    const payload = Buffer.alloc(20_000, 7)
    const calls: Promise<void>[] = []
    let times = 0
    while (calls.length < 400) {
      while (!sender.group.isFull && calls.length < 400) calls.push(sender.group.multicast(payload))
      if (sender.group.isFull) times++
      await sender.group.drain()
    }
    await Promise.all(calls)
    await sender.send('end')
    await receiver.until('1: end')
    expect(times).toBeGreaterThan(0)
    expect(receiver.octets).toHaveLength(401)
  })
})

describe('nodes come and go (cpg_confchg_fn_t, cpg_totem_confchg_fn_t)', () => {
  test('killed: node-down; the executive comes back: who was in the group is in it again', async () => {
    const name = live.name()
    const stays = await live.member(name, 1)
    const cut = await live.member(name, 3)
    await stays.until('1 3; 3 join')
    await live.cluster.node(2).kill()
    await cut.until('lost')
    await stays.until('1; 3 node-down')
    expect(stays.told.indexOf('nodes 1 2')).toBe(stays.told.indexOf('1; 3 node-down') - 1)
    expect(await errorOf(cut.send('nowhere'))).toBe('ERR_TRY_AGAIN')
    await stays.send('missed')
    live.cluster.spawn(2)
    await cut.until('restored')
    await live.cluster.formed([0, 1, 2])
    await stays.until('1 3; 3 join')
    await stays.send('heard')
    await cut.until('1: heard')
    expect(cut.messages).toEqual(['1: heard'])
    expect(cut.group.members.map(({ nodeId }) => nodeId)).toEqual([1, 3])
  }, 60_000)

  test('asked to leave: node-down as well', async () => {
    const name = live.name()
    const stays = await live.member(name, 1)
    await live.member(name, 3)
    await stays.until('1 3; 3 join')
    await live.cluster.node(2).stop()
    await stays.until('1; 3 node-down')
    live.cluster.spawn(2)
    await live.cluster.formed([0, 1, 2])
  }, 60_000)
})
