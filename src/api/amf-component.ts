import { AisError, type Holding, type Recovery } from '../base/index.js'
import { readRegistered } from './amf-documents.js'
import { AmfRegistration, type RegistrationHost } from './amf-registration.js'
import { AmfSubscription } from './amf-subscription.js'
import { DEFAULT_TIMEOUT_MS } from './service-object.js'

/** As the executive wants them. */
export interface HealthcheckParams {
  readonly key: string
  readonly invocation: 'amf' | 'component'
  readonly periodMs: number | null
  readonly maxDurationMs: number | null
  readonly recovery: Recovery
}

/** A component that the application has registered, through all executives that it is registered at. */
export class AmfComponent {
  readonly #healthchecks = new Map<string, HealthcheckParams>()
  /** Processes that the executive watches. */
  readonly #monitors = new Map<number, Recovery>()
  readonly #subscription: AmfSubscription
  /** null: not registered at an executive. */
  #registration: AmfRegistration | null = null

  /** @param proxy the component that speaks for it; null: it speaks for itself */
  constructor(
    private readonly host: RegistrationHost,
    readonly name: string,
    readonly proxy: string | null,
  ) {
    this.#subscription = new AmfSubscription(host.connection, (body) => this.#registration?.onEvent(body))
  }

  get isRegistered(): boolean {
    return this.#registration !== null
  }

  /** Demote it if its lease has ended. */
  check(): void {
    this.#registration?.check()
  }

  holdingOf(csi: string): Holding | null {
    return this.#registration?.holdingOf(csi) ?? null
  }

  /** @throws AisError as the executive answers */
  async register(timeoutMs?: number): Promise<void> {
    const { name: component, proxy, host } = this
    try {
      const params = { component, proxy }
      const answer = await this.#subscription.ask('amf.componentRegister', params, timeoutMs)
      this.#registration = new AmfRegistration(host, component, readRegistered(answer).leaseMs)
    } catch (error) {
      // It may be done after all; nobody would answer for the component.
      const isLate = error instanceof AisError && error.code === 'ERR_TIMEOUT'
      if (isLate) host.connection.call('amf.componentUnregister', { component }).catch(() => undefined)
      throw error
    }
  }

  /** @throws AisError as the executive answers: it is still registered, and holds nothing any more */
  async unregister(): Promise<void> {
    const registration = this.#registration
    // An executive that is gone knows nothing of it any more.
    if (registration === null) return
    const held = registration.giveUp()
    try {
      await this.#call('componentUnregister', {})
    } catch (error) {
      if (this.#registration !== registration) return
      if (held) registration.sayLapsed()
      throw error
    }
    registration.over()
  }

  async healthcheckStart(params: HealthcheckParams): Promise<void> {
    await this.#call('healthcheckStart', params)
    this.#healthchecks.set(params.key, params)
  }

  async healthcheckStop(key: string): Promise<void> {
    await this.#call('healthcheckStop', { key })
    this.#healthchecks.delete(key)
  }

  async pmStart(pid: number, recovery: Recovery): Promise<void> {
    await this.#call('pmStart', { pid, recovery })
    this.#monitors.set(pid, recovery)
  }

  async pmStop(pid: number): Promise<void> {
    await this.#call('pmStop', { pid })
    this.#monitors.delete(pid)
  }

  /** The executive is gone. */
  onLost(): void {
    const registration = this.#registration
    this.#registration = null
    this.#subscription.forget()
    registration?.lost()
  }

  /**
   * Register at another executive, with all that was going on. @throws AisError worth another attempt, or
   * not
   */
  async restore(): Promise<void> {
    if (this.#registration === null) await this.register()
    for (const params of this.#healthchecks.values()) await this.#call('healthcheckStart', params)
    for (const [pid, recovery] of this.#monitors) await this.#monitorAgain(pid, recovery)
  }

  close(): void {
    this.#subscription.close()
    this.#registration?.finalized()
    this.#registration = null
  }

  /** A process that ended while nobody watched it has failed its component. */
  async #monitorAgain(pid: number, recovery: Recovery): Promise<void> {
    try {
      await this.#call('pmStart', { pid, recovery })
    } catch (error) {
      if (!(error instanceof AisError) || error.code !== 'ERR_NOT_EXIST') throw error
      this.#monitors.delete(pid)
      const text = `process ${pid} ended while there was no executive to watch it`
      await this.#call('componentErrorReport', { recovery, text })
    }
  }

  async #call(method: string, params: object): Promise<void> {
    const { connection } = this.host
    if (this.#registration === null && connection.isOpen) {
      const message = `${method} was not sent: ${this.name} is not registered at this executive yet`
      throw new AisError('ERR_TRY_AGAIN', message)
    }
    await connection.call(`amf.${method}`, { component: this.name, ...params }, DEFAULT_TIMEOUT_MS)
  }
}
