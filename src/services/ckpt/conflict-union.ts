import { Fingerprint, limits } from '../../base/index.js'
import type { Checkpoint } from './checkpoint.js'
import type { CkptState, Conflict } from './ckpt-state.js'
import type { Side, Version } from './merge-versions.js'
import type { OmittedContents } from './snapshot-writer.js'

/** What lost conflicts: that of this merge, and what the sides remember of earlier ones. */
export class ConflictUnion {
  /** Of this merge, and not known before. */
  readonly created: Conflict[] = []

  constructor(
    private readonly ringSequence: number,
    private readonly contentsOf: (version: Version) => Checkpoint | null,
  ) {}

  /** @returns null when the same has been set aside already */
  add(loser: Version, winner: Version, keptKey: number, size: OmittedContents): Conflict | null {
    const { key, name } = loser.checkpoint!
    const id = conflictId(key, loser)
    if (this.created.some((conflict) => conflict.id === id)) return null
    const checkpoint = this.contentsOf(loser)
    const conflict: Conflict = {
      id,
      name,
      ringSequence: this.ringSequence,
      nodes: nodesOf(loser),
      keptNodes: nodesOf(winner),
      keptKey,
      memoryUsed: size.memoryUsed,
      numberOfSections: size.numberOfSections,
      digest: null,
      keptDigest: null,
      checkpoint,
      stored: checkpoint === null ? 'elsewhere' : 'memory',
    }
    this.created.push(conflict)
    return conflict
  }

  /**
   * Put all of them into the new state, oldest first.
   * @returns those that are too many
   */
  unite(own: CkptState, sides: readonly Side[], state: CkptState): Conflict[] {
    const united = new Map<string, Conflict>()
    for (const side of sides) {
      for (const conflict of side.state.conflicts.values()) {
        const known = united.get(conflict.id)
        united.set(conflict.id, known === undefined ? { ...conflict } : withContents(known, conflict))
      }
    }
    // What this node has it need not take from elsewhere.
    for (const conflict of own.conflicts.values()) {
      const known = united.get(conflict.id)
      if (known === undefined || conflict.stored === 'elsewhere') continue
      const { checkpoint, stored } = conflict
      united.set(conflict.id, { ...withContents(known, conflict), checkpoint, stored })
    }
    for (const conflict of this.created.splice(0)) {
      if (united.has(conflict.id)) continue
      united.set(conflict.id, conflict)
      this.created.push(conflict)
    }
    const ordered = [...united.values()].sort(
      (a, b) => a.ringSequence - b.ringSequence || (a.id < b.id ? -1 : 1),
    )
    const surplus = Math.max(0, ordered.length - limits.ckptConflicts)
    for (const conflict of ordered.slice(surplus)) state.conflicts.set(conflict.id, conflict)
    return ordered.slice(0, surplus)
  }
}

/** What the first says of it is the same on every member; the contents are where there are some. */
function withContents(first: Conflict, other: Conflict): Conflict {
  const { checkpoint, stored } = first.checkpoint !== null ? first : other
  const digest = first.digest ?? other.digest
  return { ...first, digest, keptDigest: first.keptDigest ?? other.keptDigest, checkpoint, stored }
}

/** The same on every member, and for the same contents whenever they lose. */
function conflictId(key: number, { changed: { stretch, position } }: Version): string {
  const fingerprint = new Fingerprint()
  for (const value of [key, stretch.ringId.representative, stretch.ringId.sequence]) fingerprint.add(value)
  for (const value of [Number(stretch.transitional), stretch.chain, position]) fingerprint.add(value)
  return fingerprint.value().toString(36)
}

function nodesOf({ holders }: Version): number[] {
  return holders.flatMap(({ members }) => members).sort((a, b) => a - b)
}
