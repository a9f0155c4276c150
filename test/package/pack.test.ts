import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Amf, Ckpt, type AisError } from '../../src/api/index.js'
import { root, runProgram } from '../cli/run-ais.js'
import { ClientProgram } from '../helpers/cluster/client-program.mjs'
import { Cluster, loopbackHosts } from '../helpers/cluster/cluster.mjs'

// What `npm pack` makes installs in an empty folder and runs from there. Packed from a copy, because packing
// builds: the tests beside this one run what stands in dist/.

const leftOut = new Set(['node_modules', '.git', 'dist', 'coverage', 'test', 'oclif.manifest.json'])
const noRegistry =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network (request|connectivity)/

let work: string
let tarball: string

beforeAll(async () => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'ais-pack-')))
  const copy = copyPackage()
  const packed = await runProgram('npm', ['pack', '--json', '--pack-destination', work], { cwd: copy })
  expect([packed.code, packed.code === 0 ? '' : packed.stderr]).toEqual([0, ''])
  expect(existsSync(join(copy, 'oclif.manifest.json'))).toBe(false)
  tarball = join(
    work,
    readdirSync(work).find((name) => name.endsWith('.tgz'))!,
  )
}, 300_000)
afterAll(() => rmSync(work, { recursive: true, force: true }))

