import type { Recovery } from '../../base/index.js'
import { isActing, type Entities } from './entities.js'
import type { FailureCause } from './messages.js'
import type { ComponentModel, UnitModel } from './model.js'
import type { ComponentState } from './state.js'

/** What is known of an error. */
export interface Failure {
  readonly cause: FailureCause
  readonly recommended: Recovery
  /** For people. */
  readonly text: string
  /** By the clock of the node that says so, milliseconds since 1970. */
  readonly atMs: number
}

/**
 * From an error to what is done about it, harsher each time it comes back within the probation time:
 * restart of the component, of its unit, failover of the unit, failover of its node (SAI-AIS-AMF-B.01.01,
 * 3.12.2 recovery escalation).
 */
export class Failures {
  constructor(private readonly entities: Entities) {}

  /** An error of a component; what it held may be held until it is known to be clean. */
  fail(model: ComponentModel, component: ComponentState, failure: Failure): void {
    const { text, atMs } = failure
    const step = this.decide(model, component, failure)
    this.entities.note('component', component.name, 'failed', `${text}; recovery: ${step}`)
    component.error = { cause: failure.cause, text }
    if (step === 'component-restart') return this.restart(component)
    if (step === 'unit-restart') return this.restartUnit(model.unit)
    this.disable(component)
    this.countFailover(model.unit, step, atMs)
  }

  /**
   * A unit has failed over; too many of them on one node, or an error that asks for it, take the node with
   * them.
   */
  private countFailover(unit: UnitModel, step: Recovery, atMs: number): void {
    const node = this.entities.nodeOf(unit)
    if (node === undefined) return
    // One failover of a unit, however many of its components fail with it.
    const isFailover = this.entities.unit(unit.config.name).readiness === 'in-service'
    if (step === 'component-failover' && !isFailover) return
    const { unitFailoverMax, unitFailoverProbationMs } = unit.group.config
    node.unitFailovers = this.entities.counted(node.unitFailovers, unitFailoverProbationMs, atMs)
    const isTooMany = unitFailoverMax !== null && node.unitFailovers.count > unitFailoverMax
    if (step === 'component-failover' && !isTooMany) return
    if (node.operational === 'disabled') return
    node.operational = 'disabled'
    const count = `${node.unitFailovers.count} failovers of units within ${unitFailoverProbationMs} ms`
    const why = isTooMany ? count : step
    this.entities.note('node', node.name, 'disabled', `${why}: it is given nothing until it is repaired`)
  }

  /** It is to end, and to come back by itself. */
  restart(component: ComponentState): void {
    component.presence = 'restarting'
    this.beginCleaning(component)
  }

  restartUnit(unit: UnitModel): void {
    this.entities.note('unit', unit.config.name, 'restarting', 'all of its components end and come back')
    for (const component of this.entities.componentsOf(unit)) {
      if (component.presence !== 'restarting' && component.registration !== 0) this.restart(component)
    }
  }

  /** Who ended and was to come back did not, or cannot be asked to. */
  giveUpRestart(unit: UnitModel, component: ComponentState, text: string, atMs: number): void {
    component.presence = component.registration === 0 ? 'instantiation-failed' : 'termination-failed'
    component.error ??= { cause: 'not-restarted', text }
    component.isEnding = false
    this.disable(component)
    this.entities.note('component', component.name, component.presence, text)
    this.countFailover(unit, 'component-failover', atMs)
  }

  isRestartable({ config }: ComponentModel): boolean {
    return config.restartTimeoutMs !== null
  }

  private decide(model: ComponentModel, component: ComponentState, failure: Failure): Recovery {
    const { recommended, atMs } = failure
    const asked = recommended === 'no-recommendation' ? model.config.recovery : recommended
    const isOurs = component.presence === 'instantiated' || component.presence === 'instantiating'
    if (!isOurs && (asked === 'component-restart' || asked === 'unit-restart')) return 'component-failover'
    if (asked === 'component-restart') return this.decideRestart(model, component, atMs)
    return asked === 'unit-restart' ? this.decideUnitRestart(model.unit, atMs) : asked
  }

  private decideRestart(model: ComponentModel, component: ComponentState, atMs: number): Recovery {
    if (!this.isRestartable(model)) return 'component-failover'
    const { componentRestartMax, componentRestartProbationMs } = model.unit.group.config
    component.restarts = this.entities.counted(component.restarts, componentRestartProbationMs, atMs)
    if (component.restarts.count <= componentRestartMax) return 'component-restart'
    component.restarts = null
    return this.decideUnitRestart(model.unit, atMs)
  }

  private decideUnitRestart(unit: UnitModel, atMs: number): Recovery {
    if (!unit.components.every((one) => this.isRestartable(one))) return 'component-failover'
    const state = this.entities.unit(unit.config.name)
    const { unitRestartMax, unitRestartProbationMs } = unit.group.config
    state.restarts = this.entities.counted(state.restarts, unitRestartProbationMs, atMs)
    if (state.restarts.count <= unitRestartMax) return 'unit-restart'
    state.restarts = null
    return 'component-failover'
  }

  private disable(component: ComponentState): void {
    component.operational = 'disabled'
    if (component.presence === 'restarting') component.presence = 'instantiated'
    this.beginCleaning(component)
  }

  /** Its node lets the lease run out, and says when it holds nothing any more. */
  private beginCleaning(component: ComponentState): void {
    const { operation, csis, registration } = component
    if (registration !== 0) {
      // It may have been told, and not have answered: what it may be counts.
      if (operation?.kind === 'csi-set' && isActing(operation.haState)) {
        const { instance, haState, epoch } = operation
        csis.set(operation.csi, { instance, haState, epoch, operation: operation.id })
      }
      component.isCleaning = true
    }
    component.operation = null
    this.entities.touch(component)
  }
}
