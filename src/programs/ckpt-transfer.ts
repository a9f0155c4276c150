import {
  CheckpointCreationFlags,
  CheckpointOpenFlags,
  TIME_END,
  type Checkpoint,
  type CheckpointCreationAttributes,
  type Ckpt,
} from '../api/index.js'
import { doneUnless, isAisError, type Caller } from './ckpt-calls.js'

/** Octets of one call where more is to be read or written: each piece is atomic, all together are not. */
export const PIECE_OCTETS = 512 * 1024

/** What `ais ckpt create` and `ais ckpt write --create` create, where nothing else is said. */
export const defaultAttributes: CheckpointCreationAttributes = {
  creationFlags: CheckpointCreationFlags.WR_ALL_REPLICAS,
  checkpointSize: 64 * 1024 * 1024,
  retentionDurationMs: Infinity,
  maxSections: 64,
  maxSectionSize: 1024 * 1024,
  maxSectionIdSize: 255,
}

/** Where in a checkpoint. */
export interface SectionPlace {
  readonly name: string
  readonly sectionId: Uint8Array
  /** Octets. */
  readonly offset: number
}

export interface ReadRequest extends SectionPlace {
  /** At most so many octets; Infinity: to the end. */
  readonly length: number
}

export interface WriteRequest extends SectionPlace {
  /** Make the section, and the checkpoint, where they are missing. */
  readonly create: boolean
  /** What was in the section goes, whatever its length. */
  readonly overwrite: boolean
}

/** The octets of a section, piece by piece, as they are when each is read. */
export async function* readSection(ckpt: Ckpt, request: ReadRequest, call: Caller): AsyncGenerator<Buffer> {
  const { name, sectionId } = request
  const checkpoint = await call(() => ckpt.checkpointOpen(name, null, CheckpointOpenFlags.CHECKPOINT_READ))
  const pieceMax = Math.min(PIECE_OCTETS, checkpoint.attributes.maxSectionSize)
  let dataOffset = request.offset
  let left = request.length
  do {
    const element = { sectionId, dataOffset, dataSize: Math.min(left, pieceMax) }
    const [piece] = await call(() => checkpoint.checkpointRead([element]))
    if (piece!.length > 0) yield piece!
    if (piece!.length < element.dataSize || piece!.length === 0) break
    dataOffset += piece!.length
    left -= piece!.length
  } while (left > 0)
  await call(() => checkpoint.close())
}

/** Pieces as large as one call is to carry, whatever comes in. @returns at least one, maybe empty */
export async function* piecesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = []
  let octets = 0
  let count = 0
  for await (const chunk of chunks) {
    waiting.push(chunk)
    octets += chunk.length
    if (octets < PIECE_OCTETS) continue
    let rest = Buffer.concat(waiting)
    for (; rest.length >= PIECE_OCTETS; count++) {
      yield rest.subarray(0, PIECE_OCTETS)
      rest = rest.subarray(PIECE_OCTETS)
    }
    waiting = [rest]
    octets = rest.length
  }
  if (octets > 0 || count === 0) yield Buffer.concat(waiting)
}

/** Write what comes, piece by piece. @returns octets written */
export async function writeSection(
  ckpt: Ckpt,
  request: WriteRequest,
  chunks: AsyncIterable<Uint8Array>,
  call: Caller,
): Promise<number> {
  const checkpoint = await openForWriting(ckpt, request, call)
  let written = 0
  for await (const data of piecesOf(chunks)) {
    if (written === 0) await writeFirst(checkpoint, request, data, call)
    else {
      const dataOffset = request.offset + written
      await call(() => checkpoint.checkpointWrite([{ sectionId: request.sectionId, dataOffset, data }]))
    }
    written += data.length
  }
  await call(() => checkpoint.close())
  return written
}

async function openForWriting(ckpt: Ckpt, request: WriteRequest, call: Caller): Promise<Checkpoint> {
  const { name, create } = request
  const { CHECKPOINT_WRITE, CHECKPOINT_CREATE } = CheckpointOpenFlags
  return call(async () => {
    try {
      return await ckpt.checkpointOpen(name, null, CHECKPOINT_WRITE)
    } catch (error) {
      if (!create || !isAisError(error, 'ERR_NOT_EXIST')) throw error
      return ckpt.checkpointOpen(name, defaultAttributes, CHECKPOINT_WRITE | CHECKPOINT_CREATE)
    }
  })
}

/** The section is made with its content, so that nobody sees it without. */
async function writeFirst(
  checkpoint: Checkpoint,
  request: WriteRequest,
  data: Uint8Array,
  call: Caller,
): Promise<void> {
  const { sectionId, offset, create, overwrite } = request
  const write = (): Promise<void> =>
    overwrite
      ? checkpoint.sectionOverwrite(sectionId, data)
      : checkpoint.checkpointWrite([{ sectionId, dataOffset: offset, data }])
  if (!create) return call(write)
  if (await call(() => doneUnless(write(), 'ERR_NOT_EXIST'))) return
  const initial = offset === 0 ? data : new Uint8Array(offset + data.length)
  if (offset > 0) initial.set(data, offset)
  const isMade = await call(() =>
    doneUnless(checkpoint.sectionCreate(sectionId, TIME_END, initial), 'ERR_EXIST'),
  )
  // Somebody else made it in between.
  if (!isMade) await call(write)
}
