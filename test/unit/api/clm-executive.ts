import type { ServiceConnection } from '../../../src/api/service-object.js'
import type { EventListener } from '../../../src/api/connection.js'
import { AisError } from '../../../src/base/index.js'
import type { View } from '../../../src/group/index.js'
import { ClmService, type Client } from '../../../src/services/index.js'

interface Message {
  readonly deliver: () => void
}

/**
 * An executive's CLM and a connection to it, without a socket: what the executive says waits until
 * `arrive()`, and all of it arrives in one go, as it does from a socket.
 */
export class ClmExecutive {
  /** What was asked, in order: 'clusterTrack 5'. */
  readonly calls: string[] = []
  readonly timeouts: (number | undefined)[] = []
  #service = this.#started()
  #client: Client | undefined
  #clients = 0
  #wire: Message[] = []
  readonly #listeners: EventListener[] = []
  readonly #pending = new Set<(error: AisError) => void>()

  readonly connection: ServiceConnection = {
    owner: undefined,
    isOpen: true,
    subscribe: (listener) => this.#listeners.push(listener) - 1,
    call: (method, params, timeoutMs) => this.#call(method, params, timeoutMs),
    close: () => this.#fail(new AisError('ERR_TRY_AGAIN', 'closed')),
  }

  constructor() {
    this.#connect()
  }

  view(view: View): void {
    this.#service.onView(view)
  }

  /** All that the executive has said by now arrives, without a break. */
  arrive(): void {
    for (const { deliver } of this.#wire.splice(0)) deliver()
  }

  /** Like arrive(), and what the application does thereupon is done. */
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) {
      this.arrive()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  kill(): void {
    this.#wire = []
    this.#service = this.#started()
    ;(this.connection as { isOpen: boolean }).isOpen = false
    this.#fail(new AisError('ERR_TIMEOUT', 'the executive went away'))
    this.connection.owner?.onLost(new AisError('ERR_TRY_AGAIN', 'gone'))
  }

  restart(...views: View[]): void {
    this.#connect()
    for (const view of views) this.view(view)
    this.connection.owner?.onRestored({} as never)
  }

  #started(): ClmService {
    return new ClmService({ nodeId: 1, clusterName: 'payments' })
  }

  #connect(): void {
    ;(this.connection as { isOpen: boolean }).isOpen = true
    const id = ++this.#clients
    const event = (subscription: number, body: unknown): void => {
      if (this.#clients === id) this.#wire.push({ deliver: () => this.#listeners[subscription](body) })
    }
    this.#client = {
      id,
      event,
      hold: () => true,
      release: () => undefined,
      waitingOctets: 0,
      takenOctets: 0,
      whenTaken: () => undefined,
      cut: () => undefined,
    }
  }

  #fail(error: AisError): void {
    for (const reject of this.#pending) reject(error)
    this.#pending.clear()
  }

  #call(method: string, params: unknown, timeoutMs: number | undefined): Promise<unknown> {
    this.timeouts.push(timeoutMs)
    if (!this.connection.isOpen)
      return Promise.reject(new AisError('ERR_TRY_AGAIN', `${method} was not sent`))
    const name = method.replace('clm.', '')
    const { flags = '', nodeId = '' } = params as { flags?: number; nodeId?: number }
    this.calls.push(`${name} ${flags}${nodeId}`.trim())
    return new Promise((resolve, reject) => {
      this.#pending.add(reject)
      const reply = (deliver: () => void): void => {
        this.#wire.push({
          deliver: () => {
            this.#pending.delete(reject)
            deliver()
          },
        })
      }
      this.#service.onRequest({
        client: this.#client!,
        method: name,
        params,
        answer: (result) => reply(() => resolve(result)),
        fail: (code, message) => reply(() => reject(new AisError(code, message))),
      })
    })
  }
}
