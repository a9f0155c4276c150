import type { Member, RingId } from '../../group/index.js'
import type { DataFrame } from '../wire/data-frame.js'

/** Frames kept at once; a power of two, more than flow control ever lets be outstanding. */
export const LOG_FRAMES = 4096
/** Frames that may be ahead of the slowest member before nobody multicasts new ones. */
export const OUTSTANDING_FRAMES_MAX = LOG_FRAMES / 4

/** What one process has of the messages of one ring. */
export class RingLog {
  /** Every frame up to here was received. */
  received: number
  /** The highest frame received. */
  highest: number
  /** Every frame up to here was delivered. */
  delivered: number
  /** Every member is known to have received up to here. */
  safe: number
  /** Every member is known to have delivered up to here. */
  stable: number
  /** When each member was last heard on this ring. */
  readonly heardAtMs: number[]
  /** Frames up to here are no longer kept. */
  released: number
  private readonly frames: (DataFrame | undefined)[] = new Array<DataFrame | undefined>(LOG_FRAMES)
  private readonly indices: ReadonlyMap<number, number>

  constructor(
    readonly id: RingId,
    /** Sorted by node id: the order in which the token goes round. */
    readonly members: readonly Member[],
    readonly firstSequence: number,
    nowMs: number,
  ) {
    this.heardAtMs = members.map(() => nowMs)
    this.received = this.highest = this.delivered = firstSequence
    this.safe = this.stable = this.released = firstSequence
    this.indices = new Map(members.map((member, index) => [member.nodeId, index]))
  }

  /** Place in the ring, or -1. */
  indexOf(nodeId: number): number {
    return this.indices.get(nodeId) ?? -1
  }

  memberOf(nodeId: number): Member | undefined {
    const index = this.indexOf(nodeId)
    return index < 0 ? undefined : this.members[index]
  }

  has(process: { readonly nodeId: number; readonly incarnation: number }): boolean {
    return this.memberOf(process.nodeId)?.incarnation === process.incarnation
  }

  get(sequence: number): DataFrame | undefined {
    if (sequence <= this.released || sequence > this.highest) return undefined
    const frame = this.frames[sequence % LOG_FRAMES]
    return frame?.sequence === sequence ? frame : undefined
  }

  /** @returns false when it is here already, or lies outside of what can be outstanding */
  store(frame: DataFrame): boolean {
    const { sequence } = frame
    if (sequence <= this.received || sequence > this.released + LOG_FRAMES) return false
    if (this.get(sequence)) return false
    this.frames[sequence % LOG_FRAMES] = frame
    if (sequence > this.highest) this.highest = sequence
    while (this.get(this.received + 1)) this.received++
    return true
  }

  /** Sequence numbers up to `limit` that are missing here, at most `most` of them. */
  missing(limit: number, most: number): number[] {
    const missing: number[] = []
    for (let sequence = this.received + 1; sequence <= limit && missing.length < most; sequence++) {
      if (!this.get(sequence)) missing.push(sequence)
    }
    return missing
  }

  /** Every member has received up to `sequence`: what was also delivered here need not be kept. */
  markSafe(sequence: number): void {
    if (sequence <= this.safe) return
    this.safe = Math.min(sequence, this.received)
    this.release()
  }

  release(): void {
    const limit = Math.min(this.safe, this.delivered)
    while (this.released < limit) this.frames[++this.released % LOG_FRAMES] = undefined
  }
}
