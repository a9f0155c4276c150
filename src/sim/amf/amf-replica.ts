import { createHash } from 'node:crypto'
import type { GroupsConfig } from '../../config/model/groups-config.js'
import type {
  Gate,
  Lineage,
  ReplicatedService,
  RingId,
  SnapshotReader,
  SnapshotWriter,
  Stretch,
  Transferred,
  View,
} from '../../group/index.js'
import { AmfService, type AmfPort, type Hash } from '../../services/index.js'
import { ringKey, type ProcessHistory } from '../history.js'
import type { AmfWatcher, WatchedAmf } from './amf-watcher.js'

const DIGEST_OCTETS = 16

/** What a process of the executive takes from its files for AMF. */
export interface AmfSettings {
  readonly config: GroupsConfig
  readonly leaseMs: number
}

/** What the process around it lends AMF. */
export interface AmfSurroundings extends Pick<
  AmfPort,
  'send' | 'nowMs' | 'wallMs' | 'mayRenew' | 'lateMs' | 'processStart' | 'log'
> {
  readonly nodeName: string
  lineage(): Lineage | null
  /** The executive is stopped from outside. */
  isPaused(): boolean
  stoppedMs(): number
  /** Run something after so many milliseconds by this process's clock; instead of what was set before. */
  alarm(delayMs: number, run: () => void): void
  /** Run something after so many milliseconds, if the process lives then. */
  after(delayMs: number, run: () => void): void
}

/** The real service on the view layer of one process, between which the watch looks. */
export class AmfReplica implements ReplicatedService, WatchedAmf {
  readonly id: number
  readonly name: string
  readonly service: AmfService
  gate: Gate = 'closed'
  view: View | null = null
  private isLaterDue = false

  constructor(
    readonly process: ProcessHistory,
    readonly settings: AmfSettings,
    readonly watch: AmfWatcher,
    private readonly surroundings: AmfSurroundings,
  ) {
    this.service = new AmfService({
      nodeId: process.id.nodeId,
      incarnation: process.id.incarnation,
      nodeName: surroundings.nodeName,
      leaseMs: settings.leaseMs,
      config: settings.config,
      createHash: sha256,
      send: (payload) => surroundings.send(payload),
      nowMs: () => surroundings.nowMs(),
      wallMs: () => surroundings.wallMs(),
      setAlarm: (delayMs) => surroundings.alarm(delayMs, () => this.service.onAlarm()),
      later: () => this.later(),
      mayRenew: () => surroundings.mayRenew(),
      lateMs: () => surroundings.lateMs(),
      processStart: (pid) => surroundings.processStart(pid),
      log: (level, message) => surroundings.log(level, message),
    })
    this.id = this.service.id
    this.name = this.service.name
    watch.begin(this)
  }

  get nodeName(): string {
    return this.surroundings.nodeName
  }

  get isPaused(): boolean {
    return this.surroundings.isPaused()
  }

  get stoppedMs(): number {
    return this.surroundings.stoppedMs()
  }

  lineage(): Lineage | null {
    return this.surroundings.lineage()
  }

  end(): void {
    this.watch.end(this)
  }

  onView(view: View): void {
    this.view = view
    this.watch.onView(this, view)
    this.service.onView(view)
  }

  onGate(gate: Gate): void {
    this.gate = gate
    this.service.onGate(gate)
    this.watch.onGate(this)
  }

  apply(from: number, payload: Uint8Array, _ringId: RingId, position: number, stretch: Stretch): boolean {
    const { transitional, chain } = stretch
    const place = `${ringKey(stretch.ringId)}${transitional ? 't' : ''}/${chain.toString(36)}/${position}`
    this.watch.onApplying(this, place)
    const changed = this.service.apply(from, payload)
    this.watch.onApplied(this, from, payload, changed)
    return changed
  }

  onDropped(): void {
    this.service.onDropped()
  }

  onStable(): void {
    this.service.onStable()
  }

  onDrain(): void {
    this.service.onDrain()
  }

  freeze(): SnapshotReader {
    return this.service.freeze()
  }

  receive(): SnapshotWriter {
    return this.service.receive()
  }

  adopt(winner: Transferred, conflicts: readonly Transferred[]): void {
    this.service.adopt(winner, conflicts)
    this.watch.onAdopted(this, winner, conflicts)
  }

  private later(): void {
    if (this.isLaterDue) return
    this.isLaterDue = true
    this.surroundings.after(0, () => {
      this.isLaterDue = false
      this.service.onLater()
    })
  }
}

function sha256(): Hash {
  const hash = createHash('sha256')
  return {
    update: (octets) => void hash.update(octets),
    digest: () => hash.digest().subarray(0, DIGEST_OCTETS),
  }
}
