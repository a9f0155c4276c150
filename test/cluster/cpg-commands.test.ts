import { jest } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root, runAis, type Run } from '../cli/run-ais.js'
import { oneLine, SandboxWorld } from './sandbox-world.js'

// `ais cpg` on a cluster of three, as programs.

jest.setTimeout(180_000)

interface Told {
  readonly type: string
  readonly members?: readonly { readonly nodeId: number }[]
  readonly joined?: readonly { readonly nodeId: number; readonly reason: string }[]
  readonly left?: readonly { readonly nodeId: number; readonly reason: string }[]
  readonly text?: string
  readonly base64?: string
  readonly octets?: number
  readonly guarantee?: string
  readonly from?: { readonly nodeId: number }
}

/** `ais cpg watch --json`, whose lines can be awaited. */
class Watcher {
  readonly told: Told[] = []
  readonly #child: ChildProcess
  #onLine: () => void = () => undefined

  constructor(node: string, group: string, dir: string) {
    const args = [`${root}/bin/run.js`, 'cpg', 'watch', group, '--json', '--node', node, '--dir', dir]
    const env = { ...process.env, NODE_OPTIONS: '' }
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env })
    watching.push(this)
    createInterface(this.#child.stdout!).on('line', (line) => {
      this.told.push(JSON.parse(line) as Told)
      this.#onLine()
    })
  }

  until(fits: (told: readonly Told[]) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => reject(new Error(`only ${JSON.stringify(this.told)}`)), 30_000)
      this.#onLine = () => {
        if (!fits(this.told)) return
        clearTimeout(timeout)
        resolve()
      }
      this.#onLine()
    })
  }

  messages(): (string | undefined)[] {
    return this.told.filter(({ type }) => type === 'message').map(({ text }) => text)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** @returns the exit code */
  end(): Promise<number | null> {
    return new Promise((resolve) => {
      this.#child.once('exit', resolve)
      this.#child.kill('SIGINT')
    })
  }
}

const world = new SandboxWorld()
const watching: Watcher[] = []
const ais = (node: string, ...args: string[]): Promise<Run> =>
  runAis(['cpg', ...args, '--node', node, '--dir', world.dir])

beforeAll(async () => {
  await world.json('up')
})

afterAll(async () => {
  for (const watcher of watching) watcher.kill()
  await world.close()
})

test('what is sent on one node is seen on the others, in one order, with who comes and goes', async () => {
  const watchers = ['node1', 'node2'].map((node) => new Watcher(node, 'g', world.dir))
  const areIn = (told: readonly Told[]): boolean => told.some(({ members }) => members?.length === 2)
  await Promise.all(watchers.map((watcher) => watcher.until(areIn)))
  const sent = await ais('node3', 'send', 'g', 'one', 'two', '--json')
  expect([sent.code, oneLine(sent)]).toMatchObject([0, { group: 'g', messages: 2, octets: 6 }])
  expect((oneLine(sent) as { members: { nodeId: number }[] }).members.map(({ nodeId }) => nodeId)).toEqual([
    1, 2,
  ])
  const piped = await runAis(
    ['cpg', 'send', 'g', '--file', '-', '--guarantee', 'safe', '--node', 'node1', '--dir', world.dir],
    { input: 'three\nfour\n' },
  )
  expect([piped.code, piped.stdout, piped.stderr]).toEqual([
    0,
    '2 messages, 9 octets, to 2 other members of g\n',
    '',
  ])
  const file = join(world.work, 'octets')
  writeFileSync(file, Uint8Array.of(0xff, 0, 1))
  expect((await ais('node2', 'send', 'g', '--file', file)).code).toBe(0)
  for (const watcher of watchers) {
    await watcher.until(() => watcher.messages().length === 5)
    expect(watcher.messages()).toEqual(['one', 'two', 'three', 'four', undefined])
    const [first] = watcher.told
    expect(first).toMatchObject({ type: 'configuration', members: [1, 2, 3] })
    const messages = watcher.told.filter(({ type }) => type === 'message')
    expect(messages.map(({ guarantee, from }) => [guarantee, from?.nodeId])).toEqual([
      ['agreed', 3],
      ['agreed', 3],
      ['safe', 1],
      ['safe', 1],
      ['agreed', 2],
    ])
    expect(messages[4]).toMatchObject({ octets: 3, base64: '/wAB' })
    const left = watcher.told.flatMap((told) => told.left ?? [])
    expect(left.map(({ nodeId, reason }) => [nodeId, reason])).toEqual([
      [3, 'leave'],
      [1, 'leave'],
      [2, 'leave'],
    ])
  }
  expect(await Promise.all(watchers.map((watcher) => watcher.end()))).toEqual([0, 0])
})

