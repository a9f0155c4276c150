import { ComponentLease, type DemotionStep, type HaState, type ReadinessState } from '../../base/index.js'
import type { SimNode } from '../node.js'
import type { AmfEvent, AmfWatcher, HeldCsi, Sent, WatchedComponent } from './amf-watcher.js'
import { Connection, type Answer } from './connection.js'
import { EventLoop, type LoopWorld } from './event-loop.js'

export interface ComponentWorld extends LoopWorld {
  readonly amfWatch: AmfWatcher
}

export type Fate = 'ok' | 'silent' | 'error' | 'twice'

/** How an application behaves. Times in milliseconds. */
export interface Mood {
  /** What becomes of a callback. It may end the process, or not return for a while. */
  fate(component: SimComponent, callback: AmfEvent['type']): Fate
  answerMs(): number
  /** Until the last it served while quiescing is gone. */
  quiescingMs(): number
  /** From its answer to terminate to its end. */
  endingMs(): number
  /** Until it registers again where it was refused. */
  againMs(): number
  /** Until it registers again after it gave up its registration; null: it does not. */
  pauseMs(): number | null
  onRegistered(component: SimComponent): void
}

type CsiSet = Extract<AmfEvent, { readonly type: 'csi-set' }>
type CsiRemove = Extract<AmfEvent, { readonly type: 'csi-remove' }>

const SUBSCRIPTION = 1
/** How long the process waits before it looks for its executive again. */
const RETRY_MS = 25

/**
 * A process that registers one component: the library as applications have it, with the lease of base, and
 * an application on top that does what its mood is.
 */
export class SimComponent implements WatchedComponent {
  readonly loop: EventLoop
  readonly held = new Map<string, HeldCsi>()
  connection: Connection | null = null
  readiness: ReadinessState = 'out-of-service'
  leaseEndMs = -Infinity
  isRegistered = false
  /** It has been told whether it may register. */
  isAnswered = false
  private lease: ComponentLease | null = null
  /** csi-set up to this one are not answered any more. */
  private lapsedUpTo = 0
  private demotion: { readonly invocation: number; missing: number } | null = null
  private checkDueMs = Infinity

  constructor(
    private readonly world: ComponentWorld,
    readonly name: string,
    readonly node: SimNode,
    life: number,
    readonly pid: number,
    readonly mood: Mood,
  ) {
    this.who = `${name}/${life} on ${node.name}`
    this.loop = new EventLoop(world, () => node.rate)
    world.amfWatch.onComponent(this)
    this.loop.after(0, () => this.connect())
    this.write()
  }

  readonly who: string

  machineMs(): number {
    return this.node.monotonicMs()
  }

  /** It dies; what it had open is closed by its system. */
  kill(): void {
    if (this.loop.isDead) return
    this.loop.kill()
    this.held.clear()
    this.connection?.close()
    this.world.amfWatch.onComponentGone(this)
  }

  /** Anything the application asks of AMF. */
  call(method: string, params: Record<string, unknown>, onAnswer?: (answer: Answer) => void): void {
    if (this.loop.isDead || this.connection?.brokenMs !== null) return
    this.connection.request(method, params, onAnswer)
  }

  /** It gives up its registration, for a while. */
  unregister(): void {
    if (!this.isRegistered) return
    this.isRegistered = false
    this.letGoBy(this.lease?.broken() ?? [])
    this.lease = null
    this.demotion = null
    this.call('componentUnregister', { component: this.name }, () => {
      const pauseMs = this.mood.pauseMs()
      if (pauseMs !== null) this.loop.after(pauseMs, () => this.register())
    })
  }

  onEvent(sent: Sent): void {
    const { lease } = this
    this.world.amfWatch.onEvent(this, sent)
    if (lease === null) return
    this.checkLease()
    const { body } = sent
    if (body.type === 'lease') return this.onRenewal(body.sentAtMs)
    if (body.type !== 'healthcheck') lease.receive(body.invocation)
    if (body.type === 'csi-set') this.onCsiSet(body, sent)
    else if (body.type === 'csi-remove') this.onCsiRemove(body)
    else if (body.type === 'demote') this.onDemote(body.invocation)
    else this.onOther(body)
  }

  onDisconnected(): void {
    this.isRegistered = false
    this.isAnswered = false
    this.leaseEndMs = -Infinity
    const steps = this.lease?.broken() ?? []
    this.lease = null
    this.demotion = null
    this.letGoBy(steps)
    this.connection = null
    this.loop.after(RETRY_MS, () => this.connect())
  }

