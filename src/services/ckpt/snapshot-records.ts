import {
  OctetReader,
  OctetWriter,
  readU16,
  readU32,
  TIME_END,
  writeU16,
  writeU32,
  writeU64,
} from '../../base/index.js'
import type { Process, Stamp } from './checkpoint-status.js'
import type { Section } from './section.js'

/**
 * A snapshot is a row of records: kind (1), octets of the body (2), body (docs/protocol.md, "Snapshots of
 * CKPT"). Behind a section's record lie its data.
 */
export const RecordKind = {
  /** Version of the form. First of all. */
  head: 1,
  checkpoint: 2,
  /** Of the checkpoint before it, like the sections. */
  opener: 3,
  section: 4,
  tombstone: 5,
  /** Followed by the checkpoint that lost it, if its sender has that in memory. */
  conflict: 6,
  end: 7,
} as const

export const SNAPSHOT_VERSION = 1
export const RECORD_HEADER_OCTETS = 3
/** Handles in one record. */
export const OPENER_HANDLES_MAX = 4096
/** Octets of a section's record before its id. */
const SECTION_BODY_OCTETS = 28
/** Stands for a time without end. */
const ENDLESS = Number.MAX_SAFE_INTEGER
const TIME_END_HIGH = 0x7fff_ffff
const TIME_END_LOW = 0xffff_ffff

/** What a checkpoint's record says beside its identity and status. */
export const CheckpointFlags = { unlinked: 1, hasActiveReplica: 2, isOmitted: 4 } as const

/** What is known of a section before its data come. */
export interface SectionHead {
  readonly id: string
  readonly size: number
  readonly expirationTime: bigint
  /** Milliseconds; Infinity: for ever. */
  readonly remainingMs: number
  readonly lastUpdateMs: number
}

/** Makes one record, all but sections'. */
export class RecordWriter extends OctetWriter {
  constructor(kind: number) {
    super()
    this.u8(kind)
    this.u16(0)
  }

  process({ nodeId, incarnation }: Process): void {
    this.u32(nodeId)
    this.u64(incarnation)
  }

  /** Never less than what is left, so that nothing ends before its time. */
  duration(ms: number): void {
    this.u64(ms === Infinity ? ENDLESS : Math.max(0, Math.min(Math.ceil(ms), ENDLESS - 1)))
  }

  stamp({ stretch, position }: Stamp): void {
    this.u32(stretch.ringId.representative)
    this.u64(stretch.ringId.sequence)
    this.u8(stretch.transitional ? 1 : 0)
    this.u64(stretch.chain)
    this.u64(position)
  }

  /** Text of hexadecimal digits or none. */
  optionalText(text: string | null): void {
    this.u8(text === null ? 0 : 1)
    if (text !== null) this.text(text)
  }

  numbers(values: readonly number[]): void {
    this.u16(values.length)
    for (const value of values) this.u32(value)
  }

  /** The record, complete, in an array of its own. */
  record(): Uint8Array {
    const record = this.finish().slice()
    writeU16(record, 1, record.length - RECORD_HEADER_OCTETS)
    return record
  }
}

/** Reads the body of a record. */
export class RecordReader extends OctetReader {
  process(): Process {
    return { nodeId: this.u32(), incarnation: this.u64() }
  }

  duration(): number {
    const ms = this.u64()
    return ms === ENDLESS ? Infinity : ms
  }

  stamp(): Stamp {
    const ringId = { representative: this.u32(), sequence: this.u64() }
    const stretch = { ringId, transitional: this.u8() === 1, chain: this.u64() }
    return { stretch, position: this.u64() }
  }

  optionalText(): string | null {
    return this.u8() === 0 ? null : this.text()
  }

  numbers(limit: number): number[] {
    const values: number[] = []
    for (let left = this.count(limit, 4); left > 0; left--) values.push(this.u32())
    return values
  }
}

/** A section's record, without its data. */
export function encodeSection(section: Section, nowMs: number): Uint8Array {
  const { id, size, expirationTime, dueMs, lastUpdateMs } = section
  const record = new Uint8Array(RECORD_HEADER_OCTETS + SECTION_BODY_OCTETS + id.length)
  record[0] = RecordKind.section
  writeU16(record, 1, record.length - RECORD_HEADER_OCTETS)
  let at = RECORD_HEADER_OCTETS
  writeU32(record, at, size)
  const isEndless = expirationTime === TIME_END
  writeU32(record, at + 4, isEndless ? TIME_END_LOW : Number(BigInt.asUintN(32, expirationTime)))
  writeU32(record, at + 8, isEndless ? TIME_END_HIGH : Number(BigInt.asUintN(32, expirationTime >> 32n)))
  writeU64(record, at + 12, dueMs === Infinity ? ENDLESS : Math.max(0, Math.ceil(dueMs - nowMs)))
  writeU64(record, at + 20, lastUpdateMs)
  at += SECTION_BODY_OCTETS
  for (let index = 0; index < id.length; index++) record[at + index] = id.charCodeAt(index)
  return record
}

/** @returns null for a body that is none of a section */
export function decodeSection(octets: Uint8Array, at: number, length: number): SectionHead | null {
  if (length < SECTION_BODY_OCTETS) return null
  const [low, high] = [readU32(octets, at + 4), readU32(octets, at + 8)]
  const isEndless = low === TIME_END_LOW && high === TIME_END_HIGH
  const remaining = readU32(octets, at + 12) + readU32(octets, at + 16) * 0x1_0000_0000
  let id = ''
  for (let index = at + SECTION_BODY_OCTETS; index < at + length; index++) {
    id += String.fromCharCode(octets[index]!)
  }
  return {
    id,
    size: readU32(octets, at),
    expirationTime: isEndless ? TIME_END : BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)),
    remainingMs: remaining === ENDLESS ? Infinity : remaining,
    lastUpdateMs: readU32(octets, at + 20) + readU32(octets, at + 24) * 0x1_0000_0000,
  }
}

/** Octets of the body of the record that begins at `at`. */
export function bodyOctets(octets: Uint8Array, at: number): number {
  return readU16(octets, at + 1)
}
