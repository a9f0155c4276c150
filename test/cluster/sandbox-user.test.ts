import { jest } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, runAis, type Run } from '../cli/run-ais.js'
import { oneLine, processesOf, type StatusLine } from './sandbox-world.js'

// A sandbox needs no root: here it is nobody's, in nobody's runtime directory.

jest.setTimeout(120_000)

const NOBODY = 65_534

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can run a command as nobody'
  const { status } = spawnSync('test', ['-r', `${root}/bin/run.js`], { uid: NOBODY, gid: NOBODY })
  return status === 0 ? undefined : `nobody cannot read ${root}`
}

const reason = whyNot()
if (reason !== undefined) process.stderr.write(`skipped: the sandbox of an ordinary user: ${reason}\n`)

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ais-nobody-'))
  chmodSync(home, 0o755)
  for (const name of ['home', 'run']) {
    mkdirSync(join(home, name), { mode: 0o700 })
    chownSync(join(home, name), NOBODY, NOBODY)
  }
})
afterEach(() => {
  for (const pid of processesOf(home)) process.kill(pid, 'SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

function cluster(...args: string[]): Promise<Run> {
  const env = { HOME: join(home, 'home'), XDG_RUNTIME_DIR: join(home, 'run'), AIS_SANDBOX_DIR: '' }
  return runAis(['cluster', ...args], { uid: NOBODY, gid: NOBODY, cwd: '/', env })
}

const test1 = reason === undefined ? test : test.skip

test1('an ordinary user has a sandbox in the runtime directory', async () => {
  const up = await cluster('up', '--json')
  expect([up.code, up.stderr]).toEqual([0, expect.any(String)])
  const dir = join(home, 'run', 'ais', 'sandbox')
  expect(oneLine(up)).toMatchObject({ dir, nodes: [{ name: 'node1' }, { name: 'node2' }, { name: 'node3' }] })
  expect(statSync(dir)).toMatchObject({ uid: NOBODY, mode: 0o40700 })
  await cluster('kill', 'node2')
  await cluster('start', 'node2')
  await cluster('pause', 'node3')
  await cluster('resume', 'node3')
  const split = await cluster('partition', 'node1', '--json')
  expect(oneLine(split)).toMatchObject({ confirmed: ['node1', 'node2', 'node3'] })
  const status = oneLine(await cluster('status', '--json')) as StatusLine
  expect(status.nodes.map(({ state }) => state)).toEqual(['up', 'up', 'up'])
  for (const { pid } of status.nodes) expect(statSync(`/proc/${pid}`).uid).toBe(NOBODY)
  expect((await cluster('down')).code).toBe(0)
  expect(readdirSync(join(home, 'run'))).toEqual([])
  expect(processesOf(home)).toEqual([])
})

test1("another user's sandbox is not used, nor a directory that others can write to", async () => {
  const dir = join(home, 'open')
  mkdirSync(dir)
  chmodSync(dir, 0o777)
  const foreign = await cluster('up', '--dir', dir)
  expect(foreign.stderr).toBe(`ais: ${dir} is not used for a sandbox: it belongs to another user\n`)
  chownSync(dir, NOBODY, NOBODY)
  const open = await cluster('up', '--dir', dir)
  expect(open.stderr).toBe(`ais: ${dir} is not used for a sandbox: others can write to it\n`)
  chmodSync(dir, 0o700)
  expect((await cluster('up', '--nodes', '1', '--dir', dir)).code).toBe(0)
  const asRoot = await runAis(['cluster', 'kill', 'node1', '--dir', dir])
  const file = join(dir, 'sandbox.json')
  expect([asRoot.code, asRoot.stderr]).toEqual([1, `ais: ${file} belongs to another user and is not used\n`])
  expect((await cluster('down', '--dir', dir)).code).toBe(0)
  expect([existsSync(dir), readdirSync(dir)]).toEqual([true, []])
})
