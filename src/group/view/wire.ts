import { limits, OctetReader, OctetWriter } from '../../base/index.js'
import { sameRing, type RingId } from '../configuration.js'
import { Lineage, type LineageEntry } from './lineage.js'
import type { QuorumSettings } from './quorum.js'

/**
 * Octets in front of every message of the layer: the service it is for (0: the layer itself), and its kind.
 * Who sends leaves room for them, so that the payload need not be copied once more.
 */
export const MESSAGE_HEADER_OCTETS = 2

export const LAYER = 0
export const MessageKind = { exchange: 0, message: 0, chunk: 1 } as const

const VERSION = 2
/** Milliseconds that mean: for ever. */
const FOREVER = 0xffff_ffff
/** Ring id, transitional, chain, position. */
const ENTRY_OCTETS = 29

/** What a member tells all others at the beginning of a configuration. */
export interface Exchange {
  /** The configuration it is meant for. */
  readonly ringId: RingId
  readonly bootTimestamp: bigint
  /** The last view it was in; null: none since its start. */
  readonly lastView: {
    readonly ringId: RingId
    readonly initialViewNumber: number
    readonly quorate: boolean
  } | null
  readonly quorum: QuorumSettings & { readonly votesSeen: number; readonly sawAll: boolean }
  /** For so long nobody outside of this configuration can have learned that the member runs. */
  readonly apartMs: number
  /** For so long its executive has been running. */
  readonly runningMs: number
  readonly services: readonly ServiceClaim[]
}

export interface ServiceClaim {
  readonly id: number
  readonly lineage: Lineage | null
  readonly since: number
}

/** A part of a snapshot. */
export interface Chunk {
  /** The view it was taken in. */
  readonly ringId: RingId
  /** Counted from 0. */
  readonly index: number
  readonly last: boolean
  readonly octets: Uint8Array
}

export const CHUNK_HEADER_OCTETS = MESSAGE_HEADER_OCTETS + 17

export function encodeExchange(exchange: Exchange): Uint8Array {
  const writer = new OctetWriter()
  writer.u8(LAYER)
  writer.u8(MessageKind.exchange)
  writer.u8(VERSION)
  writeRing(writer, exchange.ringId)
  writer.u64(Number(exchange.bootTimestamp / 1_000_000n))
  writer.u32(Number(exchange.bootTimestamp % 1_000_000n))
  const { lastView, quorum } = exchange
  writer.u8(flags(lastView !== null, lastView?.quorate ?? false))
  writeRing(writer, lastView?.ringId ?? { representative: 0, sequence: 0 })
  writer.u64(lastView?.initialViewNumber ?? 0)
  writer.u8(flags(quorum.mode === 'majority', quorum.twoNode, quorum.waitForAll, quorum.sawAll))
  writer.u16(quorum.expectedVotes ?? 0)
  writer.u16(quorum.votesSeen)
  writeDuration(writer, exchange.apartMs)
  writeDuration(writer, exchange.runningMs)
  writer.u16(exchange.services.length)
  for (const service of exchange.services) writeClaim(writer, service)
  return writer.finish()
}

/** @returns null for octets that are no exchange */
export function decodeExchange(octets: Uint8Array): Exchange | null {
  const reader = new OctetReader(octets, MESSAGE_HEADER_OCTETS)
  if (reader.u8() !== VERSION) return null
  const ringId = readRing(reader)
  const bootTimestamp = BigInt(reader.u64()) * 1_000_000n + BigInt(reader.u32())
  const [hasView, quorate] = bits(reader.u8())
  const viewRing = readRing(reader)
  const initialViewNumber = reader.u64()
  const [majority, twoNode, waitForAll, sawAll] = bits(reader.u8())
  const expectedVotes = reader.u16()
  const votesSeen = reader.u16()
  const apartMs = readDuration(reader)
  const runningMs = readDuration(reader)
  const services = []
  for (let left = reader.count(limits.services, 20); left > 0; left--) services.push(readClaim(reader))
  if (!reader.done()) return null
  return {
    ringId,
    bootTimestamp,
    lastView: hasView ? { ringId: viewRing, initialViewNumber, quorate: quorate! } : null,
    quorum: {
      mode: majority ? 'majority' : 'off',
      expectedVotes: majority ? expectedVotes : null,
      twoNode: twoNode!,
      waitForAll: waitForAll!,
      votesSeen,
      sawAll: sawAll!,
    },
    apartMs,
    runningMs,
    services,
  }
}

/** Rounded down: what is said to be over must be. */
function writeDuration(writer: OctetWriter, durationMs: number): void {
  writer.u32(Math.min(Math.floor(durationMs), FOREVER))
}

function readDuration(reader: OctetReader): number {
  const durationMs = reader.u32()
  return durationMs === FOREVER ? Infinity : durationMs
}

/** @param body an array with room for the header in front of `length` octets of the snapshot */
export function encodeChunk(
  body: Uint8Array,
  length: number,
  service: number,
  ringId: RingId,
  index: number,
  last: boolean,
): Uint8Array {
  const writer = new OctetWriter()
  writer.u8(service)
  writer.u8(MessageKind.chunk)
  writeRing(writer, ringId)
  writer.u32(index)
  writer.u8(last ? 1 : 0)
  body.set(writer.finish())
  return body.subarray(0, CHUNK_HEADER_OCTETS + length)
}

/** @returns null for octets that are no chunk of this view */
export function decodeChunk(octets: Uint8Array, ringId: RingId): Chunk | null {
  const reader = new OctetReader(octets, MESSAGE_HEADER_OCTETS)
  const ring = readRing(reader)
  const index = reader.u32()
  const last = reader.u8() === 1
  if (reader.broken || !sameRing(ring, ringId)) return null
  return { ringId: ring, index, last, octets: octets.subarray(CHUNK_HEADER_OCTETS) }
}

function writeClaim(writer: OctetWriter, { id, lineage, since }: ServiceClaim): void {
  writer.u8(id)
  writer.u8(lineage === null ? 0 : 1)
  writer.u64(since)
  writer.u64(lineage?.origin ?? 0)
  const entries = lineage?.entries ?? []
  writer.u16(entries.length)
  for (const { ringId, transitional, chain, position } of entries) {
    writeRing(writer, ringId)
    writer.u8(transitional ? 1 : 0)
    writer.u64(chain)
    writer.u64(position)
  }
}

function readClaim(reader: OctetReader): ServiceClaim {
  const id = reader.u8()
  const held = reader.u8() === 1
  const since = reader.u64()
  const origin = reader.u64()
  const entries: LineageEntry[] = []
  for (let left = reader.count(limits.lineageEntries, ENTRY_OCTETS); left > 0; left--) {
    const ringId = readRing(reader)
    entries.push({ ringId, transitional: reader.u8() === 1, chain: reader.u64(), position: reader.u64() })
  }
  return { id, lineage: held ? new Lineage(entries, origin) : null, since }
}

function writeRing(writer: OctetWriter, { representative, sequence }: RingId): void {
  writer.u32(representative)
  writer.u64(sequence)
}

function readRing(reader: OctetReader): RingId {
  return { representative: reader.u32(), sequence: reader.u64() }
}

function flags(...values: readonly boolean[]): number {
  return values.reduce((sum, value, bit) => (value ? sum | (1 << bit) : sum), 0)
}

function bits(octet: number): boolean[] {
  return [0, 1, 2, 3].map((bit) => (octet & (1 << bit)) !== 0)
}
