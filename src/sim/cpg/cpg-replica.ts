import type { Configuration, Guarantee, View, ViewedService } from '../../group/index.js'
import { CpgService } from '../../services/index.js'
import type { ProcessHistory } from '../history.js'
import type { CpgWatcher, WatchedCpg } from './cpg-watcher.js'

/** What the process around it lends CPG. */
export interface CpgSurroundings {
  /** @returns false when there is no room */
  send(payload: Uint8Array, guarantee: Guarantee): boolean
  /** Run something after so many milliseconds, if the process lives then. */
  after(delayMs: number, run: () => void): void
  log(level: string, message: string): void
}

/** The real service on the view layer of one process, between which the watch looks. */
export class CpgReplica implements ViewedService, WatchedCpg {
  readonly isViewed = true
  readonly id: number
  readonly name: string
  readonly service: CpgService
  /** The process is gone. */
  isOver = false

  constructor(
    readonly process: ProcessHistory,
    readonly watch: CpgWatcher,
    private readonly surroundings: CpgSurroundings,
  ) {
    this.service = new CpgService({
      nodeId: process.id.nodeId,
      send: (payload, guarantee) => this.send(payload, guarantee),
      after: (delayMs, run) => {
        let isWanted = true
        surroundings.after(delayMs, () => {
          if (isWanted) run()
        })
        return () => (isWanted = false)
      },
      log: (level, message) => surroundings.log(level, message),
    })
    this.id = this.service.id
    this.name = this.service.name
    watch.begin(this)
  }

  get quiet(): boolean {
    return this.service.quiet
  }

  /** Soon, after what is being done. */
  soon(run: () => void): void {
    this.surroundings.after(0, run)
  }

  end(): void {
    this.isOver = true
    this.watch.end(this)
  }

  onConfiguration(configuration: Configuration): void {
    this.watch.onConfiguration(this, configuration)
  }

  onView(view: View, companions: ReadonlySet<number>): void {
    this.watch.onView(this, view)
    this.service.onView(view, companions)
  }

  onMessage(from: number, payload: Uint8Array): void {
    this.service.onMessage(from, payload)
    this.watch.onOrdered(this, from, payload)
  }

  onDrain(): void {
    this.watch.note('drain')
    this.service.onDrain()
  }

  private send(payload: Uint8Array, guarantee: Guarantee): boolean {
    if (!this.surroundings.send(payload, guarantee)) return false
    this.watch.onSent(this, payload)
    return true
  }
}
