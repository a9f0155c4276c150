import { valuePosition, type CheckContext } from '../../check-context.js'
import { findNetworkKey } from '../../model/network-keys.js'
import type { SourcePosition } from '../../model/network-config.js'
import type { Entry } from '../../parse.js'
import { reportLost } from '../lost.js'
import type { Section } from './parse.js'
import { reasonFor } from './reasons.js'

/** A section as if it stood alone: all sections of one name together, the later values holding. */
export interface Merged {
  readonly path: string
  readonly place: SourcePosition
  readonly items: readonly Entry[]
  readonly sections: readonly Section[]
}

export function sectionsOf(within: { readonly sections: readonly Section[] }, name: string): Section[] {
  return within.sections.filter((section) => section.name === name)
}

/** What a corosync.conf gives: which of its keys were taken over, and what our entries come to. */
export class Source {
  readonly entries: Entry[] = []
  /** By a key of ours: what is worth a comment above it. */
  readonly notes = new Map<string, string>()
  private readonly taken = new Set<Entry>()
  /** Why a key is lost, where that depends on more than its name. */
  private readonly reasons = new Map<Entry, string>()

  constructor(
    readonly file: Section,
    readonly context: CheckContext,
  ) {}

  merged(path: string, sections: readonly Section[]): Merged | null {
    if (sections.length === 0) return null
    return {
      path,
      place: sections[0].place,
      items: sections.flatMap(({ items }) => items),
      sections: sections.flatMap((section) => section.sections),
    }
  }

  /** The value of a key that holds; the others of that name are taken with it. */
  take(section: Pick<Merged, 'items'> | null, key: string): Entry | null {
    const all = section?.items.filter((item) => item.key === key) ?? []
    for (const item of all) this.taken.add(item)
    const holding = all.at(-1) ?? null
    for (const item of all.slice(0, -1)) {
      this.context.report('warning', key, valuePosition(item), {
        code: 'key-duplicate',
        message: `${key} is given again on line ${holding!.line}, which holds`,
      })
    }
    return holding
  }

  /** The value of a key, without taking it. */
  look(section: Pick<Merged, 'items'> | null, key: string): Entry | null {
    return section?.items.findLast((item) => item.key === key) ?? null
  }

  /** Say why a key is lost. */
  explain(entry: Entry | null, reason: string): void {
    if (entry !== null) this.reasons.set(entry, reason)
  }

  /** A key of ours with the value of one of theirs. */
  give(key: string, from: Entry | null, value = from?.value): void {
    if (from !== null && value !== undefined) this.entries.push({ ...from, key, value })
  }

  /** A key of ours that no key of theirs says, at the section that should have. @param note why it is so */
  giveAt(key: string, { line, column, source }: SourcePosition, value: string, note?: string): void {
    if (note !== undefined) this.notes.set(key, note)
    this.entries.push({ key, value, line, keyColumn: column, valueColumn: column, source })
  }

  /** The number of a key, or its default; NaN: no number. */
  number(entry: Entry | null, fallback: number): number {
    if (entry === null) return fallback
    return /^\d{1,10}$/.test(entry.value) ? Number(entry.value) : Number.NaN
  }

  explainAll(section: Section, reason: string): void {
    for (const item of section.items) this.explain(item, reason)
  }

  /** Report every key that was not taken, at its place. */
  reportLost(): void {
    const open: { readonly path: string; readonly section: Section }[] = [{ path: '', section: this.file }]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { path, section } = next
      const inside = (name: string): string => (path === '' ? name : `${path}.${name}`)
      for (const item of section.items) {
        if (this.taken.has(item)) continue
        const reason = this.reasons.get(item) ?? reasonFor(inside(item.key))
        reportLost(item, 'network.conf', reason, this.context)
      }
      open.push(...section.sections.map((inner) => ({ path: inside(inner.name), section: inner })))
    }
  }

  /** Was a key of ours given? */
  has(key: string): boolean {
    return findNetworkKey(key) !== undefined && this.entries.some((entry) => entry.key === key)
  }
}
