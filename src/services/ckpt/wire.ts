import { OctetReader, OctetWriter, readU16, readU32, writeU16, writeU32, writeU64 } from '../../base/index.js'
import type { CheckpointCreationAttributes } from '../../base/index.js'
import { MESSAGE_HEADER_OCTETS } from '../../group/index.js'
import type { Process } from './checkpoint-status.js'

/** What an ordered message of CKPT says; on the wire (docs/protocol.md, "Messages of CKPT"). */
export const Kind = {
  open: 1,
  close: 2,
  reopen: 3,
  depart: 4,
  unlink: 5,
  retentionSet: 6,
  activeSet: 7,
  sectionCreate: 8,
  sectionDelete: 9,
  expirationSet: 10,
  overwrite: 11,
  write: 12,
  synchronize: 13,
  expire: 14,
  retire: 15,
  query: 16,
  report: 17,
  dismiss: 18,
} as const

/** Kind, and the clock of the sender, milliseconds since 1970. */
export const BODY_AT = MESSAGE_HEADER_OCTETS + 9
/** Behind the body's begin: key of a checkpoint. */
const KEY_OCTETS = 8
const DIGEST_OCTETS = 16
const NO_DIGEST = new Uint8Array(DIGEST_OCTETS)
/** Stands for a time without end. */
const ENDLESS = Number.MAX_SAFE_INTEGER

export interface HandleOfKey {
  readonly key: number
  readonly handle: number
}

export interface IdAndTime {
  readonly id: string
  readonly expirationTime: bigint
}

/** One checkpoint in the answer to a query; digest null: it does not exist. */
export interface ReportedCheckpoint {
  readonly digest: string | null
  readonly numberOfSections: number
  readonly memoryUsed: number
}

/** An element of a write, in the octets of the message it came with. */
export interface WriteElement {
  id: string
  offset: number
  dataAt: number
  size: number
}

/** Makes messages. */
export class MessageWriter extends OctetWriter {
  constructor(kind: number, wallMs: number) {
    super()
    this.u16(0)
    this.u8(kind)
    this.u64(wallMs)
  }

  process({ nodeId, incarnation }: Process): void {
    this.u32(nodeId)
    this.u64(incarnation)
  }

  duration(ms: number): void {
    this.u64(ms === Infinity ? ENDLESS : Math.min(Math.ceil(ms), ENDLESS - 1))
  }

  time(time: bigint): void {
    this.u32(Number(time & 0xffff_ffffn))
    this.u32(Number(time >> 32n))
  }

  id(id: string): void {
    this.u16(id.length)
    this.bytes(octetsOf(id))
  }

  attributes(attributes: CheckpointCreationAttributes): void {
    this.u8(attributes.creationFlags)
    this.u64(attributes.checkpointSize)
    this.duration(attributes.retentionDurationMs)
    this.u32(attributes.maxSections)
    this.u32(attributes.maxSectionSize)
    this.u16(attributes.maxSectionIdSize)
  }

  reports(reports: readonly ReportedCheckpoint[]): void {
    this.u16(reports.length)
    for (const { digest, numberOfSections, memoryUsed } of reports) {
      this.u8(digest === null ? 0 : 1)
      this.bytes(digest === null ? NO_DIGEST : fromHex(digest))
      this.u32(numberOfSections)
      this.u64(memoryUsed)
    }
  }

  handles(handles: readonly HandleOfKey[]): void {
    this.u16(handles.length)
    for (const { key, handle } of handles) {
      this.u64(key)
      this.u32(handle)
    }
  }
}

/** Reads what MessageWriter wrote, from the body on. */
export class BodyReader extends OctetReader {
  process(): Process {
    return { nodeId: this.u32(), incarnation: this.u64() }
  }

  duration(): number {
    const ms = this.u64()
    return ms === ENDLESS ? Infinity : ms
  }

  time(): bigint {
    return BigInt(this.u32()) | (BigInt(this.u32()) << 32n)
  }

  id(): string {
    const octets = this.bytes(this.u16())
    return idOf(octets, 0, octets.length)
  }

  attributes(): CheckpointCreationAttributes {
    return {
      creationFlags: this.u8(),
      checkpointSize: this.u64(),
      retentionDurationMs: this.duration(),
      maxSections: this.u32(),
      maxSectionSize: this.u32(),
      maxSectionIdSize: this.u16(),
    }
  }

