import fc from 'fast-check'
import { limits } from '../../../src/base/index.js'
import { effectiveLeaseMs } from '../../../src/config/model/effective-lease.js'
import { emptyGroups, type GroupsConfig } from '../../../src/config/model/groups-config.js'
import { groupsText, readGroupsText } from '../../../src/config/model/groups-text.js'
import { groupsArbitrary } from '../../helpers/groups-arbitrary.js'

type Tree = Record<string, unknown>

/** Every place in a tree, as the way to it. */
function placesOf(tree: unknown, way: readonly string[] = []): string[][] {
  if (typeof tree !== 'object' || tree === null) return [[...way]]
  return [[...way], ...Object.entries(tree).flatMap(([key, value]) => placesOf(value, [...way, key]))]
}

function changed(tree: unknown, way: readonly string[], change: (value: unknown) => unknown): unknown {
  if (way.length === 0) return change(tree)
  const copy = (Array.isArray(tree) ? [...(tree as unknown[])] : { ...(tree as Tree) }) as Tree
  copy[way[0]] = changed(copy[way[0]], way.slice(1), change)
  return copy
}

const sample = (): GroupsConfig => {
  const small = fc.sample(groupsArbitrary, { seed: 7, numRuns: 40 })
  return small.find(({ groups }) => groups.length === 2) ?? emptyGroups
}

