import { byRank, type GroupModel, type InstanceModel, type UnitModel } from './model.js'

/** What a unit may have at present. */
export interface Availability {
  /** It keeps what it has. */
  readonly mayKeep: boolean
  /** It may be given more: all of its components are there. */
  readonly mayTake: boolean
}

export interface Target {
  /** Names of units. */
  readonly active: readonly string[]
  /** In the order in which they would take over. */
  readonly standby: readonly string[]
}

/** By service instance. */
export type Targets = ReadonlyMap<string, Target>

type Role = 'active' | 'standby'

/**
 * Which unit is to be active, and which to stand by, for each service instance of a group: a function of the
 * configuration, of what units may have, and of what was aimed at before. What can stay stays: nothing
 * moves back to a unit because that one is there again.
 *
 * Source: SAI-AIS-AMF-B.01.01, 3.7 (service group redundancy models).
 * @param isUnlocked of a service instance: it may be assigned at all
 */
export function assign(
  group: GroupModel,
  availability: ReadonlyMap<string, Availability>,
  isUnlocked: (instance: string) => boolean,
  previous: Targets,
): Map<string, Target> {
  return new Assignment(group, availability, isUnlocked, previous).make()
}

class Assignment {
  private readonly units: readonly UnitModel[]
  private readonly instances: readonly InstanceModel[]
  private readonly active = new Map<string, UnitModel>()
  private readonly standby = new Map<string, UnitModel[]>()
  /** Per unit: service instances it is to be active, or stand by, for. */
  private readonly counts = new Map<UnitModel, Record<Role, number>>()
  /** Per component: CSIs it is to be active, or stand by, for. */
  private readonly loads = new Map<string, Record<Role, number>>()

  constructor(
    private readonly group: GroupModel,
    private readonly availability: ReadonlyMap<string, Availability>,
    isUnlocked: (instance: string) => boolean,
    private readonly previous: Targets,
  ) {
    this.units = byRank(group.units.map((unit) => ({ rank: unit.config.rank, unit }))).map(({ unit }) => unit)
    this.instances = group.instances.filter(({ config }) => isUnlocked(config.name))
  }

  make(): Map<string, Target> {
    for (const instance of this.instances) this.keepActive(instance)
    for (const instance of this.instances) {
      if (!this.active.has(instance.config.name)) this.chooseActive(instance)
    }
    this.chooseStandbys()
    return new Map(
      this.group.instances.map(({ config: { name } }) => {
        const active = this.active.get(name)
        const standby = this.standby.get(name) ?? []
        return [name, { active: names(active === undefined ? [] : [active]), standby: names(standby) }]
      }),
    )
  }

  private keepActive(instance: InstanceModel): void {
    const before = this.previous.get(instance.config.name)?.active ?? []
    const unit = this.units.find(({ config }) => before.includes(config.name) && this.mayKeep(config.name))
    if (unit !== undefined && this.canBeActive(unit, instance)) this.take('active', unit, instance)
  }

  private chooseActive(instance: InstanceModel): void {
    const stoodBy = this.previous.get(instance.config.name)?.standby ?? []
    const willing = this.units.filter((unit) => {
      return this.availability.get(unit.config.name)?.mayTake === true && this.canBeActive(unit, instance)
    })
    const chosen =
      stoodBy.map((name) => willing.find(({ config }) => config.name === name)).find(isThere) ??
      this.idle(willing) ??
      this.leastLoaded(willing, 'active')
    if (chosen !== undefined) this.take('active', chosen, instance)
  }

  /** A unit without assignments; rather one that stands by for nobody. */
  private idle(willing: readonly UnitModel[]): UnitModel | undefined {
    const idle = willing.filter((unit) => this.countOf(unit, 'active') === 0)
    const stoodBy = new Set([...this.previous.values()].flatMap(({ standby }) => standby))
    return idle.find(({ config }) => !stoodBy.has(config.name)) ?? idle[0]
  }

  private leastLoaded(units: readonly UnitModel[], role: Role): UnitModel | undefined {
    const load = (unit: UnitModel): number => this.countOf(unit, role)
    return units.length === 0
      ? undefined
      : units.reduce((best, unit) => (load(unit) < load(best) ? unit : best))
  }

