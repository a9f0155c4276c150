import { needsActiveReplica, readU16, TIME_END } from '../../base/index.js'
import type { Checkpoint } from './checkpoint.js'
import type { MachineListener } from './machine-listener.js'
import { done, DONE, failed, UNREADABLE, type Outcome } from './outcome.js'
import { Section } from './section.js'
import { BODY_AT, idOf, Kind, WriteDecoder, type BodyReader } from './wire.js'

const KEY_OCTETS = 8

/** What messages do to the sections of one checkpoint. All or nothing of each message is done. */
export class SectionOperations {
  /** The one applied last changed something. */
  hasChanged = false
  private readonly elements = new WriteDecoder()

  constructor(private readonly listener: MachineListener) {}

  /** A vector of pieces, each put at its offset: all of them, or none if one is wrong. */
  write(checkpoint: Checkpoint, payload: Uint8Array, wallMs: number): Outcome {
    const problem = this.checkWrite(checkpoint, payload)
    if (problem !== null) return problem
    const { elements, listener } = this
    elements.begin(payload)
    while (elements.next()) {
      const { id, offset, dataAt, size } = elements.element
      const section = checkpoint.sections.get(id)!
      const data = payload.subarray(dataAt, dataAt + size)
      checkpoint.write(section, offset, data).lastUpdateMs = wallMs
      listener.onChange(checkpoint, 'written', id, offset, size)
    }
    return DONE
  }

  overwrite(checkpoint: Checkpoint, payload: Uint8Array, wallMs: number): Outcome {
    if (lacksActiveReplica(checkpoint)) return noActiveReplica(checkpoint)
    const idAt = BODY_AT + KEY_OCTETS + 2
    const idLength = readU16(payload, idAt - 2)
    const id = idOf(payload, idAt, idLength)
    const data = payload.subarray(idAt + idLength)
    if (idAt + idLength > payload.length || data.length > checkpoint.attributes.maxSectionSize) {
      return UNREADABLE
    }
    const section = checkpoint.sections.get(id)
    if (section === undefined) return noSection(checkpoint, id)
    if (exceedsSize(checkpoint, data.length - section.size)) return noSpace(checkpoint)
    checkpoint.overwrite(section, data).lastUpdateMs = wallMs
    this.listener.onChange(checkpoint, 'overwritten', id, 0, data.length)
    return DONE
  }

  /** All others. */
  apply(kind: number, checkpoint: Checkpoint, reader: BodyReader, wallMs: number): Outcome {
    this.hasChanged = false
    if (kind === Kind.expire) return this.expire(checkpoint, reader)
    if (lacksActiveReplica(checkpoint)) return noActiveReplica(checkpoint)
    if (kind === Kind.sectionCreate) return this.create(checkpoint, reader, wallMs)
    const id = reader.id()
    const expiration = kind === Kind.expirationSet ? readExpiration(reader) : null
    if (reader.broken) return UNREADABLE
    const section = checkpoint.sections.get(id)
    if (section === undefined) return noSection(checkpoint, id)
    if (kind === Kind.sectionDelete) {
      checkpoint.remove(section)
      this.listener.onChange(checkpoint, 'deleted', id, 0, 0)
    } else if (expiration !== null) {
      this.setExpiration(checkpoint, checkpoint.touch(section), expiration)
      this.listener.onChange(checkpoint, 'expiration-set', id, 0, 0)
    } else return DONE
    this.hasChanged = true
    return DONE
  }

  private checkWrite(checkpoint: Checkpoint, payload: Uint8Array): Outcome | null {
    if (lacksActiveReplica(checkpoint)) return noActiveReplica(checkpoint)
    const { elements } = this
    elements.begin(payload)
    let growth = 0
    let ends: Map<Section, number> | null = null
    for (let index = 0; elements.next(); index++) {
      const { id, offset, size } = elements.element
      const section = checkpoint.sections.get(id)
      if (section === undefined) return noSection(checkpoint, id, index)
      const end = offset + size
      if (end > checkpoint.attributes.maxSectionSize) return UNREADABLE
      const before = ends?.get(section) ?? section.size
      if (end <= before) continue
      growth += end - before
      if (exceedsSize(checkpoint, growth)) return noSpace(checkpoint, index)
      ends ??= new Map()
      ends.set(section, end)
    }
    return elements.isDone ? null : UNREADABLE
  }

