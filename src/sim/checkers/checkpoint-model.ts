import { readU16, readU64, TIME_END } from '../../base/index.js'
import { MESSAGE_HEADER_OCTETS } from '../../group/index.js'
import type { Checkpoint } from '../../services/ckpt/checkpoint.js'
import { BODY_AT, BodyReader, idOf, Kind, WriteDecoder } from '../../services/ckpt/wire.js'
import type { Content, SectionContent } from './checkpoint-versions.js'

/** Octets of a checkpoint's key in front of a message's body. */
const KEY_OCTETS = 8

/** What one message is about. */
export interface Subject {
  readonly kind: number
  /** Of the checkpoint; null: it has a name, or is about none. */
  readonly key: number | null
  readonly name: string | null
}

const ABOUT_KEYS = new Set<number>([
  ...[Kind.retentionSet, Kind.activeSet, Kind.sectionCreate, Kind.sectionDelete, Kind.expirationSet],
  ...[Kind.overwrite, Kind.write, Kind.expire, Kind.retire, Kind.synchronize],
])

export function subjectOf(payload: Uint8Array): Subject {
  const kind = payload[MESSAGE_HEADER_OCTETS]!
  if (ABOUT_KEYS.has(kind)) return { kind, key: readU64(payload, BODY_AT), name: null }
  const reader = new BodyReader(payload, BODY_AT)
  if (kind === Kind.unlink) return { kind, key: null, name: reader.text() }
  if (kind !== Kind.open) return { kind, key: null, name: null }
  reader.u64()
  reader.u32()
  reader.u8()
  return { kind, key: null, name: reader.text() }
}

/** What a checkpoint holds that was just created. */
export function contentAtFirst({ name, attributes }: Checkpoint, payload: Uint8Array): Content {
  const reader = new BodyReader(payload, BODY_AT)
  reader.u64()
  reader.u32()
  reader.u8()
  reader.text()
  reader.u8()
  const { retentionDurationMs, ...given } = reader.attributes()
  const sections = new Map<string, SectionContent>()
  if (given.maxSections === 1) sections.set('', { data: new Uint8Array(0), expirationTime: TIME_END })
  return { name, attributes: { ...attributes, ...given }, retentionDurationMs, unlinked: false, sections }
}

/**
 * What a message that is done makes of a checkpoint: the calls as the standard has them, in few lines.
 * @param actual for the id of a section whose id was generated
 */
export function contentAfter(content: Content, payload: Uint8Array, actual: Checkpoint): Content {
  const kind = payload[MESSAGE_HEADER_OCTETS]
  if (kind === Kind.unlink) return { ...content, unlinked: true }
  const reader = new BodyReader(payload, BODY_AT + KEY_OCTETS)
  if (kind === Kind.retentionSet) return { ...content, retentionDurationMs: reader.duration() }
  const sections = new Map(content.sections)
  if (kind === Kind.write) write(sections, payload)
  else if (kind === Kind.overwrite) overwrite(sections, payload)
  else if (kind === Kind.sectionCreate) {
    const isGenerated = reader.u8() === 1
    const given = reader.id()
    const id = isGenerated ? [...actual.sections.keys()].find((key) => !sections.has(key)) : given
    const expirationTime = reader.time()
    reader.duration()
    sections.set(id ?? 'no id was generated', { data: reader.rest().slice(), expirationTime })
  } else if (kind === Kind.sectionDelete) sections.delete(reader.id())
  else if (kind === Kind.expirationSet) {
    const id = reader.id()
    const before = sections.get(id)
    if (before !== undefined) sections.set(id, { ...before, expirationTime: reader.time() })
  } else if (kind === Kind.expire) {
    for (const id of expiredBy(content, payload)) sections.delete(id)
  }
  return { ...content, sections }
}

/** The sections that a message ends: not those that were given another time meanwhile. */
export function expiredBy({ sections }: Content, payload: Uint8Array): string[] {
  const reader = new BodyReader(payload, BODY_AT + KEY_OCTETS)
  const ids: string[] = []
  for (let left = reader.u16(); left > 0; left--) {
    const id = reader.id()
    const time = reader.time()
    if (sections.get(id)?.expirationTime === time) ids.push(id)
  }
  return ids
}

function write(sections: Map<string, SectionContent>, payload: Uint8Array): void {
  const decoder = new WriteDecoder()
  decoder.begin(payload)
  while (decoder.next()) {
    const { id, offset, dataAt, size } = decoder.element
    const before = sections.get(id)
    if (before === undefined) continue
    const data = new Uint8Array(Math.max(before.data.length, offset + size))
    data.set(before.data)
    data.set(payload.subarray(dataAt, dataAt + size), offset)
    sections.set(id, { ...before, data })
  }
}

function overwrite(sections: Map<string, SectionContent>, payload: Uint8Array): void {
  const idAt = BODY_AT + KEY_OCTETS + 2
  const idLength = readU16(payload, idAt - 2)
  const id = idOf(payload, idAt, idLength)
  const before = sections.get(id)
  if (before !== undefined) sections.set(id, { ...before, data: payload.slice(idAt + idLength) })
}