function copyPackage(): string {
  const copy = join(work, 'package')
  mkdirSync(copy)
  for (const name of readdirSync(root)) {
    if (!leftOut.has(name) && !name.startsWith('.build-'))
      cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** @returns false, and says so, where there is no registry to install dependencies from */
async function installs(args: readonly string[], cwd: string): Promise<boolean> {
  const installed = await runProgram('npm', ['install', '--no-audit', '--no-fund', ...args], { cwd })
  if (installed.code !== 0 && noRegistry.test(installed.stderr)) {
    process.stderr.write(`installation not tested, the npm registry is unreachable: ${installed.stderr}\n`)
    return false
  }
  expect([installed.code, installed.code === 0 ? '' : installed.stderr]).toEqual([0, ''])
  return true
}

test('the packed package installs globally in an empty folder and runs from there', async () => {
  const { stdout: list } = await runProgram('tar', ['-tzf', tarball])
  const files = list.split('\n')
  for (const name of [
    'bin/run.js',
    'conf/network.conf',
    'oclif.manifest.json',
    'LICENSE',
    'dist/commands/config/validate.js',
    'dist/api/index.d.ts',
    'examples/watch-cluster.ts',
    'examples/write-checkpoint.ts',
    'examples/read-checkpoint.ts',
    'examples/fail-over.ts',
    'templates/app/package.json.template',
    'templates/app/gitignore.template',
    'templates/app/src/main.ts',
  ]) {
    expect(files).toContain(`package/${name}`)
  }
  expect(files.filter((name) => /^package\/(src|test|scripts|node_modules)\//.test(name))).toEqual([])

  const prefix = join(work, 'prefix')
  mkdirSync(prefix)
  if (!(await installs(['--global', '--prefix', prefix, tarball], prefix))) return

  const ais = join(prefix, 'bin', 'ais')
  const options = { cwd: prefix }
  expect((await runProgram(ais, ['--version'], options)).stdout).toMatch(/^ais\/\d+\.\d+\.\d+ /)
  const guide = join(prefix, 'lib', 'node_modules', 'ais', 'conf', 'network.conf')
  const validated = await runProgram(ais, ['config', 'validate', guide, '--json'], options)
  expect([validated.code, validated.stderr]).toEqual([0, ''])
  expect(JSON.parse(validated.stdout)).toMatchObject({ valid: true })
  const mistyped = await runProgram(ais, ['config', 'valdate'], options)
  expect(mistyped.code).toBe(2)
  expect(mistyped.stderr).toContain('did you mean "ais config validate"?')

  const sandbox = ['--dir', join(work, 'sandbox'), '--json']
  const up = await runProgram(ais, ['cluster', 'up', '--nodes', '2', ...sandbox], options)
  const down = await runProgram(ais, ['cluster', 'down', ...sandbox], options)
  expect([up.code, down.code]).toEqual([0, 0])
  expect(JSON.parse(up.stdout)).toMatchObject({ nodes: [{ name: 'node1' }, { name: 'node2' }] })
  expect(JSON.parse(down.stdout)).toMatchObject({ ended: ['node1', 'node2'] })
}, 300_000)

/** A project that has installed the package; undefined where there is no registry. */
let installed: Promise<string | undefined> | undefined

async function install(): Promise<string | undefined> {
  const project = join(work, 'application')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{"name":"application","type":"module","private":true}\n')
  return (await installs([tarball], project)) ? project : undefined
}

/**
 * The examples as an application would have them: compiled strictly against the types of the package.
 * @returns their paths; undefined where nothing can be installed
 */
async function compiled(...names: readonly string[]): Promise<string[] | undefined> {
  const project = await (installed ??= install())
  if (project === undefined) return undefined
  for (const name of names) {
    const example = join(project, 'node_modules', 'ais', 'examples', `${name}.ts`)
    cpSync(example, join(project, `${name}.ts`))
  }
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node']
  const strictly = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
  const options = ['--module', 'nodenext', '--target', 'es2022', ...strictly, ...types]
  const files = names.map((name) => `${name}.ts`)
  const { code, stdout } = await runProgram(process.execPath, [tsc, ...options, ...files], { cwd: project })
  expect([code, stdout]).toEqual([0, ''])
  return names.map((name) => join(project, `${name}.js`))
}

test('an application installs it, compiles against its types, sees a node join and leave', async () => {
  const [program] = (await compiled('watch-cluster')) ?? []
  if (program === undefined) return
  const cluster = await Cluster.create({ hosts: loopbackHosts(2, '127.0.9') })
  const watch = (): ClientProgram => new ClientProgram([cluster.socketPath(0)], {}, program)
  const tooEarly = watch()
  let watcher: ClientProgram | undefined
  try {
    expect(await tooEarly.exited).toEqual({ code: 1, signal: null })
    expect(tooEarly.errorLines.join('\n')).toContain('ERR_TRY_AGAIN: no executive answers at ')
    await cluster.start(0)
    await cluster.formed([0])
    watcher = watch()
    await watcher.line(/^node-1 \(127\.0\.9\.1\) is a member$/)
    await cluster.start(1)
    await watcher.line(/^node-2 \(127\.0\.9\.2\) joined$/)
    await watcher.line(/^now 2: node-1, node-2$/)
    await cluster.node(1).stop()
    await watcher.line(/^node-2 \(127\.0\.9\.2\) is gone: left$/)
    expect(await watcher.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect(watcher.errorLines).toEqual([])
  } finally {
    watcher?.signal('SIGKILL')
    await cluster.close()
  }
}, 300_000)

test('what one node writes another reads, and goes on from when the first was killed', async () => {
  const [writer, reader] = (await compiled('write-checkpoint', 'read-checkpoint')) ?? []
  if (writer === undefined || reader === undefined) return
  const cluster = await Cluster.create({ hosts: loopbackHosts(3, '127.0.19') })
  const programs: ClientProgram[] = []
  const run = (program: string, index: number): ClientProgram => {
    const running = new ClientProgram([cluster.socketPath(index)], {}, program)
    programs.push(running)
    return running
  }
  const countIn = (line?: string): number => Number(/\d+$/.exec(line ?? '')?.[0])
  try {
    await cluster.startAll()
    await cluster.formed([0, 1, 2])
    await Promise.all([0, 1, 2].map((index) => checkpointsAreOpen(cluster.socketPath(index))))
    const first = run(writer, 0)
    await first.line(/^carries on from 0$/)
    await first.line(/^every node has 3$/)
    const following = run(reader, 2)
    await following.line(/^read [3-9]\d*$/)
    await first.line(/^every node has 8$/)

    await cluster.node(0).kill()
    expect(await first.exited).toEqual({ code: 1, signal: null })
    expect(first.errorLines.join('\n')).toMatch(/ERR_TRY_AGAIN|ERR_TIMEOUT/)
    const acknowledged = countIn(first.lines.at(-1))
    const second = run(writer, 1)
    await second.line(/^carries on from \d+$/)
    const found = countIn(second.lines[0])
    // One more write may have been under way.
    expect([acknowledged, acknowledged + 1]).toContain(found)
    await second.line(new RegExp(`^every node has ${found + 3}$`))
    await following.until(() => countIn(following.lines.at(-1)) >= found + 3, 'later count')
    for (const program of [second, following]) {
      expect(await program.end('SIGINT')).toEqual({ code: 0, signal: null })
      expect(program.errorLines).toEqual([])
    }
    const read = following.lines.map((line) => Number(/^read (\d+)$/.exec(line)?.[1]))
    expect(read).toEqual([...read].sort((a, b) => a - b))
  } finally {
    for (const program of programs) program.signal('SIGKILL')
    await cluster.close()
  }
}, 300_000)

test('of components that back each other another one is active when the first is killed', async () => {
  const [program] = (await compiled('fail-over')) ?? []
  if (program === undefined) return
  const cluster = await Cluster.create({ hosts: loopbackHosts(2, '127.0.29') })
  const unit = (name: string): string =>
    `unit {\nname=unit-${name}\ncomponent {\nname=${name}\nmodel=x_active\n}\n}\n`
  const protection = 'protection {\nname=work\nmember=a\nmember=b\n}\n'
  const groups = `group {\nname=pair\nmodel=2n\n${unit('a')}${unit('b')}${protection}}\n`
  const programs: ClientProgram[] = []
  const run = (name: string, index: number): ClientProgram => {
    const running = new ClientProgram([name, cluster.socketPath(index)], {}, program)
    programs.push(running)
    return running
  }
  try {
    for (const index of [0, 1]) {
      mkdirSync(cluster.configDir(index), { recursive: true })
      writeFileSync(join(cluster.configDir(index), 'groups.conf'), groups)
    }
    await cluster.startAll()
    await cluster.formed([0, 1])
    await Promise.all([0, 1].map((index) => componentsAreWelcome(cluster.socketPath(index))))
    const first = run('a', 0)
    await first.line(/^active for work, fencing token \d+$/)
    const second = run('b', 1)
    await second.line(/^standby for work$/)
    first.signal('SIGKILL')
    await second.line(/^active for work, fencing token \d+$/)
    await cluster.node(1).kill()
    await second.line(/^taken back: the executive is gone/)
    expect(second.lines.slice(-3, -1)).toEqual(['quiesced for work', 'no more work'])
    expect(await second.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect(second.errorLines).toEqual([])
  } finally {
    for (const running of programs) running.signal('SIGKILL')
    await cluster.close()
  }
}, 300_000)

test('what ais app init writes is installed, built, and carries on through a failover', async () => {
  const project = await (installed ??= install())
  if (project === undefined) return
  const ais = join(project, 'node_modules', '.bin', 'ais')
  const app = join(work, 'demo')
  const initialized = await runProgram(ais, ['app', 'init', app, '--json'], { cwd: project })
  expect([initialized.code, initialized.stderr]).toEqual([0, ''])
  expect(JSON.parse(initialized.stdout)).toMatchObject({ directory: app, name: 'demo' })
  if (!(await installs([tarball], app))) return
  const built = await runProgram('npm', ['run', 'build'], { cwd: app })
  expect([built.code, built.code === 0 ? '' : built.stdout]).toEqual([0, ''])

  const sandbox = ['--dir', join(work, 'app-sandbox'), '--json']
  const groups = ['--groups', join(app, 'groups.conf')]
  const up = await runProgram(ais, ['cluster', 'up', '--nodes', '2', ...groups, ...sandbox], { cwd: app })
  expect([up.code, up.code === 0 ? '' : up.stdout + up.stderr]).toEqual([0, ''])
  const { nodes } = JSON.parse(up.stdout) as { nodes: { socket: string }[] }
  const components: ClientProgram[] = []
  const run = (index: number): ClientProgram => {
    const env = { AIS_SOCKET: nodes[index]!.socket, COUNT_EVERY_MS: '50' }
    const component = new ClientProgram([`demo-${index + 1}`], env, join(app, 'dist', 'main.js'))
    components.push(component)
    return component
  }
  const countsOf = ({ lines }: ClientProgram): number[] =>
    lines.flatMap((line) => /^count (\d+)$/.exec(line)?.[1] ?? []).map(Number)
  const tokenOf = ({ lines }: ClientProgram): bigint =>
    BigInt(/token (\d+)/.exec(lines.findLast((line) => line.startsWith('active for '))!)![1]!)
  try {
    const first = run(0)
    await first.line(/^active for demo-counter, fencing token \d+$/)
    const second = run(1)
    await second.line(/^standby for demo-counter$/)
    await first.line(/^count 5$/)
    expect(await first.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' })
    await second.line(/^active for demo-counter/)
    await second.until(() => countsOf(second).length >= 3, 'three counts')
    expect(tokenOf(second)).toBeGreaterThan(tokenOf(first))
    const counted = countsOf(first)
    expect(counted).toEqual(counted.map((_, index) => index + 1))
    // One more may have been written than was told.
    const [found] = countsOf(second)
    expect([counted.length + 1, counted.length + 2]).toContain(found)
    expect(countsOf(second)).toEqual(countsOf(second).map((_, index) => found! + index))

    const again = run(0)
    await again.line(/^standby for demo-counter$/)
    expect(await second.end('SIGTERM')).toEqual({ code: 0, signal: null })
    await again.line(/^active for demo-counter/)
    await again.until(() => countsOf(again).length > 0, 'a count')
    expect(countsOf(again)[0]).toBe(countsOf(second).at(-1)! + 1)
    expect(await again.end('SIGINT')).toEqual({ code: 0, signal: null })
    for (const component of components) expect(component.errorLines).toEqual([])
  } finally {
    for (const component of components) component.signal('SIGKILL')
    await runProgram(ais, ['cluster', 'down', ...sandbox], { cwd: project })
  }
}, 300_000)

/** Polls: an executive that just started tells nobody when its checkpoints can be asked. */
async function checkpointsAreOpen(socket: string): Promise<void> {
  const ckpt = await Ckpt.initialize({ socket })
  for (let isOpen = false; !isOpen;) {
    isOpen = await ckpt.listPage(null, 1).then(
      () => true,
      ({ code }: AisError) => code !== 'ERR_TRY_AGAIN',
    )
    if (!isOpen) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await ckpt.finalize()
}

/** Polls, as above: until AMF has its configuration, and both nodes in it. */
async function componentsAreWelcome(socket: string): Promise<void> {
  const amf = await Amf.initialize({ socket })
  for (let isSo = false; !isSo;) {
    isSo = await amf.status().then(
      ({ nodes }) => nodes.filter(({ participates }) => participates).length === 2,
      ({ code }: AisError) => code !== 'ERR_TRY_AGAIN',
    )
    if (!isSo) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await amf.finalize()
}
