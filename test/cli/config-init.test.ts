import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, runAis, type Run } from './run-ais.js'

// The real command, with its questions on a real terminal, made by script(1).

let work: string

beforeEach(() => (work = mkdtempSync(join(tmpdir(), 'ais-init-'))))
afterEach(() => rmSync(work, { recursive: true, force: true }))

const env = { AIS_CONFIG_DIR: '', NO_COLOR: '1' }
const init = (...args: string[]): Promise<Run> => {
  return runAis(['config', 'init', '--config-dir', join(work, 'conf'), ...args], { cwd: work, env })
}
const textOf = (name: string): string => readFileSync(join(work, 'conf', name), 'utf8')
const filesNow = (): string[] => readdirSync(join(work, 'conf')).sort()
const loopback = ['--interface', '127.0.0.1', '--yes']

const hasOutside = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ family, internal }) => family === 'IPv4' && !internal),
)

test('with all flags nothing is asked: the directory is made, and both files are good here', async () => {
  const { code, stdout, stderr } = await init(
    ...['--cluster-name', 'shop # 1', '--interface', '127.0.0.1', '--mcastaddr', '239.7.7.7'],
    ...['--mcastport', '7000', '--node-name', 'käse'],
  )
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain(`ais doctor --config-dir ${join(work, 'conf')} `)
  expect(stdout).toContain(`ais exec --config-dir ${join(work, 'conf')}\n`)
  expect(filesNow()).toEqual(['groups.conf', 'network.conf'])
  expect(textOf('network.conf')).toMatch(/^clustername: shop # 1$/m)
  expect(textOf('network.conf')).toMatch(/^nodename: käse$/m)
  const path = join(work, 'conf', 'network.conf')
  const validated = await runAis(['config', 'validate', path, '--here', '--json'])
  expect([validated.code, validated.stdout]).toEqual([0, expect.stringContaining('127.0.0.1')])
  const shown = await runAis(['config', 'show', '--config-dir', join(work, 'conf'), '--json'])
  expect(JSON.parse(shown.stdout).network.keys).toContainEqual(
    expect.objectContaining({ key: 'mcastport', value: 7000 }),
  )
})

test.each(['yaml', 'json', 'ts'])('--form %s is what ais exec would read', async (form) => {
  const { code, stdout } = await init(...loopback, '--form', form, '--cluster-name', 'a"b\\', '--json')
  expect(code).toBe(0)
  const directory = join(work, 'conf')
  expect(JSON.parse(stdout)).toMatchObject({
    configDir: directory,
    form,
    values: { clustername: 'a"b\\', bindnetaddr: '127.0.0.1', mcastaddr: '226.94.1.1', nodename: null },
    interface: { address: '127.0.0.1' },
    written: [join(directory, `network.${form}`), join(directory, `groups.${form}`)],
    kept: [],
    backups: [],
    diagnostics: [],
  })
  const shown = await runAis(['config', 'show', '--effective', '--config-dir', directory, '--json'])
  expect(JSON.parse(shown.stdout).network.keys).toContainEqual(
    expect.objectContaining({ key: 'clustername', value: 'a"b\\' }),
  )
})

test('what is there is left alone; with --force it is kept under a name that nothing has', async () => {
  mkdirSync(join(work, 'conf'))
  writeFileSync(join(work, 'conf', 'network.conf'), 'mine')
  writeFileSync(join(work, 'conf', 'network.conf.bak-1'), 'older')
  writeFileSync(join(work, 'conf', 'groups.yaml'), 'group: []\n')
  const refused = await init(...loopback)
  expect([refused.code, refused.stdout]).toEqual([1, ''])
  expect(refused.stderr).toContain('network.conf in ')
  expect(refused.stderr).toContain('Try: --force')
  expect([filesNow().length, textOf('network.conf')]).toEqual([3, 'mine'])
  const forced = await init(...loopback, '--force')
  expect([forced.code, forced.stderr]).toEqual([0, ''])
  expect(forced.stdout).toContain('groups.yaml is there and stays as it is')
  expect(filesNow()).toEqual(['groups.yaml', 'network.conf', 'network.conf.bak-1', 'network.conf.bak-2'])
  expect([textOf('network.conf.bak-1'), textOf('network.conf.bak-2')]).toEqual(['older', 'mine'])
  expect(textOf('groups.yaml')).toBe('group: []\n')
})

test('another form in the directory is in the way, too, and is set aside with --force', async () => {
  expect((await init(...loopback, '--form', 'json')).code).toBe(0)
  const before = textOf('network.json')
  const refused = await init(...loopback, '--form', 'ts')
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('network.json in ')])
  expect(filesNow()).toEqual(['groups.json', 'network.json'])
  const forced = await init(...loopback, '--form', 'ts', '--force', '--json')
  expect(JSON.parse(forced.stdout)).toMatchObject({
    backups: [{ file: join(work, 'conf', 'network.json'), backup: join(work, 'conf', 'network.json.bak-1') }],
    kept: [join(work, 'conf', 'groups.json')],
  })
  expect(filesNow()).toEqual(['groups.json', 'network.json.bak-1', 'network.ts'])
  expect(textOf('network.json.bak-1')).toBe(before)
})

