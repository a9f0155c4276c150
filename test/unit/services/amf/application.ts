import { ComponentLease, type DemotionStep, type HaState } from '../../../../src/base/index.js'
import type { Client } from '../../../../src/services/index.js'
import type { Answer, AmfWorld, TestNode } from './world.js'

/** What an application was asked, as it came. */
export interface AmfEvent {
  readonly type: string
  readonly invocation: number
  readonly [field: string]: unknown
}

/** How it behaves when it is asked something. 'answer': well. 'ignore': no answer. 'die': its process ends.
 * 'end': it ends, once it has answered. An error: that one. */
export type Behaviour = (event: AmfEvent) => 'answer' | 'ignore' | 'die' | 'end' | string

interface Registered {
  readonly name: string
  lease: ComponentLease
}

/**
 * An application with the library in it: it holds assignments under a lease, answers as it is told to, and
 * keeps a record of what its components were told.
 */
export class TestApplication implements Client {
  /** 'comp csi-set csi active' and so on, what the library told by itself included. */
  readonly told: string[] = []
  readonly events: { readonly component: string; readonly event: AmfEvent }[] = []
  /** Of subscriptions that are no component's. */
  readonly others: { readonly subscription: number; readonly body: unknown }[] = []
  behave: Behaviour = () => 'answer'
  isStopped = false
  isGone = false
  private readonly bySubscription = new Map<number, Registered>()
  private readonly unread: { readonly subscription: number; readonly body: unknown }[] = []
  private lastSubscription = 0

  constructor(
    readonly id: number,
    private readonly world: AmfWorld,
    readonly node: TestNode,
  ) {}

  event(subscription: number, body: unknown): void {
    this.unread.push({ subscription, body })
  }

  hold(): boolean {
    return true
  }

  release(): void {
    // No limit is tried here.
  }

  readonly waitingOctets = 0
  readonly takenOctets = 0

  whenTaken(): void {
    // Everything is read at once.
  }

  cut(): void {
    // Nothing that is asked here is sent so fast.
  }

  /** Register, and see what it came to. */
  register(name: string, proxy: string | null = null): Answer {
    const call = this.requestRegistration(name, proxy)
    this.world.settle()
    if (call.answer === undefined) throw new Error('componentRegister was not answered')
    return call.answer
  }

  /** Register, without waiting for the answer. */
  requestRegistration(name: string, proxy: string | null = null): { answer: Answer | undefined } {
    const subscription = ++this.lastSubscription
    const before = [...this.bySubscription].find(([, registered]) => registered.name === name)
    this.bySubscription.set(subscription, { name, lease: new ComponentLease(this.world.leaseMs) })
    const params = { component: name, proxy, subscription }
    return this.world.ask(this.node, this, 'componentRegister', params, ({ code }) => {
      const ended = code === undefined ? before?.[0] : subscription
      if (ended !== undefined) this.bySubscription.delete(ended)
    })
  }

  /** Is it registered, or about to be? */
  has(name: string): boolean {
    return [...this.bySubscription.values()].some((registered) => registered.name === name)
  }

  /** Call, and see what it came to. */
  call(method: string, params: unknown): Answer {
    const call = this.ask(method, params)
    this.world.settle()
    if (call.answer === undefined) throw new Error(`${method} was not answered`)
    return call.answer
  }

  ask(method: string, params: unknown): { answer: Answer | undefined } {
    return this.world.ask(this.node, this, method, params)
  }

  /** Its process ends. */
  kill(): void {
    if (this.isGone) return
    this.onDisconnected()
    this.node.inbox.push(() => this.node.service.onClientGone(this))
  }

  onDisconnected(): void {
    this.isGone = true
    this.unread.length = 0
    for (const { name, lease } of this.bySubscription.values()) this.tellAll(name, lease.broken())
  }

  /** What was sent here and not read yet. */
  get waiting(): readonly { readonly subscription: number; readonly body: unknown }[] {
    return this.unread
  }

  /** What a component holds under a live lease. */
  held(name: string): readonly string[] {
    const registered = [...this.bySubscription.values()].find((one) => one.name === name)
    if (registered === undefined || (!registered.lease.isLive(this.world.nowMs) && !this.isStopped)) return []
    return registered.lease.holdings.map(({ csi, haState }) => `${csi} ${haState}`)
  }

  /** When a lease of its components ends. */
  get dueMs(): number {
    if (this.isStopped || this.isGone) return Infinity
    const leases = [...this.bySubscription.values()].map(({ lease }) => lease)
    return Math.min(
      Infinity,
      ...leases.filter(({ holdings }) => holdings.length > 0).map(({ untilMs }) => untilMs),
    )
  }

  /** @returns true: something happened */
  step(): boolean {
    if (this.isStopped || this.isGone) return false
    for (const { name, lease } of this.bySubscription.values()) {
      const steps = lease.check(this.world.nowMs)
      if (steps === null) continue
      this.tellAll(name, steps)
      this.told.push(`${name} lapsed`)
      this.ask('lapsed', { component: name, seen: lease.seen })
      return true
    }
    const next = this.unread.shift()
    if (next === undefined) return false
    const registered = this.bySubscription.get(next.subscription)
    if (registered === undefined) this.others.push(next)
    else this.handle(registered, next.body as AmfEvent)
    return true
  }

  private tellAll(name: string, steps: readonly DemotionStep[]): void {
    for (const { kind, holding } of steps) {
      const state = kind === 'csi-set' ? ` ${holding.haState}` : ''
      this.told.push(`${name} ${kind} ${holding.csi}${state}`)
    }
  }

  private handle({ name, lease }: Registered, event: AmfEvent): void {
    const { nowMs } = this.world
    const { type, invocation } = event
    if (type === 'lease') return lease.renew(event['sentAtMs'] as number, nowMs)
    this.events.push({ component: name, event })
    lease.receive(invocation)
    if (type === 'demote') {
      this.tellAll(name, lease.demote())
      const behaviour = this.behave(event)
      if (behaviour === 'answer') this.ask('demoted', { component: name, invocation })
      else if (behaviour === 'die') this.kill()
      return
    }
    const csi = event['csi'] as string
    if (type === 'csi-set') {
      const haState = event['haState'] as HaState
      const epoch = event['epoch'] as bigint
      const verdict = lease.assign({ csi, instance: event['si'] as string, haState, epoch }, nowMs)
      if (verdict === 'lapsed') {
        this.ask('lapsed', { component: name, seen: invocation })
        return
      }
      if (verdict === 'nothing-held') return this.answer(name, invocation, 'OK')
      this.told.push(`${name} csi-set ${csi} ${haState}`)
    } else if (type === 'csi-remove') {
      if (lease.remove(csi) === 'nothing-held') return this.answer(name, invocation, 'OK')
      this.told.push(`${name} csi-remove ${csi}`)
    } else if (type === 'readiness') this.told.push(`${name} readiness ${String(event['readiness'])}`)
    else if (type === 'terminate') this.told.push(`${name} terminate`)
    this.respond(name, event)
  }

  private respond(name: string, event: AmfEvent): void {
    const behaviour = this.behave(event)
    if (behaviour === 'die') this.kill()
    else if (behaviour === 'ignore') return
    else {
      const isWell = behaviour === 'answer' || behaviour === 'end'
      this.answer(name, event.invocation, isWell ? 'OK' : behaviour)
      if (behaviour === 'end') this.kill()
    }
  }

  private answer(component: string, invocation: number, error: string): void {
    this.ask('response', { component, invocation, error })
  }
}
