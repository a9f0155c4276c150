import type { HaState } from '../../base/index.js'
import { assign, capacity, type Availability, type Target } from './assignment.js'
import type { Entities } from './entities.js'
import type { Carrier, GroupModel, UnitModel } from './model.js'
import type { ComponentState, HeldCsi, InstanceState, Operation } from './state.js'

/** Units a configuration may have at most; epochs tell them apart. */
const EPOCH_UNITS = 4096n

type Step = Operation extends infer One ? (One extends { id: number } ? Omit<One, 'id'> : never) : never

/**
 * From what is to what ought to be, one operation a component at a time: after every change of a group it
 * is asked what each unit is to have, and what each component has to do next on the way there.
 *
 * The one rule that counts most is in `mayActivate`: nobody is told to be active while another unit may be.
 */
export class Reconciler {
  constructor(private readonly entities: Entities) {}

  settle(group: GroupModel): void {
    this.aim(group)
    for (const unit of group.units) {
      for (const component of this.entities.componentsOf(unit)) this.proceed(unit, component)
    }
    this.finishShutdowns(group)
  }

  /** Nothing is under way, and everything is as aimed at. */
  isSettled(group: GroupModel): boolean {
    if (!this.entities.isComplete) return false
    return group.units.every((unit) => {
      return this.entities.componentsOf(unit).every((component) => {
        if (component.operation !== null || component.isCleaning || component.isEnding) return false
        const isRight = [...component.csis.values()].every((held) => {
          return held.haState === this.wanted(unit, held.instance)
        })
        return isRight && component.presence !== 'restarting' && this.nextStep(unit, component) === null
      })
    })
  }

  /** A token that is greater than all before for this service instance, and that no other unit is given. */
  nextEpoch(instance: InstanceState, unit: UnitModel): bigint {
    const { viewNumber } = this.entities.state
    const last = instance.epoch / EPOCH_UNITS
    const count = last + 1n > BigInt(viewNumber) ? last + 1n : BigInt(viewNumber)
    return count * EPOCH_UNITS + BigInt(unit.index)
  }

  /** What the units of a group are to have. */
  private aim(group: GroupModel): void {
    const { entities } = this
    const availability = new Map<string, Availability>()
    for (const unit of group.units) availability.set(unit.config.name, this.updateUnit(unit))
    const previous = new Map<string, Target>()
    for (const { config } of group.instances) {
      const { active, standby } = entities.state.instances.get(config.name)!
      previous.set(config.name, { active, standby })
    }
    const isUnlocked = (name: string): boolean => entities.state.instances.get(name)!.admin === 'unlocked'
    const targets = entities.isFrozen
      ? keptOf(previous, availability, isUnlocked)
      : assign(group, availability, isUnlocked, previous)
    for (const [name, target] of targets) this.setTarget(group, name, target)
  }

  private updateUnit(unit: UnitModel): Availability {
    const { entities } = this
    const state = entities.unit(unit.config.name)
    const isEnabled = entities.isEnabled(unit)
    const admin = entities.effectiveAdmin(unit)
    const mayKeep = isEnabled && entities.isPopulated(unit) && admin === 'unlocked' && entities.mayAct
    const isCleaning = entities.componentsOf(unit).some((component) => component.isCleaning)
    const mayTake = mayKeep && !isCleaning && !entities.isRestarting(unit)
    const { name } = unit.config
    const operational = isEnabled ? 'enabled' : 'disabled'
    if (state.operational !== operational) {
      state.operational = operational
      const why = isEnabled ? 'all of its components are well' : this.whyDisabled(unit)
      entities.note('unit', name, operational, why)
    }
    const stopping = isEnabled && admin === 'shutting-down' && !entities.isEmpty(unit)
    const readiness = mayKeep ? 'in-service' : stopping ? 'stopping' : 'out-of-service'
    if (state.readiness !== readiness) {
      state.readiness = readiness
      entities.note('unit', name, readiness, mayKeep ? 'all of its components are there' : this.whyOut(unit))
    }
    return { mayKeep, mayTake }
  }

