import {
  seededRandom,
  type AdminOperation,
  type EntityKind,
  type HaState,
  type Random,
} from '../../../../src/base/index.js'
import type { GroupsConfig } from '../../../../src/config/model/groups-config.js'
import { groupsText } from '../../../../src/config/model/groups-text.js'
import type { AmfMessage, Refusal } from '../../../../src/services/amf/messages.js'
import { Machine } from '../../../../src/services/amf/machine.js'
import type { ComponentState, Decision } from '../../../../src/services/amf/state.js'

type Unstamped = AmfMessage extends infer One
  ? One extends { atMs: number }
    ? Omit<One, 'atMs'>
    : never
  : never

/** What a process really is for its CSIs, whatever the state machine thinks. */
interface Process {
  readonly name: string
  readonly node: number
  readonly registration: number
  readonly held: Map<string, { readonly instance: string; haState: HaState; epoch: bigint }>
  /** It reads nothing and answers nothing. */
  isHung: boolean
  /** Operations it was told of. */
  told: number
  isDemoting: boolean
}

/**
 * One state machine, and processes which do as it asks when their turn comes: what happens in which order
 * is drawn from a seed. What processes hold is kept apart from what the machine believes.
 */
export class PlainWorld {
  readonly machine: Machine
  readonly random: Random
  readonly processes = new Map<string, Process>()
  readonly nodes = new Set<number>()
  readonly decisions: Decision[] = []
  private readonly incarnations = new Map<number, number>()
  private lastRegistration = 0
  private view = 1_000
  private clockMs = 0
  private readonly due: (() => void)[] = []

  constructor(
    readonly config: GroupsConfig,
    seed: number,
    nodes: readonly number[],
    /** Called after every message. */
    private readonly check: (world: PlainWorld) => void = () => undefined,
  ) {
    this.random = seededRandom(seed)
    this.machine = new Machine({
      onComponent: (name) => this.onComponent(name),
      onDecision: (decision) => void this.decisions.push(decision),
      onConfigured: () => undefined,
    })
    for (const node of nodes) this.join(node)
    this.say(nodes[0]!, { kind: 'configure', digest: 'd', text: groupsText(config) })
  }

  say(from: number, message: Unstamped): Refusal | null {
    const { refusal } = this.machine.apply(from, { ...message, atMs: ++this.clockMs } as AmfMessage)
    this.check(this)
    return refusal
  }

  /** Time passes, for counters over probation times. */
  pass(ms: number): void {
    this.clockMs += ms
  }

  join(node: number): void {
    this.incarnations.set(node, (this.incarnations.get(node) ?? node * 1000) + 1)
    this.nodes.add(node)
    this.sayView(true)
    this.say(node, {
      kind: 'hello',
      incarnation: this.incarnations.get(node)!,
      nodeName: `n${node}`,
      digest: 'd',
    })
  }

  sayView(quorate: boolean): void {
    const members = [...this.nodes].map((node) => [node, this.incarnations.get(node)!] as const)
    const number = ++this.view
    this.say(members[0]![0], {
      kind: 'view',
      number,
      members,
      quorate,
      votes: members.length,
      expected: null,
    })
  }

  /** A node fails; its processes have let go of everything when the others hear of it. */
  lose(node: number): void {
    this.nodes.delete(node)
    for (const process of this.processes.values()) {
      if (process.node === node) this.processes.delete(process.name)
    }
    this.sayView(true)
  }

  start(name: string, node: number): Refusal | null {
    const registration = ++this.lastRegistration
    const process: Process = {
      name,
      node,
      registration,
      held: new Map(),
      isHung: false,
      told: 0,
      isDemoting: false,
    }
    const before = this.processes.get(name)
    this.processes.set(name, process)
    const refusal = this.say(node, { kind: 'register', component: name, registration, proxy: null })
    if (refusal === null) return null
    if (before === undefined) this.processes.delete(name)
    else this.processes.set(name, before)
    return refusal
  }

  /** The process is no more. */
  kill(name: string): void {
    const process = this.processes.get(name)
    if (process === undefined) return
    this.processes.delete(name)
    this.say(process.node, { kind: 'gone', component: name, registration: process.registration })
  }

