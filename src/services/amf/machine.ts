import { Administration } from './administration.js'
import { ComponentEvents, end, type ComponentMessage } from './component-events.js'
import { Entities, type MachineListener } from './entities.js'
import { Failures } from './failures.js'
import type {
  AmfMessage,
  ConfigureMessage,
  HelloMessage,
  RegisterMessage,
  Refusal,
  ReportMessage,
  ViewMessage,
} from './messages.js'
import { Model, type GroupModel } from './model.js'
import { Registrations } from './registrations.js'
import { Reconciler } from './reconcile.js'
import { freezeState, mergeInto, restoreState } from './snapshot.js'
import type { AmfState, ComponentState } from './state.js'
import type { GroupsConfig } from '../../config/model/groups-config.js'
import { readGroupsText } from '../../config/model/groups-text.js'

/** What became of a message. */
export interface Applied {
  /** The state is another one now. */
  readonly changed: boolean
  /** Why it had no effect, for whoever asked for it; null: it had, or nobody needs to know. */
  readonly refusal: Refusal | null
}

const done: Applied = { changed: true, refusal: null }
const ignored: Applied = { changed: false, refusal: null }

/**
 * Availability management as every node carries it out: a state machine over ordered messages, without a
 * clock, without a master. It says what each component is to do next; the node of the component has it done
 * and says so in a message.
 */
export class Machine {
  private readonly entities: Entities
  private readonly reconciler: Reconciler
  private readonly failures: Failures
  private readonly administration: Administration
  private readonly events: ComponentEvents
  private readonly registrations: Registrations

  constructor(private readonly listener: MachineListener) {
    this.entities = new Entities(listener)
    this.reconciler = new Reconciler(this.entities)
    this.failures = new Failures(this.entities)
    this.administration = new Administration(this.entities, this.failures, this.reconciler)
    this.events = new ComponentEvents(this.entities, this.failures)
    this.registrations = new Registrations(this.entities)
  }

  /** Not to be changed by others. */
  get state(): AmfState {
    return this.entities.state
  }

  /** The configuration of the state, with its names looked up; null while there is none. */
  get model(): Model | null {
    return this.entities.model
  }

  get config(): GroupsConfig | null {
    return this.entities.model?.config ?? null
  }

  /** Of a unit: name of the node it lives on, or is bound to. */
  nodeNameOf(unit: string): string | null {
    const model = this.model?.units.get(unit)
    return model === undefined ? null : this.entities.nodeNameOf(model)
  }

  /** Nothing is under way in the group, or in any. */
  isSettled(group: string | null): boolean {
    const groups = [...(this.model?.groups.values() ?? [])]
    return groups.every((one) => {
      return (group !== null && one.config.name !== group) || this.reconciler.isSettled(one)
    })
  }

  /** Does this node hold the configuration that all hold? */
  participates(nodeId: number): boolean {
    return this.entities.participates(nodeId)
  }

  /**
   * There is no configuration, or nobody is left who has it: which one to take, and whose task it is to
   * tell. That of most members; of several such that of the lowest node id. null: there is one, or not all
   * have spoken yet. A partition that may do nothing leaves the configuration to the others as well.
   */
  get wantedConfiguration(): { readonly digest: string; readonly nodeId: number } | null {
    const { present, members, digest } = this.state
    const nodes = members.map(([nodeId]) => present.get(nodeId))
    if (nodes.length === 0 || nodes.includes(undefined)) return null
    const spoken = nodes.filter((node) => node !== undefined)
    if (digest !== '' && (!this.entities.mayAct || spoken.some((node) => node.digest === digest))) return null
    const votes = new Map<string, { count: number; nodeId: number }>()
    for (const node of spoken) {
      const vote = votes.get(node.digest) ?? { count: 0, nodeId: node.nodeId }
      votes.set(node.digest, { count: vote.count + 1, nodeId: Math.min(vote.nodeId, node.nodeId) })
    }
    const [best] = [...votes].sort(([, one], [, other]) => {
      return other.count - one.count || one.nodeId - other.nodeId
    })
    return { digest: best![0], nodeId: best![1].nodeId }
  }

  /** A view has begun, at this place in the order on every member. What comes of it is told by a message. */
  beginView(number: number): void {
    this.entities.viewNumber = number
  }

  /** @param from node id of the sender */
  apply(from: number, message: AmfMessage): Applied {
    const { entities } = this
    const node = message.kind === 'hello' ? message.nodeName : entities.state.present.get(from)?.name
    entities.log.begin({ atMs: message.atMs, node: node ?? String(from) })
    const applied = this.dispatch(from, message)
    this.tell()
    return applied
  }

  freeze(): Uint8Array {
    return freezeState(this.state)
  }

