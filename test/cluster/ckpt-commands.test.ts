import { jest } from '@jest/globals'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAis, runProgram, root, type Run } from '../cli/run-ais.js'
import { ClientProgram } from '../helpers/cluster/client-program.mjs'
import { oneLine, SandboxWorld } from './sandbox-world.js'

// Every command of `ais ckpt`, as a program, on a cluster of three.

jest.setTimeout(120_000)

let world: SandboxWorld
let files: string
const programs: ClientProgram[] = []

beforeAll(async () => {
  world = new SandboxWorld()
  files = mkdtempSync(join(tmpdir(), 'ais-ckpt-files-'))
  await world.json('up')
})

afterEach(async () => {
  for (const program of programs.splice(0)) if (program.exit === undefined) await program.end('SIGKILL')
})

afterAll(async () => {
  rmSync(files, { recursive: true, force: true })
  await world.close()
})

/** `ais ckpt LINE` on a node, whatever comes of it. */
function run(node: number, args: readonly string[], input?: string): Promise<Run> {
  const options = input === undefined ? {} : { input }
  return runAis(['ckpt', ...args, '--node', `node${node}`, '--dir', world.dir], options)
}

/** The same, which is to succeed. @returns its stdout */
async function ckpt(node: number, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(node, args)
  expect([args.join(' '), code, code === 0 ? '' : stderr]).toEqual([args.join(' '), 0, ''])
  return stdout
}

/** The same with --json. */
async function json<T>(node: number, ...args: string[]): Promise<T> {
  const answer = await run(node, [...args, '--json'])
  expect([args.join(' '), answer.code, answer.code === 0 ? '' : answer.stdout]).toEqual([
    args.join(' '),
    0,
    '',
  ])
  return oneLine(answer) as T
}

function program(node: number, ...args: string[]): ClientProgram {
  const started = new ClientProgram(['ckpt', ...args, '--node', `node${node}`, '--dir', world.dir])
  programs.push(started)
  return started
}

interface Listed {
  readonly checkpoints: readonly { readonly name: string; readonly digest: string }[]
}

/** What each node has: all are to have the same. */
async function listedEverywhere(): Promise<Listed['checkpoints']> {
  const lists = await Promise.all([1, 2, 3].map((node) => json<Listed>(node, 'list')))
  expect(lists[1]).toEqual(lists[0])
  expect(lists[2]).toEqual(lists[0])
  return lists[0]!.checkpoints
}

/** Checkpoints of `ais ckpt test`, `stress` and `bench`. */
async function leftByPrograms(): Promise<string[]> {
  const { checkpoints } = await json<Listed>(3, 'list')
  return checkpoints.map(({ name }) => name).filter((name) => name.startsWith('ais-'))
}

test('what is written on one node is read on the others', async () => {
  expect(await ckpt(1, 'list')).toBe('there are no checkpoints\n')
  expect(await ckpt(1, 'create', 'orders')).toBe('orders is there: 64 sections of 1 MiB, retention forever\n')
  await ckpt(1, 'write', 'orders', '4711', '--create', '--data', '2 apples')
  for (const node of [1, 2, 3]) expect(await ckpt(node, 'read', 'orders', '4711')).toBe('2 apples')
  const written = await json(2, 'write', 'orders', '4711', '--offset', '2', '--data', 'pears')
  expect(written).toEqual({ name: 'orders', section: '4711', sectionHex: '34373131', offset: 2, size: 5 })
  expect(await ckpt(3, 'read', 'orders', '4711')).toBe('2 pearss')
  expect(await ckpt(3, 'read', 'orders', '4711', '--offset', '2', '--length', '4')).toBe('pear')
  expect(await json(3, 'read', 'orders', '4711', '--offset', '2')).toEqual({
    name: 'orders',
    section: '4711',
    sectionHex: '34373131',
    offset: 2,
    size: 6,
    data: Buffer.from('pearss').toString('base64'),
  })
  await ckpt(1, 'write', 'orders', '4711', '--overwrite', '--data', 'one')
  expect(await ckpt(2, 'read', 'orders', '4711')).toBe('one')
})