  private whyDisabled(unit: UnitModel): string {
    const failed = this.entities.componentsOf(unit).find(({ operational }) => operational === 'disabled')
    if (failed !== undefined) return `component ${failed.name} is disabled: ${failed.error?.text ?? ''}`
    return `node ${this.entities.nodeNameOf(unit)} is disabled until it is repaired`
  }

  private whyOut(unit: UnitModel): string {
    const { entities } = this
    if (!entities.isEnabled(unit)) return this.whyDisabled(unit)
    if (!entities.mayAct) return 'this partition has no quorum'
    const missing = entities.componentsOf(unit).filter(({ registration }) => registration === 0)
    if (missing.length > 0) return `not registered: ${missing.map(({ name }) => name).join(', ')}`
    return `it, its group or its node is ${entities.effectiveAdmin(unit)}`
  }

  private setTarget(group: GroupModel, name: string, target: Target): void {
    const { entities } = this
    const instance = entities.state.instances.get(name)!
    const [active] = target.active
    if (active !== instance.active[0]) {
      if (active !== undefined) {
        instance.epoch = this.nextEpoch(
          instance,
          group.units.find(({ config }) => config.name === active)!,
        )
      }
      const before = instance.active[0]
      const what = active === undefined ? 'unassigned' : 'assigned'
      const to = active === undefined ? 'no unit can be active for it' : `${active} is to be active`
      const from = before === undefined ? '' : `, after ${before}`
      entities.note('service-instance', name, what, `${to}${from}`)
    }
    if (target.standby.join('\n') !== instance.standby.join('\n')) {
      const whom =
        target.standby.length === 0 ? 'nobody stands by' : `${target.standby.join(', ')} to stand by`
      entities.note('service-instance', name, 'standbys', whom)
    }
    instance.active = target.active
    instance.standby = target.standby
  }

  private proceed(unit: UnitModel, component: ComponentState): void {
    const step = this.nextStep(unit, component)
    if (step === null) return
    component.operation = { id: ++this.entities.state.lastOperation, ...step }
    this.entities.touch(component)
  }

  private nextStep(unit: UnitModel, component: ComponentState): Step | null {
    const { registration, operation, operational, isCleaning, isEnding, presence } = component
    if (registration === 0 || operation !== null || isCleaning || isEnding) return null
    if (presence === 'restarting') return { kind: 'terminate' }
    if (operational === 'disabled') return null
    const { readiness } = this.entities.unit(unit.config.name)
    if (readiness === 'stopping' && component.readiness === 'in-service') {
      return { kind: 'readiness', readiness }
    }
    return (
      this.withdrawal(unit, component) ?? this.standing(unit, component) ?? this.granting(unit, component)
    )
  }

  /** The first thing it holds and is not to hold, or not like that. */
  private withdrawal(unit: UnitModel, component: ComponentState): Step | null {
    const admin = this.entities.effectiveAdmin(unit)
    for (const [csi, held] of component.csis) {
      const wanted = this.wanted(unit, held.instance)
      if (wanted === held.haState) continue
      if (wanted === 'active') continue
      if (isHeldActive(held)) {
        const locked = this.entities.state.instances.get(held.instance)!.admin
        const isShutting = admin === 'shutting-down' || locked === 'shutting-down'
        const isGentle = isShutting && !this.isCrowded(unit, component)
        if (held.haState === 'quiescing' && isGentle) continue
        return this.csiSet(unit, csi, held.instance, isGentle ? 'quiescing' : 'quiesced', held)
      }
      if (wanted === null) return { kind: 'csi-remove', instance: held.instance, csi }
    }
    return null
  }

