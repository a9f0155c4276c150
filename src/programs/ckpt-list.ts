import {
  CheckpointOpenFlags,
  type CheckpointConflict,
  type CheckpointSummary,
  type Ckpt,
  type SectionDescriptor,
} from '../api/index.js'
import type { Caller } from './ckpt-calls.js'

/** All checkpoints, by name. */
export async function listCheckpoints(ckpt: Ckpt, call: Caller): Promise<CheckpointSummary[]> {
  const all: CheckpointSummary[] = []
  for (let after: string | null = null; ; after = all.at(-1)!.name) {
    const from = after
    const { checkpoints, more } = await call(() => ckpt.listPage(from))
    all.push(...checkpoints)
    if (!more || checkpoints.length === 0) return all
  }
}

/** All sections of a checkpoint, as at one moment. */
export async function listSections(ckpt: Ckpt, name: string, call: Caller): Promise<SectionDescriptor[]> {
  const checkpoint = await call(() => ckpt.checkpointOpen(name, null, CheckpointOpenFlags.CHECKPOINT_READ))
  const iterator = await call(() => checkpoint.sectionIterationInitialize())
  const sections: SectionDescriptor[] = []
  for await (const section of iterator) sections.push(section)
  await call(() => checkpoint.close())
  return sections
}

/** All conflicts that were not dismissed, the oldest first. */
export async function listConflicts(ckpt: Ckpt, call: Caller): Promise<CheckpointConflict[]> {
  const all: CheckpointConflict[] = []
  for (let after: string | null = null; ; after = all.at(-1)!.id) {
    const from = after
    const { conflicts, more } = await call(() => ckpt.conflictsPage(from))
    all.push(...conflicts)
    if (!more || conflicts.length === 0) return all
  }
}
