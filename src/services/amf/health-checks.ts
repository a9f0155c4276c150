import type { Recovery } from '../../base/index.js'

/** One health check of a component (saAmfHealthcheckStart). */
export interface HealthCheck {
  readonly key: string
  /** AMF asks every period; or the component says by itself, every period, that it is well. */
  readonly invokedBy: 'amf' | 'component'
  readonly periodMs: number
  /** For the answer, where AMF asks. */
  readonly maxDurationMs: number
  readonly recovery: Recovery
}

interface Running extends HealthCheck {
  /** When to ask next. */
  askAtMs: number
  /** Asked and not answered. */
  invocation: number | null
  /** When the answer, or the word of the component, is too late. */
  deadlineMs: number
  /** Time in which this process did not run, and could not have heard it. */
  graceMs: number
}

/** Key of the check that the configuration asks for. */
export const DEFAULT_KEY = 'default'

/** The health checks of one component: when to ask, and when an answer is too late. */
export class HealthChecks {
  private readonly checks = new Map<string, Running>()
  private isSuspended = false

  get size(): number {
    return this.checks.size
  }

  get(key: string): HealthCheck | undefined {
    return this.checks.get(key)
  }

  /** Begin, in place of one with this key. */
  start(check: HealthCheck, nowMs: number): void {
    const deadlineMs = check.invokedBy === 'component' ? nowMs + check.periodMs : Infinity
    const askAtMs = check.invokedBy === 'amf' ? nowMs : Infinity
    this.checks.set(check.key, { ...check, askAtMs, invocation: null, deadlineMs, graceMs: 0 })
  }

  /** @returns the invocation that is not answered */
  stop(key: string): number | null {
    const invocation = this.checks.get(key)?.invocation ?? null
    this.checks.delete(key)
    return invocation
  }

  /** Nobody is asked, and nobody waited for. @returns invocations that are not answered */
  suspend(): number[] {
    this.isSuspended = true
    const open = [...this.checks.values()].flatMap(({ invocation }) =>
      invocation === null ? [] : [invocation],
    )
    for (const check of this.checks.values()) check.invocation = null
    return open
  }

  /** Go on, from now. */
  resume(nowMs: number): void {
    if (!this.isSuspended) return
    this.isSuspended = false
    for (const check of [...this.checks.values()]) this.start(check, nowMs)
  }

  /** The component is well, by its answer or by its own word. */
  confirm(key: string, nowMs: number): void {
    const check = this.checks.get(key)
    if (check === undefined) return
    check.graceMs = 0
    if (check.invokedBy === 'component') check.deadlineMs = nowMs + check.periodMs
    else if (check.invocation !== null) {
      check.askAtMs = Math.max(check.askAtMs, nowMs)
      check.invocation = null
      check.deadlineMs = Infinity
    }
  }

  /** Ask what is due. @param ask tells the component, @returns the invocation */
  ask(nowMs: number, ask: (key: string) => number): void {
    if (this.isSuspended) return
    for (const check of [...this.checks.values()]) {
      if (check.invocation !== null || check.askAtMs > nowMs) continue
      check.invocation = ask(check.key)
      check.deadlineMs = nowMs + check.maxDurationMs
      check.askAtMs = nowMs + check.periodMs
    }
  }

  /** Which one is too late; null: none. @param lateMs this process did not run for so long */
  expired(nowMs: number, lateMs: number): HealthCheck | null {
    if (this.isSuspended) return null
    for (const check of this.checks.values()) {
      if (nowMs < check.deadlineMs) continue
      check.graceMs = Math.max(check.graceMs, lateMs)
      if (nowMs >= check.deadlineMs + check.graceMs) return check
    }
    return null
  }

  /** When somebody is to be asked. */
  get askDueMs(): number {
    if (this.isSuspended || this.checks.size === 0) return Infinity
    const due = [...this.checks.values()].filter(({ invocation }) => invocation === null)
    return Math.min(Infinity, ...due.map(({ askAtMs }) => askAtMs))
  }

  /** When somebody is too late. */
  get limitMs(): number {
    if (this.isSuspended || this.checks.size === 0) return Infinity
    const checks = [...this.checks.values()]
    return Math.min(Infinity, ...checks.map(({ deadlineMs, graceMs }) => deadlineMs + graceMs))
  }
}
