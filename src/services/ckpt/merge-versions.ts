import type { Lineage } from '../../group/index.js'
import type { Stamp } from './checkpoint-status.js'
import type { Checkpoint } from './checkpoint.js'
import type { CkptState, Tombstone } from './ckpt-state.js'
import type { OmittedContents } from './snapshot-writer.js'
import { hasSeen, isSameStamp } from './stamps.js'

/** The state of those who held it alike. */
export interface Side {
  /** 0: the one that goes on; the others by precedence. */
  readonly rank: number
  readonly state: CkptState
  /** Checkpoints that came without their contents. */
  readonly omitted: ReadonlyMap<number, OmittedContents>
  readonly lineage: Lineage
  /** Node ids. */
  readonly members: readonly number[]
}

/** What sides have under one key, if they have it from the same last change. */
export interface Version {
  readonly changed: Stamp
  /** Of the last change that an application made, the unlink included. */
  readonly written: Stamp
  /** The same of its contents alone. */
  readonly contentsWritten: Stamp
  /** Of the first holder that has one; null: all that is left of it is that it was unlinked. */
  checkpoint: Checkpoint | null
  tombstone: Tombstone | null
  /** By rank. */
  readonly holders: Side[]
}

/** What comes of the versions of one key. */
export interface Decision {
  /** null: all of them had been given up for good by a side that knew them. */
  readonly winner: Version | null
  /** By precedence. */
  readonly losers: readonly Version[]
  /** Nobody had seen all of them before: what comes of it is a change of its own. */
  readonly isContested: boolean
}

/** @returns by precedence */
export function versionsOf(key: number, sides: readonly Side[]): Version[] {
  const versions: Version[] = []
  for (const side of sides) {
    const checkpoint = side.state.checkpoints.get(key) ?? null
    const tombstone = side.state.tombstones.get(key) ?? null
    const changed = checkpoint?.changed ?? tombstone?.stamp
    if (changed === undefined) continue
    const known = versions.find((version) => isSameStamp(version.changed, changed))
    if (known === undefined) {
      const contentsWritten = checkpoint?.written ?? changed
      const written = checkpoint?.unlinked === true ? changed : contentsWritten
      versions.push({ changed, written, contentsWritten, checkpoint, tombstone, holders: [side] })
      continue
    }
    known.checkpoint ??= checkpoint
    known.tombstone ??= tombstone
    known.holders.push(side)
  }
  return versions
}

/** Which one is kept. A function of what all members know of all sides. */
export function decide(key: number, versions: readonly Version[], sides: readonly Side[]): Decision {
  if (versions.length === 1 && versions[0]!.holders.length === sides.length) {
    return { winner: versions[0]!, losers: [], isContested: false }
  }
  const rivals = versions.filter((version) => {
    return !isWithUnlinked(version, versions) && !sides.some((side) => supersedes(key, side, version))
  })
  // Those that got rid of each other in turn: lineages this short of memory are decided by precedence.
  const isCircle = rivals.length === 0 && versions.length > 1
  const left = isCircle ? versions : rivals
  const written = left.filter((version) => !left.some((other) => isWrittenOver(version, other)))
  const [winner, ...losers] = written.length > 0 ? written : left
  if (winner === undefined) return { winner: null, losers: [], isContested: false }
  return {
    winner,
    losers: losers.filter((loser) => !hasAnySeen(winner, loser.written)),
    isContested: left.length > 1,
  }
}

export function isLinked({ checkpoint }: Version): boolean {
  return checkpoint !== null && !checkpoint.unlinked
}

/** Was the side changed further, or did it give up what it had, after it had seen this version? */
function supersedes(key: number, { state, lineage }: Side, version: Version): boolean {
  const checkpoint = state.checkpoints.get(key)
  if (checkpoint !== undefined) {
    return !isSameStamp(checkpoint.changed, version.changed) && hasSeen(lineage, version.changed)
  }
  const tombstone = state.tombstones.get(key)
  if (tombstone !== undefined) {
    if (isSameStamp(tombstone.stamp, version.changed)) return false
    // What is unlinked lives as long as somebody has it open, here or there.
    if (version.checkpoint?.unlinked === true) return false
    return hasSeen(lineage, version.changed)
  }
  // A retention that ended there says nothing; what had none was unlinked, and that is forgotten by now.
  const { checkpoint: candidate } = version
  if (candidate === null || candidate.unlinked || candidate.retentionDurationMs !== Infinity) return false
  return hasSeen(lineage, version.changed)
}

/** All that is left here is that it was unlinked, and elsewhere it is unlinked too but still open. */
function isWithUnlinked(version: Version, versions: readonly Version[]): boolean {
  return version.checkpoint === null && versions.some(({ checkpoint }) => checkpoint?.unlinked === true)
}

/** Sections expired in the one, which the other has seen written, and was written itself since. */
function isWrittenOver(version: Version, other: Version): boolean {
  return version !== other && hasAnySeen(other, version.written) && !hasAnySeen(version, other.written)
}

/** Did the winner go on from the contents that lose? */
export function areContentsIn(winner: Version, loser: Version): boolean {
  return hasAnySeen(winner, loser.contentsWritten)
}

function hasAnySeen({ holders }: Version, stamp: Stamp): boolean {
  return holders.some(({ lineage }) => hasSeen(lineage, stamp))
}
