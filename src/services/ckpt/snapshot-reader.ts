import type { Lineage, SnapshotReader } from '../../group/index.js'
import type { CheckpointIdentity, CheckpointStatus } from './checkpoint-status.js'
import type { Checkpoint } from './checkpoint.js'
import type { CkptState, Conflict, Tombstone } from './ckpt-state.js'
import type { FrozenCheckpoint } from './frozen-checkpoint.js'
import type { Section } from './section.js'
import {
  CheckpointFlags,
  encodeSection,
  OPENER_HANDLES_MAX,
  RecordKind,
  RecordWriter,
  SNAPSHOT_VERSION,
} from './snapshot-records.js'
import { hasSeen } from './stamps.js'

const NO_OCTETS = new Uint8Array(0)

/** What lost a conflict, as it was when the state was frozen. */
interface FrozenConflict {
  readonly conflict: Conflict
  /** null: this node does not have it in memory. */
  readonly frozen: FrozenCheckpoint | null
}

/**
 * The state as of this moment, to be read while changes go on.
 * @param receivers how the states of those who will read it came; null: one that has none
 * @param nowMs by the clock that sections and retention go by
 */
export function freezeState(
  state: CkptState,
  receivers: readonly (Lineage | null)[],
  nowMs: number,
): SnapshotOfCheckpoints {
  const checkpoints = [...state.checkpoints.values()].map((checkpoint) => checkpoint.freeze())
  const conflicts = [...state.conflicts.values()].map((conflict) => {
    return { conflict: { ...conflict }, frozen: conflict.checkpoint?.freeze() ?? null }
  })
  const tombstones = [...state.tombstones.values()]
  return new SnapshotOfCheckpoints(checkpoints, tombstones, conflicts, receivers, nowMs)
}

/** Reads a frozen state as the octets of a snapshot. What was read can go. */
export class SnapshotOfCheckpoints implements SnapshotReader {
  #segments: Iterator<Uint8Array> | null
  #segment: Uint8Array = NO_OCTETS
  #at = 0

  constructor(
    private readonly checkpoints: readonly FrozenCheckpoint[],
    private readonly tombstones: readonly Tombstone[],
    private readonly conflicts: readonly FrozenConflict[],
    private readonly receivers: readonly (Lineage | null)[],
    private readonly nowMs: number,
  ) {
    this.#segments = this.#all()
  }

