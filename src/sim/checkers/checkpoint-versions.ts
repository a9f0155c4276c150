import type { Checkpoint } from '../../services/ckpt/checkpoint.js'
import type { Stamp } from '../../services/ckpt/checkpoint-status.js'

export interface SectionContent {
  readonly data: Uint8Array
  readonly expirationTime: bigint
}

/** What a checkpoint holds, besides who has it open. */
export interface Content {
  readonly name: string
  readonly attributes: Checkpoint['attributes']
  readonly retentionDurationMs: number
  readonly unlinked: boolean
  readonly sections: ReadonlyMap<string, SectionContent>
}

/** A checkpoint between two changes. Each came of one other, so they are a tree. */
export interface Version {
  readonly key: number
  /** Where in the order it came to be: key and stamp; several changes may share one place. */
  readonly place: string
  /** Among those of its place. */
  readonly number: number
  readonly parent: Version | null
  readonly depth: number
  readonly content: Content
  /** Made by an application, not by time. */
  readonly isWritten: boolean
}

/** All versions of all checkpoints that any process of a run ever had. */
export class Versions {
  private readonly byPlace = new Map<string, Version[]>()

  /** @returns the version, or what is wrong with it */
  add(
    key: number,
    stamp: Stamp,
    parent: Version | null,
    content: () => Content,
    isWritten: boolean,
  ): Version | string {
    const place = placeOf(key, stamp)
    const number = parent?.place === place ? parent.number + 1 : 0
    const list = this.byPlace.get(place) ?? []
    this.byPlace.set(place, list)
    const known = list[number]
    if (known !== undefined) {
      return known.parent === parent ? known : `two different checkpoints were changed at ${place}`
    }
    if (number > list.length) return `version ${number} of ${place} came before those in front of it`
    const depth = parent === null ? 0 : parent.depth + 1
    const version = { key, place, number, parent, depth, content: content(), isWritten }
    list.push(version)
    return version
  }

  /** The last version that came to be where this checkpoint says that it was changed. */
  of({ key, changed }: Checkpoint): Version | undefined {
    return this.byPlace.get(placeOf(key, changed))?.at(-1)
  }
}

/** `later` came of `earlier`, or is the same. */
export function isAtOrAfter(later: Version, earlier: Version): boolean {
  let version: Version | null = later
  while (version !== null && version.depth > earlier.depth) version = version.parent
  return version === earlier
}

/** The last change by an application on the way to it. */
export function lastWritten(version: Version): Version {
  let written = version
  while (!written.isWritten && written.parent !== null) written = written.parent
  return written
}

export function holdsData({ content }: Version): boolean {
  return [...content.sections.values()].some(({ data }) => data.length > 0)
}

/** @returns what is different, as text; null: nothing is */
export function differenceOf(checkpoint: Checkpoint, content: Content): string | null {
  if (checkpoint.name !== content.name) return `name ${checkpoint.name} instead of ${content.name}`
  if (checkpoint.unlinked !== content.unlinked) return `unlinked ${checkpoint.unlinked}`
  if (checkpoint.retentionDurationMs !== content.retentionDurationMs) {
    return `retention ${checkpoint.retentionDurationMs} instead of ${content.retentionDurationMs}`
  }
  if (checkpoint.sections.size !== content.sections.size) {
    return `${checkpoint.sections.size} sections instead of ${content.sections.size}`
  }
  let memoryUsed = 0
  for (const [id, { data, expirationTime }] of content.sections) {
    const section = checkpoint.sections.get(id)
    if (section === undefined) return `no section ${id}`
    if (!isSameData(section.data, data)) {
      return `section ${id} is ${hex(section.data)} instead of ${hex(data)}`
    }
    if (section.expirationTime !== expirationTime) return `section ${id} has another expiration time`
    memoryUsed += data.length
  }
  return checkpoint.memoryUsed === memoryUsed
    ? exceeds(checkpoint)
    : `memory used ${checkpoint.memoryUsed}, not ${memoryUsed}`
}

/** Attributes are limits. */
function exceeds({ attributes, memoryUsed, sections }: Checkpoint): string | null {
  if (memoryUsed > attributes.checkpointSize) return `more than its size of ${attributes.checkpointSize}`
  if (sections.size > attributes.maxSections) return `more than ${attributes.maxSections} sections`
  const sizes = [...sections.values()].map(({ size }) => size)
  return sizes.some((size) => size > attributes.maxSectionSize)
    ? 'a section above the size it may have'
    : null
}

export function isSameData(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at])
}

export function placeOf(key: number, { stretch, position }: Stamp): string {
  const { ringId, transitional, chain } = stretch
  const ring = `${ringId.representative}:${ringId.sequence}${transitional ? 't' : ''}`
  return `${key.toString(36)} at ${ring}/${chain.toString(36)}/${position}`
}

export function hex(octets: Uint8Array): string {
  const text = [...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('')
  return text === '' ? 'empty' : text
}

export function describe({ content, place, number }: Version): string {
  return `${content.name} (${place}${number > 0 ? `, ${number}` : ''})`
}
