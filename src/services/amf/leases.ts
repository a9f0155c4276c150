import type { LocalComponent } from './local-component.js'
import type { AmfPort } from './port.js'

/** Renewals in the time that a lease lasts. */
const RENEWALS = 5

/** The leases of this node's components (docs/protocol.md, "AMF on the socket"). */
export class Leases {
  private nextMs = -Infinity
  private isStopped = false

  constructor(private readonly port: AmfPort) {}

  /** No more renewals: this process ends. */
  stop(): void {
    this.isStopped = true
  }

  /** @returns false: no component of this node may go on for now */
  renew(local: LocalComponent): boolean {
    if (this.isStopped || !this.port.mayRenew()) return false
    const sentAtMs = this.port.nowMs()
    local.renewedAtMs = sentAtMs
    local.event({ type: 'lease', sentAtMs })
    return true
  }

  /** From when on a component whose lease is not renewed any more holds nothing. */
  overAtMs(local: LocalComponent): number {
    return local.renewedAtMs === -Infinity ? this.port.nowMs() : local.renewedAtMs + this.port.leaseMs + 1
  }

  /** When the next renewals are due, if there is anybody to renew for. */
  get dueMs(): number {
    return this.nextMs
  }

  onTime(nowMs: number, renewable: () => readonly LocalComponent[]): void {
    if (nowMs < this.nextMs) return
    this.nextMs = nowMs + this.port.leaseMs / RENEWALS
    for (const local of renewable()) this.renew(local)
  }
}
