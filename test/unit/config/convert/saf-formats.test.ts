import { readdirSync, readFileSync } from 'node:fs'
import { checkGroupsText } from '../../../../src/config/groups/check-groups.js'
import type { GroupsConfig } from '../../../../src/config/model/groups-config.js'
import { withoutLosses } from '../../../helpers/convert-losses.js'
import { roundTrip } from '../../../helpers/convert.js'

const folder = new URL('../../../testdata/groups/', import.meta.url)

/** Every good groups.conf of the examples. */
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.conf'))
  .flatMap((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8')
    const checked = checkGroupsText(text)
    return checked.ok ? [{ name, text, config: checked.config }] : []
  })

/** Formats that need a node for every unit get one. */
function nodesFor(config: GroupsConfig): Map<string, string> {
  const units = config.groups.flatMap((group) => group.units)
  return new Map(units.flatMap(({ name, node }, index) => (node === null ? [[name, `node${index}`]] : [])))
}

function placed(config: GroupsConfig, nodes: ReadonlyMap<string, string>): GroupsConfig {
  return {
    ...config,
    groups: config.groups.map((group) => ({
      ...group,
      units: group.units.map((unit) => ({ ...unit, node: unit.node ?? nodes.get(unit.name)! })),
    })),
  }
}

test('there are examples', () => expect(examples.length).toBeGreaterThan(30))

describe.each(['amf', 'imm', 'cib'] as const)('every good groups.conf to %s and back', (format) => {
  test.each(examples)('$name', ({ name, text, config }) => {
    const nodesOfUnits = nodesFor(config)
    const { there, back } = roundTrip(text, 'groups', format, { nodesOfUnits })
    const refusals = there.diagnostics.filter(({ severity }) => severity === 'error')
    if (format === 'amf' && name === 'warn-name-like-syntax.conf') {
      // A name that ends with a brace.
      expect(refusals).toEqual([expect.objectContaining({ code: 'not-convertible', key: 'name', line: 2 })])
      return
    }
    expect(refusals).toEqual([])
    expect(back?.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
    const again = checkGroupsText(back!.text!)
    if (!again.ok) throw new Error(JSON.stringify(again.diagnostics))
    const meant = placed(config, nodesOfUnits)
    const { before, after } = withoutLosses(text, meant, again.config, there.diagnostics, format)
    expect(after).toEqual(before)
  })
})