  /** Go on with another state. @returns false: these octets are none */
  restore(octets: Uint8Array): boolean {
    const state = restoreState(octets)
    if (state === null) return false
    this.adopt(state)
    this.tell()
    return true
  }

  /**
   * Go on with the state of one side, and with what the others may not lose.
   * @param winner null: it is the present one
   */
  merge(winner: Uint8Array | null, losers: readonly (Uint8Array | null)[]): boolean {
    const own = this.state
    const all = [winner, ...losers].map((octets) => (octets === null ? own : restoreState(octets)))
    const states = all.filter((state) => state !== null)
    if (states.length < all.length) return false
    const [state, ...others] = states as [AmfState, ...AmfState[]]
    const epochs = new Map([...state.instances].map(([name, { epoch }]) => [name, epoch]))
    mergeInto(state, others)
    this.adopt(state)
    // What each node happened to hear last is no common ground: the winner's last decision is.
    const { atMs = 0, node = '' } = state.decisions.at(-1) ?? {}
    this.entities.log.begin({ atMs, node })
    for (const [name, instance] of state.instances) {
      const unit = this.model?.units.get(instance.active[0] ?? '')
      // What the other side's active was given must not be above what this one's has.
      if (instance.epoch === epochs.get(name) || unit === undefined) continue
      instance.epoch = this.reconciler.nextEpoch(instance, unit)
    }
    this.settleAll()
    this.tell()
    return true
  }

  private adopt(state: AmfState): void {
    const { entities } = this
    entities.state = state
    const config = state.text === '' ? null : readGroupsText(state.text)
    entities.model = config === null ? null : new Model(config)
    entities.touched.clear()
    for (const component of state.components.values()) entities.touch(component)
    this.listener.onConfigured()
  }

  private tell(): void {
    const names = [...this.entities.touched]
    this.entities.touched.clear()
    for (const name of names) this.listener.onComponent(name)
  }

  private dispatch(from: number, message: AmfMessage): Applied {
    switch (message.kind) {
      case 'hello':
        return this.onHello(from, message)
      case 'configure':
        return this.onConfigure(from, message)
      case 'view':
        return this.onView(message)
      case 'register':
        return this.onRegister(from, message)
      case 'report':
        return this.onReport(message)
      case 'clear':
        return this.onClear(message.component)
      case 'admin':
        return this.onAdmin(message)
      default:
        return this.onOfComponent(from, message)
    }
  }

  private onHello(from: number, { incarnation, nodeName, digest }: HelloMessage): Applied {
    const { state } = this
    const known = state.present.get(from)
    if (known?.incarnation === incarnation && known.digest === digest) return ignored
    state.present.set(from, { nodeId: from, incarnation, name: nodeName, digest })
    if (!state.nodes.has(nodeName)) {
      state.nodes.set(nodeName, {
        name: nodeName,
        admin: 'unlocked',
        adminStamp: 0,
        operational: 'enabled',
        unitFailovers: null,
      })
    }
    const isOther = state.digest !== '' && digest !== state.digest
    const what = isOther ? 'refused' : 'joined'
    const text = isOther
      ? `its configuration is ${digest}, that of the others ${state.digest}: no part until it matches`
      : 'it takes part'
    this.entities.note('node', nodeName, what, text)
    this.settleAll()
    return done
  }

  private onConfigure(from: number, { digest, text }: ConfigureMessage): Applied {
    const wanted = this.wantedConfiguration
    if (wanted?.digest !== digest || wanted.nodeId !== from) return ignored
    const config = readGroupsText(text)
    if (config === null) return ignored
    const { state } = this
    this.entities.model = new Model(config)
    state.digest = digest
    state.text = text
    this.furnish(this.entities.model)
    for (const node of state.present.values()) {
      const isOther = node.digest !== digest
      const words = isOther ? `its configuration is ${node.digest}, not ${digest}` : `configuration ${digest}`
      this.entities.note('node', node.name, isOther ? 'refused' : 'configured', words)
    }
    this.settleAll()
    this.listener.onConfigured()
    return done
  }

  /** A state for each name of the configuration, none for others; what administrators ordered stays. */
  private furnish(model: Model): void {
    const { state } = this
    const before = { groups: new Map(state.groups), units: new Map(state.units) }
    const instances = new Map(state.instances)
    for (const table of [state.groups, state.units, state.components, state.instances]) table.clear()
    const fresh = { admin: 'unlocked', adminStamp: 0 } as const
    for (const name of model.groups.keys()) {
      state.groups.set(name, before.groups.get(name) ?? { name, ...fresh })
    }
    for (const name of model.units.keys()) {
      const { admin, adminStamp } = before.units.get(name) ?? fresh
      const standing = { operational: 'enabled', readiness: 'out-of-service' } as const
      state.units.set(name, { name, admin, adminStamp, ...standing, restarts: null })
    }
    for (const name of model.components.keys()) state.components.set(name, newComponent(name))
    for (const name of model.instances.keys()) {
      const { admin, adminStamp } = instances.get(name) ?? fresh
      const epoch = instances.get(name)?.epoch ?? 0n
      state.instances.set(name, { name, admin, adminStamp, epoch, active: [], standby: [] })
    }
  }

