import { readU32, writeU32, writeU64 } from '../../base/index.js'
import type { Checkpoint } from './checkpoint.js'
import type { FrozenCheckpoint } from './frozen-checkpoint.js'
import type { Hash } from './port.js'
import type { Section } from './section.js'

/** Octets hashed between two looks at the clock. */
const PIECE_OCTETS = 256 * 1024
/** Octets that looking at a section counts for, so that many small ones come to a look at the clock too. */
const SECTION_COST_OCTETS = 1024
/** Expiration time and size. */
const HEAD_OCTETS = 16

/**
 * The digest of a checkpoint is the sum of its sections' digests modulo 2^128: that is the same in any order,
 * and a section that was not changed need not be looked at again. The same content, whatever the name.
 */
class DigestSum {
  readonly #words = [0, 0, 0, 0]

  add(digest: Uint8Array): void {
    let carry = 0
    for (let word = 0; word < 4; word++) {
      const sum = this.#words[word]! + readU32(digest, word * 4) + carry
      this.#words[word] = sum >>> 0
      carry = sum > 0xffff_ffff ? 1 : 0
    }
  }

  /** 32 hexadecimal digits, the highest first. */
  text(): string {
    return [...this.#words]
      .reverse()
      .map((word) => word.toString(16).padStart(8, '0'))
      .join('')
  }
}

/**
 * Finds the digest of a checkpoint as it is when the task begins, a slice at a time, while the checkpoint is
 * written to. What it finds of sections stays with them until they are changed.
 */
export class DigestTask {
  /** Of the same moment as the digest. */
  readonly numberOfSections: number
  readonly memoryUsed: number
  readonly #frozen: FrozenCheckpoint
  readonly #sum = new DigestSum()
  #index = 0
  /** The section that is hashed at present, and how far. */
  #hash: Hash | null = null
  #hashed = 0
  #digest: string | null = null

  constructor(
    checkpoint: Pick<Checkpoint, 'freeze' | 'sections' | 'memoryUsed'>,
    private readonly createHash: () => Hash,
  ) {
    this.#frozen = checkpoint.freeze()
    this.numberOfSections = checkpoint.sections.size
    this.memoryUsed = checkpoint.memoryUsed
  }

  /** 32 hexadecimal digits; null: it is not known yet. */
  get digest(): string | null {
    return this.#digest
  }

  /**
   * Go on for about so long.
   * @param nowMs a clock that only grows
   * @returns true when the digest is known
   */
  step(budgetMs: number, nowMs: () => number): boolean {
    if (this.#digest !== null) return true
    const endMs = nowMs() + budgetMs
    const { sections } = this.#frozen
    let cost = 0
    while (this.#index < sections.length) {
      cost += this.#proceed(sections[this.#index]!)
      if (cost < PIECE_OCTETS) continue
      cost = 0
      if (nowMs() >= endMs) return false
    }
    this.#digest = this.#sum.text()
    this.#frozen.release()
    return true
  }

  /** Nobody needs the digest any more. */
  release(): void {
    this.#frozen.release()
  }

  /** @returns what it cost */
  #proceed(section: Section): number {
    let cost = SECTION_COST_OCTETS
    if (section.digest === null) {
      this.#hash ??= begin(section, this.createHash())
      const piece = section.piece(this.#hashed).subarray(0, PIECE_OCTETS)
      if (piece.length > 0) this.#hash.update(piece)
      this.#hashed += piece.length
      cost += piece.length
      if (this.#hashed < section.size) return cost
      section.digest = this.#hash.digest()
      this.#hash = null
      this.#hashed = 0
    }
    this.#sum.add(section.digest)
    const { sections } = this.#frozen
    sections[this.#index++] = undefined
    return cost
  }
}

/** Everything but the data, which follow. */
function begin({ id, expirationTime, size }: Section, hash: Hash): Hash {
  const head = new Uint8Array(2 + id.length + HEAD_OCTETS)
  head[0] = id.length
  head[1] = id.length >>> 8
  for (let index = 0; index < id.length; index++) head[2 + index] = id.charCodeAt(index)
  const at = 2 + id.length
  writeU32(head, at, Number(BigInt.asUintN(32, expirationTime)))
  writeU32(head, at + 4, Number(BigInt.asUintN(32, expirationTime >> 32n)))
  writeU64(head, at + 8, size)
  hash.update(head)
  return hash
}