test('list and show tell what there is, the same on all nodes', async () => {
  const [orders] = await listedEverywhere()
  expect(orders).toEqual({
    name: 'orders',
    creationFlags: 1,
    checkpointSize: 64 * 1024 * 1024,
    retentionDurationMs: null,
    maxSections: 64,
    maxSectionSize: 1024 * 1024,
    maxSectionIdSize: 255,
    numberOfSections: 1,
    memoryUsed: 3,
    openers: 0,
    digest: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
  })
  const [head, row] = (await ckpt(2, 'list')).split('\n')
  expect(head).toMatch(/^name +guarantee +sections +used +size +open +retention +digest$/)
  expect(row).toMatch(/^orders +all +1\/64 +3 B +64 MiB +0 +forever +[0-9a-f]{12}$/)
  expect(await json(3, 'show', 'orders', '--sections')).toEqual({
    ...orders,
    activeReplica: null,
    replicas: [1, 2, 3],
    unlinked: false,
    sections: [
      {
        section: '4711',
        sectionHex: '34373131',
        sectionSize: 3,
        sectionState: 1,
        expirationTime: null,
        lastUpdate: expect.stringMatching(/^\d{19}$/) as string,
      },
    ],
  })
  const shown = await ckpt(1, 'show', 'orders', '--sections')
  expect(shown).toMatch(/^retention +forever$/m)
  expect(shown).toMatch(/^4711 +3 B +never +20\d\d-.*Z$/m)
})

test('create takes the attributes it is given; a name that is taken is exit 1', async () => {
  const flags = ['--max-sections', '2', '--max-section-size', '64KiB', '--max-section-id-size', '8']
  await ckpt(1, 'create', 'small', ...flags, '--retention', '10m', '--guarantee', 'active')
  expect(await json(2, 'show', 'small')).toMatchObject({
    creationFlags: 2,
    checkpointSize: 131_072,
    retentionDurationMs: 600_000,
    maxSections: 2,
    maxSectionSize: 65_536,
    maxSectionIdSize: 8,
  })
  const again = await run(3, ['create', 'small'])
  expect(again).toMatchObject({ code: 1, stdout: '', stderr: 'ais: there is a checkpoint small already\n' })
  const tooLong = await run(3, ['write', 'small', 'ninechars', '--create', '--data', 'x', '--json'])
  expect([tooLong.code, oneLine(tooLong)]).toMatchObject([1, { error: { code: 'ERR_INVALID_PARAM' } }])
  await ckpt(3, 'unlink', 'small')
})

test('write --create makes the checkpoint too; without it what is missing is told', async () => {
  const none = await run(1, ['write', 'new', 'a', '--data', 'x'])
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('ais: ERR_NOT_EXIST: ')])
  await ckpt(1, 'write', 'new', 'a', '--create', '--offset', '4', '--data', 'x')
  expect((await run(2, ['read', 'new', 'a'])).stdout).toBe('\0\0\0\0x')
  const missing = await run(1, ['write', 'new', 'b', '--data', 'x'])
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('ais: ERR_NOT_EXIST: ')])
  expect((await run(1, ['read', 'new', 'b'])).code).toBe(1)
  expect((await run(1, ['read', 'none', 'b'])).code).toBe(1)
  await ckpt(1, 'write', 'new', '00ff', '--hex', '--create', '--data', 'binary id')
  expect(await ckpt(3, 'read', 'new', '0x00ff', '--hex')).toBe('binary id')
  await ckpt(2, 'unlink', 'new')
})

