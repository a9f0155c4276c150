import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sarifMistakes } from '../helpers/sarif.js'
import { root, runAis, runProgram, type Run } from './run-ais.js'

const classic = 'bindnetaddr:192.168.1.0\nmcastaddr:226.94.1.1\nmcastport:6000\n'

let directory: string
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'ais-cli-'))))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const put = (name: string, content: string): string => {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

/** A 2n group whose units are on two nodes. */
function groupOf(...nodes: string[]): string {
  const units = nodes.map(
    (node) => `unit {\nname=u-${node}\nnode=${node}\ncomponent {\nname=c-${node}\n}\n}\n`,
  )
  const members = nodes.map((node) => `member=c-${node}\n`)
  return `group {\nname=g\nmodel=2n\n${units.join('')}protection {\nname=p\n${members.join('')}}\n}\n`
}

const validate = (...args: string[]): Promise<Run> =>
  runAis(['config', 'validate', ...args], { cwd: directory })

/** The one line of a --json answer. */
function document(run: Run): Record<string, unknown> {
  expect(run.stdout.match(/\n/g)).toHaveLength(1)
  expect(run.stdout.endsWith('\n')).toBe(true)
  return JSON.parse(run.stdout) as Record<string, unknown>
}

describe('ais config validate', () => {
  test('accepts the file of the guide', async () => {
    const run = await runAis(['config', 'validate', 'conf/network.conf'])
    expect(run).toEqual({ code: 0, signal: null, stdout: 'conf/network.conf: valid\n', stderr: '' })
  })

  test('reports every mistake at once, path as given, exit 3', async () => {
    put('network.conf', 'bindnetaddr: 10.0.0.0\nmcastaddr: 10.1.1.1\nmcastport: x\ntokne: 5\n')
    const run = await validate('./network.conf')
    expect(run.code).toBe(3)
    expect(run.stdout).toMatch(
      /^\.\/network\.conf:2:12: error value-range: .*\n {4}mcastaddr: 10\.1\.1\.1\n {15}\^{8}\n/,
    )
    expect(run.stdout).toMatch(/^\.\/network\.conf:3:12: error value-invalid: /m)
    expect(run.stdout).toMatch(/^\.\/network\.conf:4:1: error key-unknown: .*did you mean "token"/m)
    expect(run.stdout).toMatch(/not valid \(3 errors, 0 warnings\)\n$/)
    expect(run.stderr).toBe('')
  })

  test('warnings alone do not spoil a file', async () => {
    const run = await validate(put('network-warn.conf', classic.replace('6000', '6001')))
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(/:3:11: warning mcastport-neighbour: /)
    expect(run.stdout).toMatch(/valid \(0 errors, 1 warning\)\n$/)
  })

  test('--json prints one line, whatever the verdict', async () => {
    const good = await validate('--json', put('network-good.conf', classic))
    expect(good.code).toBe(0)
    expect(document(good)).toEqual({
      file: join(directory, 'network-good.conf'),
      type: 'network',
      valid: true,
      diagnostics: [],
    })
    const bad = await validate('--json', put('network-bad.conf', 'mcastport: 0\n'))
    expect(bad.code).toBe(3)
    expect(document(bad)).toMatchObject({
      valid: false,
      diagnostics: [
        { code: 'value-range', severity: 'error', line: 1, column: 12, key: 'mcastport' },
        {},
        {},
      ],
    })
    expect(bad.stderr).toBe('')
  })

  test('a file that cannot be read is a bad configuration, exit 3', async () => {
    const missing = await validate('no-network.conf')
    expect(missing.code).toBe(3)
    expect(missing.stdout).toMatch(/^no-network\.conf:1:1: error file-missing: /)
    mkdirSync(join(directory, 'network.d'), { recursive: true })
    const folder = await validate('network.d')
    expect(folder.code).toBe(3)
    expect(folder.stdout).toMatch(/^network\.d:1:1: error file-unreadable: .*directory/)
  })

  test('the kind comes from the name or from --type', async () => {
    const nameless = put('draft.conf', classic)
    expect((await validate(nameless)).code).toBe(2)
    expect((await validate(nameless)).stderr).toMatch(/does not say .*\nTry: --type network\n$/)
    expect((await validate(nameless, '--type', 'network')).code).toBe(0)
    expect((await validate(nameless, '--type', 'nonsense')).code).toBe(2)
  })

  test('groups.conf is checked like network.conf', async () => {
    const run = await runAis(['config', 'validate', 'conf/groups.conf'])
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(/^conf\/groups\.conf: valid \(0 errors, 1 warning\)$/m)
    const broken = put('groups.conf', 'group {\n  name=g\n  model=3n\n')
    const text = await validate(broken)
    expect(text.code).toBe(3)
    expect(text.stdout).toContain(`${broken}:1:1: error block-unclosed: this group is never closed`)
    expect(text.stdout).toContain(`${broken}:3:9: error value-invalid: model "3n" is unknown`)
    const asJson = await validate(put('x.conf', '}\n'), '--type', 'groups', '--json')
    expect(asJson.code).toBe(3)
    expect(document(asJson)).toMatchObject({
      type: 'groups',
      valid: false,
      diagnostics: [{ code: 'block-stray', line: 1, column: 1 }],
    })
    const input = 'no-quorum=freeze\n'
    const fromInput = await runAis(['config', 'validate', '--type', 'groups', '-'], { input })
    expect(fromInput).toMatchObject({ code: 0, stdout: '-: valid\n' })
    expect((await validate('groups.conf', '--here')).code).toBe(2)
    const absent = await validate('no-groups.conf')
    expect(absent.code).toBe(3)
    expect(absent.stdout).toMatch(/^no-groups\.conf:1:1: error file-missing: /)
  })

  test('reads standard input', async () => {
    const run = await runAis(['config', 'validate', '--type', 'network', '-'], { input: classic })
    expect(run).toMatchObject({ code: 0, stdout: '-: valid\n' })
  })

  test('--here looks at this machine, without it nothing does', async () => {
    const loopback = put('network-lo.conf', classic.replace('192.168.1.0', '127.0.0.5'))
    const here = await validate('--here', '--json', loopback)
    expect(here.code).toBe(0)
    expect(document(here)).toMatchObject({ interface: { address: '127.0.0.5' } })
    const nowhere = put('network-nowhere.conf', classic.replace('192.168.1.0', 'noif0'))
    expect((await validate(nowhere)).code).toBe(0)
    const refused = await validate('--here', '--json', nowhere)
    expect(refused.code).toBe(3)
    expect(document(refused)).toMatchObject({
      valid: false,
      interface: null,
      diagnostics: [{ code: 'interface-none' }],
    })
  })

  test('several files are checked together', async () => {
    const network = put('both-network.conf', `${classic}token: 800\nnodename: Alpha\n`)
    const groups = put('both-groups.conf', `lease=500\nno-quorum=freeze\n${groupOf('alpha', 'beta')}`)
    const run = await validate('--json', network, groups)
    expect(run.code).toBe(3)
    expect(document(run)).toMatchObject({
      valid: false,
      files: [
        { file: network, type: 'network', valid: true, diagnostics: [] },
        {
          file: groups,
          type: 'groups',
          valid: false,
          diagnostics: [
            { severity: 'error', code: 'value-conflict', line: 1, column: 7, key: 'lease' },
            { severity: 'warning', code: 'key-unused', line: 2, column: 1, key: 'no-quorum' },
            { severity: 'warning', code: 'node-unknown', line: 8, fix: { isSafe: false } },
          ],
        },
      ],
    })
    // One alone tells nothing of it.
    expect((await validate(groups)).stdout).toMatch(/: valid\n$/)
    const usage = await validate(network, network)
    expect([usage.code, usage.stderr]).toEqual([2, expect.stringMatching(/is given twice/)])
  })

  test('without FILE, what ais exec would read', async () => {
    const folder = join(directory, 'etc')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'network.yaml'), classic.replaceAll(':', ': '))
    const alone = await validate('--config-dir', folder)
    expect(alone.code).toBe(0)
    const notice = 'no such file: AMF has no groups to keep available'
    expect(alone.stdout).toBe(`${folder}/network.yaml: valid\n${folder}/groups.conf: ${notice}\n`)
    writeFileSync(join(folder, 'groups.json'), '{"no-quorum": "stop",}')
    const env = { AIS_CONFIG_DIR: folder }
    const run = await runAis(['config', 'validate', '--json'], { cwd: directory, env })
    expect(run.code).toBe(3)
    expect(document(run)).toMatchObject({
      files: [
        { file: `${folder}/network.yaml`, valid: true },
        { file: `${folder}/groups.json`, valid: false, diagnostics: [{ code: 'file-syntax', column: 21 }] },
      ],
    })
    expect((await validate('--config-dir', folder, 'network.conf')).code).toBe(2)
    const nowhere = await validate('--config-dir', join(folder, 'none'))
    expect([nowhere.code, nowhere.stdout]).toEqual([3, expect.stringContaining('error file-missing')])
  })

  test('--strict refuses warnings', async () => {
    const path = put('network-strict.conf', classic.replace('6000', '6001'))
    const run = await validate('--strict', path)
    expect(run.code).toBe(3)
    expect(run.stdout).toMatch(/: refused by --strict \(0 errors, 1 warning\)\n$/)
    expect((await validate('--strict', put('network-fine.conf', classic))).code).toBe(0)
  })

  test('--fix mends what is beyond doubt, and shows it', async () => {
    const wrong = `${classic}tokne: 2000\nnetmtu = 1400\nttl: 3 # hops\nfrobnicate: 1\n`
    const path = put('network-fix.conf', wrong)
    chmodSync(path, 0o640)
    const before = readFileSync(path, 'utf8')
    const shown = await validate('--fix', '--dry-run', path)
    expect(shown.stdout).toContain('-ttl: 3 # hops\n+ttl: 3\n+# hops\n')
    expect(readFileSync(path, 'utf8')).toBe(before)
    const run = await validate('--fix', '--json', path)
    expect(document(run)).toMatchObject({
      fixes: expect.arrayContaining(['give the comment a line of its own']),
      diff: expect.stringContaining('+ttl: 3\n'),
    })
    expect(readFileSync(path, 'utf8')).toContain('\nttl: 3\n# hops\n')
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(readdirSync(directory).filter((name) => name.includes('.tmp'))).toEqual([])
    // Done once, there is no more to do.
    expect(document(await validate('--fix', '--json', path))).toMatchObject({ fixes: [], diff: '' })
    expect(
      (await runAis(['config', 'validate', '--fix', '--type', 'network', '-'], { input: wrong })).code,
    ).toBe(2)
  })

  test('--format sarif is what editors and CI read', async () => {
    const path = put('network-sarif.conf', `${classic}tokne: 2000\nquorum: majorty\n`)
    const run = await validate('--format', 'sarif', path, put('groups-sarif.conf', '}\n'))
    expect(run.code).toBe(3)
    const log = JSON.parse(run.stdout)
    expect(sarifMistakes(log)).toEqual([])
    expect(log.runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual([
      'key-unknown',
      'value-invalid',
      'block-stray',
    ])
    expect(log.runs[0].results[1].fixes[0].artifactChanges[0].replacements).toEqual([
      {
        deletedRegion: { startLine: 5, startColumn: 9, endLine: 5, endColumn: 16 },
        insertedContent: { text: 'majority' },
      },
    ])
  })

  test('reads network.ts, and leaves nothing behind', async () => {
    const folder = join(directory, 'typescript')
    mkdirSync(join(folder, 'tmp'), { recursive: true })
    writeFileSync(join(folder, 'ports.ts'), 'export const port: number = 6000\n')
    const source =
      "import { port } from './ports'\n" +
      "const shared = async (): Promise<Record<string, string>> => ({ mcastaddr: '226.94.1.1' })\n" +
      "export default async () => ({ ...(await shared()), bindnetaddr: 'eth0', mcastport: port })\n"
    writeFileSync(join(folder, 'network.ts'), source)
    const env = { TMPDIR: join(folder, 'tmp'), HOME: folder, XDG_CACHE_HOME: join(folder, 'tmp') }
    const run = await runAis(['config', 'validate', join(folder, 'network.ts')], { env })
    expect([run.code, run.stderr]).toEqual([0, ''])
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['network.ts', 'ports.ts', 'tmp'])
  })

  test.each([
    ['no default export', 'export const a = 1\n', 1, /no default export/],
    ['a syntax error', "export default {\n  a: 'x\n}\n", 2, /Unterminated string/],
    ['an error of its own', "\nthrow new Error('not today')\n", 2, /not today/],
    ['a default export that is no object', 'export default 3\n', 1, /object of keys/],
    ['a value that is none', 'export default {\n  token: () => 3,\n}\n', 2, /"function" is no value/],
  ])('network.ts with %s', async (name, source, line, message) => {
    const folder = join(directory, name.replaceAll(' ', '-'))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'network.ts'), source)
    const run = await validate('--json', join(folder, 'network.ts'))
    expect(run.code).toBe(3)
    expect(document(run)).toMatchObject({
      diagnostics: [{ code: 'file-syntax', line, message: expect.stringMatching(message), fix: null }],
    })
  })

  test('network.ts that others could have written is not run', async () => {
    const trace = join(directory, 'ran')
    const source = `require('node:fs').writeFileSync(${JSON.stringify(trace)}, '')\nexport default {}\n`
    const path = put('network-others.ts', source)
    chmodSync(path, 0o666)
    const open = await validate('--json', path)
    expect(document(open)).toMatchObject({ valid: false, diagnostics: [{ code: 'file-owner' }] })
    if (process.getuid!() === 0) {
      chmodSync(path, 0o644)
      chownSync(path, 65_534, 65_534)
      const foreign = await validate('--json', path)
      expect(document(foreign)).toMatchObject({ valid: false, diagnostics: [{ code: 'file-owner' }] })
    }
    expect(existsSync(trace)).toBe(false)
  })

  test('reads network.ts of one file', async () => {
    const source =
      "const addresses: Record<string, string> = { mcastaddr: '226.94.1.1', bindnetaddr: 'eth0' }\n" +
      'export default { ...addresses, mcastport: 6000 }\n'
    const run = await validate(put('network.ts', source))
    expect([run.code, run.stderr]).toEqual([0, ''])
  })
})

