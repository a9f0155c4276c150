import { mkdir, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { ConflictStore } from '../services/index.js'
import { systemCauseOf } from './exec-error.js'

type Log = (level: 'notice' | 'warning' | 'error', message: string) => void

const HEADER = Buffer.from('ais-conflict 1\n')
const SUFFIX = '.conflict'
const CHECKSUM_OCTETS = 4
/** Octets written or read at a time: the executive does other work between two of them. */
const PIECE_OCTETS = 1024 * 1024
/** Arrays in one write: what the system takes. */
const PIECES_MAX = 512

/**
 * What lost a conflict and does not fit into memory, a file each: `conflicts/ID.conflict` in the state
 * directory. A file is written beside its place, synced and renamed, so it is whole or not there; it ends
 * with a checksum, so what the disk made of it is noticed. Work is done one thing after the other.
 */
export class ConflictFiles implements ConflictStore {
  readonly directory: string
  readonly #ids = new Set<string>()
  #work: Promise<void> = Promise.resolve()

  private constructor(
    private readonly stateDirectory: string,
    private readonly log: Log,
  ) {
    this.directory = join(stateDirectory, 'conflicts')
  }

  /** Look at what is there from before. A directory that cannot be read is told of, and taken for empty. */
  static async open(stateDirectory: string, log: Log): Promise<ConflictFiles> {
    const files = new ConflictFiles(stateDirectory, log)
    try {
      for (const name of await readdir(files.directory)) {
        const id = name.slice(0, -SUFFIX.length)
        if (name.endsWith(SUFFIX) && isId(id)) files.#ids.add(id)
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        log('error', `cannot read ${files.directory}: ${systemCauseOf(error)}`)
      }
    }
    return files
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  ids(): readonly string[] {
    return [...this.#ids]
  }

  pathOf(id: string): string {
    return join(this.directory, `${id}${SUFFIX}`)
  }

  save(id: string, octets: readonly Uint8Array[], onDone: (problem: string | null) => void): void {
    this.#enqueue(async () => {
      if (!isId(id)) return onDone(`${JSON.stringify(id)} is no id of a conflict`)
      try {
        await this.#write(this.pathOf(id), octets)
      } catch (error) {
        return onDone(`cannot write ${this.pathOf(id)}: ${systemCauseOf(error)}`)
      }
      this.#ids.add(id)
      return onDone(null)
    })
  }

  load(id: string, onOctets: (octets: Uint8Array) => void, onDone: (problem: string | null) => void): void {
    this.#enqueue(async () => {
      if (!isId(id)) return onDone(`${JSON.stringify(id)} is no id of a conflict`)
      let problem: string | null
      try {
        problem = await readWhole(this.pathOf(id), onOctets)
      } catch (error) {
        problem = systemCauseOf(error)
      }
      return onDone(problem)
    })
  }

  remove(id: string): void {
    if (!isId(id)) return
    this.#ids.delete(id)
    this.#enqueue(async () => {
      // It may have been saved again meanwhile.
      if (this.#ids.has(id)) return
      try {
        await unlink(this.pathOf(id))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
        this.log('warning', `cannot remove ${this.pathOf(id)}: ${systemCauseOf(error)}`)
      }
    })
  }

  /** Everything asked for so far is done. */
  idle(): Promise<void> {
    return this.#work
  }

  #enqueue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work)
  }

  async #write(path: string, octets: readonly Uint8Array[]): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 })
    const temporary = `${path}.new`
    const file = await open(temporary, 'w', 0o600)
    try {
      await writeWhole(file, octets)
      await file.sync()
    } catch (error) {
      await unlink(temporary).catch(() => undefined)
      throw error
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncDirectory(this.directory)
    await syncDirectory(this.stateDirectory)
  }
}

/** File names are made of ids: nothing else may come in. */
function isId(id: string): boolean {
  return /^[0-9a-z]{1,16}$/.test(id)
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

async function writeWhole(file: FileHandle, octets: readonly Uint8Array[]): Promise<void> {
  let checksum = 0
  let batch: Uint8Array[] = []
  let batchOctets = 0
  const flush = async (): Promise<void> => {
    await writeAll(file, batch, batchOctets)
    batch = []
    batchOctets = 0
  }
  for (const segment of [HEADER, ...octets]) {
    for (let at = 0; at < segment.length; at += PIECE_OCTETS) {
      const piece = segment.subarray(at, at + PIECE_OCTETS)
      checksum = crc32(piece, checksum)
      batch.push(piece)
      batchOctets += piece.length
      if (batchOctets >= PIECE_OCTETS || batch.length === PIECES_MAX) await flush()
    }
  }
  const end = Buffer.alloc(CHECKSUM_OCTETS)
  end.writeUInt32LE(checksum)
  batch.push(end)
  batchOctets += end.length
  await flush()
}

/** A disk that is nearly full takes a part and refuses the rest. */
async function writeAll(file: FileHandle, batch: readonly Uint8Array[], octets: number): Promise<void> {
  const { bytesWritten } = await file.writev(batch)
  if (bytesWritten === octets) return
  const rest = Buffer.concat(batch).subarray(bytesWritten)
  for (let at = 0; at < rest.length;) at += (await file.write(rest, at)).bytesWritten
}

/** @returns what is wrong with the file; null: nothing */
async function readWhole(path: string, onOctets: (octets: Uint8Array) => void): Promise<string | null> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const bodyOctets = size - HEADER.length - CHECKSUM_OCTETS
    const header = await readExactly(file, 0, Math.min(size, HEADER.length))
    if (bodyOctets < 0 || !HEADER.equals(header)) return 'it is not what the executive writes'
    let checksum = crc32(header)
    for (let at = 0; at < bodyOctets; at += PIECE_OCTETS) {
      const piece = await readExactly(file, HEADER.length + at, Math.min(PIECE_OCTETS, bodyOctets - at))
      checksum = crc32(piece, checksum)
      onOctets(piece)
    }
    const end = await readExactly(file, size - CHECKSUM_OCTETS, CHECKSUM_OCTETS)
    return end.readUInt32LE() === checksum ? null : 'its checksum is wrong'
  } finally {
    await file.close()
  }
}

/** An array of its own: who takes it may keep it. */
async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const octets = Buffer.allocUnsafeSlow(length)
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(octets, at, length - at, position + at)
    if (bytesRead === 0) throw new Error('it became shorter while it was read')
    at += bytesRead
  }
  return octets
}
