import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAis } from './run-ais.js'

// The command line of `ais ckpt` where no executive is.

let directory: string
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'ais-ckpt-'))))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** A command line of each command that is right. */
const lines: Readonly<Record<string, readonly string[]>> = {
  list: [],
  show: ['orders', '--sections'],
  create: ['orders', '--retention', '10m', '--max-section-size', '64KiB'],
  read: ['orders', '4711'],
  write: ['orders', '4711', '--data', 'x'],
  delete: ['orders', '4711'],
  unlink: ['orders'],
  watch: ['orders'],
  conflicts: [],
  test: [],
  stress: ['--count', '10'],
  bench: ['--size', '64', '--mode', 'single'],
}

describe.each(Object.entries(lines))('ais ckpt %s', (verb, args) => {
  test('without an executive: says where it looked and what to do, exit 4', async () => {
    const socket = join(directory, 'none.sock')
    const run = await runAis(['ckpt', verb, ...args, '--socket', socket])
    expect(run).toMatchObject({ code: 4, signal: null, stdout: '' })
    expect(run.stderr).toContain(`ais: no executive listens on ${socket} (--socket)\n`)
    expect(run.stderr).toContain('Try: ais exec\n')
    expect(run.stderr).not.toMatch(/ at |AisError/)
  })

  test('--json answers one line, with the exit code', async () => {
    const env = { AIS_SOCKET: join(directory, 'none.sock') }
    const run = await runAis(['ckpt', verb, ...args, '--json'], { env })
    expect(run.code).toBe(4)
    expect(run.stdout.match(/\n/g)).toHaveLength(1)
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { exitCode: 4 } })
  })

  test('a command line that is wrong: exit 2', async () => {
    expect(await runAis(['ckpt', verb, ...args, '--sokcet', '/x'])).toMatchObject({ code: 2, stdout: '' })
    expect(await runAis(['ckpt', verb, 'a', 'b', 'c'])).toMatchObject({ code: 2, stdout: '' })
  })

  test('--help has examples', async () => {
    const run = await runAis(['ckpt', verb, '--help'])
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(new RegExp(`EXAMPLES\\n {2}\\$ (.*\\| )?ais ckpt ${verb}`))
  })
})

test.each([
  ['show', [], 'name of the checkpoint'],
  ['create', ['c', '--retention', '10'], '"10" is no duration: 10 of what?'],
  ['create', ['c', '--max-section-size', '64K'], '"64K" is no size; sizes are like 64, 64KiB, 1MiB, 1MB'],
  ['create', ['c', '--max-sections', '0'], 'greater than or equal to 1'],
  ['create', ['c', '--guarantee', 'some'], 'to be one of'],
  ['read', ['c', 'zz', '--hex'], '"zz" is not hexadecimal'],
  ['read', ['c', 's', '--offset', '-1'], 'is no size'],
  ['write', ['c', 's', '--data', 'x', '--file', 'y'], 'cannot also be provided'],
  ['write', ['c', 's', '--data', 'x', '--offset', '3', '--overwrite'], 'cannot also be provided'],
  ['conflicts', ['--export', 'ID'], 'out'],
  ['conflicts', ['--show', 'ID', '--dismiss', 'ID'], 'cannot also be provided'],
  ['stress', [], 'Exactly one of the following must be provided'],
  ['stress', ['--count', '1', '--duration', '1'], 'cannot also be provided'],
  ['stress', ['--duration', 'long'], '"long" is no number of seconds above 0'],
  ['stress', ['--count', '1', '--size', '0'], '--size 0 is not from 1 to'],
  ['bench', ['--mode', 'fast'], 'to be one of'],
  ['bench', ['--size', '64', '--size', '2MB'], '--size 2000000 is not from 1 to'],
])('ais ckpt %s %j is refused, exit code 2', async (verb, flags, message) => {
  const run = await runAis(['ckpt', verb, ...flags])
  // What oclif says is wrapped.
  expect([run.code, run.stderr.replace(/\s+(›\s+)?/g, ' ')]).toEqual([2, expect.stringContaining(message)])
  expect(run.stdout).toBe('')
})

test('ais ckpt write of a file that cannot be read says so, exit 1', async () => {
  const file = join(directory, 'none.bin')
  const run = await runAis(['ckpt', 'write', 'c', 's', '--file', file])
  expect([run.code, run.stderr]).toEqual([1, expect.stringContaining(`cannot read ${file}`)])
})

test('a socket left by an executive that was killed is none', async () => {
  const socket = join(directory, 'left.sock')
  writeFileSync(socket, '')
  expect(await runAis(['ckpt', 'list', '--socket', socket])).toMatchObject({ code: 4, stdout: '' })
})

test('ais ckpt lists its commands', async () => {
  const run = await runAis(['ckpt', '--help'])
  expect(run.code).toBe(0)
  for (const verb of Object.keys(lines)) expect(run.stdout).toContain(`ckpt ${verb} `)
})
