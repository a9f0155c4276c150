import { decodeMessage } from '../../services/amf/wire.js'
import type { WatchedAmf } from '../amf/amf-watcher.js'

/** Counts what happens to AMF, once for each message: where its sender applies it. */
export class AmfCoverage {
  /** Of each service instance: who was to be active before the message. */
  private before = new Map<string, string | undefined>()
  private decisions = 0

  constructor(
    private readonly note: (what: string) => void,
    private readonly log: (line: string) => void,
  ) {}

  onApplying({ service }: WatchedAmf): void {
    const { instances, lastDecision } = service.machine.state
    this.before = new Map([...instances.values()].map(({ name, active }) => [name, active[0]]))
    this.decisions = lastDecision
  }

  onApplied({ service, process }: WatchedAmf, from: number, payload: Uint8Array): void {
    if (from !== process.id.nodeId) return
    const message = decodeMessage(payload)
    if (message === null) return this.note('undecodable')
    this.note(`said.${message.kind}`)
    if (message.kind !== 'configure') this.log(`${process.name} said ${JSON.stringify(message)}`)
    if (message.kind === 'failed') this.note(`failed.${message.cause}`)
    if (message.kind === 'cleaned') this.note(`cleaned.${message.how}`)
    if (message.kind === 'admin') this.note(`admin.${message.operation}`)
    const { instances, decisions } = service.machine.state
    for (const { name, active } of instances.values()) {
      const before = this.before.get(name)
      const [now] = active
      if (before !== undefined && now !== undefined && before !== now) {
        this.note(`failover.${message.kind === 'failed' ? message.cause : message.kind}`)
      }
    }
    for (const { sequence, kind, what } of decisions) {
      if (sequence > this.decisions) this.note(`decided.${kind}.${what}`)
    }
  }
}
