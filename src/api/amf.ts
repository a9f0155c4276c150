import type { EventEmitter } from 'node:events'
import { AisError, type HaState, type ReadinessState, type Recovery } from '../base/index.js'
import {
  checkAnswer,
  checkedDurationMs,
  checkEntityName,
  checkHealthcheck,
  checkProcess,
  checkRecovery,
} from './amf-arguments.js'
import { AmfComponent } from './amf-component.js'
import { readHaState, readReadiness } from './amf-documents.js'
import { Invocations, type AnswerCode } from './amf-invocations.js'
import type { RegistrationHost } from './amf-registration.js'
import { restored } from './amf-restoring.js'
import type { AmfConnection } from './amf-subscription.js'
import type { HealthcheckOptions } from './amf-types.js'
import { AmfView } from './amf-view.js'
import {
  checkInvocation,
  checkListener,
  connect,
  DEFAULT_TIMEOUT_MS,
  type ServiceOptions,
} from './service-object.js'
import type { Version } from './version.js'

/** How to reach the executive, and what is expected of it. */
export type AmfOptions = ServiceOptions

/** CLOCK_MONOTONIC, which the executive reads as well. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/**
 * The Availability Management Framework: components that back each other, one of them active.
 *
 * A component holds what 'csiSet' gave it only while its executive renews its lease. When the executive goes
 * away, or this process did not run for longer than the lease, the library itself tells csiSet(quiesced) and
 * csiRemove for all that is held, before anything else, and says why by 'lapsed'. Ask `isActive` before each
 * step that only the active may do, and hand `epochOf` to storage that can refuse an older active.
 *
 * It keeps the process alive until `finalize`. When the executive is back all components are registered
 * again, with their health checks, watched processes and trackings, and 'restored' is told. Each callback
 * that has an `invocation` is answered by `response`, once; no answer in time fails the component.
 */
export class Amf extends AmfView {
  readonly #components = new Map<string, AmfComponent>()
  readonly #host: RegistrationHost
  /** Counts the executives that are gone. */
  #losses = 0
  #lastInvocation = 0

