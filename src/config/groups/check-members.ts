import { quoted, type CheckContext } from '../check-context.js'
import { removingEntry, revaluing } from '../fixes.js'
import type { ComponentDraft, GroupDraft, ProtectionDraft } from './draft.js'
import type { Given } from './fields.js'
import { looksOf } from './name.js'

/** All components of a file by name, and what a name that is none of them may have meant. */
class ComponentTable {
  private readonly byName = new Map<string, ComponentDraft>()
  /** A name that two groups have is told elsewhere: each group means its own. */
  private readonly byGroup = new Map<GroupDraft, Map<string, ComponentDraft>>()
  private readonly byLooks = new Map<string, string>()
  private readonly names: readonly string[]

  constructor(
    groups: readonly GroupDraft[],
    /** Names of components in places where they have no meaning: not unknown, and nothing else. */
    private readonly misplaced: ReadonlySet<string>,
    private readonly context: CheckContext,
  ) {
    for (const group of groups) {
      const own = new Map<string, ComponentDraft>()
      this.byGroup.set(group, own)
      for (const component of group.units.flatMap(({ components }) => components)) {
        const { name } = component
        if (name === null) continue
        if (!own.has(name)) own.set(name, component)
        if (this.byName.has(name)) continue
        this.byName.set(name, component)
        this.byLooks.set(looksOf(name), name)
      }
    }
    this.names = [...this.byName.keys()]
  }

  /** The component of a group that a member names; null after an error was reported. */
  find({ value, entry }: Given<string>, group: GroupDraft): ComponentDraft | null {
    const own = this.byGroup.get(group)!.get(value)
    if (own !== undefined) return own
    const found = this.byName.get(value)
    if (found === undefined && this.misplaced.has(value)) return null
    const [hint, meant] = found === undefined ? this.suggestionFor(value) : ['', null]
    const message =
      found === undefined
        ? `no component ${quoted(value)} in the file${hint}`
        : `component ${quoted(value)} is of another group, ${quoted(found.unit.group.name ?? '')}`
    const expected = 'the name of a component of a unit of this group'
    this.context.error(entry, { code: 'name-unknown', message, expected, ...revaluing(entry, meant, false) })
    return null
  }

  /** In words, and the name itself. */
  private suggestionFor(name: string): readonly [hint: string, meant: string | null] {
    const alike = this.byLooks.get(looksOf(name))
    if (alike !== undefined) return [`: ${quoted(alike)} only looks like it`, alike]
    const suggestion = this.context.suggestion(name, this.names)
    return [suggestion === null ? '' : `, did you mean ${quoted(suggestion)}?`, suggestion]
  }
}

function checkProtection(
  protection: ProtectionDraft,
  group: GroupDraft,
  table: ComponentTable,
  context: CheckContext,
): void {
  const lines = new Map<string, number>()
  for (const member of protection.members) {
    const { value, entry } = member
    const first = lines.get(value)
    if (first !== undefined) {
      const message = `member ${quoted(value)} is listed twice, first on line ${first}`
      const expected = 'one line for each member'
      context.error(entry, { code: 'member-duplicate', message, expected, ...removingEntry(entry, true) })
      continue
    }
    lines.set(value, entry.line)
    const component = table.find(member, group)
    if (component !== null) protection.carriers.push(component)
  }
}

/** Find the components that protections list. */
export function checkMembers(
  groups: readonly GroupDraft[],
  misplaced: ReadonlySet<string>,
  context: CheckContext,
): void {
  const table = new ComponentTable(groups, misplaced, context)
  for (const group of groups) {
    for (const protection of group.protections) checkProtection(protection, group, table, context)
  }
}

/** Does a protection list members, each of which exists? */
export function isResolved({ carriers, fields }: ProtectionDraft): boolean {
  const lines = fields.block.entries.filter(({ key }) => key === 'member').length
  return lines > 0 && lines === carriers.length
}

/**
 * What nothing uses: a component that no protection lists, a protection that no csi uses. Not looked for
 * where what should use it has a mistake of its own.
 */
export function checkUnused(group: GroupDraft, context: CheckContext): void {
  const listed = new Set(group.protections.flatMap(({ carriers }) => carriers))
  const isListed = group.protections.length > 0 && group.protections.every(isResolved)
  for (const component of isListed ? group.units.flatMap(({ components }) => components) : []) {
    if (listed.has(component) || component.name === null) continue
    context.report('warning', 'name', component.place, {
      code: 'component-unassigned',
      message: 'this component is a member of no protection: it is never given work',
      expected: 'a line "member=" with its name in a protection of its group',
    })
  }
  const csis = group.instances.flatMap((instance) => instance.csis)
  if (csis.length === 0 || csis.some(({ protection }) => protection === null)) return
  for (const { isUsed, place } of group.protections) {
    if (isUsed) continue
    const message = 'no csi uses this protection: nothing is assigned to its members'
    const expected = 'a csi of a service-instance that uses it'
    context.report('warning', 'name', place, { code: 'protection-unused', message, expected })
  }
}
