import { jest } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { root } from '../cli/run-ais.js'
import { SandboxWorld, shortcutsTo, sights } from './sandbox-world.js'

// Whoever interrupts a command, at whatever moment: nothing is left, or the next command copes with it.

jest.setTimeout(120_000)

let world: SandboxWorld
// So long that a shorter way is made to it, outside of it.
beforeEach(() => (world = new SandboxWorld('a-long-name-'.repeat(8))))
afterEach(() => world.close())

function begin(...args: string[]): ChildProcess {
  const command = [`${root}/bin/run.js`, 'cluster', ...args, '--dir', world.dir]
  return spawn(process.execPath, command, { env: { ...process.env, NODE_OPTIONS: '' } })
}

/** Files and processes are what tells how far a command is. */
async function until(what: string, check: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 30_000
  while (!check()) {
    if (performance.now() > deadlineMs) throw new Error(`it did not come to ${what}`)
    await wait(2)
  }
}

const stages: [string, () => boolean][] = [
  ['its file being there', () => existsSync(join(world.dir, 'sandbox.json'))],
  ['its first configuration', () => existsSync(join(world.dir, 'node1', 'network.conf'))],
  ['its first daemon', () => world.executives().length >= 1],
  ['its third daemon', () => world.executives().length >= 3],
  ['its first socket', () => existsSync(join(world.dir, 'node1', 'ais.sock'))],
]

test.each(stages)('up, interrupted at %s, leaves nothing', async (what, check) => {
  const up = begin('up', '--nodes', '4')
  const stderr = textOf(up.stderr!)
  const closed = once(up, 'close')
  await until(what, check)
  up.kill('SIGINT')
  await closed
  expect([up.exitCode, await stderr]).toEqual([
    1,
    expect.stringContaining('ais: interrupted by SIGINT: no sandbox is left'),
  ])
  expect(world.processes()).toEqual([])
  expect(existsSync(world.dir)).toBe(false)
  expect(shortcutsTo(world.work)).toEqual([])
})

test.each(stages)('up, killed at %s, is taken over by the next one', async (what, check) => {
  const up = begin('up', '--nodes', '3')
  const closed = once(up, 'close')
  await until(what, check)
  up.kill('SIGKILL')
  await closed
  const status = await world.status()
  expect(status.phase).toBe('starting')
  const refused = await world.run('kill', 'node1')
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/^ais: `ais cluster up` was interrupted .*\nTry: ais cluster down --dir /),
  ])
  const again = await world.run('up', '--nodes', '2', '--json')
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('removing what an earlier')])
  expect(world.processes()).toHaveLength(2)
  expect(sights(await world.status())).toEqual(['node1: node1,node2', 'node2: node1,node2'])
  expect(shortcutsTo(world.work)).toHaveLength(1)
})

test('up fails when a daemon ends on the way, with why, and leaves nothing', async () => {
  const up = begin('up', '--nodes', '3')
  const stderr = textOf(up.stderr!)
  const closed = once(up, 'close')
  await until('its first daemon', () => world.executives().length >= 1)
  process.kill(
    world.processes().find((pid) => pid !== up.pid)!,
    'SIGKILL',
  )
  await closed
  expect([up.exitCode, await stderr]).toEqual([
    1,
    expect.stringMatching(/^ais: node\d was ended by SIGKILL/m),
  ])
  expect([world.processes(), existsSync(world.dir), shortcutsTo(world.work)]).toEqual([[], false, []])
})

test('up gives up when a node does not answer in time, and leaves nothing', async () => {
  const up = begin('up', '--nodes', '3', '--timeout', '3')
  const stderr = textOf(up.stderr!)
  const closed = once(up, 'close')
  await until('its first daemon', () => world.executives().length >= 1)
  process.kill(
    world.processes().find((pid) => pid !== up.pid)!,
    'SIGSTOP',
  )
  await closed
  const said = 'ais: the nodes did not find each other within 3 s:\n  node1 sees '
  expect([up.exitCode, await stderr]).toEqual([5, expect.stringContaining(said)])
  expect([world.processes(), existsSync(world.dir), shortcutsTo(world.work)]).toEqual([[], false, []])
})

test('down finishes what a killed up has begun', async () => {
  const up = begin('up', '--nodes', '3')
  const closed = once(up, 'close')
  await until('two daemons', () => world.executives().length >= 2)
  up.kill('SIGKILL')
  await closed
  expect(await world.json('down')).toMatchObject({ existed: true, directoryKept: false })
  expect([world.processes(), existsSync(world.dir), shortcutsTo(world.work)]).toEqual([[], false, []])
})

test('a daemon whose start was not noted any more is found all the same', async () => {
  await world.json('up', '--nodes', '2')
  await world.json('kill', 'node2')
  const start = begin('start', 'node2')
  const closed = once(start, 'close')
  await until('the daemon of node2', () => world.executives().length >= 2)
  start.kill('SIGKILL')
  await closed
  const status = await world.until('both', (found) => sights(found)[1] === 'node2: node1,node2')
  const again = await world.run('start', 'node2')
  expect([again.code, again.stderr]).toEqual([1, `ais: node2 runs already (pid ${status.nodes[1].pid})\n`])
  await world.json('down')
  expect(world.processes()).toEqual([])
})

test('a command waits for another one that is at work', async () => {
  const up = begin('up', '--nodes', '4')
  const closed = once(up, 'close')
  await until('the file', () => existsSync(join(world.dir, 'sandbox.json')))
  up.kill('SIGSTOP')
  const down = begin('down', '--json')
  const said = new Promise<string>((resolve) => down.stderr!.once('data', (text) => resolve(String(text))))
  expect(await said).toBe(`waiting for another command\n`)
  up.kill('SIGCONT')
  await closed
  const [answer] = await Promise.all([textOf(down.stdout!), once(down, 'close')])
  expect([up.exitCode, down.exitCode]).toEqual([0, 0])
  expect(JSON.parse(answer)).toMatchObject({ existed: true })
})