  private canBeActive(unit: UnitModel, instance: InstanceModel): boolean {
    const { model, activeUnits, maxActiveInstances } = this.group.config
    const others = new Set([...this.active.values()].filter((active) => active !== unit))
    const most = model === '2n' ? 1 : model === 'noredundancy' ? Infinity : activeUnits
    if (others.size + 1 > most) return false
    const perUnit = model === 'noredundancy' ? 1 : (maxActiveInstances ?? Infinity)
    return this.countOf(unit, 'active') < perUnit && this.fits(unit, instance, 'active')
  }

  private chooseStandbys(): void {
    const { model, backupUnits } = this.group.config
    if (model === 'noredundancy') return
    const activeUnits = new Set(this.active.values())
    const before = [...this.previous.values()].flatMap(({ standby }) => standby)
    const spare = this.units.filter((unit) => !activeUnits.has(unit))
    const staying = spare.filter(({ config: { name } }) => before.includes(name) && this.mayKeep(name))
    const coming = spare.filter((unit) => {
      return !staying.includes(unit) && this.availability.get(unit.config.name)?.mayTake === true
    })
    const units = [...staying, ...coming].slice(0, backupUnits)
    for (const instance of this.instances) this.chooseStandbysOf(instance, units)
  }

  private chooseStandbysOf(instance: InstanceModel, units: readonly UnitModel[]): void {
    const { name, standbyAssignments } = instance.config
    if (!this.active.has(name)) return
    const chosen: UnitModel[] = []
    const before = this.previous.get(name)?.standby ?? []
    const kept = before.map((unit) => units.find(({ config }) => config.name === unit)).filter(isThere)
    const standIn = (unit: UnitModel): void => {
      chosen.push(unit)
      this.take('standby', unit, instance)
    }
    for (const unit of kept) {
      if (chosen.length < standbyAssignments && this.canStandBy(unit, instance)) standIn(unit)
    }
    while (chosen.length < standbyAssignments) {
      const willing = units.filter((unit) => !chosen.includes(unit) && this.canStandBy(unit, instance))
      const next = this.leastLoaded(willing, 'standby')
      if (next === undefined) break
      standIn(next)
    }
    this.standby.set(name, chosen)
  }

  private canStandBy(unit: UnitModel, instance: InstanceModel): boolean {
    const perUnit = this.group.config.maxStandbyInstances ?? Infinity
    return this.countOf(unit, 'standby') < perUnit && this.fits(unit, instance, 'standby')
  }

  /** Do the components of the unit bear this as well, by their capability models? */
  private fits(unit: UnitModel, instance: InstanceModel, role: Role): boolean {
    const carriers = unit.carriers.get(instance.config.name) ?? null
    if (carriers === null) return false
    if (this.group.config.isClassic) return true
    const more = new Map<string, number>()
    for (const { component } of carriers) more.set(component, (more.get(component) ?? 0) + 1)
    return [...more].every(([name, count]) => {
      const load = this.loads.get(name)?.[role] ?? 0
      return load + count <= capacity(unit, name, role)
    })
  }

  private take(role: Role, unit: UnitModel, instance: InstanceModel): void {
    if (role === 'active') this.active.set(instance.config.name, unit)
    else this.standby.set(instance.config.name, [...(this.standby.get(instance.config.name) ?? []), unit])
    const count = this.counts.get(unit) ?? { active: 0, standby: 0 }
    count[role]++
    this.counts.set(unit, count)
    for (const { component } of unit.carriers.get(instance.config.name)!) {
      const load = this.loads.get(component) ?? { active: 0, standby: 0 }
      load[role]++
      this.loads.set(component, load)
    }
  }

  private mayKeep(unit: string): boolean {
    return this.availability.get(unit)?.mayKeep === true
  }

  private countOf(unit: UnitModel, role: Role): number {
    return this.counts.get(unit)?.[role] ?? 0
  }
}

/** CSIs a component can be active, or stand by, for (SAI-AIS-AMF-B.01.01, 3.6 component capability model). */
export function capacity(unit: UnitModel, name: string, role: Role): number {
  const { config } = unit.components.find((component) => component.config.name === name)!
  const { capability, maxActiveCsis, maxStandbyCsis } = config
  if (role === 'active') {
    if (capability === 'no_active') return 0
    const most = capability.startsWith('x_active') ? Infinity : 1
    return Math.min(most, maxActiveCsis ?? Infinity)
  }
  if (!capability.endsWith('standby')) return 0
  return Math.min(capability.endsWith('1_standby') ? 1 : Infinity, maxStandbyCsis ?? Infinity)
}

function names(units: readonly UnitModel[]): string[] {
  return units.map(({ config }) => config.name)
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined
}
