import { invariant } from '../../base/index.js'
import { groupsText } from '../../config/model/groups-text.js'
import type {
  Gate,
  ReplicatedService,
  SnapshotReader,
  SnapshotWriter,
  Transferred,
  View,
} from '../../group/index.js'
import type { Client, Request, ServiceFront } from '../front.js'
import { shown } from '../shown.js'
import { ComponentCalls, type Method } from './component-calls.js'
import type { MachineListener } from './entities.js'
import { LocalComponents } from './local-components.js'
import { Machine } from './machine.js'
import { OctetReaderOfState, OctetWriterOfState } from './octet-snapshot.js'
import { Outbox } from './outbox.js'
import { attempt, CallRefusal, invalid, type Params } from './params.js'
import type { AmfPort } from './port.js'
import { ProtectionGroups } from './protection-groups.js'
import { Restarts } from './restarts.js'
import { Settlements } from './settlements.js'
import type { Decision } from './state.js'
import { StateCalls } from './state-calls.js'
import { Upkeep, type OwnConfiguration } from './upkeep.js'
import { Watchdog } from './watchdog.js'
import { Watchers } from './watchers.js'
import { decodeMessage } from './wire.js'

/**
 * Availability management: this node's replica of the state machine, its components, and its side towards
 * the applications of this node. What components and administrators say becomes ordered messages; what the
 * machine decides about components of this node they are told from here.
 *
 * Source: SAI-AIS-AMF-B.01.01.
 */
export class AmfService implements ReplicatedService, ServiceFront, MachineListener {
  readonly id = 5
  readonly name = 'amf'
  readonly machine: Machine
  readonly #own: OwnConfiguration
  readonly #outbox: Outbox
  readonly #components: LocalComponents
  readonly #restarts: Restarts
  readonly #watchdog: Watchdog
  readonly #upkeep: Upkeep
  readonly #settlements: Settlements
  readonly #componentCalls: ComponentCalls
  readonly #watchers = new Watchers()
  readonly #protectionGroups: ProtectionGroups
  /** Methods that need the state of AMF. */
  readonly #stateMethods: Readonly<Record<string, Method>>
  /** Components that changed while a message was applied. */
  readonly #touched = new Set<string>()
  #gate: Gate = 'closed'
  /** This process is about to end. */
  #isStopping = false
  /** When the alarm is due. */
  #alarmAtMs = Infinity

  constructor(private readonly port: AmfPort) {
    this.machine = new Machine(this)
    this.#own = ownConfiguration(port)
    this.#outbox = new Outbox(port)
    this.#components = new LocalComponents(port, this.machine, this.#outbox)
    this.#restarts = new Restarts(port, this.machine, this.#outbox)
    this.#watchdog = new Watchdog(port, this.#components)
    this.#upkeep = new Upkeep(port, this.machine, this.#outbox, this.#components, this.#own)
    this.#settlements = new Settlements(this.machine)
    this.#componentCalls = new ComponentCalls(port, this.machine, this.#components)
    this.#protectionGroups = new ProtectionGroups(this.machine)
    this.#stateMethods = {
      componentRegister: (request, params) => this.#register(request, params),
      ...new StateCalls(this.machine, this.#outbox, this.#settlements).methods,
      ...this.#protectionGroups.methods,
      ...this.#watchers.methods,
    }
  }