  private onView({ number, members, quorate, votes, expected }: ViewMessage): Applied {
    const { state, entities } = this
    if (number <= state.viewNumber) return ignored
    state.viewNumber = number
    state.members = members
    const incarnations = new Map(members)
    for (const [nodeId, node] of state.present) {
      if (incarnations.get(nodeId) === node.incarnation) continue
      state.present.delete(nodeId)
      entities.note('node', node.name, 'lost', `it is no member of view ${number}`)
    }
    for (const component of state.components.values()) {
      const { node, incarnation } = component
      if (node === 0 || incarnations.get(node) === incarnation) continue
      entities.note('component', component.name, 'lost', 'its node is no member any more')
      component.presence = 'uninstantiated'
      end(component)
      entities.touch(component)
    }
    if (state.quorate !== quorate || state.expected !== expected) {
      const words = expected === null ? 'quorum is off' : `${votes} of ${expected} votes`
      for (const node of state.present.values()) {
        entities.note('node', node.name, quorate ? 'quorate' : 'without-quorum', words)
      }
    }
    state.quorate = quorate
    state.votes = votes
    state.expected = expected
    this.settleAll()
    return done
  }

  private onRegister(from: number, message: RegisterMessage): Applied {
    const refusal = this.registrations.register(from, message)
    if (refusal !== null) return { changed: false, refusal }
    this.settle(this.entities.groupOfComponent(message.component)!)
    return done
  }

  private onReport(message: ReportMessage): Applied {
    const model = this.model?.components.get(message.component)
    if (model === undefined) {
      return refused('ERR_NOT_EXIST', `component ${message.component} is not in groups.conf`)
    }
    const component = this.entities.component(message.component)
    if (component.registration === 0) {
      return refused('ERR_BAD_OPERATION', `component ${component.name} is not registered`)
    }
    if (component.operational === 'disabled' || component.presence === 'restarting') return ignored
    this.failures.fail(model, component, { cause: 'reported', ...message })
    this.settleAll()
    return done
  }

  private onClear(name: string): Applied {
    const model = this.model?.components.get(name)
    if (model === undefined) return refused('ERR_NOT_EXIST', `component ${name} is not in groups.conf`)
    const component = this.entities.component(name)
    if (component.registration === 0) {
      return refused('ERR_BAD_OPERATION', `component ${name} is not registered`)
    }
    if (component.error === null) return ignored
    this.administration.clear(component)
    this.entities.note('component', name, 'cleared', 'its error is no more')
    this.settle(model.unit.group)
    return done
  }

  private onAdmin(message: Extract<AmfMessage, { readonly kind: 'admin' }>): Applied {
    if (this.model === null) return refused('ERR_TRY_AGAIN', 'there is no configuration yet; ask again')
    const refusal = this.administration.perform(message.operation, message.entity, message.name)
    if (refusal !== null) return { changed: false, refusal }
    this.settleAll()
    return done
  }

  /** What the node of a component says of it; of an earlier registration it is history. */
  private onOfComponent(from: number, message: ComponentMessage): Applied {
    const model = this.model?.components.get(message.component)
    if (model === undefined) return ignored
    const component = this.entities.component(message.component)
    if (component.node !== from || component.registration !== message.registration) return ignored
    const isChanged = this.events.apply(model, component, message)
    if (!isChanged) return ignored
    this.entities.touch(component)
    // An error may concern the whole node, and with it other groups.
    const isError = message.kind === 'failed' || message.kind === 'gone'
    if (isError || (message.kind === 'answered' && message.error !== null)) this.settleAll()
    else this.settle(model.unit.group)
    return done
  }

  private settle(group: GroupModel): void {
    this.reconciler.settle(group)
  }

  private settleAll(): void {
    for (const group of this.model?.groups.values() ?? []) this.settle(group)
  }
}

function newComponent(name: string): ComponentState {
  return {
    name,
    node: 0,
    incarnation: 0,
    registration: 0,
    proxy: null,
    presence: 'uninstantiated',
    operational: 'enabled',
    readiness: 'out-of-service',
    error: null,
    isCleaning: false,
    isEnding: false,
    csis: new Map(),
    operation: null,
    restarts: null,
  }
}

function refused(code: Refusal['code'], text: string): Applied {
  return { changed: false, refusal: { code, text } }
}
