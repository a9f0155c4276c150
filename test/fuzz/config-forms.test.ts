import { jest } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

jest.setTimeout(240_000)

const fuzzPath = fileURLToPath(new URL('../../scripts/fuzz.mjs', import.meta.url))
const CASES = 6000

test(`${CASES} mutated files of all forms: findings have places, and fixes do no harm`, async () => {
  const args = ['--no-build', '--target', 'config', '--cases', String(CASES), '--seed', '7', '--json']
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
  // Both files in the three forms; some are good, and in some there was something to mend.
  expect(Object.keys(figures.byClass)).toHaveLength(6)
  expect(Math.min(...(Object.values(figures.byClass) as number[]), figures.mended)).toBeGreaterThan(
    CASES / 100,
  )
  expect(figures.taken).toBeGreaterThan(CASES / 500)
  expect(figures.taken).toBeLessThan(CASES)
})