  fail(name: string, cause: 'healthcheck-timeout' | 'healthcheck-failed'): void {
    const { node, registration } = this.processes.get(name)!
    const failed = { component: name, registration, cause, recommended: 'no-recommendation' } as const
    this.say(node, { kind: 'failed', ...failed, text: `it failed: ${cause}` })
  }

  lapse(name: string): void {
    const { node, registration, told, held } = this.processes.get(name)!
    held.clear()
    const { operation } = this.state(name)
    const pending = operation !== null && operation.id === told ? operation.id : 0
    this.say(node, { kind: 'lapsed', component: name, registration, operation: pending })
  }

  admin(operation: AdminOperation, entity: EntityKind, name: string): Refusal | null {
    return this.say([...this.nodes][0]!, { kind: 'admin', operation, entity, name })
  }

  state(name: string): ComponentState {
    return this.machine.state.components.get(name)!
  }

  /** One thing that is due happens, any one. @returns false: nothing is */
  step(): boolean {
    if (this.due.length === 0) return false
    const [run] = this.due.splice(this.random.below(this.due.length), 1)
    run!()
    return true
  }

  settle(): void {
    let steps = 0
    while (this.step()) if (++steps > 10_000) throw new Error('it does not come to rest')
  }

  /** Units of which a process is really active for the service instance. */
  reallyActive(instance: string): Set<string> {
    const units = new Set<string>()
    for (const { name, held } of this.processes.values()) {
      for (const csi of held.values()) {
        const isActive = csi.haState === 'active' || csi.haState === 'quiescing'
        if (csi.instance === instance && isActive) units.add(this.unitOf(name))
      }
    }
    return units
  }

  unitOf(component: string): string {
    return this.machine.model!.components.get(component)!.unit.config.name
  }

  private onComponent(name: string): void {
    const process = this.processes.get(name)
    const { operation, isCleaning, registration, presence } = this.state(name)
    if (presence === 'restarting' && registration === 0) return this.later(() => this.giveUpOn(name))
    if (process === undefined || process.registration !== registration) return
    if (isCleaning && !process.isDemoting) {
      process.isDemoting = true
      this.later(() => this.clean(process))
    }
    if (operation !== null && operation.id !== process.told && !isCleaning) {
      process.told = operation.id
      this.later(() => this.perform(process, operation.id))
    }
  }

  /** Mostly it is back in time. */
  private giveUpOn(name: string): void {
    const { presence, registration, node } = this.state(name)
    if (presence !== 'restarting' || registration !== 0 || !this.nodes.has(node)) return
    if (this.random.chance(0.8)) return void this.start(name, node)
    const failed = { component: name, registration, recommended: 'no-recommendation' } as const
    this.say(node, { kind: 'failed', ...failed, cause: 'not-restarted', text: 'it did not come back' })
  }

  private clean(process: Process): void {
    if (!this.isThere(process)) return
    process.isDemoting = false
    const { name, node, registration } = process
    const how = process.isHung ? 'lease-over' : 'demoted'
    process.held.clear()
    this.say(node, { kind: 'cleaned', component: name, registration, how })
  }

  private perform(process: Process, id: number): void {
    const { name, node, registration, held, isHung } = process
    if (!this.isThere(process) || process.isDemoting) return
    const { operation } = this.state(name)
    if (operation?.id !== id) return
    if (isHung) return this.fail(name, 'healthcheck-timeout')
    if (operation.kind === 'csi-set') {
      const { instance, haState, epoch } = operation
      held.set(operation.csi, { instance, haState, epoch })
      if (haState === 'quiescing') this.later(() => this.quiesce(process, operation.csi, id))
    } else if (operation.kind === 'csi-remove') {
      held.delete(operation.csi)
    }
    this.check(this)
    this.say(node, { kind: 'answered', component: name, registration, operation: id, error: null })
    if (operation.kind === 'terminate') this.later(() => this.isThere(process) && this.kill(name))
  }

  private quiesce(process: Process, csi: string, operation: number): void {
    const held = process.held.get(csi)
    if (!this.isThere(process) || held?.haState !== 'quiescing') return
    held.haState = 'quiesced'
    const { name, node, registration } = process
    this.say(node, { kind: 'quiesced', component: name, registration, operation })
  }

  private isThere(process: Process): boolean {
    return this.processes.get(process.name) === process && this.nodes.has(process.node)
  }

  private later(run: () => void): void {
    this.due.push(run)
  }
}
