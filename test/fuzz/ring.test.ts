import { jest } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

jest.setTimeout(180_000)

const fuzzPath = fileURLToPath(new URL('../../scripts/fuzz.mjs', import.meta.url))
const CASES = 100_000

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function fuzz(...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [fuzzPath, '--no-build', ...args], {
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode!, stdout, stderr }
}

test(`${CASES} hostile frames: nothing that must not happen happens`, async () => {
  const { code, stdout, stderr } = await fuzz('--seed', '1', '--cases', String(CASES), '--json')
  const figures = JSON.parse(stdout)
  const { cases, byClass, findings, exceptions, stalls, changed, apart, unserved, grown } = figures
  expect(findings).toEqual([])
  expect({ exceptions, stalls, changed, apart, unserved, grown }).toEqual({
    exceptions: 0,
    stalls: 0,
    changed: 0,
    apart: 0,
    unserved: 0,
    grown: 0,
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(cases).toBeGreaterThanOrEqual(CASES)
  // The attack was one: every class took part, every way of refusing was met, forgeries got through.
  for (const name of ['garbage', 'corrupted', 'foreign', 'malformed', 'stranger', 'replayed', 'forged']) {
    expect(byClass[name]).toBeGreaterThan(1000)
  }
  const refusals = ['not-ours', 'version', 'cluster', 'checksum', 'malformed', 'size', 'ring', 'sender']
  for (const name of [...refusals, 'replay', 'commit', 'sequence', 'stale', 'busy']) {
    expect(figures.counters[`refused.${name}`]).toBeGreaterThan(0)
  }
  expect(figures.reconfigurations).toBeGreaterThan(100)
})

test('a seed gives the same campaign again', async () => {
  const [first, second] = await Promise.all([fuzz('--world', '3', '--json'), fuzz('--world', '3', '--json')])
  const plain = ({ stdout }: Outcome): unknown => {
    const { counters, byClass, virtualMs, deliveries } = JSON.parse(stdout)
    return { counters, byClass, virtualMs, deliveries }
  }
  expect(plain(first)).toEqual(plain(second))
})

test.each([
  [['--cases', 'many'], /--cases many: expected a whole number/],
  [['--frames', '1'], /Unknown option '--frames'/],
])('usage errors answer 2: %j', async (args, message) => {
  const { code, stderr, stdout } = await fuzz(...args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(message)
})