  /** What it is to be told of its readiness, or that it is to end. */
  private standing(unit: UnitModel, component: ComponentState): Step | null {
    const { readiness } = this.entities.unit(unit.config.name)
    const isEmpty = component.csis.size === 0
    if (
      readiness === 'in-service' ||
      (readiness === 'stopping' && component.readiness !== 'out-of-service')
    ) {
      if (component.readiness !== readiness) return { kind: 'readiness', readiness }
      if (readiness === 'in-service' || !isEmpty) return null
    }
    if (!isEmpty) return null
    if (readiness === 'out-of-service' && component.readiness !== readiness)
      return { kind: 'readiness', readiness }
    const mustEnd = this.entities.effectiveAdmin(unit) === 'locked-instantiation'
    return mustEnd && component.readiness === 'out-of-service' ? { kind: 'terminate' } : null
  }

  /** The next thing it is to hold, or to hold otherwise. */
  private granting(unit: UnitModel, component: ComponentState): Step | null {
    if (!this.isToldInService(unit)) return null
    for (const { config } of unit.group.instances) {
      const wanted = this.wanted(unit, config.name)
      if (wanted === null) continue
      for (const carrier of unit.carriers.get(config.name) ?? []) {
        if (carrier.component !== component.name) continue
        const step = this.grant(unit, component, carrier, config.name, wanted)
        if (step !== null) return step
      }
    }
    return null
  }

  private grant(
    unit: UnitModel,
    component: ComponentState,
    { csi }: Carrier,
    instance: string,
    wanted: HaState,
  ): Step | null {
    const held = component.csis.get(csi.name)
    const { epoch } = this.entities.state.instances.get(instance)!
    if (held?.haState === wanted && (wanted !== 'active' || held.epoch === epoch)) return null
    if (this.entities.isFrozen) return null
    const isAllowed =
      wanted === 'active'
        ? this.mayActivate(unit, instance)
        : this.hasActive(unit.group, instance) && !this.isExcluded(unit, component)
    return isAllowed ? this.csiSet(unit, csi.name, instance, wanted, held) : null
  }

  /**
   * It cannot be active for all that it is to be active for beside what it is to finish: that, which may take
   * it any time, is ended at once then, lest another service instance stay without an active as long.
   */
  private isCrowded(unit: UnitModel, component: ComponentState): boolean {
    const { isClassic, serviceInstances } = unit.group.config
    if (isClassic) return false
    let toBeActive = 0
    for (const { name } of serviceInstances) {
      if (this.wanted(unit, name) !== 'active') continue
      const carriers = unit.carriers.get(name) ?? []
      toBeActive += carriers.filter((carrier) => carrier.component === component.name).length
    }
    const finishing = [...component.csis.values()].filter((held) => {
      return isHeldActive(held) && this.wanted(unit, held.instance) !== 'active'
    })
    return toBeActive > 0 && toBeActive + finishing.length > capacity(unit, component.name, 'active')
  }

  /**
   * It is active, or finishes what it was active for, and by its capability model does not stand by
   * meanwhile.
   */
  private isExcluded(unit: UnitModel, component: ComponentState): boolean {
    if (unit.group.config.isClassic) return false
    const { config } = unit.components.find(({ config: { name } }) => name === component.name)!
    return config.capability.includes('_or_') && [...component.csis.values()].some(isHeldActive)
  }

  /** Nobody else is active for the service instance, or may be: neither as asked nor unasked. */
  private mayActivate(unit: UnitModel, instance: string): boolean {
    if (!this.entities.isComplete) return false
    const others = unit.group.units.filter((other) => other !== unit)
    return !others.some((other) => this.entities.mayBeActive(other, instance))
  }

  /** Those who stand by are told whom for. */
  private hasActive(group: GroupModel, instance: string): boolean {
    const [active] = this.entities.state.instances.get(instance)!.active
    const unit = group.units.find(({ config }) => config.name === active)
    return unit !== undefined && this.entities.isWhollyActive(unit, instance)
  }

