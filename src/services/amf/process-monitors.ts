import type { Recovery } from '../../base/index.js'

/** How often processes are looked at. */
const LOOK_MS = 100

/** A process whose end is an error of its component (saAmfPmStart). */
export interface ProcessMonitor {
  readonly pid: number
  readonly recovery: Recovery
  /** When it was started: another process may get its number. */
  readonly start: number
}

/** The processes that are watched for one component. */
export class ProcessMonitors {
  private readonly monitors = new Map<number, ProcessMonitor>()
  private lookAtMs = Infinity

  get size(): number {
    return this.monitors.size
  }

  has(pid: number): boolean {
    return this.monitors.has(pid)
  }

  start(monitor: ProcessMonitor, nowMs: number): void {
    if (this.monitors.size === 0) this.lookAtMs = nowMs + LOOK_MS
    this.monitors.set(monitor.pid, monitor)
  }

  stop(pid: number): void {
    this.monitors.delete(pid)
    if (this.monitors.size === 0) this.lookAtMs = Infinity
  }

  /** The first one that has ended; it is not watched any more. null: all go on, or it is not time to look */
  ended(nowMs: number, processStart: (pid: number) => number | null): ProcessMonitor | null {
    if (nowMs < this.lookAtMs) return null
    for (const monitor of this.monitors.values()) {
      if (processStart(monitor.pid) === monitor.start) continue
      this.stop(monitor.pid)
      return monitor
    }
    this.lookAtMs = nowMs + LOOK_MS
    return null
  }

  get dueMs(): number {
    return this.lookAtMs
  }
}
