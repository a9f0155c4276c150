import type { AisErrorName } from '../../base/index.js'
import { sameRing, type Gate, type RingId } from '../../group/index.js'
import type { Outcome } from './outcome.js'

/** One ordered message of this process, from before it is sent until its outcome is known. */
export interface Mutation {
  /** Its outcome counts only once every member has applied it. */
  readonly waitsForAll: boolean
  /** Sent anew, by whom it is for, when the state is here: 'outcome unknown' is no end for it. */
  onDone(outcome: Outcome): void
  /** It will not be done, or nobody knows whether it was. */
  onLost(code: AisErrorName, text: string): void
}

interface Waiting {
  readonly payload: Uint8Array
  readonly mutation: Mutation
}

interface Applied {
  readonly mutation: Mutation
  readonly outcome: Outcome
  readonly ringId: RingId
  readonly position: number
}

/**
 * The messages of this process on their way: they wait for the gate and for room, are sent, come back in
 * their order, and wait until all have applied them where that is asked for.
 */
export class Mutations {
  private gate: Gate = 'closed'
  private unsent = new Fifo<Waiting>()
  private sent = new Fifo<Mutation>()
  private unstable = new Fifo<Applied>()

  /** @param send @returns false: there is no room */
  constructor(private readonly send: (payload: Uint8Array) => boolean) {}

  /** Nothing is under way. */
  get isIdle(): boolean {
    return this.unsent.length === 0 && this.sent.length === 0 && this.unstable.length === 0
  }

  submit(payload: Uint8Array, mutation: Mutation): void {
    if (this.gate === 'closed') return mutation.onLost('ERR_TRY_AGAIN', NOT_HERE)
    if (this.gate === 'open' && this.unsent.length === 0 && this.send(payload)) this.sent.push(mutation)
    else this.unsent.push({ payload, mutation })
  }

  onGate(gate: Gate): void {
    this.gate = gate
    if (gate === 'open') this.flush()
    if (gate !== 'closed') return
    const { unsent } = this
    this.unsent = new Fifo()
    while (unsent.length > 0) unsent.shift().mutation.onLost('ERR_TRY_AGAIN', NOT_HERE)
  }

  onDrain(): void {
    if (this.gate === 'open') this.flush()
  }

  /** The oldest of those sent was applied here. */
  onApplied(outcome: Outcome, ringId: RingId, position: number): void {
    const mutation = this.sent.shift()
    if (outcome.code !== null || !mutation.waitsForAll) mutation.onDone(outcome)
    else this.unstable.push({ mutation, outcome, ringId, position })
  }

  /** The oldest of those sent is not applied here. */
  onDropped(): void {
    const text = 'the state of this node was replaced meanwhile: whether it was done is not known'
    this.sent.shift().onLost('ERR_TIMEOUT', text)
  }

  onStable(ringId: RingId, position: number): void {
    const { unstable } = this
    while (unstable.length > 0) {
      const { ringId: ring, position: at } = unstable.first
      const isStable = sameRing(ring, ringId) ? at <= position : ring.sequence < ringId.sequence
      if (!isStable) return
      const { mutation, outcome } = unstable.shift()
      mutation.onDone(outcome)
    }
  }

  private flush(): void {
    const { unsent } = this
    while (unsent.length > 0 && this.send(unsent.first.payload)) this.sent.push(unsent.shift().mutation)
  }
}

const NOT_HERE = 'the checkpoints are not on this node yet: their state is on its way; call again'

/** First in, first out, without moving what waits. */
class Fifo<T> {
  private items: (T | undefined)[] = []
  private head = 0

  get length(): number {
    return this.items.length - this.head
  }

  get first(): T {
    return this.items[this.head]!
  }

  push(item: T): void {
    this.items.push(item)
  }

  shift(): T {
    const item = this.items[this.head]!
    this.items[this.head++] = undefined
    if (this.head === this.items.length) {
      this.items = []
      this.head = 0
    } else if (this.head >= 1024 && this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
    return item
  }
}
