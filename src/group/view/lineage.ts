import { Fingerprint, limits } from '../../base/index.js'
import type { RingId } from '../configuration.js'

/** A stretch of the order in which changes were made to one state. */
export interface Stretch {
  /** The configuration the changes were delivered in; for transitional ones the one that follows. */
  readonly ringId: RingId
  readonly transitional: boolean
  /** Fingerprint of all entries before: two states that went apart differ in it from then on. */
  readonly chain: number
}

/** A stretch, and how far the state was changed in it. */
export interface LineageEntry extends Stretch {
  /** Position of the last change. */
  position: number
}

/** Where in the order changes are being applied. */
export interface Epoch {
  readonly ringId: RingId
  readonly transitional: boolean
  /** Tells apart processes that apply different messages on their way to one configuration; else 0. */
  readonly group: number
}

/**
 * The way a state came, as the list of (ring id, last position applied) it went through, oldest first.
 * Two states whose last entries are equal are equal; a state whose last entry lies on the way of another
 * is contained in that one: all its changes are in there too. Immutable but for `advance`, which is
 * called for every change.
 */
export class Lineage {
  /** No change was made in it yet. */
  private coming: LineageEntry | null = null

  constructor(
    private readonly list: LineageEntry[] = [],
    /** Sequence of the ring in which the first change ever was made; 0: none was made. */
    public origin = 0,
  ) {}

  get entries(): readonly LineageEntry[] {
    return this.list
  }

  /** The last change; undefined while nothing was changed since the beginning. */
  get head(): LineageEntry | undefined {
    return this.list[this.list.length - 1]
  }

  copy(): Lineage {
    return new Lineage(
      this.list.map((entry) => ({ ...entry })),
      this.origin,
    )
  }

  /** The stretch that the next change belongs to; the same object until there is another one. */
  stretchOf(epoch: Epoch): Stretch {
    const last = this.head
    if (last && isOf(last, epoch)) return last
    const { ringId, transitional, group } = epoch
    if (this.coming === null || !isOf(this.coming, epoch)) {
      this.coming = { ringId, transitional, chain: fingerprint([last], group), position: 0 }
    }
    return this.coming
  }

  /** A change was applied. */
  advance(epoch: Epoch, position: number): void {
    const last = this.head
    if (last && isOf(last, epoch)) {
      last.position = Math.max(position, last.position)
      return
    }
    const entry = this.stretchOf(epoch) as LineageEntry
    entry.position = position
    this.coming = null
    if (this.origin === 0) this.origin = epoch.ringId.sequence
    this.push(entry)
  }

  /** What a state becomes that was made of this one and others it is in conflict with. */
  merged(others: readonly Lineage[], ringId: RingId, position: number): Lineage {
    const all = this.list.map((entry) => ({ ...entry }))
    for (const other of others) {
      for (const entry of other.entries) {
        const at = all.findIndex((known) => isSameStretch(known, entry))
        if (at < 0) all.push({ ...entry })
        else all[at]!.position = Math.max(all[at]!.position, entry.position)
      }
    }
    all.sort((a, b) => a.ringId.sequence - b.ringId.sequence || a.position - b.position)
    const heads = [this, ...others].map(({ head }) => head)
    const lineage = new Lineage(all, Math.min(this.origin, ...others.map(({ origin }) => origin)))
    lineage.push({ ringId, transitional: false, chain: fingerprint(heads, 0), position })
    return lineage
  }

  /** Every change of the other state is in this one. */
  contains(other: Lineage): boolean {
    const { head } = other
    return head === undefined || this.includes(head, head.position)
  }

  /** The state went through this place, as far as it is remembered. */
  includes(stretch: Stretch, position: number): boolean {
    return this.list.some((entry) => isSameStretch(entry, stretch) && entry.position >= position)
  }

  equals(other: Lineage): boolean {
    const [a, b] = [this.head, other.head]
    if (a === undefined || b === undefined) return a === b
    return isSameStretch(a, b) && a.position === b.position
  }

  /** The newest stretch both went through, by the sequence of its ring; null: they have nothing in common. */
  lastCommonSequence(other: Lineage): number | null {
    for (let at = this.list.length - 1; at >= 0; at--) {
      const entry = this.list[at]!
      if (other.list.some((candidate) => isSameStretch(candidate, entry))) return entry.ringId.sequence
    }
    return null
  }

  private push(entry: LineageEntry): void {
    this.list.push(entry)
    if (this.list.length > limits.lineageEntries)
      this.list.splice(0, this.list.length - limits.lineageEntries)
  }
}

function isOf(entry: Stretch, { ringId, transitional }: Epoch): boolean {
  return (
    entry.ringId.sequence === ringId.sequence &&
    entry.ringId.representative === ringId.representative &&
    entry.transitional === transitional
  )
}

export function isSameStretch(a: Stretch, b: Stretch): boolean {
  return a.chain === b.chain && isOf(a, { ringId: b.ringId, transitional: b.transitional, group: 0 })
}

/** Of the entries a new one follows; below 2^52. */
function fingerprint(entries: readonly (LineageEntry | undefined)[], group: number): number {
  const mix = new Fingerprint()
  mix.add(group)
  for (const entry of entries) {
    if (!entry) continue
    mix.add(entry.ringId.representative)
    mix.add(entry.ringId.sequence)
    mix.add(entry.transitional ? 1 : 0)
    mix.add(entry.chain)
    mix.add(entry.position)
  }
  return mix.value()
}

/** Of the members of a group; below 2^52, never 0. */
export function groupFingerprint(
  members: readonly { readonly nodeId: number; readonly incarnation: number }[],
): number {
  const mix = new Fingerprint()
  for (const { nodeId, incarnation } of members) {
    mix.add(nodeId)
    mix.add(incarnation)
  }
  return mix.value() || 1
}