describe('the text of a configuration', () => {
  test('comes back as what it was', () => {
    fc.assert(
      fc.property(groupsArbitrary, (config) => {
        const read = readGroupsText(groupsText(config))
        expect(read).toEqual(config)
        expect(groupsText(read!)).toBe(groupsText(config))
      }),
    )
    expect(readGroupsText(groupsText(emptyGroups))).toEqual(emptyGroups)
  })

  test('does not depend on the order of fields', () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, content]) => [key, turned(content)]),
      )
    }
    fc.assert(
      fc.property(
        groupsArbitrary,
        (config) => groupsText(turned(config) as GroupsConfig) === groupsText(config),
      ),
    )
  })

  test('is refused with any octet changed to something that no configuration has there', () => {
    fc.assert(
      fc.property(
        groupsArbitrary,
        fc.nat(),
        fc.string({ unit: 'binary', maxLength: 3 }),
        (config, at, piece) => {
          const text = groupsText(config)
          const place = at % (text.length + 1)
          const read = readGroupsText(text.slice(0, place) + piece + text.slice(place + piece.length))
          // A digit for a digit may give another configuration: then that is what was read.
          return (
            read === null ||
            groupsText(read) === text.slice(0, place) + piece + text.slice(place + piece.length)
          )
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('is refused where one value is of another kind, one is missing or one is too many', () => {
    const tree: unknown = JSON.parse(groupsText(sample()))
    expect(readGroupsText(JSON.stringify(tree))).not.toBeNull()
    const places = placesOf(tree)
    expect(places.length).toBeGreaterThan(100)
    for (const way of places) {
      for (const wrong of [{}, [null], -1, 1.5, '\u0007', 2 ** 40, true]) {
        const text = JSON.stringify(changed(tree, way, () => wrong))
        const read = readGroupsText(text)
        // A flag may be true where it was false.
        if (read !== null) expect([wrong, groupsText(read)]).toEqual([true, text])
      }
      const more = changed(tree, way, (value) =>
        Array.isArray(value) ? [...(value as unknown[]), 0] : [value],
      )
      expect(readGroupsText(JSON.stringify(more))).toBeNull()
      const less = changed(tree, way, (value) =>
        Array.isArray(value) && value.length > 4 ? value.slice(1) : null,
      )
      const read = readGroupsText(JSON.stringify(less))
      // Some may be null, and then it is a configuration that says so.
      if (read !== null) expect(groupsText(read)).toBe(JSON.stringify(less))
    }
  })

  test('is refused with blanks', () => {
    const text = groupsText(sample())
    expect(readGroupsText(` ${text}`)).toBeNull()
    expect(readGroupsText(`${text}\n`)).toBeNull()
    expect(readGroupsText(text.replace(',', ', '))).toBeNull()
  })

  test.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['half an object', '{'],
    ['a number', '0'],
    ['an object', '{}'],
    ['deep', '['.repeat(700_000)],
    ['deep and closed', '['.repeat(300_000) + ']'.repeat(300_000)],
    ['too long', `"${'x'.repeat(800_000)}"`],
  ])('is not %s', (_, text) => expect(readGroupsText(text)).toBeNull())

  describe('is refused where it breaks a promise:', () => {
    const config = sample()
    const [first, second] = config.groups
    const withFirst = (changes: Partial<typeof first>): string =>
      groupsText({ ...config, groups: [{ ...first, ...changes }, second] })
    const [unit] = first.units
    const [component] = unit.components
    const [instance] = first.serviceInstances
    const [csi] = instance.csis
    const withCsi = (changes: Partial<typeof csi>): string => {
      const csis = [{ ...csi, ...changes }, ...instance.csis.slice(1)]
      return withFirst({ serviceInstances: [{ ...instance, csis }, ...first.serviceInstances.slice(1)] })
    }
    const attribute = (name: string, values: string[]): { name: string; values: string[] } => ({
      name,
      values,
    })

    test.each([
      ['a group twice', groupsText({ ...config, groups: [first, { ...second, name: first.name }] })],
      ['a unit twice', withFirst({ units: [...first.units, unit] })],
      ['a component twice', withFirst({ units: [...first.units, { ...unit, name: 'other' }] })],
      ['a service instance twice', withFirst({ serviceInstances: [instance, instance] })],
      ['a csi of another group', withCsi({ name: second.serviceInstances[0].csis[0].name })],
      ['no units', withFirst({ units: [] })],
      ['no components', withFirst({ units: [...first.units, { ...unit, name: 'other', components: [] }] })],
      ['no service instances', withFirst({ serviceInstances: [] })],
      ['no csis', withFirst({ serviceInstances: [{ ...instance, csis: [] }] })],
      ['no members', withCsi({ members: [] })],
      ['a member twice', withCsi({ members: [component.name, component.name] })],
      ['a member of another group', withCsi({ members: [second.units[0].components[0].name] })],
      ['two active units of 2n', withFirst({ model: '2n', activeUnits: 2 })],
      ['a model that is not served', withFirst({ model: 'nway' })],
      ['an attribute twice', withCsi({ attributes: [attribute('a', ['1']), attribute('a', ['2'])] })],
      ['an attribute without values', withCsi({ attributes: [attribute('a', [])] })],
      ['a name of an attribute with a colon', withCsi({ attributes: [attribute('a:b', ['1'])] })],
      ['too many values', withCsi({ attributes: [attribute('a', Array<string>(1025).fill('v'))] })],
      ['too long values', withCsi({ attributes: [attribute('a', ['v'.repeat(limits.amfAttributeOctets)])] })],
      ['a lease too short', groupsText({ ...config, leaseMs: 49 })],
      ['a name too long', withFirst({ name: 'é'.repeat(128) })],
      ['an empty name', withFirst({ name: '' })],
    ])('%s', (_, text) => {
      expect(readGroupsText(groupsText(config))).not.toBeNull()
      expect(readGroupsText(text)).toBeNull()
    })

    test('more than a limit allows', () => {
      const units = (many: number, each: number): typeof first.units =>
        Array.from({ length: many }, (_, u) => ({
          ...unit,
          name: `u${u}`,
          components: Array.from({ length: each }, (__, c) => ({ ...component, name: `c${u}.${c}` })),
        }))
      const serviceInstances = (many: number): typeof first.serviceInstances =>
        Array.from({ length: many }, (_, s) => ({
          ...instance,
          name: `s${s}`,
          csis: [{ ...csi, attributes: [], name: `s${s}`, members: ['c0.0'] }],
        }))
      const text = (many: number, each: number, instances: number): string =>
        groupsText({
          ...config,
          groups: [{ ...first, units: units(many, each), serviceInstances: serviceInstances(instances) }],
        })
      expect(readGroupsText(text(1024, 2, 1))).not.toBeNull()
      expect(readGroupsText(text(1, 1, 4096))).not.toBeNull()
      expect(readGroupsText(text(1025, 1, 1))).toBeNull()
      expect(readGroupsText(text(1, 1, 4097))).toBeNull()
      expect(readGroupsText(text(1, 4096, 1))).not.toBeNull()
      expect(readGroupsText(text(1, 4097, 1))).toBeNull()
    })
  })
})

test('a lease is half the token timeout where none is given', () => {
  expect(effectiveLeaseMs(emptyGroups, 1001)).toBe(500)
  expect(effectiveLeaseMs({ ...emptyGroups, leaseMs: 70 }, 1000)).toBe(70)
})
