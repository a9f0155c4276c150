import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { limits } from '../base/index.js'
import { ExecError, systemCauseOf } from './exec-error.js'

/** Ring sequence numbers set aside on disk for one life of the daemon. */
export interface Reservation {
  readonly first: number
  /** Highest number of the block. */
  readonly reservedUpTo: number
  /** There was no file: the block begins at the wall clock. */
  readonly isNew: boolean
}

/** Between two attempts to write a block while the daemon runs. */
const RETRY_INTERVAL_MS = 1000

/**
 * The highest ring sequence number that may have been used, on disk before it is used: ring ids grow across
 * crashes. The file is one line, `ais-ring-sequence 1 NUMBER CRC32`, and is replaced as a whole.
 */
export class RingSequenceFile {
  readonly path: string
  #wanted = 0
  #isWriting = false

  constructor(
    private readonly directory: string,
    private readonly wallMs: () => number,
  ) {
    this.path = join(directory, 'ring-sequence')
  }

  /**
   * Set aside the first block of this start: it is durable on return.
   * @throws ExecError when the file is damaged, cannot be read or cannot be written
   */
  async reserveFirst(): Promise<Reservation> {
    const previous = await this.#read()
    const first = previous === undefined ? Math.floor(this.wallMs()) : previous + 1
    const reservedUpTo = first + limits.ringSequenceBlock - 1
    if (reservedUpTo > limits.ringSequenceMax) throw this.#damaged(`the number ${first} is out of range`)
    try {
      await this.#write(reservedUpTo)
    } catch (error) {
      const hint =
        'free space on its disk, or let this user write to it; statedir in network.conf names the directory'
      throw new ExecError('failed', `cannot write ${this.path}: ${systemCauseOf(error)}`, hint)
    }
    this.#wanted = reservedUpTo
    return { first, reservedUpTo, isNew: previous === undefined }
  }

  /**
   * Set aside more while running: `onReserved` is told once numbers up to its argument are durable. A disk
   * that refuses is tried again until it does not; `onFailure` gets each cause.
   */
  reserve(
    sequence: number,
    onReserved: (sequence: number) => void,
    onFailure: (message: string) => void,
  ): void {
    this.#wanted = Math.max(this.#wanted, sequence)
    if (this.#isWriting) return
    this.#isWriting = true
    void this.#writeWanted(onReserved, onFailure)
  }

  async #writeWanted(
    onReserved: (sequence: number) => void,
    onFailure: (message: string) => void,
  ): Promise<void> {
    let durable = 0
    while (durable < this.#wanted) {
      const sequence = this.#wanted
      try {
        await this.#write(sequence)
      } catch (error) {
        onFailure(`cannot write ${this.path}: ${systemCauseOf(error)}; trying again`)
        await new Promise<void>((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS).unref())
        continue
      }
      durable = sequence
      onReserved(sequence)
    }
    this.#isWriting = false
  }

  async #read(): Promise<number | undefined> {
    let text: string
    try {
      text = await readFile(this.path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      const hint = 'let this user read it; statedir in network.conf names the directory'
      throw new ExecError('failed', `cannot read ${this.path}: ${systemCauseOf(error)}`, hint)
    }
    const sequence = decodeSequence(text)
    if (typeof sequence === 'string') throw this.#damaged(sequence)
    return sequence
  }

  async #write(sequence: number): Promise<void> {
    const temporary = `${this.path}.new`
    const file = await open(temporary, 'w', 0o640)
    try {
      await file.writeFile(encodeSequence(sequence))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, this.path)
    const directory = await open(this.directory, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  }

  #damaged(why: string): ExecError {
    const hint =
      'make sure that the clock of this machine is right, then move the file away: ' +
      'without it the numbers begin at the wall clock'
    return new ExecError('failed', `${this.path} is damaged: ${why}`, hint)
  }
}

export function encodeSequence(sequence: number): string {
  const content = `ais-ring-sequence 1 ${sequence}`
  return `${content} ${checksumOf(content)}\n`
}

/** The number in the text of a ring sequence file, or what is wrong with it. */
export function decodeSequence(text: string): number | string {
  const match = /^(ais-ring-sequence (\d+) (\d+)) ([0-9a-f]{8})\n$/.exec(text)
  if (match === null) return text === '' ? 'it is empty' : 'it is not the line the executive writes'
  const [, content, version, digits, checksum] = match
  if (version !== '1') return `its version is ${version}, this program knows 1`
  if (checksum !== checksumOf(content)) return 'its checksum is wrong'
  const sequence = Number(digits)
  return Number.isSafeInteger(sequence) ? sequence : `the number ${digits} is out of range`
}

function checksumOf(content: string): string {
  return crc32(content).toString(16).padStart(8, '0')
}
