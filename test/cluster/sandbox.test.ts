import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jest } from '@jest/globals'
import { oneLine, SandboxWorld, shortcutsTo, sights, type NodeLine } from './sandbox-world.js'

// `ais cluster` as a user runs it: real daemons on loopback, every order a command of its own.

const ALL = 'node1,node2,node3'

interface NodesLine {
  readonly dir: string
  readonly nodes: readonly NodeLine[]
}

// Each order is a program of its own, and each of those takes a while on a busy machine.
jest.setTimeout(120_000)

let world: SandboxWorld
beforeEach(() => (world = new SandboxWorld()))
afterEach(() => world.close())

test('up answers when every node sees all; down leaves nothing', async () => {
  const run = await world.run('up', '--json')
  expect(run.code).toBe(0)
  const document = oneLine(run) as NodesLine
  expect(document).toEqual({
    dir: world.dir,
    nodes: [1, 2, 3].map((id) => ({
      name: `node${id}`,
      nodeId: id,
      address: `127.0.0.${id}`,
      socket: join(world.dir, `node${id}`, 'ais.sock'),
      pid: expect.any(Number) as number,
    })),
  })
  const status = await world.status()
  expect(sights(status)).toEqual([`node1: ${ALL}`, `node2: ${ALL}`, `node3: ${ALL}`])
  expect(status.nodes.map(({ pid }) => pid)).toEqual(document.nodes.map(({ pid }) => pid))
  expect(status).toMatchObject({ phase: 'up', partition: null })
  const text = await world.run('status')
  expect(text.stdout).toMatch(/^name {3}id {2}address +pid +state {2}sees +quorate\n/)
  expect(text.stdout).toMatch(/^node2 {2}2 {3}127\.0\.0\.2 +\d+ +up +node1,node2,node3 {2}yes\n/m)
  expect(world.processes()).toHaveLength(3)

  expect(await world.json('down')).toEqual({
    dir: world.dir,
    existed: true,
    ended: ['node1', 'node2', 'node3'],
    killed: [],
    directoryKept: false,
  })
  expect(world.processes()).toEqual([])
  expect(existsSync(world.dir)).toBe(false)
  expect(await world.json('down')).toMatchObject({ existed: false, ended: [] })
  const nothing = await world.run('down')
  expect([nothing.code, nothing.stdout]).toEqual([0, `there is no sandbox in ${world.dir}\n`])
})

test('nodes are killed, stopped, started, paused and resumed, and the others see it', async () => {
  await world.json('up')
  expect(await world.json('kill', 'node3')).toEqual({
    dir: world.dir,
    nodes: [
      {
        name: 'node3',
        nodeId: 3,
        address: '127.0.0.3',
        socket: join(world.dir, 'node3', 'ais.sock'),
        pid: null,
        state: 'down',
      },
    ],
  })
  await world.until('without node3', (status) => sights(status)[0] === 'node1: node1,node2')

  const started = await world.json<NodesLine>('start', 'node3')
  expect(started.nodes.map(({ name, state }) => [name, state])).toEqual([['node3', 'up']])
  expect(sights(await world.status())).toEqual([`node1: ${ALL}`, `node2: ${ALL}`, `node3: ${ALL}`])

  await world.json('stop', 'node1', 'node2')
  expect(sights(await world.status())).toEqual(['node1: down', 'node2: down', 'node3: node3'])
  expect(readFileSync(join(world.dir, 'node1', 'log'), 'utf8')).toContain('SIGTERM: leaving the cluster')
  await world.json('start', 'node1', 'node2')
  expect(sights(await world.status())[2]).toBe(`node3: ${ALL}`)

  const paused = await world.json<NodesLine>('pause', 'node2')
  expect(paused.nodes.map(({ name, state }) => [name, state])).toEqual([['node2', 'paused']])
  const without = await world.until('without node2', (status) => sights(status)[0] === 'node1: node1,node3')
  expect(sights(without)[1]).toBe('node2: paused')
  await world.json('resume', 'node2')
  await world.until('with node2', (status) => sights(status).every((sight) => sight.endsWith(ALL)))

  await world.json('pause', 'node1')
  await world.json('kill', 'node1')
  expect((await world.status()).nodes[0]).toMatchObject({ state: 'down', pid: null })
})

test('down ends paused nodes too', async () => {
  await world.json('up', '--nodes', '2')
  await world.json('pause', 'node2')
  expect(await world.json('down')).toMatchObject({ ended: ['node1', 'node2'], directoryKept: false })
  expect(world.processes()).toEqual([])
})