test('a section of several pieces goes in from stdin and files, and comes out as it was', async () => {
  const file = join(files, 'large.bin')
  const octets = Buffer.alloc(1_500_000)
  for (let index = 0; index < octets.length; index++) octets[index] = (index * 7 + (index >> 11)) % 251
  writeFileSync(file, octets)
  await ckpt(1, 'create', 'large', '--max-sections', '2', '--max-section-size', '2MB')
  const size = (await json<{ size: number }>(1, 'write', 'large', 'f', '--create', '--file', file)).size
  expect(size).toBe(octets.length)
  const at = `--node node2 --dir ${world.dir}`
  const reading = `node ${root}bin/run.js ckpt read large f ${at}`
  expect(await runProgram('sh', ['-c', `${reading} | cmp - ${file}`])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: '',
  })
  const first = `set -o pipefail; ${reading} | head -c 1000 | cmp -n 1000 - ${file}`
  expect(await runProgram('bash', ['-c', first])).toMatchObject({ code: 0, stdout: '', stderr: '' })
  const pipe = `cat ${file} | node ${root}bin/run.js ckpt write large s --create ${at}`
  expect((await runProgram('sh', ['-c', pipe])).code).toBe(0)
  const answer = await json<{ data: string }>(3, 'read', 'large', 's')
  expect(Buffer.from(answer.data, 'base64').equals(octets)).toBe(true)
  expect((await run(3, ['write', 'large', 's', '--offset', '1000000', '--file', file])).code).toBe(1)
  await ckpt(3, 'unlink', 'large')
})

test('a checkpoint of one section has the default section', async () => {
  await ckpt(1, 'create', 'single', '--max-sections', '1', '--max-section-size', '100')
  await ckpt(1, 'write', 'single', '--data', 'by default')
  expect(await ckpt(2, 'read', 'single')).toBe('by default')
  expect(await ckpt(2, 'show', 'single', '--sections')).toMatch(/^\(default\) +10 B/m)
  const refused = await run(1, ['delete', 'single'])
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('ERR_INVALID_PARAM')])
  await ckpt(2, 'unlink', 'single')
})

test('delete removes a section, unlink the checkpoint', async () => {
  await ckpt(1, 'write', 'going', 'a', '--create', '--data', 'x')
  expect(await ckpt(2, 'delete', 'going', 'a')).toBe('a of going is deleted\n')
  expect((await run(3, ['delete', 'going', 'a', '--json'])).code).toBe(1)
  expect(await json(3, 'unlink', 'going')).toEqual({ name: 'going' })
  const again = await run(1, ['unlink', 'going', '--json'])
  expect([again.code, oneLine(again)]).toMatchObject([1, { error: { code: 'ERR_NOT_EXIST', exitCode: 1 } }])
  expect((await listedEverywhere()).map(({ name }) => name)).toEqual(['orders'])
})

test('watch tells what others change, and ends with 0', async () => {
  await ckpt(1, 'write', 'watched', 'a', '--create', '--data', 'x')
  const text = program(2, 'watch', 'watched')
  const lines = program(3, 'watch', 'watched', '--json')
  await Promise.all([text, lines].map((watch) => watch.errorLine(/^ais: watching watched$/)))
  await ckpt(1, 'write', 'watched', 'a', '--offset', '1', '--data', 'yz')
  await ckpt(1, 'write', 'watched', 'b', '--create', '--data', 'new')
  await ckpt(1, 'delete', 'watched', 'a')
  await ckpt(1, 'unlink', 'watched')
  await Promise.all([text.line(/: unlinked$/), lines.line(/"unlinked"/)])
  expect(text.lines.map((line) => line.replace(/^\S+Z watched: /, ''))).toEqual([
    'written a, 2 octets at 1',
    'created b, 3 octets',
    'deleted a',
    'unlinked',
  ])
  const change = { event: 'change', name: 'watched', dataOffset: 0, dataSize: 0 }
  expect(lines.documents).toEqual([
    { ...change, change: 'written', section: 'a', sectionHex: '61', dataOffset: 1, dataSize: 2 },
    { ...change, change: 'created', section: 'b', sectionHex: '62', dataSize: 3 },
    { ...change, change: 'deleted', section: 'a', sectionHex: '61' },
    { ...change, change: 'unlinked', section: null, sectionHex: '' },
  ])
  expect(await text.end('SIGINT')).toEqual({ code: 0, signal: null })
  expect(await lines.end('SIGTERM')).toEqual({ code: 0, signal: null })
  const none = await run(1, ['watch', 'none'])
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('ERR_NOT_EXIST')])
})

