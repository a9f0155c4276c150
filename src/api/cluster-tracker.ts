import { AisError, asksForChanges, TrackFlags } from '../base/index.js'
import { readBuffer, type ViewReport } from './clm-documents.js'
import {
  changesBuffer,
  currentBuffer,
  SeenCluster,
  type ClusterDifference,
  type ClusterNotificationBuffer,
} from './seen-cluster.js'
import { DEFAULT_TIMEOUT_MS, RETRY_FIRST_MS, RETRY_MAX_MS, type ServiceConnection } from './service-object.js'

export interface TrackerListener {
  onTrack(buffer: ClusterNotificationBuffer): void
  onLost(error: AisError): void
  onRestored(): void
}

interface Tracking {
  /** As the application gave them, without TRACK_CURRENT. */
  flags: number
  seen: SeenCluster
}

const EVERYTHING = TrackFlags.TRACK_CURRENT | TrackFlags.TRACK_CHANGES_ONLY

/**
 * Tracks the cluster for one application. The executive is always asked for the view and for changes only;
 * what the application asked for is made of that here, so that after a time without an executive the
 * application can be told what changed since the view that it saw last.
 */
export class ClusterTracker {
  readonly #subscription: number
  #tracking: Tracking | null = null
  /** Changes not told yet, while the application is about to get a view that some of them are a part of. */
  #waiting: ViewReport[] = []
  #holders = 0
  #isClosed = false
  #retry: NodeJS.Timeout | undefined

  constructor(
    private readonly connection: ServiceConnection,
    private readonly listener: TrackerListener,
  ) {
    this.#subscription = connection.subscribe((body) => this.#onEvent(readBuffer(body)))
    connection.owner = {
      onLost: (error) => this.#onLost(error),
      onRestored: () => this.#onRestored(),
    }
  }

  /** @param flags good ones */
  async track(flags: number): Promise<ClusterNotificationBuffer | undefined> {
    const current = (flags & TrackFlags.TRACK_CURRENT) !== 0
    const asked = asksForChanges(flags) ? EVERYTHING : TrackFlags.TRACK_CURRENT
    const report = await this.#ask(asked, DEFAULT_TIMEOUT_MS)
    if (this.#tracking !== null) this.#arriveAt(this.#tracking, report, current)
    if (asksForChanges(flags)) {
      this.#tracking ??= { flags, seen: new SeenCluster(report) }
      this.#tracking.flags = flags & ~TrackFlags.TRACK_CURRENT
    }
    return current ? currentBuffer(report) : undefined
  }

  /** @throws AisError ERR_NOT_EXIST if nothing is tracked */
  async stop(): Promise<void> {
    const before = this.#tracking
    this.#tracking = null
    try {
      const params = { subscription: this.#subscription }
      await this.connection.call('clm.clusterTrackStop', params, DEFAULT_TIMEOUT_MS)
    } catch (error) {
      // An executive that is gone, or has just come back, tracks nothing any more for this application.
      if (before === null) throw error
    }
    // Calls may overlap: one to track that was made before this one may have been answered meanwhile.
    this.#tracking = null
  }

  close(): void {
    this.#isClosed = true
    this.#tracking = null
    this.#waiting = []
    clearTimeout(this.#retry)
  }

  /**
   * Ask for a view. Changes that come while the answer is on its way to the application wait: those up to the
   * view are told before it, the later ones after the application has got it.
   */
  async #ask(flags: number, timeoutMs?: number): Promise<ViewReport> {
    this.#holders++
    try {
      const params = { flags, subscription: this.#subscription }
      return readBuffer(await this.connection.call('clm.clusterTrack', params, timeoutMs))
    } finally {
      setImmediate(() => {
        this.#holders--
        this.#tellWaiting()
      })
    }
  }

  /** The application has, or is about to get, this view: what it saw before comes up to it. */
  #arriveAt(tracking: Tracking, report: ViewReport, isShown: boolean): void {
    const isBefore = ({ view }: ViewReport): boolean => view.viewNumber <= report.view.viewNumber
    const before = this.#waiting.filter(isBefore)
    this.#waiting = this.#waiting.filter((other) => !isBefore(other))
    for (const change of before) this.#tell(tracking, tracking.seen.follow(change))
    const difference = tracking.seen.catchUp(report)
    if (difference !== null && !isShown) this.#tell(tracking, difference)
  }

  #onEvent(change: ViewReport): void {
    this.#waiting.push(change)
    this.#tellWaiting()
  }

  #tellWaiting(isOver = false): void {
    if (this.#holders > 0 && !isOver) return
    for (const change of this.#waiting.splice(0)) {
      // Looked up each time: what is told may make the application stop.
      if (this.#tracking !== null) this.#tell(this.#tracking, this.#tracking.seen.follow(change))
    }
  }

  #tell({ flags }: Tracking, difference: ClusterDifference): void {
    this.listener.onTrack(changesBuffer(difference, flags))
  }

  #onLost(error: AisError): void {
    clearTimeout(this.#retry)
    this.#tellWaiting(true)
    this.listener.onLost(error)
  }

  #onRestored(retryMs = RETRY_FIRST_MS): void {
    if (this.#tracking === null) this.listener.onRestored()
    else void this.#resume(retryMs)
  }

  /** Track again what was tracked, as soon as the executive knows the members of the cluster. */
  async #resume(retryMs: number): Promise<void> {
    let report: ViewReport
    try {
      report = await this.#ask(EVERYTHING)
    } catch {
      if (this.#isClosed || !this.connection.isOpen) return
      const next = Math.min(retryMs * 2, RETRY_MAX_MS)
      clearTimeout(this.#retry)
      this.#retry = setTimeout(() => this.#onRestored(next), retryMs)
      return
    }
    if (this.#isClosed) return
    this.listener.onRestored()
    if (this.#tracking !== null) this.#arriveAt(this.#tracking, report, false)
  }
}
