import type { Checkpoint } from './checkpoint.js'
import { DigestTask } from './digests.js'
import type { CkptPort } from './port.js'
import type { ReportedCheckpoint } from './wire.js'

/** What one turn spends on digests. */
const SLICE_MS = 2

/** One request: what is looked at, as it was when the request came, and who gets what is found. */
interface Job {
  readonly tasks: readonly (DigestTask | null)[]
  /** How many of them are done. */
  done: number
  onDone(reports: readonly ReportedCheckpoint[]): void
}

const ABSENT: ReportedCheckpoint = { digest: null, numberOfSections: 0, memoryUsed: 0 }

/** Finds digests of checkpoints as they are when they are asked for, one after the other, a slice a turn. */
export class DigestQueue {
  private readonly jobs: Job[] = []

  constructor(private readonly port: CkptPort) {}

  /** @param checkpoints undefined: there is no such checkpoint */
  add(
    checkpoints: readonly (Checkpoint | undefined)[],
    onDone: (reports: readonly ReportedCheckpoint[]) => void,
  ): void {
    if (this.jobs.length === 0) this.port.later()
    const tasks = checkpoints.map((checkpoint) => {
      return checkpoint === undefined ? null : new DigestTask(checkpoint, () => this.port.createHash())
    })
    this.jobs.push({ tasks, done: 0, onDone })
  }

  /** Work for a short time. @returns whether there is more to do */
  step(): boolean {
    const endMs = this.port.nowMs() + SLICE_MS
    for (;;) {
      const [job] = this.jobs
      if (job === undefined) return false
      if (!this.advance(job, endMs)) return true
      this.jobs.shift()
      job.onDone(job.tasks.map((task) => (task === null ? ABSENT : reportOf(task))))
    }
  }

  /** @returns whether the job is done */
  private advance(job: Job, endMs: number): boolean {
    while (job.done < job.tasks.length) {
      const task = job.tasks[job.done]!
      const leftMs = endMs - this.port.nowMs()
      if (leftMs <= 0) return false
      if (task !== null && !task.step(leftMs, () => this.port.nowMs())) return false
      job.done++
    }
    return true
  }
}

function reportOf({ digest, numberOfSections, memoryUsed }: DigestTask): ReportedCheckpoint {
  return { digest, numberOfSections, memoryUsed }
}
