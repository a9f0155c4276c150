import { loadGroupsOctets } from '../../../src/config/index.js'
import { stressModel } from '../../../src/programs/amf-stress-groups.js'
import { StressLedger } from '../../../src/programs/amf-stress-ledger.js'
import { entryLine, LineCutter, readEntry, type StressEntry } from '../../../src/programs/amf-stress-log.js'
import { verdictOf } from '../../../src/programs/amf-stress-verdict.js'
import { timesOf } from '../../../src/programs/amf-stress-text.js'

const NS_PER_MS = 1_000_000n
const model = stressModel(2)

describe('the groups of a stress run', () => {
  test.each([2, 3, 7])('over %d nodes are a groups.conf', (nodes) => {
    const { groupsText, components, instances } = stressModel(nodes)
    const loaded = loadGroupsOctets('groups.conf', Buffer.from(groupsText))
    expect(loaded.diagnostics).toEqual([])
    if (!loaded.ok) throw new Error('unreachable: it has no diagnostics')
    const units = loaded.config.groups.flatMap((group) => group.units)
    expect(units.flatMap((unit) => unit.components.map(({ name }) => [name, unit.name, unit.node]))).toEqual(
      components.map(({ name, unit, node }) => [name, unit, `node${node + 1}`]),
    )
    expect(
      loaded.config.groups.flatMap((group) =>
        group.serviceInstances.map(({ name, csis }) => [name, csis.length]),
      ),
    ).toEqual(instances.map(({ name, csis }) => [name, csis.length]))
  })
})

/** What is said `ms` after the beginning. */
function entry(
  ms: number,
  component: string,
  what: StressEntry['what'],
  more: Partial<StressEntry> = {},
): StressEntry {
  const atNs = BigInt(Math.round(ms * 1000)) * 1000n
  const { csi } = model.components.find(({ name }) => name === component)!
  const isAssignment = ['active', 'standby', 'quiesced', 'quiescing', 'removed'].includes(what)
  const pid = component.includes('unit1') ? 1 : 2
  return { atNs, pid, component, what, csi: isAssignment ? csi : null, epoch: null, turnedNs: atNs, ...more }
}

const [first, second] = ['pair1-unit1-1', 'pair1-unit2-1']

describe('the verdict', () => {
  const judge = (...entries: StressEntry[]): ReturnType<typeof verdictOf> =>
    verdictOf(entries, { ...model, instances: model.instances.filter(({ name }) => name === 'pair1') })

  test('one after the other is as it should be', () => {
    expect(judge(entry(0, first, 'active'), entry(5, first, 'quiesced'), entry(5, second, 'active'))).toEqual(
      {
        overlaps: [],
        asleep: [],
        falseAlarms: 0,
        notActive: [],
      },
    )
  })

  test('two at a time are an overlap, in whatever order the log has them', () => {
    const entries = [entry(5, second, 'active'), entry(0, first, 'active'), entry(7, first, 'removed')]
    expect(judge(...entries).overlaps).toEqual([
      { instance: 'pair1', components: [first, second], fromNs: 5n * NS_PER_MS, ms: 2 },
    ])
  })

  test('one that was killed is active no more', () => {
    const { overlaps } = judge(
      entry(0, first, 'active'),
      entry(4, first, 'killed'),
      entry(5, second, 'active'),
    )
    expect(overlaps).toEqual([])
  })

  test('one that was stopped is told apart, until it says something', () => {
    const verdict = judge(
      entry(0, first, 'active'),
      entry(4, first, 'stopped'),
      entry(10, second, 'active'),
      entry(50, first, 'continued'),
      entry(51, first, 'quiesced'),
    )
    expect(verdict).toMatchObject({ overlaps: [], notActive: [] })
    expect(verdict.asleep.map(({ ms }) => ms)).toEqual([41])
  })

  test('one that goes on as an active after it was stopped is an overlap', () => {
    const verdict = judge(
      entry(0, first, 'active'),
      entry(4, first, 'stopped'),
      entry(10, second, 'active'),
      entry(50, first, 'continued'),
      entry(60, first, 'registered'),
      entry(100, second, 'removed'),
    )
    expect(verdict.overlaps.map(({ ms }) => ms)).toEqual([40])
    expect(verdict.asleep.map(({ ms }) => ms)).toEqual([50])
  })

  test('a loop that did not turn did not run', () => {
    const late = entry(90, first, 'quiesced', { turnedNs: 20n * NS_PER_MS })
    const verdict = judge(entry(0, first, 'active'), entry(50, second, 'active'), late)
    expect(verdict.overlaps).toEqual([])
    expect(verdict.asleep.map(({ ms }) => ms)).toEqual([40])
    const soon = entry(60, first, 'quiesced', { turnedNs: 45n * NS_PER_MS })
    expect(judge(entry(0, first, 'active'), entry(50, second, 'active'), soon).overlaps).toHaveLength(1)
  })

  test('nobody active in the end is found', () => {
    expect(judge(entry(0, first, 'active'), entry(1, first, 'removed')).notActive).toEqual(['pair1'])
    expect(judge().notActive).toEqual(['pair1'])
  })
})

describe('the ledger', () => {
  test('is well when all are assigned, and tells what is missing', () => {
    const ledger = new StressLedger(model)
    expect(ledger.isWell).toBe(false)
    for (const { name } of model.components) {
      ledger.apply(entry(0, name, 'registered'))
      ledger.apply(entry(1, name, name.includes('unit1') ? 'active' : 'standby'))
    }
    expect(ledger.missing).toEqual([])
    expect(model.instances.map((instance) => ledger.activeOf(instance))).toEqual([
      'pool-unit1',
      'pair1-unit1',
    ])
    ledger.apply(entry(2, first, 'killed'))
    expect(ledger.missing).toEqual(['pair1 has no active unit', `${first} holds nothing`])
    // What it wrote before it was killed, and is read only now.
    ledger.apply(entry(1, first, 'active'))
    expect(ledger.holds(first)).toBe(false)
    ledger.apply(entry(3, second, 'active'))
    expect(ledger.activesOf(model.instances[1])).toEqual([{ unit: 'pair1-unit2', sinceNs: 3n * NS_PER_MS }])
  })
})

test('the log is read as it was written, in whatever pieces it comes', () => {
  const entries = [
    entry(1, first, 'active', { epoch: 2n ** 63n }),
    entry(2, first, 'killed'),
    entry(3, second, 'removed'),
  ]
  const text = entries.map(entryLine).join('')
  const cutter = new LineCutter()
  const lines = [...text].flatMap((character) => cutter.take(character))
  expect(lines.map(readEntry)).toEqual(entries)
})

test('times are those of the sorted values', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(timesOf(values)).toEqual({ kills: 100, p50Ms: 51, p99Ms: 100, maxMs: 100 })
  expect(timesOf([])).toEqual({ kills: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 })
})
