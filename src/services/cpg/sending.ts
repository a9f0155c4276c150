import { limits } from '../../base/index.js'
import type { LocalMember } from './local-members.js'
import type { CpgPort } from './port.js'

/** What leaves this node: the service's own messages first, then those of the members in turn. */
export class Sending {
  /** Nodes of the view, which share what may be on its way; 0: there was none yet, and nothing is sent. */
  nodes = 0
  private control: Uint8Array[] = []
  /** With something to send. */
  private senders: LocalMember[] = []
  /** Octets of batches handed to the ring that have not come back in order. */
  private inFlightOctets = 0
  private isPumping = false

  constructor(
    private readonly port: CpgPort,
    private readonly isHeld: (group: string) => boolean,
  ) {}

  /** Nothing waits, and nothing is on its way. */
  get quiet(): boolean {
    return this.control.length === 0 && this.senders.length === 0 && this.inFlightOctets === 0
  }

  sendControl(payload: Uint8Array): void {
    this.control.push(payload)
    this.pump()
  }

  send(member: LocalMember, outgoing: LocalMember['outgoing'][number]): void {
    if (member.outgoing.push(outgoing) === 1) this.senders.push(member)
    this.pump()
  }

  /** Forget what was not sent yet. */
  drop(member: LocalMember): void {
    member.outgoing = []
    this.senders = this.senders.filter((sender) => sender !== member)
  }

  /** A batch of this node has come back in order. */
  onBatch(octets: number): void {
    this.inFlightOctets -= octets
    this.pump()
  }

  /** Hand over what there is room for. */
  pump(): void {
    // Who has sent its last message may send the next one at once: not from within.
    if (this.isPumping) return
    this.isPumping = true
    this.handOver()
    this.isPumping = false
  }

  private handOver(): void {
    if (this.nodes === 0) return
    while (this.control.length > 0) {
      if (!this.port.send(this.control[0]!, 'agreed')) return
      this.control.shift()
    }
    let waiting = 0
    while (waiting < this.senders.length) {
      const member = this.senders[0]!
      const next = member.outgoing[0]!
      const mayGo = !next.isBatch || (this.hasRoom && !this.isHeld(member.membership.group))
      if (mayGo) {
        if (!this.port.send(next.payload, next.guarantee)) return
        if (next.isBatch) this.inFlightOctets += next.payload.length
        waiting = 0
        member.outgoing.shift()
        next.onSent()
      } else waiting++
      // Another's turn; onSent may have changed the list.
      const at = this.senders.indexOf(member)
      if (at < 0) continue
      this.senders.splice(at, 1)
      if (member.outgoing.length > 0) this.senders.push(member)
    }
  }

  private get hasRoom(): boolean {
    const share = limits.cpgInFlightOctetsOfAll / this.nodes
    return this.inFlightOctets < Math.min(limits.cpgInFlightOctets, share)
  }
}
