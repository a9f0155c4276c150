import { createHash } from 'node:crypto'
import type {
  Gate,
  Lineage,
  LineageEntry,
  ReplicatedService,
  RingId,
  SnapshotReader,
  SnapshotWriter,
  Stretch,
  Transferred,
  View,
} from '../../group/index.js'
import { CkptService, type CkptPort, type Hash } from '../../services/index.js'
import type { ProcessHistory } from '../history.js'
import type { CkptWatcher, WatchedCkpt } from './ckpt-watcher.js'
import { ConflictMemory } from './conflict-memory.js'

/** Digests are 16 octets of a SHA-256, as in the executive. */
const DIGEST_OCTETS = 16

/** What the process around it lends CKPT. */
export interface CkptSurroundings extends Pick<CkptPort, 'send' | 'nowMs' | 'wallMs' | 'isCurrent' | 'log'> {
  readonly silentMaxMs: number
  silentMs(): number
  lineage(): Lineage | null
  /** Run something after so many milliseconds by this process's clock; instead of what was set before. */
  alarm(delayMs: number, run: () => void): void
  /** Run something after so many milliseconds, if the process lives then. */
  after(delayMs: number, run: () => void): void
}

/** The real service on the view layer of one process, between which the watch looks. */
export class CkptReplica implements ReplicatedService, WatchedCkpt {
  readonly id: number
  readonly name: string
  readonly service: CkptService
  gate: Gate = 'closed'
  private isLaterDue = false

  constructor(
    readonly process: ProcessHistory,
    private readonly watch: CkptWatcher,
    private readonly surroundings: CkptSurroundings,
  ) {
    this.service = new CkptService({
      nodeId: process.id.nodeId,
      incarnation: process.id.incarnation,
      send: (payload) => surroundings.send(payload),
      nowMs: () => surroundings.nowMs(),
      wallMs: () => surroundings.wallMs(),
      setAlarm: (delayMs) => surroundings.alarm(delayMs, () => this.service.onAlarm()),
      later: () => this.later(),
      isCurrent: () => surroundings.isCurrent(),
      createHash: sha256,
      conflicts: new ConflictMemory((run) => surroundings.after(2, run)),
      log: (level, message) => surroundings.log(level, message),
    })
    this.id = this.service.id
    this.name = this.service.name
    watch.begin(this)
  }

  lineage(): Lineage | null {
    return this.surroundings.lineage()
  }

  wallMs(): number {
    return this.surroundings.wallMs()
  }

  silentMs(): number {
    return this.surroundings.silentMs()
  }

  get silentMaxMs(): number {
    return this.surroundings.silentMaxMs
  }

  /** A frame was handled. */
  onFrame(): void {
    if (!this.service.isHolding) return
    this.service.onCurrent()
    if (!this.service.isHolding) this.watch.note('readHeld')
  }

  end(): void {
    this.watch.end(this)
  }

  onView(view: View): void {
    this.watch.onView(this, view)
    this.service.onView(view)
  }

  onGate(gate: Gate): void {
    this.gate = gate
    this.watch.onGate(this)
    this.service.onGate(gate)
  }

  apply(from: number, payload: Uint8Array, ringId: RingId, position: number, stretch: Stretch): boolean {
    this.watch.onApplying(this, from, payload)
    const changed = this.service.apply(from, payload, ringId, position, stretch)
    this.watch.onApplied(this, from, payload, changed)
    return changed
  }

  onDropped(payload: Uint8Array): void {
    this.watch.onDropped(this, payload)
    this.service.onDropped()
  }

  onStable(ringId: RingId, position: number): void {
    this.service.onStable(ringId, position)
  }

  onDrain(): void {
    this.watch.note('drain')
    this.service.onDrain()
  }

  freeze(receivers: readonly (Lineage | null)[]): SnapshotReader {
    return this.service.freeze(receivers)
  }

  receive(): SnapshotWriter {
    return this.service.receive()
  }

  adopt(winner: Transferred, conflicts: readonly Transferred[], decided: LineageEntry | null): void {
    this.service.adopt(winner, conflicts, decided)
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
