import { limits } from '../../base/index.js'
import type { Stamp } from './checkpoint-status.js'
import type { Checkpoint } from './checkpoint.js'

/** That a checkpoint was unlinked: a side that was apart must not bring it back. */
export interface Tombstone {
  readonly key: number
  readonly name: string
  readonly stamp: Stamp
}

/** What lost a conflict, kept until somebody dismisses it. */
export interface Conflict {
  /** Derived from what lost: the same on every member. */
  readonly id: string
  readonly name: string
  /** Sequence of the ring in whose view it was decided. */
  readonly ringSequence: number
  /** Node ids of those who held what lost, and of those whose checkpoint was kept. */
  readonly nodes: readonly number[]
  readonly keptNodes: readonly number[]
  /** Key of the checkpoint that was kept in its place; 0: it had been unlinked. */
  readonly keptKey: number
  /** Octets and number of sections of what lost. */
  readonly memoryUsed: number
  readonly numberOfSections: number
  /** 32 hexadecimal digits; null: not computed yet. */
  digest: string | null
  keptDigest: string | null
  /** null: not in memory, see `stored`. Nobody changes it any more. */
  checkpoint: Checkpoint | null
  /** Where this node has it: in memory, in its state directory, or only another node has it. */
  stored: 'memory' | 'disk' | 'elsewhere'
}

/** All that the members hold alike. */
export class CkptState {
  readonly checkpoints = new Map<number, Checkpoint>()
  /** Those that can be opened. */
  readonly byName = new Map<string, Checkpoint>()
  /** By key, oldest first. */
  readonly tombstones = new Map<number, Tombstone>()
  /** By id, oldest first. */
  readonly conflicts = new Map<string, Conflict>()

  get memoryUsed(): number {
    let sum = 0
    for (const { memoryUsed } of this.checkpoints.values()) sum += memoryUsed
    return sum
  }

  add(checkpoint: Checkpoint): void {
    this.checkpoints.set(checkpoint.key, checkpoint)
    if (!checkpoint.unlinked) this.byName.set(checkpoint.name, checkpoint)
  }

  /** Its name is free from now on. */
  unlink(checkpoint: Checkpoint, stamp: Stamp): void {
    checkpoint.beforeChange()
    checkpoint.unlinked = true
    checkpoint.changed = stamp
    this.byName.delete(checkpoint.name)
    this.bury({ key: checkpoint.key, name: checkpoint.name, stamp })
  }

  /** It is gone. */
  remove(checkpoint: Checkpoint): void {
    checkpoint.beforeChange()
    this.checkpoints.delete(checkpoint.key)
    if (this.byName.get(checkpoint.name) === checkpoint) this.byName.delete(checkpoint.name)
  }

  bury(tombstone: Tombstone): void {
    this.tombstones.set(tombstone.key, tombstone)
    if (this.tombstones.size <= limits.ckptTombstones) return
    const [oldest] = this.tombstones.keys()
    this.tombstones.delete(oldest!)
  }
}
