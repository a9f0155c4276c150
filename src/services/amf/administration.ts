import type { AdminOperation, AdminState, AisErrorName, EntityKind } from '../../base/index.js'
import type { Entities } from './entities.js'
import type { Failures } from './failures.js'
import type { Refusal } from './messages.js'
import type { GroupModel, UnitModel } from './model.js'
import type { Reconciler } from './reconcile.js'
import type { ComponentState } from './state.js'

interface Administered {
  admin: AdminState
  adminStamp: number
}

/** From where a state may be ordered; in what is ordered already nothing happens. */
const orders = {
  lock: { to: 'locked', from: ['unlocked', 'shutting-down'] },
  unlock: { to: 'unlocked', from: ['locked', 'shutting-down'] },
  'lock-in': { to: 'locked-instantiation', from: ['locked'] },
  'unlock-in': { to: 'locked', from: ['locked-instantiation'] },
  shutdown: { to: 'shutting-down', from: ['unlocked'] },
} as const satisfies Partial<
  Record<AdminOperation, { readonly to: AdminState; readonly from: readonly AdminState[] }>
>

const hints: Partial<Record<AdminState, string>> = {
  'locked-instantiation': 'unlock-in comes first',
  unlocked: 'lock comes first',
  locked: 'it is locked already',
  'shutting-down': 'it is shutting down; lock ends that at once',
}

/** Operations of the administrator (SAI-AIS-AMF-B.01.01, chapter 8). */
export class Administration {
  constructor(
    private readonly entities: Entities,
    private readonly failures: Failures,
    private readonly reconciler: Reconciler,
  ) {}

  /** @returns null: done, as far as it can be done at once */
  perform(operation: AdminOperation, kind: EntityKind, name: string): Refusal | null {
    if (!this.exists(kind, name)) return refusal('ERR_NOT_EXIST', `there is no ${kind} ${name}`)
    if (operation === 'restart') return this.restart(kind, name)
    if (operation === 'repaired') return this.repair(kind, name)
    if (operation === 'si-swap') return this.swap(kind, name)
    return this.order(operation, kind, name)
  }

  private exists(kind: EntityKind, name: string): boolean {
    const { state } = this.entities
    const tables = {
      node: state.nodes,
      group: state.groups,
      unit: state.units,
      component: state.components,
      'service-instance': state.instances,
    }
    return kind === 'csi' ? this.entities.model!.csis.has(name) : tables[kind].has(name)
  }

  private order(operation: keyof typeof orders, kind: EntityKind, name: string): Refusal | null {
    const { state } = this.entities
    const forInstance = operation === 'lock-in' || operation === 'unlock-in'
    if (kind === 'component' || kind === 'csi' || (kind === 'service-instance' && forInstance)) {
      const where = forInstance ? 'nodes, groups and units' : 'nodes, groups, units and service instances'
      return refusal('ERR_INVALID_PARAM', `${operation} is for ${where}; ${name} is a ${kind}`)
    }
    const tables = {
      node: state.nodes,
      group: state.groups,
      unit: state.units,
      'service-instance': state.instances,
    }
    const entity: Administered = tables[kind].get(name)!
    const { to, from } = orders[operation]
    if (entity.admin === to) return null
    if (!(from as readonly AdminState[]).includes(entity.admin)) {
      const why = hints[entity.admin]
      return refusal('ERR_BAD_OPERATION', `${operation} ${name}: it is ${entity.admin}, ${why}`)
    }
    entity.admin = to
    entity.adminStamp = this.entities.nextStamp()
    this.entities.note(kind, name, to, `the administrator ordered ${operation}`)
    if (operation === 'unlock-in') this.allowAgain()
    return null
  }

  /** Who was terminated for the sake of a lock may register again. */
  private allowAgain(): void {
    for (const component of this.entities.state.components.values()) {
      if (component.presence === 'terminating' && component.registration === 0) {
        component.presence = 'uninstantiated'
      }
    }
  }

  private restart(kind: EntityKind, name: string): Refusal | null {
    if (kind !== 'component' && kind !== 'unit') {
      return refusal('ERR_INVALID_PARAM', `restart is for components and units; ${name} is a ${kind}`)
    }
    const model = this.entities.model!
    const unit = kind === 'unit' ? model.units.get(name)! : model.components.get(name)!.unit
    const components = kind === 'unit' ? unit.components : [model.components.get(name)!]
    const lasting = components.find((component) => !this.failures.isRestartable(component))
    if (lasting !== undefined) {
      const why = `nobody brings ${lasting.config.name} back: it has no restart-timeout in groups.conf`
      return refusal('ERR_BAD_OPERATION', `restart ${name}: ${why}`)
    }
    const missing = components.find(({ config }) => !isWell(this.entities.component(config.name)))
    if (missing !== undefined) {
      return refusal('ERR_BAD_OPERATION', `restart ${name}: ${missing.config.name} is not there, or not well`)
    }
    this.entities.note(kind, name, 'restarting', 'the administrator ordered restart')
    for (const { config } of components) this.failures.restart(this.entities.component(config.name))
    return null
  }