test('a link is set aside as it is: what it points to is not written', async () => {
  mkdirSync(join(work, 'conf'))
  writeFileSync(join(work, 'elsewhere'), 'shared')
  symlinkSync(join(work, 'elsewhere'), join(work, 'conf', 'network.conf'))
  expect((await init(...loopback, '--force')).code).toBe(0)
  expect(readFileSync(join(work, 'elsewhere'), 'utf8')).toBe('shared')
  expect(textOf('network.conf')).toContain('mcastport: 6000')
})

test('two at once: one of them writes, the other says that it did not', async () => {
  const runs = await Promise.all([init(...loopback), init(...loopback, '--form', 'conf')])
  expect(runs.map(({ code }) => code).sort()).toEqual([0, 1])
  expect(filesNow()).toEqual(['groups.conf', 'network.conf'])
})

test.each([
  [['--mcastport', '7001x', '--yes'], '--mcastport: mcastport "7001x" would be read as "7001"'],
  [['--mcastaddr', '10.1.1.1', '--yes'], '--mcastaddr: mcastaddr 10.1.1.1 is not a multicast group'],
  [['--cluster-name', 'a\nb', '--yes'], '--cluster-name: clustername is a line of its own'],
  [['--node-name', ' a', '--yes'], '--node-name: nodename " a" would be read as "a"'],
  [['--interface', 'eth99', '--yes'], '--interface eth99 is no interface of this machine; there are: '],
  [['--mcastport', '7000'], 'no --cluster-name, --interface, --mcastaddr\nTry: --yes'],
  [['--form', 'xml', '--yes'], 'Expected --form=xml'],
])('%j is refused, and nothing is made', async (args, message) => {
  const { code, stdout, stderr } = await init(...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(message)
  expect(existsSync(join(work, 'conf'))).toBe(false)
})

test('a directory that cannot be made is told of', async () => {
  writeFileSync(join(work, 'conf'), 'a file')
  const { code, stderr } = await init(...loopback)
  expect([code, stderr]).toEqual([1, expect.stringContaining(`${join(work, 'conf')} cannot be used`)])
})

const outside = hasOutside ? test : test.skip
if (!hasOutside) console.warn('skipped: this machine has no interface but loopback for --yes to take')
outside('--yes takes the first interface but loopback', async () => {
  const { code, stdout } = await init('--yes', '--json')
  const answer = JSON.parse(stdout)
  expect(code).toBe(0)
  expect(answer).toMatchObject({ values: { clustername: 'ais', mcastaddr: '226.94.1.1', mcastport: '6000' } })
  expect(answer.interface.interface).not.toBe('lo')
})

/** Run the command on a terminal; each answer is typed when its question is there. */
function onTerminal(
  args: readonly string[],
  answers: readonly (readonly [string, string])[],
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`
  const words = [process.execPath, join(root, 'bin', 'run.js'), 'config', 'init', ...args]
  const command = words.map(quoted).join(' ')
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: work,
      env: { ...process.env, ...env, NODE_OPTIONS: '', TERM: 'xterm', SHELL: '/bin/sh' },
    })
    const waiting = [...answers]
    let screen = ''
    let seen = 0
    const type = (): void => {
      const [question, answer] = waiting[0] ?? [null, '']
      const at = question === null ? -1 : screen.indexOf(question, seen)
      if (at === -1) return
      seen = at + question!.length
      waiting.shift()
      child.stdin.write(answer)
    }
    child.stdout.on('data', (chunk: Buffer) => {
      screen += chunk.toString()
      type()
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, screen }))
  })
}

test('on a terminal it asks, refuses what cannot be, and writes what was answered', async () => {
  const { code, screen } = await onTerminal(
    ['--config-dir', join(work, 'conf'), '--interface', '127.0.0.1', '--form', 'yaml'],
    [
      ['Name of the cluster', '-shop\r'],
      ['Multicast group', '\u001510.0.0.1\r'],
      ['not a multicast group', '\u0015239.1.2.3\r'],
      ['UDP port', '\r'],
      ['Write network.yaml into', '\r'],
    ],
  )
  expect([code, screen]).toEqual([0, expect.stringContaining('ais doctor')])
  expect(filesNow()).toEqual(['groups.yaml', 'network.yaml'])
  expect(textOf('network.yaml')).toMatch(/^clustername: "-shop"$/m)
  expect(textOf('network.yaml')).toMatch(/^mcastaddr: "239\.1\.2\.3"$/m)
  expect(textOf('network.yaml')).toMatch(/^mcastport: 6000$/m)
})

test('the interface is chosen from a list that says why; no means no', async () => {
  const { code, screen } = await onTerminal(
    ['--config-dir', join(work, 'conf'), '--mcastaddr', '239.1.2.3', '--mcastport', '6002'],
    [
      ['Name of the cluster', '\r'],
      ['Interface of this node', '\r'],
      ['Write network.conf into', 'n\r'],
    ],
  )
  expect(screen).toContain('netmask 255.')
  expect(screen).toContain('bindnetaddr: ')
  expect([code, screen]).toEqual([1, expect.stringContaining('given up: nothing was written')])
  expect(existsSync(join(work, 'conf'))).toBe(false)
})

test('Ctrl-C ends it, and nothing is written', async () => {
  const { code, screen } = await onTerminal(
    ['--config-dir', join(work, 'conf')],
    [['Name of the cluster', '\u0003']],
  )
  expect([code, screen]).toEqual([1, expect.stringContaining('given up: nothing was written')])
  expect(existsSync(join(work, 'conf'))).toBe(false)
})
