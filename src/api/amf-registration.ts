import {
  AisError,
  ComponentLease,
  CsiFlags,
  type DemotionStep,
  type Holding,
  type ReadinessState,
} from '../base/index.js'
import { readComponentEvent, type ComponentEvent } from './amf-documents.js'
import type { AnswerCode, Invocations } from './amf-invocations.js'
import type { AmfConnection } from './amf-subscription.js'
import type { CsiDescriptor, Lapsed } from './amf-types.js'
import { RETRY_FIRST_MS, RETRY_MAX_MS } from './service-object.js'

/** What the application is told of its components by. */
export type ComponentTold =
  'csiSet' | 'csiRemove' | 'healthcheck' | 'componentTerminate' | 'readiness' | 'lapsed'

/** Whose component it is. */
export interface RegistrationHost {
  readonly connection: AmfConnection
  /** What the application is to answer by `response`. */
  readonly answers: Invocations
  /** What it is to say by `csiQuiescingComplete`. */
  readonly quiescings: Invocations
  nextInvocation(): number
  /** CLOCK_MONOTONIC, milliseconds: the clock of the executive as well. */
  nowMs(): number
  /** @returns false: nobody listens */
  tell(event: ComponentTold, told: object): boolean
}

/** Timers come late: the lease ends so much earlier here than the executive takes it to end, at most. */
const LATENESS_MS = 10

const NO_DESCRIPTOR = {
  attributes: new Map<string, readonly string[]>(),
  transition: 'still-active',
  activeComponent: null,
  activeNode: null,
  standbyRank: 0,
} as const

const lapseTexts: Readonly<Record<Lapsed['why'], string>> = {
  'lease-over':
    'the executive did not renew its lease in time: it was held up, or has no quorum, or this process was',
  'connection-lost': 'the executive is gone, and the lease with it',
  demoted: 'the executive takes back what it holds',
}

/**
 * A component at one executive, from registering until that one is gone or the component is unregistered:
 * tells what the executive has for it, and demotes it when its lease ends.
 */
export class AmfRegistration {
  readonly #lease: ComponentLease
  #timer: NodeJS.Timeout | undefined
  #isOver = false
  /** The application is asked to let go; the executive waits for that. */
  #demotion: { readonly invocation: number; readonly waiting: Set<number> } | null = null

  /** @param leaseMs how long a renewal is good, as the executive says */
  constructor(
    private readonly host: RegistrationHost,
    private readonly component: string,
    leaseMs: number,
  ) {
    this.#lease = new ComponentLease(leaseMs - Math.min(LATENESS_MS, leaseMs / 10))
  }

