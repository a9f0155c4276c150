import { jest } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

jest.setTimeout(240_000)

const fuzzPath = fileURLToPath(new URL('../../scripts/fuzz.mjs', import.meta.url))
const CASES = 100_000

test(`${CASES} hostile messages at the socket: others are served, nothing is left`, async () => {
  const args = ['--no-build', '--target', 'ipc', '--cases', String(CASES), '--json']
  const child = spawn(process.execPath, [fuzzPath, ...args], { env: { ...process.env, NODE_OPTIONS: '' } })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const figures = JSON.parse(stdout)
  expect(figures.findings).toEqual([])
  expect({ code: child.exitCode, stderr, failures: figures.failures }).toEqual({
    code: 0,
    stderr: '',
    failures: 0,
  })
  expect(figures.cases).toBeGreaterThanOrEqual(CASES)
  expect(Math.min(...(Object.values(figures.byClass) as number[]))).toBeGreaterThan(0)
  expect(figures.answers).toBeGreaterThan(0)
  expect(figures.goodbyes).toBeGreaterThan(0)
  expect(figures.honestPings).toBeGreaterThan(0)
})
