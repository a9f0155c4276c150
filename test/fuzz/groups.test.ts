import { jest } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { limits } from '../../src/base/index.js'
import { checkGroupsText } from '../../src/config/groups/check-groups.js'

jest.setTimeout(240_000)

const fuzzPath = fileURLToPath(new URL('../../scripts/fuzz.mjs', import.meta.url))
const CASES = 60_000
const MEBI = 1024 * 1024
/** Of the processor, not of the clock: other tests run beside this one. */
const CHECK_MAX_MS = 4000

test(`${CASES} hostile files, objects and texts of groups.conf`, async () => {
  const args = ['--no-build', '--target', 'groups', '--cases', String(CASES), '--json']
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
  expect(figures.taken).toBeGreaterThan(CASES / 100)
  expect(figures.taken).toBeLessThan(CASES)
})

/** A MiB of the same. */
const repeated = (piece: string): string => piece.repeat(Math.floor(MEBI / piece.length))

/** As many units as there may be, and what else is asked for. */
function large(protections: number, instances: number): string {
  const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
  const units = range(limits.amfUnits).map((u) => `unit {\nname=u${u}\ncomponent {\nname=c${u}\n}\n}\n`)
  const members = range(limits.amfUnits).map((u) => `member=c${u}\n`)
  const lists = range(protections).map((p) => `protection {\nname=p${p}\n${members.join('')}}\n`)
  const csi = (s: number): string => `csi {\nname=k${s}\nprotection=p${s % protections}\n}\n`
  const written = range(instances).map((s) => `service-instance {\nname=s${s}\n${csi(s)}}\n`)
  return ['group {\nname=g\nmodel=nplusm\n', ...units, ...lists, ...written, '}\n'].join('')
}

const hostile: [string, string][] = [
  ['closed blocks that were never opened', repeated('}\n')],
  ['closed blocks on one line', repeated('} ')],
  ['groups that are never closed', repeated('group {\n')],
  ['blocks within each other', repeated('group {\nunit {\ncomponent {\n')],
  ['blocks of no kind', repeated('grop {\n')],
  ['blocks without braces', repeated('unit\n')],
  ['unknown keys', repeated('x=1\n')],
  ['keys that are nearly right', repeated(`active-uni${'x'.repeat(80)}=1\n`)],
  ['one key a mebioctet long', 'a'.repeat(MEBI)],
  ['one value a mebioctet long', `name=${'a'.repeat(MEBI - 5)}`],
  ['one line of blanks', `${' '.repeat(MEBI - 1)}x`],
  ['blanks within a line', `a${' '.repeat(MEBI - 2)}x`],
  ['keys on the line of a block', `group {${'a='.repeat(MEBI / 2 - 4)}`],
  ['all that a file may have', large(60, 0)],
  ['more members than can be told', large(30, 4096)],
]

test.each(hostile)('a mebioctet costs no more than what it holds: %s', (_, content) => {
  const before = process.cpuUsage()
  const { ok, diagnostics } = checkGroupsText(content)
  const { user, system } = process.cpuUsage(before)
  expect(ok || diagnostics.length > 0).toBe(true)
  expect((user + system) / 1000).toBeLessThan(CHECK_MAX_MS)
})
