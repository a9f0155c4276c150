import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAis } from './run-ais.js'

let directory: string
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'ais-clm-'))))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe.each(['nodes', 'watch', 'test'])('ais clm %s', (verb) => {
  test('without an executive: says where it looked and what to do, exit 4', async () => {
    const socket = join(directory, 'none.sock')
    const run = await runAis(['clm', verb, '--socket', socket])
    expect(run).toMatchObject({ code: 4, signal: null, stdout: '' })
    expect(run.stderr).toContain(`ais: no executive listens on ${socket} (--socket)\n`)
    expect(run.stderr).toContain('Try: ais exec\n')
    expect(run.stderr).not.toMatch(/ at |AisError/)
  })

  test('--json answers one line, with the exit code', async () => {
    const env = { AIS_SOCKET: join(directory, 'none.sock') }
    const run = await runAis(['clm', verb, '--json'], { env })
    expect(run.code).toBe(4)
    expect(run.stdout.match(/\n/g)).toHaveLength(1)
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { exitCode: 4 } })
    expect(run.stderr).toBe('')
  })

  test('a socket left by an executive that was killed is none', async () => {
    const socket = join(directory, `${verb}-file.sock`)
    writeFileSync(socket, '')
    expect(await runAis(['clm', verb, '--socket', socket])).toMatchObject({ code: 4, stdout: '' })
  })

  test('a command line that is wrong: exit 2', async () => {
    expect(await runAis(['clm', verb, '--sokcet', '/x'])).toMatchObject({ code: 2, stdout: '' })
    expect(await runAis(['clm', verb, 'extra'])).toMatchObject({ code: 2, stdout: '' })
    expect(await runAis(['clm', verb, '--socket', '/x', '--node', 'a'])).toMatchObject({ code: 2 })
  })

  test('--help has examples', async () => {
    const run = await runAis(['clm', verb, '--help'])
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(new RegExp(`EXAMPLES\\n {2}\\$ ais clm ${verb}\\n`))
  })
})

test('ais clm lists its commands', async () => {
  const run = await runAis(['clm', '--help'])
  expect(run.code).toBe(0)
  for (const verb of ['nodes', 'watch', 'test']) expect(run.stdout).toContain(`clm ${verb} `)
})