test('who is beyond a cut, gone, or on a node that is killed is told as such', async () => {
  const watcher = new Watcher('node1', 'h', world.dir)
  const other = new Watcher('node3', 'h', world.dir)
  await watcher.until((told) => told.some(({ members }) => members?.length === 2))
  const reasons = (): string[] => {
    const changes = watcher.told.flatMap(({ joined = [], left = [] }) => [...joined, ...left])
    return changes.map(({ nodeId, reason }) => `${nodeId} ${reason}`)
  }
  await world.json('partition', 'node3')
  await watcher.until(() => reasons().includes('3 node-down'))
  await world.json('heal')
  await watcher.until(() => reasons().includes('3 node-up'))
  await other.end()
  await watcher.until(() => reasons().includes('3 process-down'))
  await world.json('kill', 'node2')
  await watcher.until((told) => told.at(-1)?.type === 'configuration' && told.at(-1)?.members?.length === 2)
  expect(await watcher.end()).toBe(0)
  await world.json('start', 'node2')
})

test('bench checks what it counts, and says it on one line', async () => {
  const run = await ais('node1', 'bench', '--size', '64,3000', '--duration', '0.3', '--json')
  expect(run.code).toBe(0)
  const { nodes, members, rows } = oneLine(run) as {
    nodes: number
    members: number
    rows: Record<string, unknown>[]
  }
  expect([nodes, members]).toEqual([3, 1])
  expect(rows.map(({ mode, senders, size, guarantee }) => [mode, senders, size, guarantee])).toEqual([
    ['throughput', 1, 64, 'agreed'],
    ['throughput', 1, 3000, 'agreed'],
    ['throughput', 3, 64, 'agreed'],
    ['throughput', 3, 3000, 'agreed'],
    ['latency', 1, 64, 'agreed'],
    ['latency', 1, 3000, 'agreed'],
  ])
  for (const { mode, messagesPerSecond, p50Us } of rows) {
    expect(mode === 'latency' ? p50Us : messagesPerSecond).toBeGreaterThan(0)
    expect(mode === 'latency' ? messagesPerSecond : p50Us).toBeNull()
  }
})

test('bench with several members on a node has all of them send', async () => {
  const args = ['--members', '3', '--mode', 'throughput', '--senders', 'all', '--size', '500']
  const run = await ais('node1', 'bench', ...args, '--duration', '0.3', '--json')
  expect(run.code).toBe(0)
  const { nodes, members, rows } = oneLine(run) as {
    nodes: number
    members: number
    rows: { senders: number; slowestSender: number }[]
  }
  expect([nodes, members, rows.map(({ senders }) => senders)]).toEqual([3, 3, [9]])
  expect(rows[0]!.slowestSender).toBeGreaterThan(0)
})

test.each([
  [['send', 'g'], 2, 'give the messages, or --file'],
  [['send', 'g', 'x', '--file', 'y'], 2, 'give the messages, or --file'],
  [['send', 'g', '--file', '/nowhere/at/all'], 1, '/nowhere/at/all cannot be read'],
  [['send', 'g'.repeat(129), 'x'], 1, 'at most 128'],
  [['watch', ''], 1, 'the name of a group is text'],
  [['bench', '--size', '15'], 2, '--size 15 is not from 16 to 1000000'],
  [['bench', '--size', '1000001'], 2, '--size 1000001 is not from 16 to 1000000'],
])('ais cpg %j is refused', async (args, code, message) => {
  const run = await ais('node1', ...args)
  expect([run.code, run.stdout]).toEqual([code, ''])
  expect(run.stderr).toContain(message)
})

test('bench on a cluster of its own leaves nothing behind', async () => {
  const run = await runAis([
    'cpg',
    'bench',
    '--sandbox',
    '2',
    '--mode',
    'latency',
    '--size',
    '16',
    '--duration',
    '0.2',
  ])
  expect(run.code).toBe(0)
  expect(run.stdout).toContain('2 nodes, 1 member on each')
})