test('watch goes on when its executive is back, and says that changes may have been missed', async () => {
  await ckpt(1, 'write', 'watched', 'a', '--create', '--data', 'x')
  const watch = program(2, 'watch', 'watched')
  await watch.errorLine(/^ais: watching watched$/)
  await world.json('kill', 'node2')
  await watch.errorLine(/^ais: the executive is gone, waiting for it to come back/)
  await ckpt(1, 'write', 'watched', 'a', '--data', 'y')
  await world.json('start', 'node2')
  await watch.errorLine(/^ais: the executive is back$/)
  await watch.line(/watched: replaced$/)
  await ckpt(3, 'write', 'watched', 'a', '--data', 'z')
  await watch.line(/watched: written a, 1 octet at 0$/)
  expect(await watch.end('SIGTERM')).toEqual({ code: 0, signal: null })
  await ckpt(3, 'unlink', 'watched')
})

test('the steps of testckpt come out as they should, and leave nothing', async () => {
  const { code, stdout } = await run(2, ['test'])
  expect([code, stdout.match(/^ +FAILED.*$/gm)]).toEqual([0, null])
  expect(stdout).toMatch(
    /^ {2}ok {6}sectionCreate, there already: ERR_EXIST \(14\), should be ERR_EXIST \(14\)$/m,
  )
  expect(stdout).toMatch(/^\d+ steps as they should be, 0 not$/m)
  const document = await json<{ passed: number; failed: number; steps: object[] }>(3, 'test')
  expect([document.failed, document.passed]).toEqual([0, document.steps.length])
  expect(document.steps.length).toBeGreaterThan(100)
  expect(await leftByPrograms()).toEqual([])
})

test.each(['all', 'active', 'weak'])(
  'stress with guarantee %s ends verified and leaves nothing',
  async (guarantee) => {
    const flags = ['--count', '2000', '--writers', '7', '--size', '300', '--depth', '5']
    const result = await json<Record<string, unknown>>(1, 'stress', ...flags, '--guarantee', guarantee)
    expect(Object.keys(result)).toEqual([
      'writes',
      'bytes',
      'seconds',
      'writesPerSecond',
      'errors',
      'verified',
    ])
    expect(result).toMatchObject({ writes: 2000, bytes: 600_000, errors: {}, verified: true })
    expect(await leftByPrograms()).toEqual([])
  },
)

test('stress tells people what it did, and removes its checkpoints when it is interrupted', async () => {
  const text = await ckpt(2, 'stress', '--count', '500', '--size', '1')
  expect(text).toMatch(/^500 writes in [\d.]+ s: [\d,]+ writes\/s, [\d.]+ MB\/s$/m)
  expect(text).toMatch(/^verified: 3 members have the same, and it is what was written$/m)
  const long = program(2, 'stress', '--duration', '600', '--writers', '4')
  await long.errorLine(/^stress: [1-9][\d,]* writes in \d+ s/)
  expect(await leftByPrograms()).toHaveLength(4)
  expect(await long.end('SIGINT')).toEqual({ code: 0, signal: null })
  expect(long.output).toMatch(/^verified: /m)
  expect(await leftByPrograms()).toEqual([])
})

/** Until every node has all of these; nothing tells of it by itself. */
async function conflictsEverywhere(count: number): Promise<Conflict[]> {
  const deadlineMs = performance.now() + 20_000
  for (;;) {
    const answers = await Promise.all([1, 2, 3].map((node) => run(node, ['conflicts', '--json'])))
    const lists = answers.map((answer) => (oneLine(answer) as { conflicts?: Conflict[] }).conflicts)
    if (lists.every((conflicts) => conflicts?.length === count)) return lists[0]!
    if (performance.now() > deadlineMs) throw new Error(`not ${count} conflicts: ${JSON.stringify(lists)}`)
  }
}