  onRequest(request: Request): void {
    attempt(request, () => this.#route(request))
    this.#upkeep.review()
    this.#rearm()
  }

  onClientGone(client: Client): void {
    this.#settlements.onClientGone(client)
    this.#watchers.onClientGone(client)
    this.#protectionGroups.onClientGone(client)
    this.#components.onClientGone(client)
    this.#upkeep.review()
    this.#rearm()
  }

  /**
   * This process is about to leave: nothing is renewed or registered any more.
   * @returns ids of the clients that have registered components. Their leases end with their connections.
   */
  stop(): readonly number[] {
    this.#isStopping = true
    this.#components.leases.stop()
    return [...new Set(this.#components.all().map(({ client }) => client.id))]
  }

  onView(view: View): void {
    this.machine.beginView(view.number)
    this.#upkeep.onView(view)
    this.#rearm()
  }

  onGate(gate: Gate): void {
    this.#gate = gate
    const isOpen = gate === 'open'
    this.#outbox.onGate(isOpen)
    this.#components.onGate(isOpen)
    this.#upkeep.onGate(isOpen)
    this.#rearm()
  }

  apply(from: number, payload: Uint8Array): boolean {
    const message = decodeMessage(payload)
    const isOwn = from === this.port.nodeId
    if (message === null) {
      this.port.log('warning', `node ${from} sent a message of AMF that cannot be read; it is ignored`)
      if (isOwn) this.#outbox.onApplied({ code: 'ERR_LIBRARY', text: 'a message that cannot be read' })
      return false
    }
    const { changed, refusal } = this.machine.apply(from, message)
    if (isOwn) this.#outbox.onApplied(refusal)
    this.#afterChange()
    return changed
  }

  onDropped(): void {
    this.#outbox.onDropped()
  }

  onStable(): void {
    // Nothing waits for all members to have applied it: what a message asks for is done by one node.
  }

  onDrain(): void {
    this.#outbox.onDrain()
  }

  freeze(): SnapshotReader {
    return new OctetReaderOfState(this.machine.freeze())
  }

  receive(): SnapshotWriter {
    return new OctetWriterOfState()
  }

  adopt(winner: Transferred, conflicts: readonly Transferred[]): void {
    const others = octetsOf(winner)
    // What was here may be a part of what loses: of a side whose others went on without this node, too.
    const isOfWinner = winner.members.includes(this.port.nodeId)
    if (conflicts.length > 0 && !isOfWinner) this.#components.orphan()
    if (conflicts.length > 0) {
      const isSound = this.machine.merge(others, conflicts.map(octetsOf))
      invariant(isSound, 'states of AMF that cannot be read')
    } else if (others !== null) {
      const before = this.machine.state.components
      invariant(this.machine.restore(others), 'a state of AMF that cannot be read')
      this.#components.orphanForeign(before)
    }
    this.#afterChange()
  }

  /** The time asked for with port.setAlarm() has come. */
  onAlarm(): void {
    this.#alarmAtMs = Infinity
    const nowMs = this.port.nowMs()
    const { leases } = this.#components
    if (leases.dueMs <= nowMs) {
      leases.onTime(nowMs, () => this.#components.renewable())
      this.#components.retry()
    }
    this.#watchdog.onTime(nowMs)
    this.#restarts.onTime(nowMs)
    this.#upkeep.review()
    this.#rearm()
  }

  /** The moment asked for with port.later(). */
  onLater(): void {
    this.#watchdog.onLater(this.port.nowMs())
    this.#rearm()
  }

  onComponent(name: string): void {
    this.#touched.add(name)
  }

  onDecision(decision: Decision): void {
    this.#watchers.tell(decision)
  }

  onConfigured(): void {
    for (const name of this.machine.state.components.keys()) this.#touched.add(name)
  }

  /** What the new state asks of this node. */
  #afterChange(): void {
    const names = [...this.#touched]
    this.#touched.clear()
    this.#upkeep.review()
    for (const name of names) {
      this.#restarts.look(name)
      this.#components.look(name)
    }
    this.#components.reviewLost()
    if (names.length > 0) this.#protectionGroups.review()
    this.#settlements.review()
    this.#rearm()
  }

  #rearm(): void {
    const leasesMs = this.#components.isEmpty ? Infinity : this.#components.leases.dueMs
    const dueMs = Math.min(leasesMs, this.#watchdog.dueMs, this.#restarts.dueMs, this.#upkeep.dueMs)
    if (dueMs >= this.#alarmAtMs) return
    this.#alarmAtMs = dueMs
    this.port.setAlarm(Math.max(0, dueMs - this.port.nowMs()))
  }

  #route(request: Request): void {
    const { method, params } = request
    const own = this.#componentCalls.methods
    if (Object.hasOwn(own, method)) return own[method]!(request, mapOf(method, params))
    if (!Object.hasOwn(this.#stateMethods, method)) throw this.#unknownMethod(method)
    const map = mapOf(method, params)
    this.#requireState()
    this.#stateMethods[method]!(request, map)
  }

  #register(request: Request, params: Params): void {
    this.#requireParticipation()
    this.#componentCalls.register(request, params)
  }

  /** @throws CallRefusal when there is nothing to answer from */
  #requireState(): void {
    const { state, model } = this.machine
    if (this.#gate === 'closed') {
      throw tryAgain('the state of AMF is not on this node yet: it is on its way, or the cluster is forming')
    }
    if (state.viewNumber === 0) throw tryAgain('AMF waits for the members of its cluster; call again')
    if (model === null) throw tryAgain('the members have not agreed on a configuration yet; call again')
  }

  /** @throws CallRefusal when components of this node may not register */
  #requireParticipation(): void {
    if (this.#isStopping) throw tryAgain('this node is leaving; call again when its executive is back')
    const { nodeId, incarnation } = this.port
    const { state } = this.machine
    if (state.present.get(nodeId)?.incarnation === incarnation) return
    throw tryAgain('this node is about to join AMF; call again')
  }

  #unknownMethod(method: string): CallRefusal {
    const known = [...Object.keys(this.#stateMethods), ...Object.keys(this.#componentCalls.methods)]
    const text = `amf has no method ${shown(method)}; it has ${known.join(', ')}`
    return new CallRefusal('ERR_NOT_SUPPORTED', text)
  }
}

function ownConfiguration(port: AmfPort): OwnConfiguration {
  const text = groupsText(port.config)
  const hash = port.createHash()
  hash.update(new TextEncoder().encode(`${text}\n${port.leaseMs}`))
  const digest = [...hash.digest()].map((octet) => octet.toString(16).padStart(2, '0')).join('')
  return { text, digest }
}

/** null: the state is that of this replica. */
function octetsOf({ writer }: Transferred): Uint8Array | null {
  return writer === null ? null : (writer as OctetWriterOfState).finish()
}

function mapOf(method: string, params: unknown): Params {
  if (typeof params === 'object' && params !== null && !Array.isArray(params)) return params as Params
  throw invalid(`the parameters of amf.${method} are a map, not ${shown(params)}`)
}

function tryAgain(text: string): CallRefusal {
  return new CallRefusal('ERR_TRY_AGAIN', text)
}