  read(into: Uint8Array, at: number): number {
    let end = at
    while (end < into.length) {
      if (this.#at === this.#segment.length && !this.#next()) break
      const octets = Math.min(this.#segment.length - this.#at, into.length - end)
      into.set(this.#segment.subarray(this.#at, this.#at + octets), end)
      this.#at += octets
      end += octets
    }
    return end - at
  }

  release(): void {
    this.#segments = null
    this.#segment = NO_OCTETS
    this.#at = 0
    for (const frozen of this.checkpoints) frozen.release()
    for (const { frozen } of this.conflicts) frozen?.release()
  }

  /** @returns false at the end */
  #next(): boolean {
    const next = this.#segments?.next()
    if (next === undefined || next.done === true) return false
    this.#segment = next.value
    this.#at = 0
    return true
  }

  *#all(): Generator<Uint8Array> {
    yield encodeHead()
    for (const tombstone of this.tombstones) yield encodeTombstone(tombstone)
    for (const frozen of this.checkpoints) {
      yield* segmentsOf(frozen, this.#isWithAll(frozen.status), this.nowMs)
      frozen.release()
    }
    for (const { conflict, frozen } of this.conflicts) {
      yield encodeConflict(conflict, frozen !== null)
      if (frozen === null) continue
      yield* segmentsOf(frozen, false, this.nowMs)
      frozen.release()
    }
    yield encodeEnd()
  }

  /**
   * Every reader has these contents, or newer ones. Only what stays until it is unlinked counts: a reader may
   * have seen a finite retention end, or what is unlinked closed for good, and that leaves nothing behind.
   */
  #isWithAll({ changed, retentionDurationMs, unlinked }: CheckpointStatus): boolean {
    if (unlinked || retentionDurationMs !== Infinity || this.receivers.length === 0) return false
    return this.receivers.every((lineage) => lineage !== null && hasSeen(lineage, changed))
  }
}

/** One checkpoint that nobody changes any more, as a snapshot with nothing else in it. */
export function* segmentsOfOne(checkpoint: Checkpoint): Generator<Uint8Array> {
  const frozen = checkpoint.freeze()
  try {
    yield encodeHead()
    yield* segmentsOf(frozen, false, 0)
    yield encodeEnd()
  } finally {
    frozen.release()
  }
}

/** Records and data; what was given out is let go. */
function* segmentsOf(frozen: FrozenCheckpoint, isOmitted: boolean, nowMs: number): Generator<Uint8Array> {
  const { identity, status, sections } = frozen
  yield encodeCheckpoint(identity, status, frozen.memoryUsed, sections.length, isOmitted, nowMs)
  for (const { nodeId, incarnation, handles } of status.openers) {
    const list = [...handles]
    for (let at = 0; at < list.length; at += OPENER_HANDLES_MAX) {
      const record = new RecordWriter(RecordKind.opener)
      record.process({ nodeId, incarnation })
      record.numbers(list.slice(at, at + OPENER_HANDLES_MAX))
      yield record.record()
    }
  }
  if (isOmitted) return
  for (let index = 0; index < sections.length; index++) {
    const section: Section = sections[index]!
    sections[index] = undefined
    yield encodeSection(section, nowMs)
    for (let at = 0; at < section.size;) {
      const piece = section.piece(at)
      at += piece.length
      yield piece
    }
  }
}

function encodeHead(): Uint8Array {
  const record = new RecordWriter(RecordKind.head)
  record.u8(SNAPSHOT_VERSION)
  return record.record()
}

function encodeEnd(): Uint8Array {
  return new RecordWriter(RecordKind.end).record()
}

function encodeTombstone({ key, name, stamp }: Tombstone): Uint8Array {
  const record = new RecordWriter(RecordKind.tombstone)
  record.u64(key)
  record.text(name)
  record.stamp(stamp)
  return record.record()
}

function encodeConflict(conflict: Conflict, hasCheckpoint: boolean): Uint8Array {
  const record = new RecordWriter(RecordKind.conflict)
  record.text(conflict.id)
  record.text(conflict.name)
  record.u64(conflict.ringSequence)
  record.numbers(conflict.nodes)
  record.numbers(conflict.keptNodes)
  record.u64(conflict.keptKey)
  record.u64(conflict.memoryUsed)
  record.u32(conflict.numberOfSections)
  record.optionalText(conflict.digest)
  record.optionalText(conflict.keptDigest)
  record.u8(hasCheckpoint ? 1 : 0)
  return record.record()
}

function encodeCheckpoint(
  { key, name, attributes }: CheckpointIdentity,
  status: CheckpointStatus,
  memoryUsed: number,
  numberOfSections: number,
  isOmitted: boolean,
  nowMs: number,
): Uint8Array {
  const { unlinked, activeReplica } = status
  const record = new RecordWriter(RecordKind.checkpoint)
  record.u64(key)
  record.text(name)
  record.u8(attributes.creationFlags)
  record.u64(attributes.checkpointSize)
  record.u32(attributes.maxSections)
  record.u32(attributes.maxSectionSize)
  record.u16(attributes.maxSectionIdSize)
  record.u8(
    (unlinked ? CheckpointFlags.unlinked : 0) |
      (activeReplica === null ? 0 : CheckpointFlags.hasActiveReplica) |
      (isOmitted ? CheckpointFlags.isOmitted : 0),
  )
  if (activeReplica !== null) record.process(activeReplica)
  record.duration(status.retentionDurationMs)
  record.duration(status.retentionDueMs - nowMs)
  record.stamp(status.changed)
  record.stamp(status.written)
  record.u64(status.generated)
  record.u64(status.retentionNumber)
  record.u32(numberOfSections)
  record.u64(memoryUsed)
  return record.record()
}
