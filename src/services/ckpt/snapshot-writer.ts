import { invariant, limits } from '../../base/index.js'
import type { SnapshotWriter } from '../../group/index.js'
import { Checkpoint } from './checkpoint.js'
import { CkptState, type Conflict } from './ckpt-state.js'
import { Section } from './section.js'
import {
  bodyOctets,
  CheckpointFlags,
  decodeSection,
  OPENER_HANDLES_MAX,
  RECORD_HEADER_OCTETS,
  RecordKind,
  RecordReader,
  SNAPSHOT_VERSION,
} from './snapshot-records.js'

const NO_OCTETS = new Uint8Array(0)

/** What a checkpoint whose contents were left out has. */
export interface OmittedContents {
  readonly memoryUsed: number
  readonly numberOfSections: number
}

/**
 * Takes a snapshot in, as it comes, cut anywhere: when its last octet is here all is in its place. Snapshots
 * come from members that run the same code; one that cannot be read is found out by `finish`.
 */
export class SnapshotOfOthers implements SnapshotWriter {
  readonly #state = new CkptState()
  readonly #omitted = new Map<number, OmittedContents>()
  /** The record that has begun, as far as it is here. */
  #partial = NO_OCTETS
  #partialOctets = 0
  /** The section whose data come next, and how many they are. */
  #section: Section | null = null
  #size = 0
  /** The checkpoint that what comes belongs to, and how much of it is still to come. */
  #checkpoint: Checkpoint | null = null
  #sectionsLeft = 0
  #octetsLeft = 0
  /** The conflict that the next checkpoint lost. */
  #conflict: Conflict | null = null
  #hasHead = false
  #hasEnded = false
  #problem: string | null = null
  /**
   * The remaining times that are told count from here: its octets come after the snapshot was taken, which
   * may be long after somebody was prepared to take them, and nothing is to end before its time.
   */
  #takenMs: number | null = null

  /** @param clock that sections and retention go by here, in milliseconds */
  constructor(private readonly clock: () => number) {}

  /** What is wrong with what came; null: nothing so far. */
  get problem(): string | null {
    return this.#problem
  }

  /** Checkpoints, by key, that came without their contents: this node has them. */
  get omitted(): ReadonlyMap<number, OmittedContents> {
    return this.#omitted
  }

  write(octets: Uint8Array): void {
    this.#takenMs ??= this.clock()
    let at = 0
    while (at < octets.length && this.#problem === null) {
      at = this.#section === null ? this.#takeRecord(octets, at) : this.#takeData(octets, at)
    }
  }

  /** The state that came. Complete, or this process has lost its footing. */
  finish(): CkptState {
    const problem = this.#problem ?? (this.#hasEnded ? null : 'it ends too early')
    invariant(problem === null, `a snapshot of checkpoints cannot be read: ${problem}`)
    return this.#state
  }