  private repair(kind: EntityKind, name: string): Refusal | null {
    const { state, model } = this.entities
    if (kind === 'node') {
      state.nodes.get(name)!.operational = 'enabled'
      state.nodes.get(name)!.unitFailovers = null
      const units = [...model!.units.values()].filter((unit) => this.entities.nodeNameOf(unit) === name)
      for (const unit of units) this.repairUnit(unit)
    } else if (kind === 'unit') {
      this.repairUnit(model!.units.get(name)!)
    } else if (kind === 'component') {
      this.clear(this.entities.component(name))
    } else {
      return refusal('ERR_INVALID_PARAM', `repaired is for nodes, units and components; ${name} is a ${kind}`)
    }
    this.entities.note(kind, name, 'repaired', 'the administrator says so')
    return null
  }

  private repairUnit(unit: UnitModel): void {
    for (const component of this.entities.componentsOf(unit)) this.clear(component)
  }

  /** Its error is no more. */
  clear(component: ComponentState): void {
    component.operational = 'enabled'
    component.error = null
    const isOver =
      component.presence === 'instantiation-failed' || component.presence === 'termination-failed'
    if (isOver) component.presence = component.registration === 0 ? 'uninstantiated' : 'instantiated'
    this.entities.touch(component)
  }

  /**
   * Active and standby change places: for 2n of the whole group, for nplusm of all that the two units have.
   */
  private swap(kind: EntityKind, name: string): Refusal | null {
    if (kind !== 'service-instance') {
      return refusal('ERR_INVALID_PARAM', `si-swap is for service instances; ${name} is a ${kind}`)
    }
    const { group } = this.entities.model!.instances.get(name)!
    const { active, standby } = this.entities.state.instances.get(name)!
    const [from] = active
    const [to] = standby
    if (from === undefined || to === undefined) {
      const what = from === undefined ? 'no unit is active for it' : 'nobody stands by for it'
      return refusal('ERR_BAD_OPERATION', `si-swap ${name}: ${what}`)
    }
    const stuck = this.notSwappable(group, from, to)
    if (stuck !== null) return refusal('ERR_BAD_OPERATION', `si-swap ${name}: ${stuck}`)
    const swapped = (unit: string): string => (unit === from ? to : unit === to ? from : unit)
    const next = this.entities.model!.units.get(to)!
    for (const { config } of group.instances) {
      const instance = this.entities.state.instances.get(config.name)!
      const before = instance.active[0]
      instance.active = instance.active.map(swapped)
      instance.standby = instance.standby.map(swapped)
      if (instance.active[0] === before) continue
      instance.epoch = this.reconciler.nextEpoch(instance, next)
      const what = `${to} is to be active, after ${from}: the administrator ordered si-swap`
      this.entities.note('service-instance', instance.name, 'assigned', what)
    }
    return null
  }

  private notSwappable(group: GroupModel, from: string, to: string): string | null {
    const { entities } = this
    if (entities.isFrozen || !entities.mayAct) return 'this partition has no quorum'
    for (const unit of [from, to]) {
      if (entities.unit(unit).readiness !== 'in-service') return `${unit} is not in service`
    }
    for (const { config } of group.instances) {
      const { active, standby } = entities.state.instances.get(config.name)!
      if (active.includes(from) && !standby.includes(to)) return `${to} does not stand by for ${config.name}`
    }
    const target = entities.model!.units.get(to)!
    const isStanding = entities.componentsOf(target).every(({ csis, operation, presence }) => {
      const isReady = operation === null && presence === 'instantiated'
      return isReady && [...csis.values()].every(({ haState }) => haState === 'standby')
    })
    return isStanding ? null : `${to} does not stand by yet; try again`
  }
}

function isWell({ registration, operational, presence, isCleaning }: ComponentState): boolean {
  return registration !== 0 && operational === 'enabled' && presence === 'instantiated' && !isCleaning
}

function refusal(code: AisErrorName, text: string): Refusal {
  return { code, text }
}