  /** Demote the component if its lease has ended: before anything else is told or answered. */
  check(nowMs = this.host.nowMs()): void {
    const steps = this.#lease.check(nowMs)
    if (steps !== null) {
      this.#letGo(steps, 'lease-over')
      this.#sayLapsed()
    }
    if (this.#demotion !== null && !this.#lease.isLive(nowMs)) this.#demoted()
  }

  /** What is held at this moment. */
  holdingOf(csi: string): Holding | null {
    const nowMs = this.host.nowMs()
    this.check(nowMs)
    return this.#lease.holdingOf(csi, nowMs)
  }

  /** Something that the executive has for the component. */
  onEvent(body: unknown): void {
    if (this.#isOver) return
    const event = readComponentEvent(body)
    const nowMs = this.host.nowMs()
    this.check(nowMs)
    if (event.type === 'lease') {
      this.#lease.renew(event.sentAtMs, nowMs)
      this.#arm(nowMs)
      return
    }
    this.#lease.receive(event.invocation)
    if (event.type === 'csi-set') this.#onCsiSet(event, nowMs)
    else if (event.type === 'csi-remove') this.#onCsiRemove(event)
    else if (event.type === 'demote') this.#onDemote(event, nowMs)
    else this.#onOther(event)
  }

  /** The executive is gone. */
  lost(): void {
    if (this.#isOver) return
    this.#letGo(this.#end(), 'connection-lost')
  }

  /** The application gives up all that the component holds, and knows it. @returns did it hold anything? */
  giveUp(): boolean {
    return this.#lease.demote().length > 0
  }

  /** The component gave up what it holds, and stays. */
  sayLapsed(): void {
    this.#sayLapsed()
  }

  /** Unregistered: what it was given meanwhile is taken back. */
  over(): void {
    if (!this.#isOver) this.#letGo(this.#end(), 'demoted')
  }

  /** The application has finalized: nothing is told. */
  finalized(): void {
    this.#end()
  }

  #end(): readonly DemotionStep[] {
    this.#isOver = true
    this.#demotion = null
    clearTimeout(this.#timer)
    this.host.answers.dropAllOf(this)
    this.host.quiescings.dropAllOf(this)
    return this.#lease.broken()
  }

  #onCsiSet(event: ComponentEvent & { type: 'csi-set' }, nowMs: number): void {
    const { invocation, haState, csiDescriptor } = event
    const { csiName: csi, instance, epoch } = csiDescriptor
    const verdict = this.#lease.assign({ csi, instance, haState, epoch }, nowMs)
    if (verdict === 'lapsed') return this.#sayLapsed()
    if (verdict === 'nothing-held') {
      this.#answerQuietly(invocation, 'OK')
      if (haState === 'quiescing') this.#insist('amf.csiQuiescingComplete', { invocation }).catch(ignored)
      return
    }
    const own = this.#opened(invocation, true)
    if (haState === 'quiescing') {
      const answer = (): Promise<void> => this.#insist('amf.csiQuiescingComplete', { invocation })
      this.host.quiescings.put(own, { owner: this, isAssignment: true, answer })
    }
    this.#tell('csiSet', own, { haState, csiDescriptor })
  }

  #onCsiRemove(event: ComponentEvent & { type: 'csi-remove' }): void {
    const { invocation, csiName, instance, flags } = event
    if (this.#lease.remove(csiName) === 'nothing-held') return this.#answerQuietly(invocation, 'OK')
    return this.#tell('csiRemove', this.#opened(invocation, false), { csiName, instance, flags })
  }

  #onOther(event: ComponentEvent & { type: 'readiness' | 'healthcheck' | 'terminate' }): void {
    const own = this.#opened(event.invocation, false)
    if (event.type === 'terminate') this.#tell('componentTerminate', own, {})
    else if (event.type === 'readiness') this.#tell('readiness', own, { readiness: event.readiness }, 'OK')
    else this.#tell('healthcheck', own, { key: event.key }, 'OK')
  }

  #onDemote({ invocation, cause }: ComponentEvent & { type: 'demote' }, nowMs: number): void {
    const waiting = new Set<number>()
    this.#letGo(this.#lease.demote(), 'demoted', waiting, cause)
    const readiness: ReadinessState = 'out-of-service'
    this.#tell('readiness', this.#demoting(waiting), { readiness }, 'OK')
    this.#demotion = { invocation, waiting }
    if (waiting.size === 0 || !this.#lease.isLive(nowMs)) this.#demoted()
  }

  #demoted(): void {
    if (this.#demotion === null) return
    const { invocation } = this.#demotion
    this.#demotion = null
    this.#insist('amf.demoted', { invocation }).catch(ignored)
  }

  /**
   * Tell the application that it holds nothing any more.
   * @param waiting gets the invocations whose answers are waited for; if not given, none is
   */
  #letGo(steps: readonly DemotionStep[], why: Lapsed['why'], waiting?: Set<number>, cause?: string): void {
    this.host.answers.drop((open) => open.owner === this && open.isAssignment)
    this.host.quiescings.dropAllOf(this)
    for (const { kind, holding } of steps) {
      const { csi: csiName, instance, haState, epoch } = holding
      const own = waiting === undefined ? this.#unanswered() : this.#demoting(waiting)
      const flags = CsiFlags.CSI_TARGET_ONE
      const csiDescriptor: CsiDescriptor = { ...NO_DESCRIPTOR, flags, csiName, instance, epoch }
      if (kind === 'csi-set') this.#tell('csiSet', own, { haState, csiDescriptor })
      else this.#tell('csiRemove', own, { csiName, instance, flags })
    }
    const csis = steps.filter(({ kind }) => kind === 'csi-remove').map(({ holding }) => holding.csi)
    const text = cause === undefined ? lapseTexts[why] : `${lapseTexts[why]}: ${cause}`
    const lapsed: Lapsed = { component: this.component, why, text, csis }
    if (csis.length > 0) this.host.tell('lapsed', lapsed)
  }

  /** @returns the application's number of an invocation of the executive */
  #opened(invocation: number, isAssignment: boolean): number {
    const own = this.host.nextInvocation()
    const answer = (error: AnswerCode): Promise<void> => this.#answer(invocation, error)
    this.host.answers.put(own, { owner: this, isAssignment, answer })
    return own
  }

