import type { Transport, TransportListener } from '../group/index.js'
import { TransportError } from './transport-error.js'

/**
 * A network inside one process. Frames arrive in the order they were sent, in a later turn of the event loop.
 */
export class MemoryNetwork {
  readonly #listeners = new Map<string, TransportListener>()
  #queue: (() => void)[] = []

  /** @throws TransportError when a process has the address already */
  open(address: string, listener: TransportListener): Transport {
    if (this.#listeners.has(address)) {
      throw new TransportError('address-in-use', `${address} is in use`, 'choose another address')
    }
    this.#listeners.set(address, listener)
    const isOpen = (): boolean => this.#listeners.get(address) === listener
    return {
      multicast: (frame) => {
        if (isOpen()) this.#later(() => this.#deliverToAll(frame))
      },
      multicastAll: (frames) => {
        for (const frame of frames) if (isOpen()) this.#later(() => this.#deliverToAll(frame))
      },
      unicast: (to, frame) => {
        if (isOpen()) this.#later(() => this.#deliverTo(to, frame, listener, isOpen))
      },
      close: async () => {
        if (isOpen()) this.#listeners.delete(address)
      },
    }
  }

  #deliverToAll(frame: Uint8Array): void {
    for (const listener of [...this.#listeners.values()]) listener.onFrame(frame)
  }

  #deliverTo(to: string, frame: Uint8Array, sender: TransportListener, senderIsOpen: () => boolean): void {
    const listener = this.#listeners.get(to)
    if (listener !== undefined) listener.onFrame(frame)
    else if (senderIsOpen()) sender.onRefused(to)
  }

  #later(event: () => void): void {
    if (this.#queue.length === 0) setImmediate(() => this.#run())
    this.#queue.push(event)
  }

  #run(): void {
    const due = this.#queue
    this.#queue = []
    for (const event of due) event()
  }
}
