import { jest } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

jest.setTimeout(900_000)

const fuzzPath = fileURLToPath(new URL('../../scripts/fuzz.mjs', import.meta.url))
const CASES = 100_000

interface Figures {
  readonly findings: readonly unknown[]
  readonly failures: number
  readonly cases: number
  readonly taken: number
  readonly byClass: Readonly<Record<string, number>>
}

test.each([
  ['groups.conf, its objects and texts', 'groups'],
  ['both files in all their forms', 'config'],
  ['all formats, to convert', 'convert'],
])(`${CASES} hostile files: %s`, async (_, target) => {
  const args = ['--no-build', '--target', target, '--cases', String(CASES), '--json']
  const child = spawn(process.execPath, [fuzzPath, ...args], { env: { ...process.env, NODE_OPTIONS: '' } })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const figures = JSON.parse(stdout) as Figures
  expect(figures.findings).toEqual([])
  const { failures, cases, byClass, taken } = figures
  expect({ code: child.exitCode, stderr, failures }).toEqual({ code: 0, stderr: '', failures: 0 })
  expect(cases).toBeGreaterThanOrEqual(CASES)
  expect(Math.min(...Object.values(byClass))).toBeGreaterThan(100)
  // Neither are all of them refused, nor all of them fine.
  expect(taken).toBeGreaterThan(CASES / 500)
  expect(taken).toBeLessThan(CASES)
})