  reports(): ReportedCheckpoint[] {
    const reports = []
    for (let left = this.count(0xffff, 13 + DIGEST_OCTETS); left > 0; left--) {
      const isThere = this.u8() === 1
      const digest = toHex(this.bytes(DIGEST_OCTETS))
      const numberOfSections = this.u32()
      reports.push({ digest: isThere ? digest : null, numberOfSections, memoryUsed: this.u64() })
    }
    return reports
  }

  handles(): HandleOfKey[] {
    const handles = []
    for (let left = this.count(0xffff, 12); left > 0; left--) {
      handles.push({ key: this.u64(), handle: this.u32() })
    }
    return handles
  }
}

function toHex(octets: Uint8Array): string {
  return [...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('')
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => parseInt(text.slice(at * 2, at * 2 + 2), 16))
}

/** Section ids are octets; as text they are a character each, so that they can be keys. */
export function idOf(octets: Uint8Array, at: number, length: number): string {
  let id = ''
  for (let i = at; i < at + length; i++) id += String.fromCharCode(octets[i]!)
  return id
}

export function octetsOf(id: string): Uint8Array {
  const octets = new Uint8Array(id.length)
  for (let i = 0; i < id.length; i++) octets[i] = id.charCodeAt(i)
  return octets
}

/** An overwrite: key, id, and the data to the end. */
export function encodeOverwrite(wallMs: number, key: number, id: string, data: Uint8Array): Uint8Array {
  const message = new Uint8Array(BODY_AT + KEY_OCTETS + 2 + id.length + data.length)
  begin(message, Kind.overwrite, wallMs)
  writeU64(message, BODY_AT, key)
  const at = putId(message, BODY_AT + KEY_OCTETS, id)
  message.set(data, at)
  return message
}

/** Octets of one element of a write beside its id and data. */
const ELEMENT_OCTETS = 10

/** A write in the making: key, number of elements, and each of them. */
export class WriteEncoder {
  readonly #message: Uint8Array
  #at = BODY_AT + KEY_OCTETS + 2

  constructor(wallMs: number, key: number, elements: number, idsAndDataOctets: number) {
    const octets = BODY_AT + KEY_OCTETS + 2 + elements * ELEMENT_OCTETS + idsAndDataOctets
    this.#message = new Uint8Array(octets)
    begin(this.#message, Kind.write, wallMs)
    writeU64(this.#message, BODY_AT, key)
    writeU16(this.#message, BODY_AT + KEY_OCTETS, elements)
  }

  add(id: string, offset: number, data: Uint8Array): void {
    const message = this.#message
    const at = putId(message, this.#at, id)
    writeU32(message, at, offset)
    writeU32(message, at + 4, data.length)
    message.set(data, at + 8)
    this.#at = at + 8 + data.length
  }

  finish(): Uint8Array {
    return this.#message
  }
}

/** Goes through the elements of a write without making anything of them but their ids. */
export class WriteDecoder {
  readonly element: WriteElement = { id: '', offset: 0, dataAt: 0, size: 0 }
  #message: Uint8Array = new Uint8Array(0)
  #at = 0
  #left = 0

  /** @returns false for octets that are no write */
  begin(message: Uint8Array): boolean {
    this.#message = message
    this.#at = BODY_AT + KEY_OCTETS + 2
    if (message.length < this.#at) return false
    this.#left = readU16(message, BODY_AT + KEY_OCTETS)
    return true
  }

  /** @returns false at the end, and when it is broken */
  next(): boolean {
    const message = this.#message
    if (this.#left === 0 || this.#at + 2 > message.length) return false
    this.#left--
    const idLength = readU16(message, this.#at)
    const at = this.#at + 2 + idLength
    if (at + 8 > message.length) return false
    const { element } = this
    element.id = idOf(message, this.#at + 2, idLength)
    element.offset = readU32(message, at)
    element.size = readU32(message, at + 4)
    element.dataAt = at + 8
    this.#at = at + 8 + element.size
    return this.#at <= message.length
  }

  /** All elements were gone through, and nothing was wrong. */
  get isDone(): boolean {
    return this.#left === 0 && this.#at === this.#message.length
  }
}

function begin(message: Uint8Array, kind: number, wallMs: number): void {
  message[MESSAGE_HEADER_OCTETS] = kind
  writeU64(message, MESSAGE_HEADER_OCTETS + 1, wallMs)
}

/** @returns the place behind it */
function putId(message: Uint8Array, at: number, id: string): number {
  writeU16(message, at, id.length)
  for (let i = 0; i < id.length; i++) message[at + 2 + i] = id.charCodeAt(i)
  return at + 2 + id.length
}