test('what cannot be done is refused, with what can', async () => {
  await world.json('up', '--nodes', '2')
  const refusals: [string[], string][] = [
    [['up'], `a sandbox runs in ${world.dir} already: node1 (pid N), node2 (pid N)`],
    [['start', 'node1'], 'node1 runs already (pid N)'],
    [['resume', 'node1'], 'node1 is not paused'],
    [['kill', 'nod2'], 'the sandbox has no node "nod2"; did you mean "node2"?'],
    [['stop', 'server'], 'the sandbox has no node "server"; it has node1, node2'],
    [['partition', 'node1,node2'], 'this leaves all nodes on one side: node1, node2'],
    [['partition', 'node1', '/', 'node1,node2'], 'node1 cannot be in two places of a partition'],
  ]
  for (const [args, message] of refusals) {
    const run = await world.run(...args)
    expect([run.code, run.stderr.split('\n')[0].replaceAll(/pid \d+/g, 'pid N')]).toEqual([
      1,
      `ais: ${message}`,
    ])
  }
  await world.json('pause', 'node1')
  await world.json('kill', 'node2')
  for (const [args, message, hint] of [
    [['pause', 'node1'], 'node1 is paused already', 'resume node1'],
    [['stop', 'node1'], 'node1 is paused: it cannot leave the cluster', 'resume node1'],
    [['start', 'node1'], 'node1 is paused (pid N)', 'resume node1'],
    [['kill', 'node2'], 'node2 is not running', 'start node2'],
    [['pause', 'node2', 'node1'], 'node1 is paused already', 'resume node1'],
  ] as const) {
    const run = await world.run(...args)
    const [first, second] = run.stderr.split('\n')
    expect([run.code, first.replaceAll(/pid \d+/g, 'pid N')]).toEqual([1, `ais: ${message}`])
    expect(second).toBe(`Try: ais cluster ${hint} --dir ${world.dir}`)
  }
})

test('two sandboxes run side by side, started at the same moment', async () => {
  const other = new SandboxWorld()
  try {
    await Promise.all([world.json('up', '--nodes', '2'), other.json('up')])
    const [here, there] = await Promise.all([world.status(), other.status()])
    expect(sights(here)).toEqual(['node1: node1,node2', 'node2: node1,node2'])
    expect(sights(there)).toEqual([`node1: ${ALL}`, `node2: ${ALL}`, `node3: ${ALL}`])
    expect(here.mcastPort).not.toBe(there.mcastPort)
    await other.json('down')
    expect(sights(await world.status())).toEqual(['node1: node1,node2', 'node2: node1,node2'])
  } finally {
    await other.close()
  }
})

test('of two that are started in one directory at the same moment, one runs and one says so', async () => {
  const runs = await Promise.all([world.run('up', '--nodes', '2'), world.run('up', '--nodes', '2')])
  expect(runs.map(({ code }) => code).sort()).toEqual([0, 1])
  expect(runs.find(({ code }) => code === 1)!.stderr).toContain('already: node1')
  expect(world.processes()).toHaveLength(2)
})

test('a directory too long for sockets is reached by a shorter way, removed in the end', async () => {
  const above = 'a-directory-with-a-name-'.repeat(6)
  const far = new SandboxWorld(join(above, 'sandbox'))
  try {
    const { nodes } = await far.json<NodesLine>('up', '--nodes', '2')
    for (const { socket } of nodes) expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(107)
    expect(shortcutsTo(far.work)).toHaveLength(1)
    await far.json('kill', 'node2')
    await far.json('start', 'node2')
    expect(await far.json('down')).toMatchObject({ ended: ['node1', 'node2'] })
    expect(shortcutsTo(far.work)).toEqual([])
    expect(existsSync(join(far.work, above))).toBe(false)
  } finally {
    await far.close()
  }
})

test('--conf reaches every node, and is checked as the daemon would', async () => {
  const wrong = await world.run('up', '--conf', 'token=500', '--conf', 'qourum=majority')
  expect(wrong.code).toBe(3)
  expect(wrong.stderr).toContain(
    '--conf:2:1: error key-unknown: unknown key "qourum", did you mean "quorum"?',
  )
  const own = await world.run('up', '--conf', 'socket=/tmp/mine')
  expect([own.code, own.stderr]).toEqual([
    2,
    'ais: --conf cannot set socket: the sandbox sets it for each node\n',
  ])
  expect(existsSync(world.dir)).toBe(false)

  await world.json('up', '--conf', 'quorum=majority', '--conf', 'token=500')
  const text = readFileSync(join(world.dir, 'node2', 'network.conf'), 'utf8')
  expect(text).toContain('quorum: majority\ntoken: 500\n')
  expect(text).toContain('expected-votes: 3\n')
  await world.json('kill', 'node1', 'node2')
  const status = await world.until('alone', (found) => sights(found)[2] === 'node3: node3')
  expect(status.nodes[2].quorate).toBe(false)
})

test('eight nodes come up', async () => {
  const { nodes } = await world.json<NodesLine>('up', '--nodes', '8')
  expect(nodes.map(({ address }) => address)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((id) => `127.0.0.${id}`))
  const { nodes: seen } = await world.status()
  expect(new Set(seen.map(({ members }) => members?.length))).toEqual(new Set([8]))
})
