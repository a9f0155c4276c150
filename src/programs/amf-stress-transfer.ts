import { setTimeout } from 'node:timers/promises'
import { CheckpointCreationFlags, CheckpointOpenFlags, Ckpt, type Checkpoint } from '../api/index.js'
import { isAisError, patientCaller } from './ckpt-calls.js'

// A large checkpoint, which every executive that starts has to get from the others.

const NAME = 'amf-stress-transfer'
const SECTION_OCTETS = 1 << 20
/** Of one write. */
const PIECE_OCTETS = 500_000
/** Sections that are written at a time. */
const WRITERS = 4
/** Nothing tells of the end of a transfer: it is asked for. */
const RETRY_INTERVAL_MS = 20
/** For an executive that has just come back to answer. */
const PATIENCE_MS = 30_000

/** Write it. @param octets of it, in sections of 1 MiB */
export async function fillLargeCheckpoint(socket: string, octets: number): Promise<void> {
  const sections = Math.ceil(octets / SECTION_OCTETS)
  const attributes = {
    creationFlags: CheckpointCreationFlags.WR_ALL_REPLICAS,
    checkpointSize: sections * SECTION_OCTETS,
    retentionDurationMs: Infinity,
    maxSections: sections,
    maxSectionSize: SECTION_OCTETS,
    maxSectionIdSize: 16,
  }
  const { CHECKPOINT_CREATE, CHECKPOINT_WRITE } = CheckpointOpenFlags
  const ckpt = await Ckpt.initialize({ socket })
  try {
    const checkpoint = await ckpt.checkpointOpen(NAME, attributes, CHECKPOINT_CREATE | CHECKPOINT_WRITE)
    let next = 0
    const write = async (): Promise<void> => {
      while (next < sections) await writeSection(checkpoint, next++)
    }
    await Promise.all(Array.from({ length: WRITERS }, write))
  } finally {
    await ckpt.finalize()
  }
}

async function writeSection(checkpoint: Checkpoint, number: number): Promise<void> {
  const sectionId = `s${number}`
  await checkpoint.sectionCreate(sectionId)
  for (let dataOffset = 0; dataOffset < SECTION_OCTETS; dataOffset += PIECE_OCTETS) {
    const data = Buffer.alloc(Math.min(PIECE_OCTETS, SECTION_OCTETS - dataOffset), number)
    await checkpoint.checkpointWrite([{ sectionId, dataOffset, data }])
  }
}

/** Whether the executive behind a socket has it, as a whole. */
export async function hasLargeCheckpoint(socket: string): Promise<boolean> {
  const ckpt = await patientCaller(PATIENCE_MS)(() => Ckpt.initialize({ socket }))
  try {
    await ckpt.checkpointOpen(NAME, null, CheckpointOpenFlags.CHECKPOINT_READ)
    return true
  } catch (error) {
    if (isAisError(error, 'ERR_TRY_AGAIN', 'ERR_TIMEOUT')) return false
    throw error
  } finally {
    await ckpt.finalize()
  }
}

/** Wait until the executive has it. */
export async function untilTransferred(socket: string, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted && !(await hasLargeCheckpoint(socket))) {
    await setTimeout(RETRY_INTERVAL_MS, undefined, { signal: stopped }).catch(() => undefined)
  }
}
