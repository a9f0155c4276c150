import { jest } from '@jest/globals'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEntry } from '../../src/programs/amf-stress-log.js'
import type { AmfStressLine } from '../../src/programs/amf-stress-text.js'
import { runAis } from '../cli/run-ais.js'
import { ClientProgram } from '../helpers/cluster/client-program.mjs'
import { oneLine, processesOf } from './sandbox-world.js'

// `ais amf stress` as a program: what it finds, and that it leaves nothing behind.

jest.setTimeout(120_000)

let directory: string
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'ais-amf-stress-test-'))))
afterEach(() => {
  const left = processesOf(directory)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  rmSync(directory, { recursive: true, force: true })
  expect(left).toEqual([])
})

test('fails one thing after the other, and finds one active at any time', async () => {
  const [dir, log] = [join(directory, 'sandbox'), join(directory, 'log')]
  const kinds = ['component-killed', 'component-stopped', 'daemon-killed']
  const flags = kinds.flatMap((kind) => ['--kind', kind])
  const run = await runAis(
    ['amf', 'stress', '--nodes', '2', '--kills', '3', '--dir', dir, '--log', log, '--json', ...flags],
    { env: { TMPDIR: directory } },
  )
  const line = oneLine(run) as AmfStressLine
  expect([run.code, line.failure]).toEqual([0, null])
  expect(line).toMatchObject({ kills: 3, overlaps: 0, maxOverlapMs: 0, notActive: [] })
  expect(Object.keys(line.kinds)).toEqual(kinds)
  expect(line.writes).toBeGreaterThan(0)
  expect(line.maxMs).toBeGreaterThanOrEqual(line.p50Ms)
  const entries = readFileSync(log, 'utf8').trim().split('\n').map(readEntry)
  const said = new Set(entries.map(({ what }) => what))
  for (const what of ['active', 'standby', 'killed', 'stopped', 'continued', 'lost'] as const) {
    expect(said).toContain(what)
  }
  expect(existsSync(dir)).toBe(false)
})

test('interrupted, it ends all that it started', async () => {
  const dir = join(directory, 'sandbox')
  const args = ['amf', 'stress', '--nodes', '2', '--kind', 'component-killed', '--duration', '600']
  const program = new ClientProgram([...args, '--dir', dir, '--json'], { TMPDIR: directory })
  await program.errorLine(/^failures: 1: component-killed/, { timeoutMs: 60_000 })
  // Two executives and six components at the least, of which one may be just about to be replaced.
  expect(processesOf(directory).length).toBeGreaterThan(6)
  await program.end('SIGINT')
  expect(program.exit).toEqual({ code: 0, signal: null })
  expect(program.documents).toMatchObject([{ overlaps: 0, failure: null }])
  expect(existsSync(dir)).toBe(false)
})
