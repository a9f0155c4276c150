import { jest } from '@jest/globals'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { CheckResult } from '../../src/doctor/index.js'
import { freePort } from '../helpers/cluster/free-port.mjs'
import { root, runAis } from './run-ais.js'

jest.setTimeout(60_000)

// `ais doctor` as a program, on addresses of the loopback interface.

const [here, there] = ['127.0.79.1', '127.0.79.2']
let work: string
let port: number

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'ais-doctor-'))
  port = await freePort([here, there])
})

afterAll(() => {
  rmSync(work, { recursive: true, force: true })
})

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A configuration directory with this network.conf. */
function configured(...lines: string[]): string {
  const directory = mkdtempSync(join(work, 'conf-'))
  const paths = [`statedir:${directory}/state`, `socket:${directory}/ais.sock`]
  writeFileSync(join(directory, 'network.conf'), [...lines, ...paths, ''].join('\n'))
  return directory
}

const at = (address: string): string =>
  configured(`bindnetaddr:${address}`, 'mcastaddr:239.192.77.79', `mcastport:${port}`, 'token:20000')

interface Report {
  readonly ok: boolean
  readonly checks: readonly CheckResult[]
}

test('a line for each check, and one document with --json', async () => {
  const configDir = at(here)
  const text = await runAis(['doctor', '--config-dir', configDir])
  expect(text.stdout).toMatch(
    /^ok {4}multicast +multicast to 239\.192\.77\.79:\d+ by lo \(127\.0\.79\.1\) came back/m,
  )
  expect(text.stdout).toMatch(/^\d+ checks: \d+ ok, \d+ to look at, \d+ failed$/m)
  expect(text.stdout).not.toContain('\u001b')
  const json = await runAis(['doctor', '--json', '--config-dir', configDir])
  expect(json.stdout.trimEnd()).not.toContain('\n')
  const { ok, checks } = JSON.parse(json.stdout) as Report
  expect(ok).toBe(checks.every(({ status }) => status !== 'fail'))
  expect([json.code, text.code]).toEqual(ok ? [0, 0] : [1, 1])
  for (const id of ['configuration', 'interface', 'multicast', 'unicast-port', 'other-cluster']) {
    expect(checks.find((result) => result.id === id)).toMatchObject({ status: 'ok', remedy: null })
  }
  expect(checks.some(({ id }) => id === 'peer')).toBe(false)
})

test('a configuration with mistakes fails with its findings, and the network is not tried', async () => {
  const configDir = configured('bindnetaddr:127.0.79.1', 'mcastaddr:10.0.0.1')
  const run = await runAis(['doctor', '--config-dir', configDir])
  expect(run.code).toBe(1)
  expect(run.stdout).toMatch(/^fail {2}configuration +.*network\.conf:2:\d+/m)
  expect(run.stdout).toContain(`Try: ais config validate ${configDir}/network.conf`)
  expect(run.stdout).toMatch(/^skip {2}multicast/m)
})

test('--peer without an answer fails and says what to run there', async () => {
  const run = await runAis(['doctor', '--config-dir', at(here), '--peer', there])
  expect(run.code).toBe(1)
  expect(run.stdout).toMatch(
    /^fail {2}peer +127\.0\.79\.2 is there, and nobody answers\n +Try: .*ais doctor --listen$/m,
  )
})

test('--listen answers --peer, tells who asked, and ends with SIGTERM', async () => {
  const args = [`${root}/bin/run.js`, 'doctor', '--listen', '--json', '--config-dir', at(there)]
  const env = { ...process.env, NODE_OPTIONS: '' }
  const listening = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(listening)
  const exited = once(listening, 'close')
  const output: Buffer[] = []
  listening.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  await once(createInterface({ input: listening.stderr }), 'line') // answering on …
  const run = await runAis(['doctor', '--json', '--config-dir', at(here), '--peer', there])
  const { checks } = JSON.parse(run.stdout) as Report
  for (const id of ['peer', 'sizes', 'loss', 'round-trip', 'clock']) {
    expect(checks.find((result) => result.id === id)).toMatchObject({
      status: 'ok',
      details: { peer: there },
    })
  }
  listening.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  const summary: unknown = JSON.parse(Buffer.concat(output).toString())
  expect(summary).toMatchObject({
    askers: [{ address: here, requests: expect.any(Number) as number }],
    ignored: { stranger: 0, 'too many': 0 },
  })
})

const hasScript = spawnSync('script', ['--version']).status === 0
if (!hasScript) process.stderr.write('skipped: Ctrl-C on a terminal: there is no script (util-linux)\n')
const testOnTerminal = hasScript ? test : test.skip

testOnTerminal('Ctrl-C ends it at once, and gives the cursor back', async () => {
  const line = `${process.execPath} ${root}/bin/run.js doctor --config-dir ${at(here)} --only other-cluster`
  const env = { ...process.env, NODE_OPTIONS: '' }
  const terminal = spawn('script', ['-qfec', `stty rows 24 cols 80; exec ${line}`, '/dev/null'], { env })
  children.push(terminal)
  const exited = once(terminal, 'close')
  let said = ''
  let askedAtMs = 0
  terminal.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (askedAtMs > 0 || !said.includes('other clusters')) return
    askedAtMs = performance.now()
    terminal.stdin.write('\u0003')
  })
  expect(await exited).toEqual([130, null]) // as a shell says of who was ended by SIGINT
  expect(performance.now() - askedAtMs).toBeLessThan(1000)
  expect(said.slice(said.lastIndexOf('\u001b[?25'))).toMatch(/^\u001b\[\?25h/)
})

test('--listen ends after --timeout', async () => {
  const run = await runAis(['doctor', '--listen', '--timeout', '0.2', '--config-dir', at(there)])
  expect([run.code, run.stdout]).toEqual([0, ''])
  expect(run.stderr).toMatch(/^answering on 239\.192\.77\.79:\d+ and 127\.0\.79\.2:\d+, 127\.0\.79\.2:\d+$/m)
})

test.each([
  [['--peer', 'node-2'], 2, '--peer node-2 is no IPv4 address'],
  [['--peer', '127.0.0.2', '--listen'], 2, 'cannot also be provided'],
  [['--timeout', '3'], 2, '--listen'],
  [['--listen', '--timeout', 'soon'], 2, 'soon'],
  [['--listen', '--config-dir', '/nowhere'], 3, '/nowhere/network.conf'],
])('%j: exit code %i', async (args, code, message) => {
  const run = await runAis(['doctor', ...args])
  expect([run.code, run.stdout]).toEqual([code, ''])
  expect(run.stderr.replace(/\s+/g, ' ')).toContain(message)
})
