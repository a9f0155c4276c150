import { quoted, type CheckContext } from '../check-context.js'
import { isResolved } from './check-members.js'
import type { ComponentDraft, GroupDraft, InstanceDraft, ProtectionDraft, UnitDraft } from './draft.js'

/** A service instance as far as carrying it goes: what must be carried, by whom. */
interface Load {
  /** In words. */
  readonly what: string
  /** null: an implied one. */
  readonly draft: InstanceDraft | null
  readonly protections: readonly ProtectionDraft[]
}

type Role = 'active' | 'standby'

/** What a unit makes of one service instance: CSIs in all, and those of each component. */
class Share {
  carried = 0
  readonly perComponent = new Map<ComponentDraft, number>()

  add(component: ComponentDraft): void {
    this.carried++
    this.perComponent.set(component, (this.perComponent.get(component) ?? 0) + 1)
  }

  /** A component that would have more than it can, and how many; null: there is none. */
  overload(role: Role): readonly [ComponentDraft, number, number] | null {
    for (const [component, count] of this.perComponent) {
      const bound = role === 'active' ? component.maxActiveCsis : component.maxStandbyCsis
      if (bound !== null && count > bound) return [component, count, bound]
    }
    return null
  }
}

type Shares = ReadonlyMap<UnitDraft, Share>

/** In each unit the first member of the unit carries. */
function carriersOf({ carriers }: ProtectionDraft): Map<UnitDraft, ComponentDraft> {
  const first = new Map<UnitDraft, ComponentDraft>()
  for (const component of carriers) {
    const other = first.get(component.unit)
    if (other === undefined || component.index < other.index) first.set(component.unit, component)
  }
  return first
}

function loadsOf(group: GroupDraft): Load[] {
  if (group.isClassic) {
    return [{ what: 'this group', draft: null, protections: group.protections }]
  }
  return group.instances
    .map((draft) => ({
      what: `service instance ${quoted(draft.name ?? '')}`,
      draft,
      protections: draft.csis.flatMap(({ protection }) => protection ?? []),
    }))
    .filter(({ protections }) => protections.length > 0)
}

class CarryCheck {
  private readonly carriers = new Map<ProtectionDraft, Map<UnitDraft, ComponentDraft>>()
  /** By the protections of a service instance: many have the same. */
  private readonly shares = new Map<string, Shares>()
  private readonly indices: ReadonlyMap<ProtectionDraft, number>
  /** Units that cannot carry something: the first of it, and how much. */
  private readonly unable = new Map<UnitDraft, { readonly load: Load; count: number }>()

  constructor(
    private readonly group: GroupDraft,
    private readonly context: CheckContext,
  ) {
    this.indices = new Map(group.protections.map((protection, index) => [protection, index]))
    for (const protection of group.protections) this.carriers.set(protection, carriersOf(protection))
  }

  run(): void {
    for (const load of loadsOf(this.group)) {
      const unable = this.unableFor(load, 'active')
      if (unable.length === this.group.units.length) this.reportNone(load, 'active')
      else {
        for (const unit of unable) this.note(unit, load)
        this.checkStandby(load)
      }
    }
    this.warn()
  }

  private sharesOf(load: Load): Shares {
    const key = load.protections.map((protection) => this.indices.get(protection)).join()
    const known = this.shares.get(key)
    if (known !== undefined) return known
    const shares = new Map<UnitDraft, Share>()
    for (const protection of load.protections) {
      for (const [unit, component] of this.carriers.get(protection)!) {
        const share = shares.get(unit) ?? new Share()
        shares.set(unit, share)
        share.add(component)
      }
    }
    this.shares.set(key, shares)
    return shares
  }

  private unableFor(load: Load, role: Role): UnitDraft[] {
    const shares = this.sharesOf(load)
    return this.group.units.filter((unit) => {
      const share = shares.get(unit)
      return share === undefined || share.carried < load.protections.length || share.overload(role) !== null
    })
  }

  private note(unit: UnitDraft, load: Load): void {
    const known = this.unable.get(unit)
    if (known === undefined) this.unable.set(unit, { load, count: 1 })
    else known.count++
  }

  /** A capability without standby is a mistake of its own, told at the component. */
  private checkStandby(load: Load): void {
    const { draft, protections } = load
    if (draft === null || draft.standbyAssignments === 0 || this.group.backupUnits === 0) return
    if (protections.some(({ carriers }) => carriers.some((one) => one.maxStandbyCsis === 0))) return
    if (this.unableFor(load, 'standby').length === this.group.units.length) this.reportNone(load, 'standby')
  }

  /** Why a unit cannot carry a service instance. */
  private reason(load: Load, unit: UnitDraft, role: Role): string {
    const missing = load.protections.find((protection) => !this.carriers.get(protection)!.has(unit))
    if (missing !== undefined) return `protection ${quoted(missing.name ?? '')} has no member in it`
    const [component, count, bound] = this.sharesOf(load).get(unit)!.overload(role)!
    const what = `component ${quoted(component.name ?? '')} (${component.capability})`
    return `${what} would be ${role} for ${count} at a time, and can be for ${bound}`
  }

  private reportNone(load: Load, role: Role): void {
    const [first] = this.group.units
    const how = role === 'active' ? 'carry' : 'stand by for'
    const reason = this.reason(load, first, role)
    this.context.report('error', null, load.draft?.place ?? this.group.place, {
      code: 'member-missing',
      message: `no unit can ${how} ${load.what}: of unit ${quoted(first.name ?? '')}, ${reason}`,
      expected: 'a unit with a member of every protection in it, each able to take what it is to carry',
    })
  }

  private warn(): void {
    for (const [unit, { load, count }] of this.unable) {
      const more = count > 1 ? ` and ${count - 1} more` : ''
      this.context.report('warning', 'name', unit.place, {
        code: 'member-missing',
        message: `this unit cannot carry ${load.what}${more}: ${this.reason(load, unit, 'active')}`,
        expected: 'a member of every protection in it, each able to take what it is to carry',
      })
    }
  }
}

/**
 * Can every service instance be carried wholly by a unit, and which units cannot? Looks only at groups
 * whose blocks are complete: what a member that is missing breaks is no second mistake.
 */
export function checkCarry(group: GroupDraft, context: CheckContext): void {
  const isComplete =
    group.units.length > 0 &&
    group.units.every(({ components }) => components.length > 0) &&
    group.protections.length > 0 &&
    group.protections.every(isResolved)
  if (isComplete) new CarryCheck(group, context).run()
}
