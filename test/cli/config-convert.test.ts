import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAis, type Run } from './run-ais.js'

const classic = 'bindnetaddr:192.168.1.0\nmcastaddr:226.94.1.1\nmcastport:6000\n'
const yaml = `# Made by ais config convert from network.conf (classic).

bindnetaddr: 192.168.1.0
mcastaddr: 226.94.1.1
mcastport: 6000
`

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ais-convert-'))
  writeFileSync(join(directory, 'network.conf'), classic)
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const convert = (...args: string[]): Promise<Run> =>
  runAis(['config', 'convert', ...args], { cwd: directory })
const read = (name: string): string => readFileSync(join(directory, name), 'utf8')

describe('ais config convert', () => {
  test('prints the text alone on standard output', async () => {
    const run = await convert('network.conf', '--to', 'yaml')
    expect(run).toEqual({ code: 0, signal: null, stdout: yaml, stderr: '' })
  })

  test('says on standard error what has no counterpart, at its place', async () => {
    writeFileSync(join(directory, 'network.conf'), `${classic}socket: /run/x.sock\n`)
    const run = await convert('network.conf', '--to', 'corosync', '--member', 'a=192.168.1.1')
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(/^# Made by .*\ntotem \{\n/)
    const [finding, line, caret, ...more] = run.stderr.split('\n')
    expect(finding).toMatch(/^network\.conf:4:1: warning not-convertible: "socket" has no counterpart /)
    expect([line, caret, more]).toEqual(['    socket: /run/x.sock', '    ^^^^^^', ['']])
  })

  test('--strict makes that an error, exit 3, and writes nothing', async () => {
    writeFileSync(join(directory, 'network.conf'), `${classic}socket: /run/x.sock\n`)
    const args = ['--to', 'corosync', '--member', 'a=192.168.1.1', '--strict', '--out', 'corosync.conf']
    const run = await convert('network.conf', ...args)
    expect(run.code).toBe(3)
    expect(run.stdout).toBe('')
    expect(run.stderr).toMatch(/^network\.conf:4:1: error not-convertible: /)
    expect(readdirSync(directory)).toEqual(['network.conf'])
  })

  test('a file with errors is refused with all of them, exit 3', async () => {
    writeFileSync(join(directory, 'network.conf'), 'bindnetaddr: 10.0.0.0\nmcastaddr: 10.1.1.1\n')
    const run = await convert('network.conf', '--to', 'yaml')
    expect(run.code).toBe(3)
    expect(run.stderr).toMatch(/^network\.conf:2:12: error value-range: /)
    expect(run.stderr).toMatch(/^network\.conf:3:1: error key-missing: mcastport is missing/m)
    const missing = await convert('nowhere.conf', '--to', 'yaml')
    expect(missing.code).toBe(3)
    expect(missing.stderr).toMatch(/error file-missing: nowhere\.conf: no such file/)
  })

  test('--out writes a file, and over one that is there only with --force', async () => {
    const run = await convert('network.conf', '--to', 'yaml', '--out', 'network.yaml')
    expect(run).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
    expect(read('network.yaml')).toBe(yaml)
    const again = await convert('network.conf', '--to', 'json', '--out', 'network.yaml')
    expect(again.code).toBe(1)
    expect(again.stderr).toMatch(/network\.yaml exists and is left as it is\nTry: --force\n$/)
    expect(read('network.yaml')).toBe(yaml)
    const forced = await convert('network.conf', '--to', 'json', '--out', 'network.yaml', '--force')
    expect(forced.code).toBe(0)
    expect(JSON.parse(read('network.yaml'))).toEqual({
      bindnetaddr: '192.168.1.0',
      mcastaddr: '226.94.1.1',
      mcastport: 6000,
    })
    expect(readdirSync(directory).sort()).toEqual(['network.conf', 'network.yaml'])
  })

  test('may write over its own source', async () => {
    chmodSync(join(directory, 'network.conf'), 0o644)
    const args = ['--to', 'classic', '--out', 'network.conf', '--force', '--legacy-port-byteorder']
    expect((await convert('network.conf', ...args)).code).toBe(0)
    expect(read('network.conf')).toMatch(/^mcastport:28695$/m)
  })

  test('--out in a directory that is not there fails, exit 1', async () => {
    const run = await convert('network.conf', '--to', 'yaml', '--out', 'no/where.yaml')
    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(/no\/where\.yaml cannot be written: /)
  })

  test('--json prints one line, of what was written too', async () => {
    const run = await convert('network.conf', '--to', 'yaml', '--json', '--out', 'network.yaml')
    expect(run.stdout.match(/\n/g)).toHaveLength(1)
    expect(JSON.parse(run.stdout)).toEqual({
      file: 'network.conf',
      from: 'classic',
      to: 'yaml',
      out: 'network.yaml',
      text: yaml,
      diagnostics: [],
    })
    const failed = await convert('network.conf', '--to', 'yaml', '--json', '--type', 'groups')
    expect(failed.code).toBe(3)
    const { error } = JSON.parse(failed.stdout) as { error: { exitCode: number; diagnostics: unknown[] } }
    expect(error.exitCode).toBe(3)
    expect(error.diagnostics.length).toBeGreaterThan(0)
  })

  test('reads standard input', async () => {
    const args = ['config', 'convert', '-', '--from', 'classic', '--to', 'json']
    const run = await runAis(args, { cwd: directory, input: classic })
    expect(run.code).toBe(0)
    expect(JSON.parse(run.stdout)).toHaveProperty('mcastport', 6000)
  })

  test.each([
    [['--to', 'xml'], /Expected --to=xml to be one of/],
    [[], /Missing required flag to/],
    [['--to', 'yaml', '--force'], /--out/],
    [['--to', 'yaml', '--unit-node', 'left'], /--unit-node left is not UNIT=NODE/],
    [['--to', 'yaml', '--unit-node', 'a=b', '--unit-node', 'a=c'], /gives the unit a a second node/],
  ])('%j is a mistake of usage, exit 2', async (args, message) => {
    const run = await convert('network.conf', ...args)
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(message)
  })
})
