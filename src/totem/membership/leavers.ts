import { limits } from '../../base/index.js'
import type { FailedProcess, ProcessId } from '../wire/control.js'
import { processKey } from './gathering.js'

/** Who has said that it leaves, since the last ring was installed: attempts to form one come and go. */
export class Leavers {
  private readonly processes = new Map<string, ProcessId>()

  add(process: ProcessId): void {
    if (this.processes.size < limits.ringMembers) this.processes.set(processKey(process), process)
  }

  clear(): void {
    this.processes.clear()
  }

  /** With those that others have told of in this attempt. @param failed who is out of it, for any reason */
  and(failed: readonly FailedProcess[]): ProcessId[] {
    const all = new Map(this.processes)
    for (const process of failed) if (process.left) all.set(processKey(process), process)
    return [...all.values()]
  }
}
