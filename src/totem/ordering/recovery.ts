import type { Member } from '../../group/index.js'
import { sameRing } from '../../group/index.js'
import type { CommitEntry, CommitToken } from '../wire/control.js'
import {
  DATA_HEADER_OCTETS,
  FLAG_RECOVERY,
  writeDataHeader,
  type DataFrame,
  type UnsealedFrame,
} from '../wire/data-frame.js'
import type { RingLog } from './ring-log.js'

/** Fill in what this process brings along from its last ring. From here on that ring's log is frozen. */
export function fillEntry(entry: CommitEntry, old: RingLog | null, obligations: Uint8Array): void {
  entry.filled = true
  if (!old) return
  entry.oldRing = old.id
  entry.oldReceived = old.received
  entry.oldHighest = old.highest
  entry.oldSafe = old.safe
  entry.obligations = obligations.slice()
}

/** The members of `old` that go to the new ring from it, together: the transitional configuration. */
export function companions(old: RingLog, commit: CommitToken): CommitEntry[] {
  return commit.entries.filter((entry) => sameRing(entry.oldRing, old.id) && old.has(entry))
}

/**
 * The frames of the old ring that companions may lack (Totem, section 5.4): each member sends
 * those it has, on the new ring, unless another was faster.
 */
export class RecoverySource {
  private next: number
  private readonly last: number
  private readonly seen = new Set<number>()

  constructor(
    private readonly old: RingLog,
    fellows: readonly CommitEntry[],
  ) {
    this.next = Math.max(Math.min(...fellows.map((entry) => entry.oldReceived)), old.released) + 1
    this.last = fellows.length > 1 ? old.highest : 0
    this.skip()
  }

  /** A frame came round on the new ring. */
  markSeen(sequence: number): void {
    this.seen.add(sequence)
    this.skip()
  }

  get frames(): number {
    return Math.max(0, this.last - this.next + 1)
  }

  nextFrame(ringId: RingLog['id'], sequence: number): UnsealedFrame {
    const { octets } = this.old.get(this.next)!
    this.next++
    this.skip()
    const frame = new Uint8Array(DATA_HEADER_OCTETS + octets.length)
    writeDataHeader(frame, ringId, sequence)
    frame.set(octets, DATA_HEADER_OCTETS)
    return { octets: frame, flags: FLAG_RECOVERY }
  }

  private skip(): void {
    while (this.next <= this.last && (this.seen.has(this.next) || !this.old.get(this.next))) this.next++
  }
}

/** How the rest of an old ring is delivered, the same on all companions. */
export interface OldRingDeliveries {
  /** Still in the old regular configuration. */
  readonly regular: DataFrame[]
  readonly transitional: DataFrame[]
  /** Sequence numbers that no companion has. */
  readonly holes: number
  /** Frames behind a hole that are not delivered. */
  readonly discarded: number
  /** Frames behind a hole that are delivered because somebody may have counted on it. */
  readonly owed: number
}

/**
 * Extended Virtual Synchrony, step 6: in the regular configuration go the frames before the first
 * hole and before the first safe frame not known to be everywhere; the rest in the transitional
 * one. Behind a hole only frames of companions, and of those to whom delivery is owed, are
 * delivered: what others sent may depend on what fell into the hole.
 */
export function oldRingDeliveries(old: RingLog, fellows: readonly CommitEntry[]): OldRingDeliveries {
  const safe = Math.max(...fellows.map((entry) => entry.oldSafe))
  const regular: DataFrame[] = []
  const transitional: DataFrame[] = []
  let sequence = old.delivered + 1
  for (let frame = old.get(sequence); frame; frame = old.get(++sequence)) {
    if (frame.safe && sequence > safe) break
    regular.push(frame)
  }
  const [own, obliged] = [new Set(fellows.map(({ nodeId }) => nodeId)), obligedSenders(old, fellows)]
  const counts = { holes: 0, discarded: 0, owed: 0 }
  for (; sequence <= old.highest; sequence++) {
    const frame = old.get(sequence)
    const certain = frame && (counts.holes === 0 || own.has(frame.sender))
    if (!frame) counts.holes++
    else if (certain || obliged.has(frame.sender)) transitional.push(frame)
    else counts.discarded++
    if (frame && !certain && obliged.has(frame.sender)) counts.owed++
  }
  return { regular, transitional, ...counts }
}

function obligedSenders(old: RingLog, fellows: readonly CommitEntry[]): ReadonlySet<number> {
  const owed = new Set<number>()
  old.members.forEach(({ nodeId }, index) => {
    if (fellows.some(({ obligations }) => bit(obligations, index))) owed.add(nodeId)
  })
  return owed
}

/** From now on this process owes the companions the delivery of everything it has received. */
export function oblige(obligations: Uint8Array, old: RingLog, fellows: readonly CommitEntry[]): void {
  for (const { nodeId } of fellows) {
    const index = old.indexOf(nodeId)
    obligations[index >> 3]! |= 1 << (index & 7)
  }
}

export function noObligations(members: readonly Member[]): Uint8Array {
  return new Uint8Array(Math.ceil(members.length / 8))
}

function bit(bits: Uint8Array, index: number): boolean {
  return ((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0
}
