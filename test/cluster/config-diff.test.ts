import { jest } from '@jest/globals'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LOCAL_NODE_ID, NodeConfigurations, type AisError } from '../../src/api/index.js'
import { runAis, type Run } from '../cli/run-ais.js'
import { oneLine, SandboxWorld } from './sandbox-world.js'

// `ais config diff` on a cluster of three, as a program.

jest.setTimeout(180_000)

const world = new SandboxWorld()

const groups = (rank: number): string => `group {
name=g
model=2n
unit {
name=a
rank=${rank}
component {
name=ca
}
}
unit {
name=b
component {
name=cb
}
}
protection {
name=p
member=ca
member=cb
}
}
`

beforeAll(async () => {
  await world.json('up')
})

afterAll(() => world.close())

interface Comparison {
  readonly same: boolean
  readonly nodes: readonly { readonly nodeName: string }[]
  readonly differences: readonly {
    readonly file: string
    readonly path: readonly string[]
    readonly key: string | null
    readonly values: readonly { readonly value: unknown; readonly nodes: readonly string[] }[]
  }[]
  readonly changedFiles: readonly { readonly node: string; readonly file: string; readonly state: string }[]
  readonly silent: readonly { readonly nodeName: string; readonly reason: string }[]
}

function diff(node: string, ...args: string[]): Promise<Run> {
  return runAis(['config', 'diff', ...args, '--node', node, '--dir', world.dir])
}

async function json(code: number, node: string, ...args: string[]): Promise<Comparison> {
  const run = await diff(node, ...args, '--json')
  expect([run.code, run.stderr]).toEqual([code, ''])
  return oneLine(run) as Comparison
}

const fileOf = (node: string, name: string): string => join(world.dir, node, name)

/** Differences as 'key: value (nodes) …'. */
function told({ differences }: Comparison): string[] {
  return differences.map(({ path, key, values }) => {
    const had = values.map(({ value, nodes }) => `${String(value)} (${nodes.join()})`)
    return `${[...path, key].join(', ')}: ${had.join(' ')}`
  })
}

async function restart(node: string): Promise<void> {
  await world.json('stop', node)
  await world.json('start', node)
  await world.until('three together', ({ nodes }) => nodes.every(({ members }) => members?.length === 3))
}

async function connected(node: string): Promise<NodeConfigurations> {
  const { nodes } = await world.status()
  return NodeConfigurations.initialize({ socket: nodes.find(({ name }) => name === node)!.socket })
}

test('nodes that run the same do not differ, but in what names and places them', async () => {
  const { code, stdout } = await diff('node2')
  expect([code, stdout]).toEqual([0, '3 nodes run with the same configuration: node1, node2, node3\n'])
  const all = await json(1, 'node1', '--all')
  expect(all.differences.map(({ key }) => key)).toEqual(
    expect.arrayContaining(['bindnetaddr', 'address', 'nodeid', 'nodename', 'statedir', 'socket']),
  )
  expect(all.differences.map(({ key }) => key)).not.toContain('token')
})

test('a file that changed since the start, with what it says now', async () => {
  appendFileSync(fileOf('node2', 'network.conf'), '# only a comment\n')
  expect(await json(0, 'node1')).toMatchObject({
    same: true,
    changedFiles: [{ node: 'node2', file: fileOf('node2', 'network.conf'), state: 'same' }],
  })
  appendFileSync(fileOf('node2', 'network.conf'), 'token: 3000\n')
  writeFileSync(fileOf('node3', 'groups.conf'), 'group {\n')
  const { code, stdout } = await diff('node1')
  expect(code).toBe(1)
  expect(stdout).toMatch(/^node2: \S+network\.conf has changed/m)
  expect(stdout).toMatch(/^ {2}token \(ms\)\n {4}1000 {2}it runs with\n {4}3000 {2}the file now says\n/m)
  expect(stdout).toMatch(/^node3: \S+groups\.conf has changed .* could not start from it/m)
})

test('another token and another groups.conf are named, with who has which', async () => {
  for (const node of ['node1', 'node2']) writeFileSync(fileOf(node, 'groups.conf'), groups(0))
  writeFileSync(fileOf('node3', 'groups.conf'), groups(5))
  for (const node of ['node1', 'node2', 'node3']) await restart(node)
  for (const node of ['node1', 'node3']) {
    const found = await json(1, node)
    expect(told(found)).toEqual([
      'token: 1000 (node1,node3) 3000 (node2)',
      'group g, unit a, rank: 0 (node1,node2) 5 (node3)',
    ])
    expect([found.changedFiles, found.silent]).toEqual([[], []])
  }
  const { code, stdout } = await diff('node1')
  expect(code).toBe(1)
  expect(stdout).toMatch(/^network\.conf:\n {2}token \(ms\)\n {4}1000 {2}node1, node3\n {4}3000 {2}node2$/m)
  expect(stdout).toMatch(/^groups\.conf:\n {2}group g, unit a, rank\n {4}0 {2}node1, node2\n {4}5 {2}node3$/m)
})

test('some nodes alone, by name and id', async () => {
  expect(told(await json(1, 'node1', 'node1', 'node3'))).toEqual([
    'group g, unit a, rank: 0 (node1) 5 (node3)',
  ])
  const one = await json(0, 'node1', '2')
  expect([one.nodes.map(({ nodeName }) => nodeName), one.differences]).toEqual([['node2'], []])
  const unknown = await diff('node1', 'node7')
  expect(unknown.code).toBe(1)
  expect(unknown.stderr).toContain('no member of the cluster is called node7; members: node1, node2, node3')
})

test('a member that goes while it is asked is not waited for, and the others are compared', async () => {
  const asking = await connected('node1')
  try {
    expect(await asking.get(LOCAL_NODE_ID)).toMatchObject({ nodeId: 1 })
    await world.json('pause', 'node3')
    const error = await asking.get(3, { groups: true }).catch((reason: unknown) => reason as AisError)
    expect(error).toMatchObject({ code: 'ERR_NOT_EXIST' })
    const found = await json(1, 'node1')
    expect(told(found)).toEqual(['token: 1000 (node1) 3000 (node2)'])
    await world.json('resume', 'node3')
    await world.until('three together', ({ nodes }) => nodes.every(({ members }) => members?.length === 3))
    expect(await asking.get(3, { groups: true })).toMatchObject({ nodeId: 3 })
  } finally {
    await asking.finalize()
  }
})

test('many calls while a member is killed all end', async () => {
  const asking = await connected('node1')
  try {
    const outcomes = Array.from({ length: 60 }, async (_, at) => {
      if (at === 20) await world.json('kill', 'node3')
      return asking.get(3, { groups: true }).then(
        () => 'told',
        (error: unknown) => (error as AisError).code,
      )
    })
    const ends = new Set(await Promise.all(outcomes))
    expect([...ends].filter((end) => !['told', 'ERR_NOT_EXIST', 'ERR_TRY_AGAIN'].includes(end))).toEqual([])
    expect(ends).toContain('ERR_NOT_EXIST')
  } finally {
    await asking.finalize()
  }
})

test('without an executive the exit code is 4', async () => {
  await world.json('kill', 'node2')
  expect((await diff('node2')).code).toBe(4)
})
