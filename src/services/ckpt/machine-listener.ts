import type { CheckpointChangeKind } from '../../base/index.js'
import type { Process } from './checkpoint-status.js'
import type { Checkpoint } from './checkpoint.js'
import type { Due } from './due-times.js'

/** What the machine tells of what it does, while it does it. */
export interface MachineListener {
  nowMs(): number
  /** It is a member of the view in which the message is applied: the same on every member. */
  isMember(process: Process): boolean
  /** @param id of the section; null: the checkpoint as a whole */
  onChange(
    checkpoint: Checkpoint,
    change: CheckpointChangeKind,
    id: string | null,
    offset: number,
    size: number,
  ): void
  onDue(due: Due): void
}
