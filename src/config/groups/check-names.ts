import { quoted, type CheckContext } from '../check-context.js'
import type { GroupDraft, Named } from './draft.js'
import { looksOf } from './name.js'

/** Names of one kind: no two alike, and none that only look alike. */
class NameTable {
  private readonly byName = new Map<string, Named>()
  private readonly byLooks = new Map<string, Named>()

  constructor(
    private readonly kinds: string,
    private readonly context: CheckContext,
  ) {}

  /** @param isSame is what has the name already allowed to have it too? */
  add(thing: Named, isSame: (other: Named) => boolean = () => false): void {
    const { name, place, fields } = thing
    if (name === null) return
    const { scope } = fields.block
    const other = this.byName.get(name)
    if (other !== undefined) {
      if (isSame(other)) return
      const otherScope = other.fields.block.scope
      const whose = otherScope === scope ? 'another' : 'a'
      this.context.report('error', 'name', place, {
        code: 'name-duplicate',
        message: `${quoted(name)} is the name of ${whose} ${otherScope} too, on line ${other.place.line}`,
        expected: `a name no other of the ${this.kinds} of the file has`,
      })
      return
    }
    this.byName.set(name, thing)
    const looks = looksOf(name)
    const alike = this.byLooks.get(looks)
    if (alike === undefined) this.byLooks.set(looks, thing)
    else {
      this.context.report('warning', 'name', place, {
        code: 'name-alike',
        message: `${quoted(name)} looks like the name on line ${alike.place.line}, and is another`,
        expected: 'names that people can tell apart',
      })
    }
  }
}

/**
 * Names are unique in the file: of groups, of units, of components, of service instances, of protections
 * and csis.
 */
export function checkNames(groups: readonly GroupDraft[], context: CheckContext): void {
  const table = (kinds: string): NameTable => new NameTable(kinds, context)
  const ofGroups = table('groups')
  const ofUnits = table('units')
  const ofComponents = table('components')
  const ofInstances = table('service instances')
  const ofCsis = table('protections and csis')
  for (const group of groups) {
    ofGroups.add(group)
    for (const unit of group.units) {
      ofUnits.add(unit)
      for (const component of unit.components) ofComponents.add(component)
    }
    for (const protection of group.protections) ofCsis.add(protection)
  }
  // A csi may have the name of the protection it uses; a second csi may not.
  const lent = new Set<Named>()
  for (const { instances } of groups) {
    for (const instance of instances) {
      ofInstances.add(instance)
      for (const csi of instance.csis) {
        const isFirst = csi.protection !== null && !lent.has(csi.protection)
        ofCsis.add(csi, (other) => other === csi.protection && isFirst)
        if (csi.protection?.name === csi.name && csi.protection !== null) lent.add(csi.protection)
      }
    }
  }
}