  connect(): void {
    const { services } = this.node
    if (this.connection !== null) return
    if (services === null) return this.loop.after(RETRY_MS, () => this.connect())
    this.connection = new Connection(this.world.clock, this.node, services, this.loop, this)
    this.register()
  }

  register(): void {
    const { connection } = this
    const params = { component: this.name, proxy: null, subscription: SUBSCRIPTION }
    this.call('componentRegister', params, (answer) => {
      if (connection !== this.connection) return
      this.isAnswered = answer.code !== 'ERR_TRY_AGAIN'
      if (answer.code !== null) return this.loop.after(this.mood.againMs(), () => this.register())
      const { leaseMs } = answer.result as { readonly leaseMs: number }
      this.lease = new ComponentLease(leaseMs)
      this.lapsedUpTo = 0
      this.demotion = null
      this.isRegistered = true
      this.readiness = 'out-of-service'
      this.world.amfWatch.onRegistered(this)
      this.mood.onRegistered(this)
    })
  }

  private onRenewal(sentAtMs: number): void {
    const lease = this.lease!
    const nowMs = this.machineMs()
    lease.renew(sentAtMs, nowMs)
    this.leaseEndMs = Math.max(this.leaseEndMs, Math.min(sentAtMs, nowMs) + lease.leaseMs)
    this.awaitEnd()
  }

  /** One timer at a time, at what was the end of the lease when it was set. */
  private awaitEnd(): void {
    const { lease } = this
    if (lease === null || this.checkDueMs <= lease.untilMs) return
    this.checkDueMs = lease.untilMs
    this.loop.after(Math.max(0, lease.untilMs - this.machineMs()), () => {
      this.checkDueMs = Infinity
      this.checkLease()
      if (this.lease?.isLive(this.machineMs()) === true) this.awaitEnd()
    })
  }

  /** Has it ended? Then all that is held is let go of, before anything else. */
  private checkLease(): void {
    const { lease, demotion } = this
    if (lease === null) return
    const steps = lease.check(this.machineMs())
    if (steps !== null) {
      this.lapsedUpTo = lease.seen
      this.letGoBy(steps)
      this.call('lapsed', { component: this.name, seen: lease.seen })
    }
    if (demotion !== null && !lease.isLive(this.machineMs())) this.finishDemotion()
  }

  private letGoBy(steps: readonly DemotionStep[]): void {
    if (steps.length > 0 || this.held.size > 0) this.world.amfWatch.onLapse(this)
    this.letGo()
  }

  private letGo(): void {
    const csis = [...this.held.keys()]
    this.held.clear()
    for (const csi of csis) this.world.amfWatch.onHeld(this, csi)
  }

  private onCsiSet(body: CsiSet, sent: Sent): void {
    const { csi, si: instance, haState, epoch, invocation } = body
    const lease = this.lease!
    const verdict = lease.assign({ csi, instance, haState, epoch }, this.machineMs())
    if (verdict === 'nothing-held') return this.respond(invocation, 'OK')
    if (verdict === 'lapsed') {
      this.world.amfWatch.note('assignedInVain')
      this.world.amfWatch.onAnswered(this, invocation)
      this.lapsedUpTo = lease.seen
      return this.call('lapsed', { component: this.name, seen: lease.seen })
    }
    this.world.amfWatch.onCallback(this, body)
    const fate = this.mood.fate(this, body.type)
    if (this.loop.isDead) return
    if (fate === 'error') return this.answer(invocation, 'ERR_FAILED_OPERATION')
    if (haState === 'quiesced') {
      return this.later(invocation, fate, () => this.become(csi, sent, 'quiesced'))
    }
    this.hold(csi, { csi, instance, haState, epoch, sent })
    this.later(invocation, fate, () => undefined)
    if (haState === 'quiescing') this.finishQuiescing(csi, invocation)
  }

  /** It serves who is there, and says when the last of them is gone. */
  private finishQuiescing(csi: string, invocation: number): void {
    const mine = this.held.get(csi)
    this.loop.after(this.mood.quiescingMs(), () => {
      if (this.held.get(csi) !== mine || mine?.haState !== 'quiescing') return
      mine.haState = 'quiesced'
      this.world.amfWatch.onHeld(this, csi)
      this.call('csiQuiescingComplete', { component: this.name, invocation })
    })
  }

