import type { TransportListener } from '../../../src/group/index.js'

/** A listener whose frames and refusals can be awaited in the order they came. */
export class Inbox implements TransportListener {
  readonly received: string[] = []
  readonly refused: string[] = []
  readonly #frames = new Waitlist<Uint8Array>()
  readonly #refusals = new Waitlist<string>()

  onFrame(frame: Uint8Array): void {
    this.received.push(textOf(frame))
    this.#frames.push(frame)
  }

  onRefused(address: string): void {
    this.refused.push(address)
    this.#refusals.push(address)
  }

  nextFrame(): Promise<Uint8Array> {
    return this.#frames.next()
  }

  async next(): Promise<string> {
    return textOf(await this.#frames.next())
  }

  nextRefusal(): Promise<string> {
    return this.#refusals.next()
  }
}

class Waitlist<T> {
  readonly #items: T[] = []
  readonly #waiting: ((item: T) => void)[] = []

  push(item: T): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#items.push(item)
    else waiting(item)
  }

  next(): Promise<T> {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift()!)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

function textOf(frame: Uint8Array): string {
  return Buffer.from(frame).toString('latin1')
}
