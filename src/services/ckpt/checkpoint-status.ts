import type { CheckpointCreationAttributes } from '../../base/index.js'
import type { Stretch } from '../../group/index.js'

/** A place on the way a state came: which stretch of the order, and where in it. */
export interface Stamp {
  readonly stretch: Stretch
  readonly position: number
}

/** One life of a node's executive. */
export interface Process {
  readonly nodeId: number
  readonly incarnation: number
}

/** Who has a checkpoint open: the handles of one executive's applications. */
export interface Opener extends Process {
  readonly handles: Set<number>
}

/** What a checkpoint is from its beginning to its end, on every node. */
export interface CheckpointIdentity {
  /** Tells it from all others there ever were, also of the same name; below 2^53. */
  readonly key: number
  readonly name: string
  readonly attributes: Omit<CheckpointCreationAttributes, 'retentionDurationMs'>
}

/** What of a checkpoint its sections are not. */
export interface CheckpointStatus {
  retentionDurationMs: number
  unlinked: boolean
  /** The node whose replica the application chose as the active one; null: none. */
  activeReplica: Process | null
  openers: readonly Opener[]
  /** Of the last change to sections or to what an application sees of it. */
  changed: Stamp
  /** The same, but what applications did to it and its sections: neither the unlink nor what expired. */
  written: Stamp
  /** Counts the ids that were generated. */
  generated: number
  /** Grows whenever it is opened or closed: tells apart one retention from the next. */
  retentionNumber: number
  /** While nobody has it open: when it ends by the clock of this process, milliseconds; else Infinity. */
  retentionDueMs: number
}

type Attributes = CheckpointIdentity['attributes']

/** Were they created alike? The retention duration does not count. */
export function isAlike(a: Attributes, b: Attributes): boolean {
  return (Object.keys(a) as (keyof Attributes)[]).every((name) => a[name] === b[name])
}
