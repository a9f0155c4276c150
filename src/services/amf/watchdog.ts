import type { LocalComponent } from './local-component.js'
import type { LocalComponents } from './local-components.js'
import type { AmfPort } from './port.js'
import type { Operation } from './state.js'

/**
 * Limits on what components of this node may take their time for. Nobody is judged before what came from
 * applications meanwhile was read: this process may have been the one that did not run.
 */
export class Watchdog {
  /** Somebody seems to be late, and is judged as soon as everything was read. */
  private hasSuspects = false

  constructor(
    private readonly port: AmfPort,
    private readonly components: LocalComponents,
  ) {}

  get dueMs(): number {
    let dueMs = Infinity
    for (const local of this.components.all()) {
      dueMs = Math.min(dueMs, local.health.askDueMs, local.processes.dueMs)
      if (!this.hasSuspects) {
        dueMs = Math.min(dueMs, limitOf(local), local.endDeadlineMs, local.health.limitMs)
      }
      if (local.cleaning?.isDone === false) dueMs = Math.min(dueMs, local.cleaning.deadlineMs)
      if (local.phase === 'lost' && local.registerAtMs !== -Infinity) {
        dueMs = Math.min(dueMs, local.registerAtMs)
      }
    }
    return dueMs
  }

  onTime(nowMs: number): void {
    for (const local of this.components.all()) {
      this.end(local, nowMs)
      local.health.ask(nowMs, (key) => this.ask(local, key))
      if (local.phase === 'lost' && local.registerAtMs <= nowMs) this.components.look(local.name)
      if (!this.isLate(local, nowMs) || this.hasSuspects) continue
      this.hasSuspects = true
      this.port.later()
    }
  }

  /** What had come was read. */
  onLater(nowMs: number): void {
    if (!this.hasSuspects) return
    this.hasSuspects = false
    for (const local of this.components.all()) this.judge(local, nowMs)
  }

  private ask(local: LocalComponent, key: string): number {
    const invocation = local.invocations.begin({ kind: 'healthcheck', key })
    local.event({ type: 'healthcheck', invocation, key })
    return invocation
  }

  /** Leases that are over, processes that have ended: there is nothing to wait for. */
  private end(local: LocalComponent, nowMs: number): void {
    const { cleaning, processes } = local
    if (cleaning !== null && nowMs >= cleaning.deadlineMs) {
      this.components.finishCleaning(local, 'lease-over')
    }
    const ended = processes.ended(nowMs, (pid) => this.port.processStart(pid))
    if (ended === null) return
    const text = `its process ${ended.pid} has ended`
    this.components.fail(local, 'process-died', ended.recovery, text)
  }

  private isLate(local: LocalComponent, nowMs: number): boolean {
    const lateMs = this.port.lateMs()
    const { pending, health, endDeadlineMs } = local
    if (pending !== null && nowMs >= pending.deadlineMs) pending.graceMs = Math.max(pending.graceMs, lateMs)
    return limitOf(local) <= nowMs || endDeadlineMs <= nowMs || health.expired(nowMs, lateMs) !== null
  }

  private judge(local: LocalComponent, nowMs: number): void {
    if (!this.isLate(local, nowMs)) return
    const { components } = this
    if (limitOf(local) <= nowMs) {
      const text = `it did not answer ${nameOf(local.pending!.operation)} in time (callback-timeout)`
      return components.fail(local, 'callback-timeout', 'no-recommendation', text)
    }
    if (local.endDeadlineMs <= nowMs) {
      const text = 'it agreed to end, and is still connected after its callback-timeout'
      return components.fail(local, 'callback-timeout', 'no-recommendation', text)
    }
    const check = local.health.expired(nowMs, 0)
    if (check === null) return
    const { key, invokedBy, maxDurationMs, periodMs, recovery } = check
    const text =
      invokedBy === 'amf'
        ? `it did not answer health check ${key} within ${maxDurationMs} ms`
        : `it did not confirm health check ${key} within ${periodMs} ms`
    components.fail(local, 'healthcheck-timeout', recovery, text)
  }
}

function limitOf({ pending }: LocalComponent): number {
  return pending === null ? Infinity : pending.deadlineMs + pending.graceMs
}

function nameOf(operation: Operation): string {
  return operation.kind === 'csi-set' ? `csi-set ${operation.haState}` : operation.kind
}