  /** The one checkpoint of a snapshot that has nothing else in it, or what is wrong. */
  finishOne(): Checkpoint | string {
    if (this.#problem !== null) return this.#problem
    if (!this.#hasEnded) return 'it ends too early'
    const [checkpoint] = this.#state.checkpoints.values()
    return checkpoint ?? 'there is no checkpoint in it'
  }

  /** @returns the place of what comes behind it */
  #takeRecord(octets: Uint8Array, at: number): number {
    if (this.#partialOctets === 0 && octets.length - at >= RECORD_HEADER_OCTETS) {
      const end = at + RECORD_HEADER_OCTETS + bodyOctets(octets, at)
      if (end <= octets.length) {
        this.#onRecord(octets, at, end)
        return end
      }
    }
    const header = this.#gather(octets, at, RECORD_HEADER_OCTETS)
    if (this.#partialOctets < RECORD_HEADER_OCTETS) return header
    const length = RECORD_HEADER_OCTETS + bodyOctets(this.#partial, 0)
    const next = this.#gather(octets, header, length)
    if (this.#partialOctets < length) return next
    const record = this.#partial
    this.#partial = NO_OCTETS
    this.#partialOctets = 0
    this.#onRecord(record, 0, length)
    return next
  }

  /** Have the first `wanted` octets of the record that has begun, as far as they are here. */
  #gather(octets: Uint8Array, at: number, wanted: number): number {
    if (this.#partial.length < wanted) {
      const larger = new Uint8Array(wanted)
      larger.set(this.#partial)
      this.#partial = larger
    }
    const taken = Math.max(0, Math.min(wanted - this.#partialOctets, octets.length - at))
    this.#partial.set(octets.subarray(at, at + taken), this.#partialOctets)
    this.#partialOctets += taken
    return at + taken
  }

  #takeData(octets: Uint8Array, at: number): number {
    const section = this.#section!
    const taken = Math.min(this.#size - section.size, octets.length - at)
    section.append(octets.subarray(at, at + taken), this.#size)
    if (section.size === this.#size) this.#onSectionEnd(section)
    return at + taken
  }

  #onRecord(octets: Uint8Array, at: number, end: number): void {
    const kind = octets[at]!
    const bodyAt = at + RECORD_HEADER_OCTETS
    if (kind === RecordKind.section) return this.#onSection(octets, bodyAt, end - bodyAt)
    const reader = new RecordReader(octets.subarray(bodyAt, end))
    if (this.#hasEnded) this.#fail('something follows its end')
    else if (!this.#hasHead) this.#onHead(kind, reader)
    else if (kind === RecordKind.opener) this.#onOpener(reader)
    else if (this.#sectionsLeft > 0 || this.#octetsLeft > 0) this.#fail('sections are missing')
    else if (kind === RecordKind.checkpoint) this.#onCheckpoint(reader)
    else if (this.#conflict !== null) this.#fail('what lost a conflict is missing')
    else if (kind === RecordKind.tombstone) this.#onTombstone(reader)
    else if (kind === RecordKind.conflict) this.#onConflict(reader)
    else if (kind === RecordKind.end) this.#hasEnded = true
    else this.#fail(`a record is of kind ${kind}`)
    if (!reader.done()) this.#fail(`a record of kind ${kind} is not as long as it should be`)
  }

  #fail(problem: string): void {
    this.#problem ??= problem
  }

  #onHead(kind: number, reader: RecordReader): void {
    const version = reader.u8()
    if (kind !== RecordKind.head) return this.#fail('it has no head')
    if (version !== SNAPSHOT_VERSION) return this.#fail(`its version is ${version}`)
    this.#hasHead = true
  }

  #onCheckpoint(reader: RecordReader): void {
    const { checkpoint, flags, memoryUsed, numberOfSections } = readCheckpoint(reader, this.#takenMs!)
    if (reader.broken) return
    const isOmitted = (flags & CheckpointFlags.isOmitted) !== 0
    this.#checkpoint = checkpoint
    this.#sectionsLeft = isOmitted ? 0 : numberOfSections
    this.#octetsLeft = isOmitted ? 0 : memoryUsed
    if (isOmitted) this.#omitted.set(checkpoint.key, { memoryUsed, numberOfSections })
    if (this.#conflict === null) this.#state.add(checkpoint)
    else this.#conflict.checkpoint = checkpoint
    this.#conflict = null
  }

  #onOpener(reader: RecordReader): void {
    const process = reader.process()
    const handles = reader.numbers(OPENER_HANDLES_MAX)
    const openers = this.#checkpoint?.openers
    if (openers === undefined) return this.#fail('there is no checkpoint before a handle')
    const last = openers[openers.length - 1]
    if (last?.nodeId !== process.nodeId || last.incarnation !== process.incarnation) {
      openers.push({ ...process, handles: new Set(handles) })
    } else for (const handle of handles) last.handles.add(handle)
  }

  #onSection(octets: Uint8Array, bodyAt: number, length: number): void {
    const head = decodeSection(octets, bodyAt, length)
    const checkpoint = this.#checkpoint
    if (head === null || checkpoint === null || this.#sectionsLeft === 0) {
      return this.#fail('a section is there that should not be')
    }
    const { size } = head
    if (size > this.#octetsLeft || size > limits.ckptSectionOctets) {
      return this.#fail(`a section has ${size} octets`)
    }
    const section = new Section(head.id)
    section.expirationTime = head.expirationTime
    section.dueMs = this.#takenMs! + head.remainingMs
    section.lastUpdateMs = head.lastUpdateMs
    this.#size = size
    if (size === 0) this.#onSectionEnd(section)
    else this.#section = section
  }

  /** It is here with all its data. */
  #onSectionEnd(section: Section): void {
    this.#checkpoint!.add(section)
    this.#section = null
    this.#sectionsLeft--
    this.#octetsLeft -= section.size
  }

  #onTombstone(reader: RecordReader): void {
    const tombstone = { key: reader.u64(), name: reader.text(), stamp: reader.stamp() }
    this.#state.tombstones.set(tombstone.key, tombstone)
  }

  #onConflict(reader: RecordReader): void {
    const conflict: Conflict = {
      id: reader.text(),
      name: reader.text(),
      ringSequence: reader.u64(),
      nodes: reader.numbers(limits.ringMembers),
      keptNodes: reader.numbers(limits.ringMembers),
      keptKey: reader.u64(),
      memoryUsed: reader.u64(),
      numberOfSections: reader.u32(),
      digest: reader.optionalText(),
      keptDigest: reader.optionalText(),
      checkpoint: null,
      stored: 'elsewhere',
    }
    const hasCheckpoint = reader.u8() === 1
    if (hasCheckpoint) {
      conflict.stored = 'memory'
      this.#conflict = conflict
    }
    this.#state.conflicts.set(conflict.id, conflict)
  }
}

function readCheckpoint(
  reader: RecordReader,
  nowMs: number,
): OmittedContents & { readonly checkpoint: Checkpoint; readonly flags: number } {
  const key = reader.u64()
  const name = reader.text()
  const attributes = {
    creationFlags: reader.u8(),
    checkpointSize: reader.u64(),
    maxSections: reader.u32(),
    maxSectionSize: reader.u32(),
    maxSectionIdSize: reader.u16(),
  }
  const flags = reader.u8()
  const activeReplica = (flags & CheckpointFlags.hasActiveReplica) === 0 ? null : reader.process()
  const retentionDurationMs = reader.duration()
  const retentionRemainingMs = reader.duration()
  const [changed, written] = [reader.stamp(), reader.stamp()]
  const checkpoint = new Checkpoint({ key, name, attributes }, changed, written)
  checkpoint.unlinked = (flags & CheckpointFlags.unlinked) !== 0
  checkpoint.activeReplica = activeReplica
  checkpoint.retentionDurationMs = retentionDurationMs
  checkpoint.retentionDueMs = nowMs + retentionRemainingMs
  checkpoint.generated = reader.u64()
  checkpoint.retentionNumber = reader.u64()
  const numberOfSections = reader.u32()
  return { checkpoint, flags, memoryUsed: reader.u64(), numberOfSections }
}
