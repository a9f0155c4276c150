import {
  CheckpointOpenFlags,
  type CheckpointCreationAttributes,
  type CheckpointSummary,
  type Ckpt,
} from '../api/index.js'
import { doneUnless, type Caller } from './ckpt-calls.js'

/** Create a checkpoint, and close it. @returns what it is; null: there was one of this name before */
export async function createCheckpoint(
  ckpt: Ckpt,
  name: string,
  attributes: CheckpointCreationAttributes,
  call: Caller,
): Promise<CheckpointSummary | null> {
  const { CHECKPOINT_READ, CHECKPOINT_CREATE } = CheckpointOpenFlags
  if (await call(() => doneUnless(ckpt.show(name), 'ERR_NOT_EXIST'))) return null
  const checkpoint = await call(async () =>
    ckpt.checkpointOpen(name, attributes, CHECKPOINT_READ | CHECKPOINT_CREATE),
  )
  const summary = await call(() => ckpt.show(name))
  await call(() => checkpoint.close())
  return summary
}
