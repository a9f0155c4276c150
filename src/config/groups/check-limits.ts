import { limits } from '../../base/index.js'
import { quoted, type CheckContext } from '../check-context.js'
import { utf8Octets } from '../model/groups-text.js'
import { impliedSuffix } from './assemble.js'
import type { GroupDraft, Named } from './draft.js'

function checkCount(things: readonly Named[], what: string, max: number, context: CheckContext): void {
  if (things.length <= max) return
  const { scope, place } = things[max].fields.block
  context.report('error', scope, place, {
    code: 'limit-exceeded',
    message: `the file has ${things.length} ${what}`,
    expected: `at most ${max} ${what}`,
  })
}

function reportGroup(group: GroupDraft, message: string, expected: string, context: CheckContext): void {
  context.report('error', null, group.place, { code: 'limit-exceeded', message, expected })
}

/**
 * Component service instances of a group, and octets that their members take at least as the nodes tell
 * each other.
 */
function sizeOf(group: GroupDraft): { readonly csis: number; readonly octets: number } {
  const used = group.isClassic
    ? group.protections
    : group.instances.flatMap(({ csis }) => csis.flatMap(({ protection }) => protection ?? []))
  const times = group.isClassic ? group.activeUnits : 1
  const perProtection = new Map(
    group.protections.map((one) => [
      one,
      one.carriers.reduce((sum, { name }) => sum + (name ?? '').length + 3, 0),
    ]),
  )
  const octets = used.reduce((sum, protection) => sum + (perProtection.get(protection) ?? 0), 0)
  return { csis: used.length * times, octets: octets * times }
}

/**
 * Implied service instances have names of their own: nobody else may have them, and they must not be too
 * long.
 */
function checkImplied(groups: readonly GroupDraft[], context: CheckContext): void {
  const instanceNames = new Map<string, Named>()
  const csiNames = new Map<string, Named>()
  for (const { instances, protections } of groups) {
    for (const one of instances) if (one.name !== null) instanceNames.set(one.name, one)
    for (const one of protections) if (one.name !== null) csiNames.set(one.name, one)
    for (const one of instances.flatMap(({ csis }) => csis))
      if (one.name !== null) csiNames.set(one.name, one)
  }
  for (const group of groups.filter(({ isClassic }) => isClassic)) {
    for (let index = 0; index < group.activeUnits; index++) {
      const implied = (named: Named, taken: Map<string, Named>): void => {
        if (named.name === null) return
        const name = named.name + impliedSuffix(index)
        const other = taken.get(name)
        const isToldAlready =
          other?.name === named.name && other?.fields.block.scope === named.fields.block.scope
        if (other !== undefined && !isToldAlready) {
          context.report('error', 'name', other.place, {
            code: 'name-duplicate',
            message: `${quoted(name)} is taken by what line ${named.place.line} implies`,
            expected: 'another name',
          })
        } else if (utf8Octets(name) > limits.nameOctets) {
          context.report('error', 'name', named.place, {
            code: 'limit-exceeded',
            message: `${quoted(name)}, implied by active-units, is longer than ${limits.nameOctets} octets`,
            expected: 'a shorter name',
          })
        } else taken.set(name, named)
      }
      implied(group, instanceNames)
      for (const protection of group.protections) implied(protection, csiNames)
    }
  }
}

/**
 * Does the file keep within what the executive can hold? @returns false if it is too large to be put
 * together
 */
export function checkLimits(groups: readonly GroupDraft[], context: CheckContext): boolean {
  const units = groups.flatMap((group) => group.units)
  checkCount(units, 'units', limits.amfUnits, context)
  const components = units.flatMap((unit) => unit.components)
  checkCount(components, 'components', limits.amfComponents, context)
  let csis = 0
  let octets = 0
  for (const group of groups) {
    const size = sizeOf(group)
    const isOver = csis > limits.amfInstances || octets > limits.amfConfigOctets
    csis += size.csis
    octets += size.octets
    if (isOver) continue
    if (csis > limits.amfInstances) {
      const message = `the file comes to ${csis} component service instances with this group`
      reportGroup(group, message, `at most ${limits.amfInstances}`, context)
    } else if (octets > limits.amfConfigOctets) {
      const message = 'with the members of this group the file comes to more than the nodes tell each other'
      reportGroup(group, message, `at most ${limits.amfConfigOctets} octets`, context)
    }
  }
  const fits = csis <= limits.amfInstances && octets <= limits.amfConfigOctets
  if (fits) checkImplied(groups, context)
  return fits
}
