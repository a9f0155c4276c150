import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClientProgram } from '../helpers/cluster/client-program.mjs'
import { runAis } from './run-ais.js'

// The command line of `ais amf` where no executive is.

let directory: string
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'ais-amf-'))))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** A command line that is right, of each command that asks an executive and ends. */
const lines: Readonly<Record<string, readonly string[]>> = {
  status: [],
  watch: [],
  explain: ['raidA'],
  report: ['comp_a_in_su_x', '--recovery', 'node-failover'],
  clear: ['comp_a_in_su_x'],
  lock: ['raid', '--kind', 'group'],
  unlock: ['raidA'],
  'lock-in': ['raidA'],
  'unlock-in': ['raidA'],
  shutdown: ['raidA'],
  restart: ['raidA', '--timeout', '3'],
  repaired: ['raidA'],
  'si-swap': ['raid'],
}

describe.each(Object.entries(lines))('ais amf %s', (verb, args) => {
  test('without an executive: says where it looked and what to do, exit 4', async () => {
    const socket = join(directory, 'none.sock')
    const run = await runAis(['amf', verb, ...args, '--socket', socket])
    expect(run).toMatchObject({ code: 4, signal: null, stdout: '' })
    expect(run.stderr).toContain(`ais: no executive listens on ${socket} (--socket)\n`)
    expect(run.stderr).toContain('Try: ais exec\n')
    expect(run.stderr).not.toMatch(/ at |AisError/)
  })

  test('--help has examples', async () => {
    const run = await runAis(['amf', verb, '--help'])
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(new RegExp(`EXAMPLES\\n {2}\\$ ais amf ${verb}`))
  })
})

test.each(['status', 'watch', 'explain', 'report', 'lock'])(
  'ais amf %s --json answers one line, with the exit code; a wrong command line: exit 2',
  async (verb) => {
    const args = lines[verb]!
    const env = { AIS_SOCKET: join(directory, 'none.sock') }
    const run = await runAis(['amf', verb, ...args, '--json'], { env })
    expect(run.code).toBe(4)
    expect(run.stdout.match(/\n/g)).toHaveLength(1)
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { exitCode: 4 } })
    expect(await runAis(['amf', verb, 'a', 'b', 'c'])).toMatchObject({ code: 2, stdout: '' })
  },
)

test.each([
  ['test', ['7'], 'Expected 7 to be one of: 1, 2, 3, 4, 5, 6'],
  ['test', [], 'which of them'],
  ['lock', ['raidA', '--kind', 'component'], 'to be one of: node, group, unit, service-instance'],
  ['lock', [], 'its name'],
  ['si-swap', ['raid', '--kind', 'unit'], 'Nonexistent flag: --kind'],
  ['explain', ['raid', '--kind', 'unti'], 'to be one of'],
  ['report', ['c', '--recovery', 'reboot'], 'to be one of'],
  ['stress', ['--kills', '0'], 'greater than or equal to 1'],
  ['stress', ['--nodes', '1'], 'greater than or equal to 2'],
  ['stress', ['--duration', 'long'], '"long" is no number of seconds above 0'],
  ['stress', ['--kind', 'link-cut', '--nodes', '2'], '--kind link-cut needs 3 nodes'],
  ['stress', ['--transfer', '1MiB', '--nodes', '2'], '--transfer needs 3 nodes'],
  ['stress', ['--conf', 'nodeid=4'], '--conf cannot set nodeid'],
])('ais amf %s %j is refused, exit code 2', async (verb, flags, message) => {
  const run = await runAis(['amf', verb, ...flags])
  // What oclif says is wrapped.
  expect([run.code, run.stderr.replace(/\s+(›\s+)?/g, ' ')]).toEqual([2, expect.stringContaining(message)])
  expect(run.stdout).toBe('')
})

test('ais amf test waits for an executive, until it is stopped: exit 0', async () => {
  const socket = join(directory, 'none.sock')
  const program = new ClientProgram(['amf', 'test', '1', '--socket', socket])
  await program.errorLine(/waiting for an executive: .*none\.sock/)
  expect(await program.end('SIGINT')).toEqual({ code: 0, signal: null })
  expect(program.lines).toEqual([])
})

test.each([
  ['cannot be read', undefined, 1, 'cannot read'],
  ['is wrong', 'group {\n  name=raid\n', 3, ':1:1: error'],
])('ais cluster up --groups of a file that %s', async (_, text, code, message) => {
  const path = join(directory, 'groups.conf')
  rmSync(path, { force: true })
  if (text !== undefined) writeFileSync(path, text)
  const run = await runAis(['cluster', 'up', '--groups', path, '--dir', join(directory, 'sandbox')])
  expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(message)])
  expect(run.stderr).toContain(path)
})

test('ais amf lists its commands', async () => {
  const run = await runAis(['amf', '--help'])
  expect(run.code).toBe(0)
  for (const verb of [...Object.keys(lines), 'test', 'stress']) expect(run.stdout).toContain(`amf ${verb} `)
})