  private isToldInService(unit: UnitModel): boolean {
    return this.entities.componentsOf(unit).every(({ readiness, presence }) => {
      return readiness === 'in-service' || presence === 'restarting'
    })
  }

  private wanted(unit: UnitModel, instance: string): 'active' | 'standby' | null {
    const { active, standby } = this.entities.state.instances.get(instance)!
    if (active.includes(unit.config.name)) return 'active'
    return standby.includes(unit.config.name) ? 'standby' : null
  }

  private csiSet(
    unit: UnitModel,
    csi: string,
    instance: string,
    haState: HaState,
    held: HeldCsi | undefined,
  ): Step {
    const { active, standby, epoch } = this.entities.state.instances.get(instance)!
    const [activeUnit] = active
    const peer = unit.group.units.find(({ config }) => config.name === activeUnit)
    const carrier = peer?.carriers.get(instance)?.find((candidate) => candidate.csi.name === csi)
    return {
      kind: 'csi-set',
      instance,
      csi,
      haState,
      epoch: haState === 'active' || held === undefined ? epoch : held.epoch,
      transition: held?.haState === 'active' && haState === 'active' ? 'still-active' : 'new-assignment',
      activeComponent: carrier?.component ?? null,
      activeNode: peer === undefined ? null : this.entities.nodeNameOf(peer),
      standbyRank: haState === 'standby' ? standby.indexOf(unit.config.name) : 0,
    }
  }

  /** Who was shutting down and holds nothing any more is locked now. */
  private finishShutdowns(group: GroupModel): void {
    const { entities } = this
    const { state } = entities
    const done = (name: string, kind: 'unit' | 'group' | 'node' | 'service-instance'): void => {
      entities.note(kind, name, 'locked', 'it was shutting down, and nothing is assigned any more')
    }
    for (const unit of group.units) {
      const own = entities.unit(unit.config.name)
      if (own.admin !== 'shutting-down' || !entities.isEmpty(unit)) continue
      own.admin = 'locked'
      done(unit.config.name, 'unit')
    }
    const own = state.groups.get(group.config.name)!
    if (own.admin === 'shutting-down' && group.units.every((unit) => entities.isEmpty(unit))) {
      own.admin = 'locked'
      done(group.config.name, 'group')
    }
    for (const { config } of group.instances) {
      const instance = state.instances.get(config.name)!
      const isHeld = group.units.some((unit) => this.holds(unit, config.name))
      if (instance.admin !== 'shutting-down' || isHeld) continue
      instance.admin = 'locked'
      done(config.name, 'service-instance')
    }
    for (const node of state.nodes.values()) {
      if (node.admin !== 'shutting-down') continue
      const units = [...entities.model!.units.values()]
      const own = units.filter((unit) => entities.nodeNameOf(unit) === node.name)
      if (!own.every((unit) => entities.isEmpty(unit))) continue
      node.admin = 'locked'
      done(node.name, 'node')
    }
  }

  private holds(unit: UnitModel, instance: string): boolean {
    return this.entities.componentsOf(unit).some(({ csis, operation }) => {
      if (operation?.kind === 'csi-set' && operation.instance === instance) return true
      return [...csis.values()].some((held) => held.instance === instance)
    })
  }
}

function isHeldActive({ haState }: HeldCsi): boolean {
  return haState === 'active' || haState === 'quiescing'
}

/** Without quorum and frozen: who can stays as it is, nobody is given anything. */
function keptOf(
  previous: ReadonlyMap<string, Target>,
  availability: ReadonlyMap<string, Availability>,
  isUnlocked: (instance: string) => boolean,
): Map<string, Target> {
  const kept = (units: readonly string[]): string[] => {
    return units.filter((unit) => availability.get(unit)?.mayKeep === true)
  }
  return new Map(
    [...previous].map(([name, { active, standby }]) => {
      return [
        name,
        isUnlocked(name) ? { active: kept(active), standby: kept(standby) } : { active: [], standby: [] },
      ]
    }),
  )
}