  private onCsiRemove(body: CsiRemove): void {
    if (this.lease!.remove(body.csi) === 'nothing-held') return this.respond(body.invocation, 'OK')
    this.world.amfWatch.onCallback(this, body)
    const fate = this.mood.fate(this, body.type)
    if (this.loop.isDead) return
    if (fate === 'error') return this.answer(body.invocation, 'ERR_FAILED_OPERATION')
    this.held.delete(body.csi)
    this.world.amfWatch.onHeld(this, body.csi)
    this.later(body.invocation, fate, () => undefined)
  }

  /** The application hears of all at once, and answers each. */
  private onDemote(invocation: number): void {
    const steps = this.lease!.demote()
    this.letGoBy(steps)
    this.readiness = 'out-of-service'
    this.demotion = { invocation, missing: steps.length }
    const isSilent = this.mood.fate(this, 'demote') === 'silent'
    if (this.loop.isDead) return
    if (steps.length === 0 || !this.lease!.isLive(this.machineMs())) return this.finishDemotion()
    if (isSilent) return
    const mine = this.demotion
    for (let left = steps.length; left > 0; left--) {
      this.loop.after(this.mood.answerMs(), () => {
        if (--mine.missing === 0 && this.demotion === mine) this.finishDemotion()
      })
    }
  }

  private finishDemotion(): void {
    const { invocation } = this.demotion!
    this.demotion = null
    this.world.amfWatch.onAnswered(this, invocation)
    this.call('demoted', { component: this.name, invocation })
  }

  private onOther(
    body: Extract<AmfEvent, { readonly type: 'readiness' | 'terminate' | 'healthcheck' }>,
  ): void {
    this.world.amfWatch.onCallback(this, body)
    const fate = this.mood.fate(this, body.type)
    if (this.loop.isDead) return
    if (body.type === 'readiness') this.readiness = body.readiness
    if (fate === 'error') return this.answer(body.invocation, 'ERR_FAILED_OPERATION')
    this.later(body.invocation, fate, () => undefined)
    if (body.type === 'terminate' && fate !== 'silent')
      this.loop.after(this.mood.endingMs(), () => this.kill())
  }

  /** In its own time: do it, and answer. */
  private later(invocation: number, fate: Exclude<Fate, 'error'>, act: () => void): void {
    if (fate === 'silent') return
    const { lease } = this
    this.loop.after(this.mood.answerMs(), () => {
      this.checkLease()
      if (lease !== this.lease) return
      act()
      this.answer(invocation, 'OK')
      // What the lease took is not answered: a second answer would be its first.
      if (fate === 'twice' && invocation > this.lapsedUpTo) this.answerWrongly(invocation)
    })
  }

  /** What the lease took from it is not answered. */
  private answer(invocation: number, error: string): void {
    if (invocation > this.lapsedUpTo) this.respond(invocation, error)
  }

  private respond(invocation: number, error: string): void {
    this.world.amfWatch.onAnswered(this, invocation)
    this.call('response', { component: this.name, invocation, error })
  }

  /** Once more, or for one that never was: both are refused, and change nothing. */
  private answerWrongly(invocation: number): void {
    this.world.amfWatch.note('wrongAnswer')
    const wrong = this.world.random.chance(0.5) ? invocation : invocation + 1_000_000
    this.call('response', { component: this.name, invocation: wrong, error: 'OK' }, ({ code }) => {
      if (code === 'ERR_INVALID_PARAM' || code === 'ERR_TRY_AGAIN' || code === 'ERR_BAD_OPERATION') return
      this.world.amfWatch.violate('one answer a callback', `${this.who}: ${wrong} again: ${code ?? 'taken'}`)
    })
  }

  private hold(csi: string, held: HeldCsi): void {
    this.held.set(csi, held)
    this.world.amfWatch.onHeld(this, csi)
  }

  private become(csi: string, sent: Sent, haState: HaState): void {
    const held = this.held.get(csi)
    if (held === undefined) return
    this.hold(csi, { ...held, haState, sent })
  }

  /** Code of the application that runs whether or not its loop turns. */
  private write(): void {
    this.world.clock.schedule(5 + this.world.random.next() * 60, () => {
      if (this.loop.isDead) return
      if (this.loop.runs) {
        for (const held of this.held.values()) {
          if (held.haState === 'active') this.world.amfWatch.onWrite(this, held)
        }
      }
      this.write()
    })
  }
}
