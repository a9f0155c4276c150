import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  findExecutives,
  identify,
  reached,
  signal,
  stateOf,
  type ProcessIdentity,
} from '../../../src/sandbox/processes.js'

const children: ChildProcess[] = []
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

/** A program that waits, with words behind it that look like those of an executive. */
async function started(...words: string[]): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)', '--', ...words])
  children.push(child)
  await once(child, 'spawn')
  return identify(child.pid!)!
}

test('a process is seen running, stopped, running again and gone', async () => {
  const identity = await started()
  expect(stateOf(identity)).toBe('running')
  expect(signal(identity, 'SIGSTOP')).toBe(true)
  expect(await reached(identity, 'stopped', 10_000)).toBe(true)
  signal(identity, 'SIGCONT')
  expect(await reached(identity, 'running', 10_000)).toBe(true)
  signal(identity, 'SIGKILL')
  expect(await reached(identity, 'gone', 10_000)).toBe(true)
  expect(signal(identity, 'SIGKILL')).toBe(false)
})

test('a process that got the pid of another is not taken for it, and gets no signal', async () => {
  const identity = await started()
  const earlier = { ...identity, startTime: String(Number(identity.startTime) - 1) }
  expect(stateOf(earlier)).toBe('gone')
  expect(signal(earlier, 'SIGKILL')).toBe(false)
  expect(stateOf(identity)).toBe('running')
})

test('there is no process of a pid that nobody has', () => {
  expect(identify(2 ** 22 + 1)).toBeNull()
})

test('what does not come about is given up', async () => {
  expect(await reached(await started(), 'gone', 20)).toBe(false)
})

test('executives are found by their configuration directories', async () => {
  const one = await started('exec', '--json', '--config-dir', '/tmp/none/node1')
  await started('exec', '--config-dir', '/tmp/none/node11')
  await started('status', '--config-dir', '/tmp/none/node2')
  const found = findExecutives(['/tmp/none/node1', '/tmp/none/node2', '/tmp/none/node3'])
  expect([...found]).toEqual([['/tmp/none/node1', one]])
})
