import { setTimeout } from 'node:timers/promises'
import {
  AisError,
  CheckpointCreationFlags,
  CheckpointOpenFlags,
  Ckpt,
  type Checkpoint,
} from '../api/index.js'

const WRITE_OCTETS = 1000
/** Between two writes: the load is to be there, not to be all there is. */
const PAUSE_MS = 5

/**
 * Write to a checkpoint through the executive of one node, over and over, until `stopped`. The executive may
 * go and come back meanwhile.
 * @returns how many writes were done
 */
export async function writeAllTheWhile(socket: string, name: string, stopped: AbortSignal): Promise<number> {
  let writes = 0
  let checkpoint: Checkpoint | undefined
  let ckpt: Ckpt | undefined
  try {
    while (!stopped.aborted) {
      try {
        ckpt ??= await Ckpt.initialize({ socket })
        checkpoint ??= await open(ckpt, name)
        await checkpoint.checkpointWrite([{ sectionId: '', data: Buffer.alloc(WRITE_OCTETS, writes & 0xff) }])
        writes++
      } catch (error) {
        if (!(error instanceof AisError)) throw error
        // Its handle may be no more, after the executive was killed.
        if (error.code !== 'ERR_TRY_AGAIN' && error.code !== 'ERR_TIMEOUT') checkpoint = undefined
      }
      await setTimeout(PAUSE_MS, undefined, { signal: stopped }).catch(() => undefined)
    }
  } finally {
    await ckpt?.finalize()
  }
  return writes
}

function open(ckpt: Ckpt, name: string): Promise<Checkpoint> {
  const attributes = {
    creationFlags: CheckpointCreationFlags.WR_ALL_REPLICAS,
    checkpointSize: WRITE_OCTETS,
    retentionDurationMs: 0,
    maxSections: 1,
    maxSectionSize: WRITE_OCTETS,
    maxSectionIdSize: 1,
  }
  const { CHECKPOINT_CREATE, CHECKPOINT_WRITE } = CheckpointOpenFlags
  return ckpt.checkpointOpen(name, attributes, CHECKPOINT_CREATE | CHECKPOINT_WRITE)
}
