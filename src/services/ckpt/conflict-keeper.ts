import { limits } from '../../base/index.js'
import type { Checkpoint } from './checkpoint.js'
import type { CkptState, Conflict } from './ckpt-state.js'
import type { DigestQueue } from './digest-queue.js'
import type { CkptPort } from './port.js'
import { segmentsOfOne } from './snapshot-reader.js'
import { SnapshotOfOthers } from './snapshot-writer.js'

/** What one turn spends on gathering what goes to a file. */
const SLICE_MS = 2
/** Sections between two looks at the clock. */
const SEGMENTS_A_LOOK = 64

/** What lost a conflict; as text: why this node cannot show it. */
export type FoundConflict = Checkpoint | string

/** One that is on its way to a file. */
interface Saving {
  readonly id: string
  readonly segments: Iterator<Uint8Array>
  readonly octets: Uint8Array[]
}

/** One that is read from its file, and who waits for it. */
interface Loading {
  readonly id: string
  readonly onDone: ((found: FoundConflict) => void)[]
}

/**
 * Keeps what lost conflicts: in memory as far as the limit allows, the oldest in files of this node. Nothing
 * is dropped before it is dismissed or forgotten by all; a file that cannot be written stays in memory.
 */
export class ConflictKeeper {
  /** Ids whose contents are in files. */
  private readonly onDisk = new Set<string>()
  /** Ids of files that could not be written, or that belong to no conflict: said once. */
  private readonly refused = new Set<string>()
  private readonly told = new Set<string>()
  private saving: Saving | null = null
  /** The store has not said yet what became of it. */
  private isStoring = false
  private readonly loads: Loading[] = []
  /** The one read last: it is asked for piece by piece. */
  private loaded: { readonly id: string; readonly checkpoint: Checkpoint } | null = null

  constructor(
    private readonly port: Pick<CkptPort, 'conflicts' | 'later' | 'nowMs' | 'log'>,
    private readonly digests: Pick<DigestQueue, 'add'>,
    private readonly state: () => CkptState,
  ) {}

  /**
   * The state is another one.
   * @param setAside what lost just now
   */
  onAdopt(setAside: readonly Conflict[]): void {
    const { conflicts } = this.state()
    for (const conflict of conflicts.values()) {
      if (conflict.stored === 'elsewhere' && this.port.conflicts.has(conflict.id)) conflict.stored = 'disk'
      if (conflict.stored === 'disk') this.onDisk.add(conflict.id)
    }
    this.refused.clear()
    this.onDismissed()
    for (const conflict of setAside) this.compare(conflict)
    for (const conflict of conflicts.values()) {
      const isNew = setAside.some(({ id }) => id === conflict.id)
      if (!isNew && conflict.digest === null && conflict.checkpoint !== null) this.complete(conflict)
    }
    if (this.nextToSave() !== null) this.port.later()
  }

  /** Some conflicts may be gone from the state: their files go too. */
  onDismissed(): void {
    const { conflicts } = this.state()
    for (const id of this.onDisk) {
      if (conflicts.has(id)) continue
      this.onDisk.delete(id)
      this.port.conflicts.remove(id)
    }
    if (this.loaded !== null && !conflicts.has(this.loaded.id)) this.loaded = null
  }

  /** The state is here: files that belong to nothing in it are told of, and stay. */
  onOpen(): void {
    const { conflicts } = this.state()
    for (const id of this.port.conflicts.ids()) {
      if (conflicts.has(id) || this.told.has(id)) continue
      this.told.add(id)
      const path = this.port.conflicts.pathOf(id)
      const message = `${path} has what lost a conflict that the cluster does not know any more; it is kept`
      this.port.log('notice', message)
    }
  }

  /** Work for a short time. @returns whether there is more to do */
  step(): boolean {
    if (this.isStoring) return false
    this.saving ??= this.beginSaving()
    if (this.saving === null) return false
    const { id, segments, octets } = this.saving
    const endMs = this.port.nowMs() + SLICE_MS
    for (;;) {
      for (let count = 0; count < SEGMENTS_A_LOOK; count++) {
        const next = segments.next()
        if (next.done === true) {
          this.saving = null
          this.store(id, octets)
          return false
        }
        octets.push(next.value)
      }
      if (this.port.nowMs() >= endMs) return true
    }
  }

