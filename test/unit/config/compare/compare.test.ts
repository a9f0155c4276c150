import fc from 'fast-check'
import { compareGroups, compareNetworks, groupsText, type Difference } from '../../../../src/config/index.js'
import { checkGroupsText } from '../../../../src/config/groups/check-groups.js'
import type { GroupsConfig } from '../../../../src/config/model/groups-config.js'
import { groupsArbitrary } from '../../../helpers/groups-arbitrary.js'

function groups(text: string): GroupsConfig {
  const checked = checkGroupsText(text)
  if (!checked.ok) throw new Error(JSON.stringify(checked.diagnostics))
  return checked.config
}

/** 'group g, unit a, rank: 0 (one) 1 (two)', a line each. */
function told(differences: readonly Difference[]): string[] {
  return differences.map(({ path, key, values }) => {
    const what = [...path, ...(key === null ? [] : [key])].join(', ')
    return `${what}: ${values.map(({ value, nodes }) => `${String(value)} (${nodes.join()})`).join(' ')}`
  })
}

const group = (units: string, more = ''): string => `
group {
  name=g
  model=2n
  ${more}
  ${units}
  protection {
    name=p
    member=ca
    member=cb
  }
}
`
const unit = (name: string, more = ''): string => `
unit {
  name=${name}
  ${more}
  component {
    name=c${name}
  }
}
`
const both = unit('a') + unit('b')

function compared(...texts: readonly string[]): string[] {
  return told(compareGroups(texts.map((text, at) => ({ node: `n${at + 1}`, config: groups(text) }))))
}

describe('groups', () => {
  test('of the same meaning do not differ, however they are written', () => {
    expect(compared(group(both), `# a comment\n${group(both, 'active-units=1')}`)).toEqual([])
    expect(compared(group(both))).toEqual([])
    expect(compared()).toEqual([])
  })

  test('a key of an entity', () => {
    expect(compared(group(both), group(unit('a', 'rank=3') + unit('b')), group(both))).toEqual([
      'group g, unit a, rank: 0 (n1,n3) 3 (n2)',
    ])
    const slow = group(both, 'callback-timeout=7s')
    expect(compared(group(both), slow)).toEqual([
      'group g, unit a, component ca, callback-timeout: 5000 (n1) 7000 (n2)',
      'group g, unit b, component cb, callback-timeout: 5000 (n1) 7000 (n2)',
    ])
    expect(compared(`lease=100ms\n${group(both)}`, group(both))).toEqual(['lease: 100 (n1) null (n2)'])
  })

  test('what only some have, and what differs in what the others have', () => {
    const three = group(both + unit('c', 'rank=1'))
    expect(compared(group(both), three, three.replace('rank=1', 'rank=2'))).toEqual([
      'group g, unit c: absent (n1) present (n2,n3)',
      'group g, unit c, rank: 1 (n2) 2 (n3)',
    ])
    expect(compared('', group(both))).toEqual(['group g: absent (n1) present (n2)'])
  })

  test('the order of units, which counts', () => {
    expect(compared(group(both), group(unit('b') + unit('a')))).toEqual(
      expect.arrayContaining(['group g, order of units: unit a,unit b (n1) unit b,unit a (n2)']),
    )
  })

  test('there is a difference exactly where AMF sees one', () => {
    let different = 0
    const pair = groupsArbitrary.chain((one) => {
      return fc.tuple(fc.constant(one), fc.oneof(fc.constant(one), groupsArbitrary))
    })
    fc.assert(
      fc.property(pair, ([one, other]) => {
        const isSame = groupsText(one) === groupsText(other)
        if (!isSame) different++
        const found = compareGroups([
          { node: 'one', config: one },
          { node: 'other', config: other },
        ])
        expect(found.length === 0).toBe(isSame)
      }),
      { numRuns: 300 },
    )
    expect(different).toBeGreaterThan(20)
  })

  test('each single change of a configuration is found', () => {
    /** Every value of a document changed alone. */
    const changes = (value: unknown): unknown[] => {
      if (Array.isArray(value)) {
        const inner = value.flatMap((item, at) => changes(item).map((other) => value.with(at, other)))
        return value.length > 1 ? [...inner, [...(value as unknown[])].reverse()] : inner
      }
      if (typeof value === 'object' && value !== null) {
        return Object.entries(value).flatMap(([key, item]) => {
          return changes(item).map((other) => ({ ...value, [key]: other }))
        })
      }
      if (typeof value === 'number') return [value + 1]
      if (typeof value === 'boolean') return [!value]
      return [value === null ? 1 : `${String(value)}x`]
    }
    const config = groups(group(both, 'unit-failover-max=2'))
    const changed = changes(config) as GroupsConfig[]
    expect(changed.length).toBeGreaterThan(40)
    for (const other of changed) {
      const found = compareGroups([
        { node: 'one', config },
        { node: 'other', config: other },
      ])
      expect([JSON.stringify(other), found.length > 0]).toEqual([JSON.stringify(other), true])
    }
  })
})

describe('networks', () => {
  const keys = (values: Readonly<Record<string, string | number | null>>) => {
    return Object.entries(values).map(([key, value]) => ({ key, value }))
  }

  test('what places a node may differ', () => {
    const nodes = [
      { node: 'one', keys: keys({ bindnetaddr: '10.0.0.1', nodeid: 1, token: 1000, lease: 500 }) },
      { node: 'two', keys: keys({ bindnetaddr: '10.0.0.2', nodeid: 2, token: 1000, lease: 500 }) },
    ]
    expect(compareNetworks(nodes, false)).toEqual([])
    expect(told(compareNetworks(nodes, true))).toEqual([
      'bindnetaddr: 10.0.0.1 (one) 10.0.0.2 (two)',
      'nodeid: 1 (one) 2 (two)',
    ])
  })

  test('what does not is named once, with its unit, and who has which value', () => {
    const nodes = ['one', 'two', 'three'].map((node) => {
      return { node, keys: keys({ token: node === 'two' ? 2000 : 1000, lease: node === 'two' ? 1000 : 500 }) }
    })
    expect(compareNetworks(nodes, false)).toEqual([
      {
        file: 'network',
        path: [],
        key: 'token',
        unit: 'ms',
        values: [
          { value: 1000, nodes: ['one', 'three'] },
          { value: 2000, nodes: ['two'] },
        ],
      },
    ])
  })

  test('a key that the version of a node does not know', () => {
    const nodes = [
      { node: 'one', keys: keys({ token: 1000, crypto: 'none' }) },
      { node: 'two', keys: keys({ token: 1000 }) },
    ]
    expect(told(compareNetworks(nodes, false))).toEqual(['crypto: none (one) unknown to its version (two)'])
  })
})