  /**
   * Applications call `Amf.initialize`.
   * @param version that serves this application: the highest minor one of its release and major version
   * @param nowMs the clock that leases go by
   */
  constructor(
    connection: AmfConnection,
    readonly version: Version,
    nowMs: () => number = monotonicMs,
  ) {
    super(connection)
    this.#host = {
      connection,
      answers: new Invocations(),
      quiescings: new Invocations(),
      nextInvocation: () => ++this.#lastInvocation,
      nowMs,
      tell: (event, told) => {
        const isHeard = this.listenerCount(event) > 0
        this.tell(event, told as never)
        return isHeard
      },
    }
    connection.owner = {
      onInput: () => this.#checkLeases(),
      onLost: (error) => this.#onLost(error),
      onRestored: () => void this.#onRestored(),
    }
  }

  /**
   * Connect to the executive of this node (saAmfInitialize).
   * @throws AisError ERR_VERSION: the version is not served, the message says which are, or the executive
   * is of another release; ERR_TRY_AGAIN: no executive listens there; ERR_ACCESS: this user may not
   * connect; ERR_TIMEOUT: the executive does not answer
   */
  static async initialize(options: AmfOptions = {}): Promise<Amf> {
    const { connection, version } = await connect('AMF', options)
    return new Amf(connection, version)
  }

  /**
   * Say that this process is a component of groups.conf, ready for assignments (saAmfComponentRegister).
   * @param proxy the component, registered before, that speaks for this one, which cannot itself
   * @throws AisError ERR_INIT: nobody listens for 'csiSet' and 'csiRemove'; ERR_INVALID_PARAM: a name is
   * none; ERR_NOT_EXIST: no such component is configured, or the proxy is not registered here; ERR_EXIST:
   * it is registered already, here or on another node; ERR_BAD_OPERATION: it may not be registered on this
   * node, or the configuration of this node is not that of the cluster; ERR_TRY_AGAIN: the executive has
   * just started or is gone; ERR_TIMEOUT: no answer in time, the component is not registered;
   * ERR_BAD_HANDLE: after `finalize`
   */
  async componentRegister(name: string, proxy: string | null = null): Promise<void> {
    const call = 'componentRegister'
    this.life.check(call)
    checkEntityName(call, 'component', name)
    if (proxy !== null) checkEntityName(call, 'proxy', proxy)
    checkListener(call, this as EventEmitter, 'csiSet', 'assignments')
    checkListener(call, this as EventEmitter, 'csiRemove', 'end of assignments')
    if (this.#components.has(name)) {
      throw new AisError('ERR_EXIST', `${call}: ${name} is registered by this Amf already`)
    }
    const component = new AmfComponent(this.#host, name, proxy)
    this.#components.set(name, component)
    try {
      await this.life.unlessOver(call, component.register(DEFAULT_TIMEOUT_MS))
    } catch (error) {
      component.close()
      if (this.#components.get(name) === component) this.#components.delete(name)
      throw error
    }
  }

  /**
   * The component is none any more, and holds nothing from when this is called (saAmfComponentUnregister).
   * @throws AisError ERR_NOT_EXIST: this Amf has not registered it; ERR_TRY_AGAIN: it still is registered;
   * ERR_TIMEOUT: no answer in time, it may still be registered; ERR_BAD_HANDLE: after `finalize`
   */
  async componentUnregister(name: string): Promise<void> {
    const component = this.#componentOf('componentUnregister', name)
    await this.life.unlessOver('componentUnregister', component.unregister())
    component.close()
    if (this.#components.get(name) === component) this.#components.delete(name)
  }

  /**
   * Name of the component that this process is (saAmfComponentNameGet): of `$AIS_COMPONENT_NAME`, with which
   * the executive starts components, else of the first that this Amf registered.
   * @throws AisError ERR_NOT_EXIST: there is none; ERR_BAD_HANDLE: after `finalize`
   */
  componentNameGet(): string {
    this.life.check('componentNameGet')
    const [registered] = this.#components.keys()
    const name = process.env.AIS_COMPONENT_NAME || registered
    if (name !== undefined) return name
    const message = 'this process was not started as a component, and has registered none'
    throw new AisError('ERR_NOT_EXIST', `componentNameGet: ${message}`)
  }

  /**
   * Answer a callback (saAmfResponse). Does nothing for one that nobody waits for any more, because the
   * library took back what it was about.
   * @param error 'OK', or why what was asked was not done
   * @throws AisError ERR_INVALID_PARAM: there was no such callback, or it was answered; ERR_BAD_HANDLE: after
   * `finalize`
   */
  async response(invocation: number, error: AnswerCode = 'OK'): Promise<void> {
    await this.#answer('response', this.#host.answers, invocation, error)
  }

  /**
   * What was going on when csiSet(quiescing) was told is finished (saAmfCSIQuiescingComplete).
   * @param invocation of that csiSet, which was answered by `response` before
   * @throws AisError ERR_INVALID_PARAM: that was no csiSet(quiescing), or this was said before;
   * ERR_BAD_HANDLE: after `finalize`
   */
  async csiQuiescingComplete(invocation: number): Promise<void> {
    await this.#answer('csiQuiescingComplete', this.#host.quiescings, invocation, 'OK')
  }

  /**
   * HA state of a component for a CSI (saAmfHAStateGet): of one that this Amf registered, what it was told
   * last, while its lease is live.
   * @throws AisError ERR_NOT_EXIST: no such component or CSI, or it has none; ERR_INVALID_PARAM: a name is
   * none; ERR_TRY_AGAIN, ERR_TIMEOUT: the executive does not answer; ERR_BAD_HANDLE: after `finalize`
   */
  async haStateGet(component: string, csi: string): Promise<HaState> {
    const call = 'haStateGet'
    this.life.check(call)
    checkEntityName(call, 'component', component)
    checkEntityName(call, 'CSI', csi)
    const own = this.#components.get(component)
    const held = own?.holdingOf(csi)
    if (held) return held.haState
    const state = readHaState(await this.ask(call, { component, csi }))
    if (own?.isRegistered !== true) return state
    // The executive may not know yet that it was let go of, or not have told it yet.
    const now = own.holdingOf(csi)
    if (now !== null) return now.haState
    throw new AisError('ERR_NOT_EXIST', `${call}: ${component} does not hold ${csi}`)
  }

  /** Is the component, which this Amf registered, active for the CSI at this moment? */
  isActive(component: string, csi: string): boolean {
    return this.#components.get(component)?.holdingOf(csi)?.haState === 'active'
  }

  /** Fencing token with which the component is active for the CSI at this moment; null: it is not. */
  epochOf(component: string, csi: string): bigint | null {
    const held = this.#components.get(component)?.holdingOf(csi)
    return held?.haState === 'active' ? held.epoch : null
  }

  /**
   * May the component be given assignments (saAmfReadinessStateGet of A.01.01)?
   * @throws AisError ERR_NOT_EXIST: no such component is configured; ERR_INVALID_PARAM: the name is none;
   * ERR_TRY_AGAIN, ERR_TIMEOUT: the executive does not answer; ERR_BAD_HANDLE: after `finalize`
   */
  async readinessStateGet(component: string): Promise<ReadinessState> {
    this.life.check('readinessStateGet')
    checkEntityName('readinessStateGet', 'component', component)
    return readReadiness(await this.ask('readinessStateGet', { component }))
  }

  /**
   * Have the component checked (saAmfHealthcheckStart): by 'healthcheck' events, or by its calling
   * `healthcheckConfirm` itself often enough.
   * @param key name of the check @param invocation who begins: 'amf' or the 'component'
   * @param recovery what to do when a check fails; if not said, what is configured
   * @throws AisError ERR_NOT_EXIST: this Amf has not registered the component; ERR_EXIST: it is checked by
   * that key already; ERR_INVALID_PARAM: an argument is none; ERR_TRY_AGAIN, ERR_TIMEOUT: the executive
   * does not answer; ERR_BAD_HANDLE: after `finalize`
   */
  async healthcheckStart(
    component: string,
    key: string,
    invocation: 'amf' | 'component' = 'amf',
    recovery: Recovery = 'no-recommendation',
    options: HealthcheckOptions = {},
  ): Promise<void> {
    const call = 'healthcheckStart'
    const own = this.#componentOf(call, component)
    checkHealthcheck(call, key, invocation)
    checkRecovery(call, recovery)
    const periodMs = checkedDurationMs(call, 'periodMs', options)
    const maxDurationMs = checkedDurationMs(call, 'maxDurationMs', options)
    const params = { key, invocation, periodMs, maxDurationMs, recovery }
    await this.life.unlessOver(call, own.healthcheckStart(params))
  }

  /**
   * The component checked itself (saAmfHealthcheckConfirm).
   * @param error 'OK', or what is wrong with it
   * @throws AisError ERR_NOT_EXIST: the component is not checked by that key, or not by itself; else as
   * healthcheckStart
   */
  async healthcheckConfirm(component: string, key: string, error: AnswerCode = 'OK'): Promise<void> {
    const call = 'healthcheckConfirm'
    this.#componentOf(call, component)
    checkHealthcheck(call, key, 'component')
    checkAnswer(call, error)
    await this.ask(call, { component, key, error })
  }

  /**
   * Check the component no more by this key (saAmfHealthcheckStop).
   * @throws AisError ERR_NOT_EXIST: it is not checked by that key; else as healthcheckStart
   */
  async healthcheckStop(component: string, key: string): Promise<void> {
    const call = 'healthcheckStop'
    const own = this.#componentOf(call, component)
    checkHealthcheck(call, key, 'amf')
    await this.life.unlessOver(call, own.healthcheckStop(key))
  }

  /**
   * Take the end of a process of this node for an error of the component (saAmfPmStart).
   * @throws AisError ERR_NOT_EXIST: there is no such process, or this Amf has not registered the component;
   * ERR_NO_RESOURCES: too many are watched for it; ERR_INVALID_PARAM: an argument is none; ERR_TRY_AGAIN,
   * ERR_TIMEOUT: the executive does not answer; ERR_BAD_HANDLE: after `finalize`
   */
  async pmStart(component: string, pid: number, recovery: Recovery = 'no-recommendation'): Promise<void> {
    const own = this.#componentOf('pmStart', component)
    checkProcess('pmStart', pid)
    checkRecovery('pmStart', recovery)
    await this.life.unlessOver('pmStart', own.pmStart(pid, recovery))
  }

  /**
   * Watch that process no more (saAmfPmStop).
   * @throws AisError ERR_NOT_EXIST: it is not watched; else as pmStart
   */
  async pmStop(component: string, pid: number): Promise<void> {
    const own = this.#componentOf('pmStop', component)
    checkProcess('pmStop', pid)
    await this.life.unlessOver('pmStop', own.pmStop(pid))
  }

  /**
   * Close the connection: no component is registered any more and holds anything, calls that wait fail, no
   * event comes (saAmfFinalize).
   * @throws AisError ERR_BAD_HANDLE: it was called before
   */
  async finalize(): Promise<void> {
    this.life.check('finalize')
    this.life.end()
    for (const component of this.#components.values()) component.close()
    this.#components.clear()
    this.close()
  }

  #componentOf(call: string, name: unknown): AmfComponent {
    this.life.check(call)
    checkEntityName(call, 'component', name)
    const component = this.#components.get(name)
    if (component !== undefined) return component
    throw new AisError('ERR_NOT_EXIST', `${call}: this Amf has not registered ${name}`)
  }

  async #answer(call: string, table: Invocations, invocation: number, error: AnswerCode): Promise<void> {
    this.life.check(call)
    checkInvocation(call, invocation, 1)
    checkAnswer(call, error)
    this.#checkLeases()
    const open = table.take(invocation)
    if (open === null) return
    if (open !== undefined) return this.life.unlessOver(call, open.answer(error))
    const message = `there is no invocation ${invocation}, or it was answered before`
    throw new AisError('ERR_INVALID_PARAM', `${call}: ${message}`)
  }

  #checkLeases(): void {
    for (const component of this.#components.values()) component.check()
  }

  #onLost(error: AisError): void {
    this.#losses++
    for (const component of this.#components.values()) component.onLost()
    this.lose()
    this.tell('lost', error)
  }

  async #onRestored(): Promise<void> {
    const losses = this.#losses
    const isOver = (): boolean => this.life.isOver || this.#losses !== losses
    const components = [...this.#components.values()].map(async (component) => {
      const error = await restored(component, isOver)
      if (error === null) return
      component.close()
      this.#components.delete(component.name)
      this.tell('dropped', component.name, error)
    })
    await Promise.all([...components, this.restore(isOver)])
    if (!isOver()) this.tell('restored')
  }
}