  /** @param onDone called once, now or later */
  read(id: string, onDone: (found: FoundConflict) => void): void {
    const conflict = this.state().conflicts.get(id)
    if (conflict === undefined) return onDone(`there is no conflict ${id}`)
    if (conflict.checkpoint !== null) return onDone(conflict.checkpoint)
    if (conflict.stored !== 'disk') {
      return onDone(`what lost conflict ${id} is not on this node; others that were members then have it`)
    }
    if (this.loaded?.id === id) return onDone(this.loaded.checkpoint)
    const load = this.loads.find((candidate) => candidate.id === id)
    if (load !== undefined) return void load.onDone.push(onDone)
    this.loads.push({ id, onDone: [onDone] })
    if (this.loads.length === 1) this.load()
  }

  private load(): void {
    const [first] = this.loads
    if (first === undefined) return
    const { id } = first
    this.loaded = null
    const writer = new SnapshotOfOthers(() => 0)
    this.port.conflicts.load(
      id,
      (octets) => writer.write(octets),
      (problem) => {
        const found = problem ?? writer.finishOne()
        if (typeof found !== 'string') this.loaded = { id, checkpoint: found }
        const path = this.port.conflicts.pathOf(id)
        const result = typeof found === 'string' ? `${path} cannot be read: ${found}` : found
        this.loads.shift()
        for (const onDone of first.onDone) onDone(result)
        this.load()
      },
    )
  }

  /** Say what lost to what, by both digests; of the moment when it was decided. */
  private compare({ id, name, checkpoint, keptKey, nodes, keptNodes }: Conflict): void {
    const { checkpoints } = this.state()
    this.digests.add([checkpoint ?? undefined, checkpoints.get(keptKey)], ([lost, kept]) => {
      const conflict = this.state().conflicts.get(id)
      if (conflict === undefined) return
      conflict.digest ??= lost!.digest
      conflict.keptDigest ??= kept!.digest
      const { digest, keptDigest } = conflict
      const loser = `digest ${digest ?? 'unknown'} of node ${nodes.join(', ')}`
      const winner = keptDigest === null ? 'an unlink' : `digest ${keptDigest}`
      const message = `checkpoint ${name}: ${loser} lost to ${winner} of node ${keptNodes.join(', ')}: ${id}`
      this.port.log('notice', message)
    })
  }

  /** Its digest was not known yet where it came from. */
  private complete({ id, checkpoint }: Conflict): void {
    this.digests.add([checkpoint ?? undefined], ([lost]) => {
      const conflict = this.state().conflicts.get(id)
      if (conflict !== undefined) conflict.digest ??= lost!.digest
    })
  }

  /** The oldest in memory, if all in memory are more than may be. */
  private nextToSave(): Conflict | null {
    let octets = 0
    let oldest: Conflict | null = null
    for (const conflict of this.state().conflicts.values()) {
      if (conflict.checkpoint === null) continue
      octets += conflict.memoryUsed
      if (!this.refused.has(conflict.id)) oldest ??= conflict
    }
    return octets > limits.ckptConflictOctets ? oldest : null
  }

  private beginSaving(): Saving | null {
    const conflict = this.nextToSave()
    if (conflict === null) return null
    return { id: conflict.id, segments: segmentsOfOne(conflict.checkpoint!), octets: [] }
  }

  private store(id: string, octets: readonly Uint8Array[]): void {
    this.isStoring = true
    this.port.conflicts.save(id, octets, (problem) => {
      this.isStoring = false
      const conflict = this.state().conflicts.get(id)
      if (problem !== null) {
        this.refused.add(id)
        const message = `what lost conflict ${id} stays in memory: ${problem}`
        this.port.log('error', message)
      } else {
        this.onDisk.add(id)
        if (conflict !== undefined && conflict.checkpoint !== null) {
          conflict.checkpoint = null
          conflict.stored = 'disk'
        }
        this.onDismissed()
      }
      if (this.nextToSave() !== null) this.port.later()
    })
  }
}