interface Conflict {
  readonly id: string
  readonly name: string
  readonly nodes: readonly number[]
  readonly keptNodes: readonly number[]
}

test('what loses when both sides of a split wrote is shown, exported and dismissed', async () => {
  await ckpt(1, 'write', 'torn', 'a', '--create', '--data', 'before')
  await ckpt(1, 'write', 'torn', 'b/../c', '--create', '--data', 'b')
  await world.json('partition', 'node1', '/', 'node2,node3')
  await world.until('apart', ({ nodes }) => nodes.map(({ members }) => members?.length).join() === '1,2,2')
  await ckpt(1, 'write', 'torn', 'a', '--overwrite', '--data', 'alone')
  await ckpt(2, 'write', 'torn', 'a', '--overwrite', '--data', 'together')
  await world.json('heal')
  const [conflict] = await conflictsEverywhere(1)
  for (const node of [1, 2, 3]) expect(await ckpt(node, 'read', 'torn', 'a')).toBe('together')
  expect(conflict).toMatchObject({ name: 'torn', nodes: [1], keptNodes: [2, 3] })
  const { id } = conflict!
  expect(await ckpt(2, 'conflicts')).toMatch(new RegExp(`^${id} +torn +2 +6 B +\\d+ +1 +2, 3 +`, 'm'))
  expect(await json(1, 'conflicts', '--show', id)).toEqual({
    conflict,
    sections: [
      { section: 'a', sectionHex: '61', size: 5 },
      { section: 'b/../c', sectionHex: '622f2e2e2f63', size: 1 },
    ],
  })
  const out = join(files, 'lost')
  const exported = await json<{ sections: { file: string }[] }>(1, 'conflicts', '--export', id, '--out', out)
  expect(exported).toMatchObject({ dir: out, conflict: { id } })
  expect(readdirSync(out).sort()).toEqual(['conflict.json', ...exported.sections.map(({ file }) => file)])
  expect(readFileSync(join(out, 'section-000000-a'), 'utf8')).toBe('alone')
  const again = await run(1, ['conflicts', '--export', id, '--out', out])
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('file already exists')])
  expect(await json(3, 'conflicts', '--dismiss', id)).toEqual({ dismissed: id })
  await conflictsEverywhere(0)
  expect((await run(2, ['conflicts', '--show', id])).code).toBe(1)
  expect((await run(2, ['conflicts', '--dismiss', id])).code).toBe(1)
  await ckpt(2, 'unlink', 'torn')
})

test('stress goes on while a member is killed and comes back, and ends verified', async () => {
  const stress = program(1, 'stress', '--duration', '6', '--writers', '8', '--json')
  await stress.errorLine(/^stress: [1-9][\d,]* writes/)
  await world.json('kill', 'node3')
  await world.json('start', 'node3')
  expect(await stress.exited).toEqual({ code: 0, signal: null })
  expect(stress.documents).toMatchObject([{ verified: true }])
})

test('stress does not take for verified what is not there', async () => {
  const stress = program(1, 'stress', '--duration', '600', '--writers', '4')
  await stress.errorLine(/^stress: [1-9][\d,]* writes/)
  const [first, second] = await leftByPrograms()
  await ckpt(3, 'unlink', first!)
  // Its name is another checkpoint's now.
  await ckpt(3, 'unlink', second!)
  await ckpt(3, 'create', second!)
  expect(await stress.end('SIGINT')).toEqual({ code: 1, signal: null })
  expect(stress.output).toMatch(/^NOT verified:$/m)
  expect(stress.errorLines).toContain(`  ${first}: node1 has none; node2 has none; node3 has none`)
  expect(await leftByPrograms()).toEqual([])
})