describe('the command line', () => {
  test.each([
    ['a wrong flag', ['config', 'validate', '--bogus', 'network.conf'], /Nonexistent flag: --bogus/],
    ['a flag given twice', ['exec', '--config-dir', 'a', '--config-dir', 'b'], /only be specified once/],
    ['a missing argument', ['config', 'convert', '--to', 'yaml'], /Missing 1 required arg/],
    ['an argument too many', ['config', 'convert', 'a', 'b', '--to', 'yaml'], /Unexpected argument: b/],
    ['a mistyped command', ['config', 'valdate', 'x'], /did you mean "ais config validate"\?/],
    ['a mistyped command with arguments', ['clm', 'watc', 'x'], /did you mean "ais clm watch"\?/],
    ['a mistyped topic', ['confg'], /did you mean "ais config"\?/],
    ['help about a mistyped command', ['help', 'config', 'valdate'], /did you mean "ais config validate"\?/],
    ['no command at all like it', ['zzzzzz'], /^ais: "zzzzzz" is not a command\n/],
  ])('%s: exit 2, no stack trace', async (_, args, message) => {
    const run = await runAis(args)
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(message)
    expect(run.stderr).not.toMatch(/^\s+at /m)
    expect(run.stdout).toBe('')
  })

  test('a wrong flag with --json: one line, exit 2', async () => {
    const run = await runAis(['config', 'validate', '--json', '--bogus'])
    expect(run.code).toBe(2)
    expect(document(run)).toMatchObject({ error: { exitCode: 2 } })
  })

  test('a reader that goes away ends it quietly', async () => {
    put('network-long.conf', 'nonsense\n'.repeat(2000))
    const script = `"$0" "$1" config validate network-long.conf | head -n 1; echo "\${PIPESTATUS[0]}"`
    const run = await runProgram('bash', ['-c', script, process.execPath, `${root}/bin/run.js`], {
      cwd: directory,
    })
    const [first, status] = run.stdout.split('\n')
    expect(first).toMatch(/^network-long\.conf:1:1: error line-malformed/)
    expect(status).toBe('3')
    expect(run.stderr).toBe('')
  })

  test('settings of the user hold below flags; bad ones are a bad configuration', async () => {
    const home = join(directory, 'home')
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, '.aisrc'), 'output: json\n')
    const args = ['config', 'validate', `${root}/conf/network.conf`]
    expect(document(await runAis(args, { cwd: home }))).toMatchObject({ valid: true })
    writeFileSync(join(home, '.aisrc'), 'sokcet: /x\n')
    const run = await runAis(args, { cwd: home })
    expect(run.code).toBe(3)
    expect(run.stderr).toMatch(/\.aisrc:1:1: error key-unknown: /)
  })

  test('--help shows examples', async () => {
    const run = await runAis(['config', 'validate', '--help'])
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(/EXAMPLES[^]*ais config validate/)
  })
})
