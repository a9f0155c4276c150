import type { Machine } from './machine.js'
import type { Outbox } from './outbox.js'
import type { AmfPort } from './port.js'

/** Components of this node that ended, or are to, and will come back within their time, or are failed. */
export class Restarts {
  private readonly sinceMs = new Map<string, number>()

  constructor(
    private readonly port: AmfPort,
    private readonly machine: Machine,
    private readonly outbox: Outbox,
  ) {}

  /** The component may be another one now. */
  look(name: string): void {
    const state = this.machine.state.components.get(name)
    const isOurs = state?.node === this.port.nodeId && state.incarnation === this.port.incarnation
    if (!isOurs || state.presence !== 'restarting') this.sinceMs.delete(name)
    else if (!this.sinceMs.has(name)) this.sinceMs.set(name, this.port.nowMs())
  }

  get dueMs(): number {
    let dueMs = Infinity
    for (const [name, sinceMs] of this.sinceMs) dueMs = Math.min(dueMs, sinceMs + this.limitMs(name))
    return dueMs
  }

  onTime(nowMs: number): void {
    for (const [name, sinceMs] of [...this.sinceMs]) {
      const limitMs = this.limitMs(name)
      if (nowMs < sinceMs + limitMs) continue
      this.sinceMs.delete(name)
      this.sayLost(name, limitMs)
    }
  }

  private limitMs(name: string): number {
    return this.machine.model?.components.get(name)?.config.restartTimeoutMs ?? 0
  }

  private sayLost(name: string, limitMs: number): void {
    const registration = (): number => this.machine.state.components.get(name)?.registration ?? 0
    this.outbox.say(
      {
        kind: 'failed',
        component: name,
        registration: registration(),
        cause: 'not-restarted',
        recommended: 'no-recommendation',
        text: `it was to be restarted, and is not back after ${limitMs} ms (restart-timeout)`,
      },
      // Where it is not applied, the component is looked at again when the state is here.
      { onApplied: () => this.look(name), onDropped: () => false },
    )
  }
}
