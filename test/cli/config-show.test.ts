import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAis, type Run } from './run-ais.js'

let dir: string
const three = 'bindnetaddr: 127.0.0.1\nmcastaddr: 226.94.1.1\nmcastport: 6000\n'
const unit = 'unit {\nname=a\ncomponent {\nname=c\n}\n}\n'
const groups = `group {\nname=g\nmodel=2n\n${unit}protection {\nname=p\nmember=c\n}\n}\n`

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'ais-show-')))
  writeFileSync(join(dir, 'network.conf'), `${three}token: 2000\n`)
})

afterEach(() => rmSync(dir, { recursive: true }))

function show(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  return runAis(['config', 'show', ...args], { cwd: dir, env: { HOME: dir, ...env } })
}

interface Key {
  readonly key: string
  readonly value: unknown
  readonly unit: string
  readonly origin: Readonly<Record<string, unknown>>
}

interface Answer {
  readonly configDir: { readonly path: string; readonly origin: unknown }
  readonly network?: { readonly file: string; readonly keys: readonly Key[] }
  readonly groups?: {
    readonly file: string
    readonly exists: boolean
    readonly tree: { keys: readonly Key[] }
  }
}

async function json(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const { code, stdout, stderr } = await show([...args, '--json'], env)
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Answer
}

test('a table for people, with both files', async () => {
  writeFileSync(join(dir, 'groups.conf'), groups)
  const { code, stdout, stderr } = await show(['--config-dir', dir])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain(`configuration directory ${dir} (--config-dir)\n\n${dir}/network.conf\n`)
  expect(stdout).toMatch(new RegExp(`^token +2000 ms +${dir}/network.conf:4$`, 'm'))
  expect(stdout).toMatch(/^netmtu +1500 octets +default$/m)
  expect(stdout).toMatch(new RegExp(`^  model +2n +${dir}/groups.conf:3$`, 'm'))
  expect(stdout).toMatch(/^ {4}component c$/m)
})

test('one file alone', async () => {
  const { stdout } = await show(['network', '--config-dir', dir])
  expect(stdout).not.toContain('groups.conf')
  const answer = await json(['groups', '--config-dir', dir])
  expect(answer.network).toBeUndefined()
  expect(answer.groups).toMatchObject({ file: join(dir, 'groups.conf'), exists: false })
})

test('the directory is that of ais exec, and it is said why', async () => {
  const flag = await json(['--config-dir', dir])
  expect(flag.configDir).toEqual({ path: dir, origin: { kind: 'flag', flag: '--config-dir' } })
  const environment = await json([], { AIS_CONFIG_DIR: dir })
  expect(environment.configDir.origin).toEqual({ kind: 'environment', variable: 'AIS_CONFIG_DIR' })
  writeFileSync(join(dir, '.aisrc'), `configDir: ${dir}\n`)
  const settings = await json([], { AIS_CONFIG_DIR: '' })
  expect(settings.configDir).toEqual({
    path: dir,
    origin: { kind: 'file', path: join(dir, '.aisrc'), line: null },
  })
  rmSync(join(dir, '.aisrc'))
  const { code, stderr } = await show([], { AIS_CONFIG_DIR: '' })
  // Of the machine this runs on: there may be a good one.
  if (code !== 0) expect(stderr).toContain('/etc/ais/network.conf')
})

test('what the file says, and what ais exec would go by', async () => {
  const find = ({ network }: Answer, name: string): Key => network!.keys.find(({ key }) => key === name)!
  const plain = await json(['network', '--config-dir', dir])
  expect(find(plain, 'token')).toEqual({
    key: 'token',
    value: 2000,
    unit: 'ms',
    origin: { kind: 'file', path: join(dir, 'network.conf'), line: 4 },
  })
  expect(find(plain, 'nodename')).toMatchObject({ value: null, origin: { kind: 'default' } })
  const effective = await json(['network', '--effective', '--config-dir', dir])
  expect(find(effective, 'nodename')).toMatchObject({ value: hostname(), origin: { kind: 'derived' } })
  expect(find(effective, 'address')).toMatchObject({ value: '127.0.0.1' })
  expect(find(effective, 'nodeid')).toMatchObject({ value: 2130706433, origin: { kind: 'derived' } })
  expect(find(effective, 'lease')).toMatchObject({ value: 1000, unit: 'ms' })
})

test('YAML has its lines, too', async () => {
  rmSync(join(dir, 'network.conf'))
  writeFileSync(
    join(dir, 'network.yaml'),
    'bindnetaddr: 127.0.0.1\nmcastaddr: 226.94.1.1\n\nmcastport: 6000\n',
  )
  const { network } = await json(['network', '--config-dir', dir])
  expect(network!.keys.find(({ key }) => key === 'mcastport')).toMatchObject({
    value: 6000,
    origin: { kind: 'file', path: join(dir, 'network.yaml'), line: 4 },
  })
})

test('what is wrong is told as by validate, with exit code 3', async () => {
  writeFileSync(join(dir, 'groups.conf'), 'group {\n')
  const broken = await show(['--config-dir', dir])
  expect(broken.code).toBe(3)
  expect(broken.stderr).toContain(`${dir}/groups.conf:1:1: error block-unclosed`)
  writeFileSync(join(dir, 'groups.conf'), `lease=1500\n${groups}`)
  expect((await show(['groups', '--config-dir', dir])).code).toBe(0)
  const long = await show(['groups', '--effective', '--config-dir', dir])
  expect(long.code).toBe(3)
  expect(long.stderr).toContain('lease (1500) is longer than half of token (2000)')
  rmSync(join(dir, 'groups.conf'))
  writeFileSync(join(dir, 'network.conf'), three.replace('127.0.0.1', '203.0.113.77'))
  expect((await show(['--config-dir', dir])).code).toBe(0)
  const nowhere = await show(['--effective', '--config-dir', dir, '--json'])
  expect(nowhere.code).toBe(3)
  expect(nowhere.stdout).toContain('interface-none')
  expect((await show(['other'])).code).toBe(2)
})
