import { limits } from '../../src/base/index.js'
import { checkGroupsText } from '../../src/config/groups/check-groups.js'

const MEBI = 1024 * 1024
/** Of the processor, not of the clock: other tests run beside this one. */
const CHECK_MAX_MS = 4000

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
