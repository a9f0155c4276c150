import type { AdminState, EntityKind, HaState } from '../../base/index.js'
import { DecisionLog } from './decisions.js'
import type { ComponentModel, GroupModel, Model, UnitModel } from './model.js'
import { emptyState } from './snapshot.js'
import type { AmfState, ComponentState, Counter, Decision, KnownNode, UnitState } from './state.js'

export interface MachineListener {
  /** Something about this component is another now; its node sees to what that asks for. */
  onComponent(name: string): void
  onDecision(decision: Decision): void
  /** There is a configuration, or another one. */
  onConfigured(): void
}

/** The more restrictive first. */
const byRestriction: readonly AdminState[] = ['locked-instantiation', 'locked', 'shutting-down', 'unlocked']

/** State and configuration together, and what can be read off them. */
export class Entities {
  state: AmfState = emptyState()
  /** null while there is no configuration. */
  model: Model | null = null
  /** The view that has begun. Not part of the state: it is known before a message tells what came of it. */
  viewNumber = 0
  readonly log: DecisionLog
  /** Names of components that changed while a message was applied. */
  readonly touched = new Set<string>()

  constructor(readonly listener: MachineListener) {
    this.log = new DecisionLog(
      () => this.state,
      (decision) => listener.onDecision(decision),
    )
  }

  /** State of a component of the configuration. */
  component(name: string): ComponentState {
    return this.state.components.get(name)!
  }

  unit(name: string): UnitState {
    return this.state.units.get(name)!
  }

  componentsOf(unit: UnitModel): ComponentState[] {
    return unit.components.map(({ config }) => this.component(config.name))
  }

  /** Components of a unit are registered on one node: the name of that node, or of the one it is bound to. */
  nodeNameOf(unit: UnitModel): string | null {
    const nodeId = this.componentsOf(unit).find(({ node }) => node !== 0)?.node ?? 0
    return this.state.present.get(nodeId)?.name ?? unit.config.node
  }

  nodeOf(unit: UnitModel): KnownNode | undefined {
    return this.state.nodes.get(this.nodeNameOf(unit) ?? '')
  }

  /** Of the unit, its group and its node the most restrictive. */
  effectiveAdmin(unit: UnitModel): AdminState {
    const group = this.state.groups.get(unit.group.config.name)?.admin
    const states = [this.unit(unit.config.name).admin, group, this.nodeOf(unit)?.admin]
    return byRestriction.find((state) => states.includes(state))!
  }

  /** Quorum, or leave to do without. */
  get mayAct(): boolean {
    return this.state.quorate || this.model?.config.noQuorum !== 'stop'
  }

  /** Without quorum, and told to leave everything as it is. */
  get isFrozen(): boolean {
    return !this.state.quorate && this.model?.config.noQuorum === 'freeze'
  }

  /**
   * What came of the view is known, and every member holds this state, with nothing left on its components
   * of what other states had given them: those that took this one over say hello only then.
   */
  get isComplete(): boolean {
    const { viewNumber, members, present } = this.state
    if (viewNumber < this.viewNumber) return false
    return members.every(([nodeId, incarnation]) => present.get(nodeId)?.incarnation === incarnation)
  }

  isEnabled(unit: UnitModel): boolean {
    const isWell = this.componentsOf(unit).every(({ operational }) => operational === 'enabled')
    return isWell && this.nodeOf(unit)?.operational !== 'disabled'
  }

  /** All of its components are registered, or on their way back. */
  isPopulated(unit: UnitModel): boolean {
    return this.componentsOf(unit).every(({ registration, presence, isEnding }) => {
      return presence === 'restarting' || (registration !== 0 && !isEnding)
    })
  }

  isRestarting(unit: UnitModel): boolean {
    return this.componentsOf(unit).some(({ presence }) => presence === 'restarting')
  }

  /** Nothing is known to be held by any of its components. */
  isEmpty(unit: UnitModel): boolean {
    return this.componentsOf(unit).every(({ csis, operation, isCleaning }) => {
      return csis.size === 0 && !isCleaning && operation?.kind !== 'csi-set'
    })
  }

  /**
   * Is a component of the unit active for the service instance, or may it be, for all that is known? One
   * that is quiescing still is.
   */
  mayBeActive(unit: UnitModel, instance: string): boolean {
    return this.componentsOf(unit).some((component) => {
      const { operation, csis } = component
      if (operation?.kind === 'csi-set' && operation.instance === instance && isActing(operation.haState)) {
        return true
      }
      return [...csis.values()].some((held) => held.instance === instance && isActing(held.haState))
    })
  }

  /** Every component of the unit that carries a CSI of it has said to be active. */
  isWhollyActive(unit: UnitModel, instance: string): boolean {
    const carriers = unit.carriers.get(instance) ?? null
    if (carriers === null) return false
    return carriers.every(({ component, csi }) => {
      return this.component(component).csis.get(csi.name)?.haState === 'active'
    })
  }

  /** Does this node hold the configuration that all hold? */
  participates(nodeId: number): boolean {
    const node = this.state.present.get(nodeId)
    return node !== undefined && this.state.digest !== '' && node.digest === this.state.digest
  }

  groupOfComponent(name: string): GroupModel | undefined {
    return this.componentModel(name)?.unit.group
  }

  componentModel(name: string): ComponentModel | undefined {
    return this.model?.components.get(name)
  }

  touch(component: ComponentState): void {
    this.touched.add(component.name)
  }

  note(kind: EntityKind, name: string, what: string, text: string): void {
    this.log.note(kind, name, what, text)
  }

  /** Another event; those before count only within the probation time. */
  counted(counter: Counter | null, probationMs: number, atMs: number): Counter {
    const isFresh = counter === null || atMs - counter.sinceMs >= probationMs
    return isFresh ? { count: 1, sinceMs: atMs } : { ...counter, count: counter.count + 1 }
  }

  nextStamp(): number {
    this.state.lastStamp = Math.max(this.state.lastStamp + 1, this.state.viewNumber)
    return this.state.lastStamp
  }
}

export function isActing(haState: HaState): boolean {
  return haState === 'active' || haState === 'quiescing'
}
