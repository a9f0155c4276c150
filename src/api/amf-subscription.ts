import type { Connection, EventListener } from './connection.js'
import type { ServiceConnection } from './service-object.js'

/** What of a connection AMF uses. */
export type AmfConnection = ServiceConnection & Pick<Connection, 'unsubscribe'>

/**
 * Events that something was asked to be told by. While the answer to that is on its way to the application
 * they wait: they are not told before it knows that its call was good.
 */
export class AmfSubscription {
  readonly number: number
  #waiting: unknown[] | null = null
  #isClosed = false

  constructor(
    private readonly connection: AmfConnection,
    private readonly listener: EventListener,
  ) {
    this.number = connection.subscribe((body) => {
      if (this.#waiting === null) listener(body)
      else this.#waiting.push(body)
    })
  }

  /** Ask for events. @throws as `call` */
  async ask(method: string, params: object, timeoutMs?: number): Promise<unknown> {
    const waiting: unknown[] = (this.#waiting = [])
    try {
      return await this.connection.call(method, { ...params, subscription: this.number }, timeoutMs)
    } finally {
      setImmediate(() => {
        if (this.#waiting !== waiting) return
        this.#waiting = null
        for (const body of waiting) if (!this.#isClosed) this.listener(body)
      })
    }
  }

  /** What was asked for comes from no executive any more. */
  forget(): void {
    this.#waiting = null
  }

  close(): void {
    this.#isClosed = true
    this.connection.unsubscribe(this.number)
  }
}
