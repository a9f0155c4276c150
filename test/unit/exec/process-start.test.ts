import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { processStart } from '../../../src/exec/process-start.js'

/** A program whose name would mislead whoever splits the line at blanks. */
const program = 'process.title = "a) Z 1 (b"; process.stdout.write("up")'

test('a living process has a start, the same one each time; one that has ended has none', async () => {
  const child = spawn(process.execPath, ['-e', `${program}; setInterval(() => {}, 1000)`], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  await once(child.stdout, 'data')
  // What becomes of the pipe when the process is killed is nobody's concern: it may be reset.
  child.stdout.destroy()
  const start = processStart(child.pid!)
  expect(start).toBeGreaterThan(processStart(process.pid)!)
  expect(processStart(child.pid!)).toBe(start)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(processStart(child.pid!)).toBeNull()
})

test('one that ended and was not reaped is none', async () => {
  // The shell waits for nobody: its child stays behind as a zombie for as long as it runs.
  const script = 'sleep 0 & echo $!; exec sleep 600'
  const shell = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = (await once(shell.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  try {
    const deadlineMs = performance.now() + 5000
    while (processStart(pid) !== null && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(processStart(pid)).toBeNull()
  } finally {
    shell.kill('SIGKILL')
  }
})

test.each([0, -1, 2 ** 31, 1.5])('%p is no process', (pid) => {
  expect(processStart(pid)).toBeNull()
})