test('stress whose sections are deleted says so, exit 1', async () => {
  const stress = program(1, 'stress', '--duration', '60', '--writers', '1', '--json')
  await stress.errorLine(/^stress: [1-9][\d,]* writes/)
  const [name] = await leftByPrograms()
  await ckpt(3, 'delete', name!, 'writer-0')
  expect(await stress.exited).toEqual({ code: 1, signal: null })
  expect(stress.documents).toMatchObject([{ verified: false, errors: { ERR_NOT_EXIST: expect.any(Number) } }])
})

test('stress tells honestly what its own executive did to it', async () => {
  const stress = program(2, 'stress', '--duration', '6', '--writers', '8', '--json')
  await stress.errorLine(/^stress: [1-9][\d,]* writes/)
  await world.json('kill', 'node2')
  await world.json('start', 'node2')
  expect(await stress.exited).toEqual({ code: 0, signal: null })
  const [{ errors, verified }] = stress.documents as [{ errors: Record<string, number>; verified: boolean }]
  expect(errors['ERR_TIMEOUT']).toBeGreaterThan(0)
  expect(Object.keys(errors).sort()).toEqual(['ERR_TIMEOUT', 'ERR_TRY_AGAIN'])
  expect(verified).toBe(true)
})

test('stress whose executive does not come back says what it left', async () => {
  const stress = program(2, 'stress', '--duration', '600', '--writers', '2')
  await stress.errorLine(/^stress: [1-9][\d,]* writes/)
  await world.json('kill', 'node2')
  expect(await stress.end('SIGINT')).toEqual({ code: 1, signal: null })
  expect(stress.output).toMatch(/^NOT verified:$/m)
  const left = await leftByPrograms()
  expect(left).toHaveLength(2)
  expect(stress.errorLines).toContain(
    'stress: 2 of its checkpoints could not be removed: they go by themselves in 5 minutes',
  )
  for (const name of left) await ckpt(3, 'unlink', name)
  await world.json('start', 'node2')
})

test('bench measures every mode, on all nodes of the sandbox', async () => {
  const flags = ['--duration', '0.2', '--size', '64', '--size', '10kB']
  interface Row {
    readonly mode: string
    readonly guarantee: string
    readonly size: number
  }
  const { nodes, rows } = await json<{ nodes: number; rows: Row[] }>(1, 'bench', ...flags)
  expect(nodes).toBe(3)
  const kinds = rows.map(({ mode, guarantee, size }) => `${mode} ${guarantee} ${size}`)
  const writing = ['single', 'pipelined', 'all']
  const expected = ['all', 'active'].flatMap((guarantee) =>
    [...writing, ...(guarantee === 'all' ? ['read'] : [])].flatMap((mode) =>
      [64, 10_000].map((size) => `${mode} ${guarantee} ${size}`),
    ),
  )
  expect(kinds).toEqual(expected)
  for (const row of rows) {
    expect(Object.keys(row).slice(3)).toEqual(['opsPerSecond', 'megabytesPerSecond', 'p50Us', 'p99Us'])
    for (const value of Object.values(row).slice(3)) expect(value).toBeGreaterThan(0)
  }
  const text = await ckpt(
    2,
    'bench',
    '--duration',
    '0.1',
    '--size',
    '64',
    '--mode',
    'all',
    '--guarantee',
    'all',
  )
  expect(text).toMatch(/^3 members; mode all: writers on 3$/m)
  expect(text).toMatch(/^all +all +64 +[\d,]+ +[\d.]+ +[\d,]+ +[\d,]+ +[\d,]+ ops\/s$/m)
  expect(await leftByPrograms()).toEqual([])
  const [one, two] = (await world.status()).nodes.map(({ socket }) => socket)
  const also = ['--socket', one!, '--also', two!, '--size', '64', '--mode', 'all', '--duration', '0.1']
  const { stdout } = await runAis(['ckpt', 'bench', ...also])
  expect(stdout).toMatch(/^3 members; mode all: writers on 2$/m)
})
