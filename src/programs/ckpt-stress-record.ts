import { claimOf, isWrite, TELLING_OCTETS } from './ckpt-stress-pattern.js'

/** How far back it is looked for a payload too small to say which write it was. */
const SMALL_SEARCH = 4096

/**
 * What one writer knows of its section. Its writes are numbered from 1 and applied in that order, 0 is what
 * the section began with; so what is there is the last one acknowledged, or a later one whose outcome is
 * not known.
 */
export class WriteRecord {
  #acknowledged = 0
  readonly #unknown = new Set<number>()
  #mayBeOlder = false

  constructor(readonly writer: number) {}

  /** The last write that is known to be done. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  get hasUnknown(): boolean {
    return this.#unknown.size > 0
  }

  /** A write is done. */
  acknowledge(sequence: number): void {
    if (sequence < this.#acknowledged) return
    this.#acknowledged = sequence
    this.#mayBeOlder = false
    for (const earlier of this.#unknown) if (earlier <= sequence) this.#unknown.delete(earlier)
  }

  /** Nobody knows whether a write was done. */
  leaveOpen(sequence: number): void {
    if (sequence > this.#acknowledged) this.#unknown.add(sequence)
  }

  /**
   * The replica that acknowledged is gone, and the others may lack the last writes: with the guarantees
   * that wait for one replica only.
   */
  fallBack(): void {
    this.#mayBeOlder = true
  }

  /** May this write be what the section holds? */
  allows(sequence: number): boolean {
    if (sequence === this.#acknowledged || this.#unknown.has(sequence)) return true
    return this.#mayBeOlder && sequence >= 0 && sequence < this.#acknowledged
  }

  /** @param payload what the section holds @returns what is wrong with it; null: nothing */
  check(payload: Buffer, size: number): string | null {
    if (payload.length !== size) return `it has ${payload.length} octets instead of ${size}`
    if (payload.length < TELLING_OCTETS) return this.checkSmall(payload)
    const { sequence } = claimOf(payload)
    if (!isWrite(payload, size, this.writer, sequence)) return this.whatIs(payload)
    return this.allows(sequence) ? null : `it holds write ${sequence}; ${this.expectation()}`
  }

  /** What the section may hold, for people. */
  expectation(): string {
    const unknown = [...this.#unknown].sort((a, b) => a - b)
    const others = unknown.length === 0 ? '' : `; unknown: ${unknown.slice(0, 8).join(', ')}`
    return `the last one acknowledged is ${this.#acknowledged}${others}`
  }

  private checkSmall(payload: Buffer): string | null {
    const oldest = this.#mayBeOlder ? Math.max(0, this.#acknowledged - SMALL_SEARCH) : this.#acknowledged
    for (let sequence = this.#acknowledged; sequence >= oldest; sequence--) {
      if (isWrite(payload, payload.length, this.writer, sequence)) return null
    }
    for (const sequence of this.#unknown) {
      if (isWrite(payload, payload.length, this.writer, sequence)) return null
    }
    return `its ${payload.length} octets are those of no write it may hold; ${this.expectation()}`
  }

  private whatIs(payload: Buffer): string {
    const { writer, sequence } = claimOf(payload)
    const claim = `it begins like write ${sequence} of writer ${writer} and does not go on so`
    return writer === this.writer ? claim : `${claim}, in the section of writer ${this.writer}`
  }
}