  private create(checkpoint: Checkpoint, reader: BodyReader, wallMs: number): Outcome {
    const { maxSections, maxSectionSize, maxSectionIdSize } = checkpoint.attributes
    const isGenerated = reader.u8() === 1
    const given = reader.id()
    const expiration = readExpiration(reader)
    const data = reader.rest()
    if (reader.broken || data.length > maxSectionSize) return UNREADABLE
    if (maxSections === 1) {
      return failed('ERR_EXIST', `${checkpoint.name} has one section, which is always there`)
    }
    const id = isGenerated ? generateId(checkpoint) : given
    if (id.length > maxSectionIdSize) {
      return failed(
        'ERR_NO_SPACE',
        `no id of at most ${maxSectionIdSize} octets is left in ${checkpoint.name}`,
      )
    }
    if (checkpoint.sections.has(id)) {
      return failed('ERR_EXIST', `${checkpoint.name} has a section ${shownId(id)} already`)
    }
    if (checkpoint.sections.size >= maxSections) {
      return failed('ERR_NO_SPACE', `${checkpoint.name} has its ${maxSections} sections already`)
    }
    if (exceedsSize(checkpoint, data.length)) return noSpace(checkpoint)
    checkpoint.beforeChange()
    if (isGenerated) checkpoint.generated++
    const section = new Section(id)
    section.replace(data)
    section.lastUpdateMs = wallMs
    checkpoint.add(section)
    this.setExpiration(checkpoint, section, expiration)
    this.hasChanged = true
    this.listener.onChange(checkpoint, 'created', id, 0, data.length)
    return done(id)
  }

  private setExpiration({ key }: Checkpoint, section: Section, expiration: Expiration): void {
    section.expirationTime = expiration.time
    section.dueMs = this.listener.nowMs() + expiration.remainingMs
    section.digest = null
    if (section.dueMs !== Infinity) this.listener.onDue({ dueMs: section.dueMs, key, id: section.id })
  }

  private expire(checkpoint: Checkpoint, reader: BodyReader): Outcome {
    for (let left = reader.u16(); left > 0 && !reader.broken; left--) {
      const id = reader.id()
      const expirationTime = reader.time()
      const section = checkpoint.sections.get(id)
      // It may have been given more time, or be another one by now.
      if (section === undefined || section.expirationTime !== expirationTime) continue
      if (expirationTime === TIME_END) continue
      checkpoint.remove(section)
      this.hasChanged = true
      this.listener.onChange(checkpoint, 'expired', id, 0, 0)
    }
    return DONE
  }
}

/** When a section ends: as it was given, and from now on. */
interface Expiration {
  readonly time: bigint
  readonly remainingMs: number
}

function readExpiration(reader: BodyReader): Expiration {
  return { time: reader.time(), remainingMs: reader.duration() }
}

/** For messages to people: as text where it is text. */
export function shownId(id: string): string {
  if (/^[\x20-\x7e]*$/.test(id)) return `"${id}"`
  return `0x${[...id].map((octet) => octet.charCodeAt(0).toString(16).padStart(2, '0')).join('')}`
}

export function lacksActiveReplica({ attributes, activeReplica }: Checkpoint): boolean {
  return activeReplica === null && needsActiveReplica(attributes.creationFlags)
}

export function noActiveReplica({ name }: Checkpoint): Outcome {
  return failed(
    'ERR_NOT_EXIST',
    `${name} has no active replica: call activeReplicaSet on the node that is it`,
  )
}

export function noSection({ name }: Checkpoint, id: string, index = -1): Outcome {
  return failed('ERR_NOT_EXIST', `${name} has no section ${shownId(id)}`, index)
}

function exceedsSize({ attributes, memoryUsed }: Checkpoint, growth: number): boolean {
  return growth > 0 && memoryUsed + growth > attributes.checkpointSize
}

function noSpace({ name, attributes }: Checkpoint, index = -1): Outcome {
  return failed('ERR_NO_SPACE', `${name} would have more than its ${attributes.checkpointSize} octets`, index)
}

/** An id that no section of the checkpoint has. */
function generateId(checkpoint: Checkpoint): string {
  let number = checkpoint.generated
  for (;;) {
    const id = `s${(++number).toString(36)}`
    if (!checkpoint.sections.has(id)) return id
  }
}
