import type { Client } from '../front.js'

export interface Tracking {
  readonly client: Client
  readonly subscription: number
  readonly flags: number
}

/** Who wants to be told of changes: by connection, and there by the number the application chose. */
export class Trackings {
  readonly #byClient = new Map<number, Map<number, Tracking>>()

  /** Begin one, or give one other flags. @returns false when the connection holds too much already */
  set(tracking: Tracking): boolean {
    const { client, subscription } = tracking
    const trackings = this.#byClient.get(client.id) ?? new Map<number, Tracking>()
    if (!trackings.has(subscription) && !client.hold()) return false
    this.#byClient.set(client.id, trackings.set(subscription, tracking))
    return true
  }

  /** @returns false if there was none */
  delete(client: Client, subscription: number): boolean {
    const trackings = this.#byClient.get(client.id)
    if (trackings === undefined || !trackings.delete(subscription)) return false
    client.release()
    if (trackings.size === 0) this.#byClient.delete(client.id)
    return true
  }

  deleteClient(client: Client): void {
    this.#byClient.delete(client.id)
  }

  /** All of them, in a list of its own: telling a client may end its connection. */
  list(): Tracking[] {
    return [...this.#byClient.values()].flatMap((trackings) => [...trackings.values()])
  }
}
