import type { AmfMessage, Refusal } from './messages.js'
import type { AmfPort } from './port.js'
import { encodeMessage } from './wire.js'

type Unstamped<M> = M extends AmfMessage ? Omit<M, 'atMs'> : never

/** A message without the clock of its sender. */
export type AmfSaying = Unstamped<AmfMessage>

/** What becomes of a message of this node. */
export interface Letter {
  /** It has come in its order; `refusal`: why it had no effect. */
  onApplied(refusal: Refusal | null): void
  /** It is not applied here; whether elsewhere is not known. @returns true: it is to be said again */
  onDropped(): boolean
  /** What it says does not hold any more: it need not be sent. */
  isMoot?(): boolean
}

interface Waiting extends Letter {
  readonly message: AmfMessage
}

/**
 * Messages of this node on their way into the order: they wait for the gate and for room, and those that
 * were dropped are said again before what came after them.
 */
export class Outbox {
  private isOpen = false
  private unsent: Waiting[] = []
  private sent: Waiting[] = []
  /** So many at the head of `unsent` were sent and dropped. */
  private dropped = 0

  constructor(private readonly port: AmfPort) {}

  say(saying: AmfSaying, letter: Letter): void {
    const atMs = Math.max(0, Math.floor(this.port.wallMs()))
    this.unsent.push({ ...letter, message: { ...saying, atMs } })
    this.flush()
  }

  onGate(isOpen: boolean): void {
    this.isOpen = isOpen
    this.flush()
  }

  onDrain(): void {
    this.flush()
  }

  /** The oldest of those sent has come in its order. */
  onApplied(refusal: Refusal | null): void {
    this.sent.shift()?.onApplied(refusal)
  }

  onDropped(): void {
    const letter = this.sent.shift()
    if (letter?.onDropped() !== true) return
    this.unsent.splice(this.dropped, 0, letter)
    this.dropped++
    this.flush()
  }

  private flush(): void {
    while (this.isOpen && this.unsent.length > 0) {
      const [letter] = this.unsent as [Waiting]
      if (letter.isMoot?.() !== true) {
        if (!this.port.send(encodeMessage(letter.message))) return
        this.sent.push(letter)
      }
      this.unsent.shift()
      this.dropped = Math.max(0, this.dropped - 1)
    }
  }
}