  /** @returns a number that the library waits for */
  #demoting(waiting: Set<number>): number {
    const own = this.host.nextInvocation()
    waiting.add(own)
    const answer = async (): Promise<void> => {
      waiting.delete(own)
      if (waiting.size === 0 && this.#demotion?.waiting === waiting) this.#demoted()
    }
    this.host.answers.put(own, { owner: this, isAssignment: false, answer })
    return own
  }

  /** @returns a number that nobody waits for */
  #unanswered(): number {
    const own = this.host.nextInvocation()
    this.host.answers.putVoid(own)
    return own
  }

  /** @param unheard the answer if nobody listens */
  #tell(
    event: ComponentTold,
    invocation: number,
    what: object,
    unheard: AnswerCode = 'ERR_FAILED_OPERATION',
  ): void {
    const { component, host } = this
    if (host.tell(event, { invocation, component, ...what })) return
    host.answers.take(invocation)?.answer(unheard).catch(ignored)
  }

  #answerQuietly(invocation: number, error: AnswerCode): void {
    this.#answer(invocation, error).catch(ignored)
  }

  #answer(invocation: number, error: AnswerCode): Promise<void> {
    return this.#insist('amf.response', { invocation, error })
  }

  #sayLapsed(): void {
    this.#insist('amf.lapsed', { seen: this.#lease.seen }).catch(ignored)
  }

  /**
   * Say something that the executive is to know as long as the component is registered there.
   * @throws AisError as it answers; once the registration is over what was said does not matter any more
   */
  async #insist(method: string, params: object): Promise<void> {
    for (let retryMs = RETRY_FIRST_MS; !this.#isOver; retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)) {
      try {
        await this.host.connection.call(method, { component: this.component, ...params })
        return
      } catch (error) {
        if (this.#isOver) return
        if (!(error instanceof AisError) || error.code !== 'ERR_TRY_AGAIN') throw error
      }
      // The connection keeps the process alive, not the wait.
      await new Promise((resolve) => setTimeout(resolve, retryMs).unref())
    }
  }

  #arm(nowMs: number): void {
    if (this.#timer !== undefined || !this.#lease.isLive(nowMs)) return
    // The connection keeps the process alive, not the lease.
    this.#timer = setTimeout(this.#onTimer, Math.max(1, Math.ceil(this.#lease.untilMs - nowMs))).unref()
  }

  #onTimer = (): void => {
    this.#timer = undefined
    const nowMs = this.host.nowMs()
    this.check(nowMs)
    if (!this.#isOver) this.#arm(nowMs)
  }
}

/** The executive does not wait for it, or is gone: there is nobody to tell. */
function ignored(): void {
  return undefined
}
