import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from '../../base/octets.js'

/** What a frame carries. Values are on the wire. */
export const FrameKind = {
  data: 1,
  token: 2,
  join: 3,
  commit: 4,
  presence: 5,
  leave: 6,
  cancelHold: 7,
  probe: 8,
  query: 9,
  answer: 10,
} as const
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind]

/** 'AIS' and the version of the wire. */
const MAGIC = 0x53_49_41
export const WIRE_VERSION = 1
export const HEADER_OCTETS = 36
/** The checksum covers everything from here on. */
const CHECKSUM_FROM = 8
const KIND_AT = 8
const FLAGS_AT = 9
const LENGTH_AT = 10

/** Who sends, in which cluster: the fields that are the same in all frames of a process. */
export interface FrameOrigin {
  readonly clusterHash: number
  readonly nodeId: number
  readonly incarnation: number
}

export interface FrameHeader {
  readonly kind: FrameKind
  readonly flags: number
  readonly sender: number
  readonly incarnation: number
  /** Grows with each control message of one incarnation: tells a replay from news. */
  readonly counter: number
}

export type Checksum = (frame: Uint8Array, offset: number) => number

/** Fill in the header of a frame whose body is in place, checksum last. */
export function sealFrame(
  frame: Uint8Array,
  origin: FrameOrigin,
  kind: FrameKind,
  flags: number,
  counter: number,
  checksum: Checksum,
): void {
  writeU32(frame, 0, MAGIC | (WIRE_VERSION << 24))
  frame[KIND_AT] = kind
  frame[FLAGS_AT] = flags
  writeU16(frame, LENGTH_AT, frame.length)
  writeU32(frame, 12, origin.clusterHash)
  writeU32(frame, 16, origin.nodeId)
  writeU64(frame, 20, origin.incarnation)
  writeU64(frame, 28, counter)
  writeU32(frame, 4, checksum(frame, CHECKSUM_FROM))
}

/** Why a frame was not taken. Each has its counter. */
export type Refusal = 'not-ours' | 'version' | 'cluster' | 'checksum' | 'malformed'

/** Sender and incarnation, without any check but the length: lets a process drop its own copies cheaply. */
export function isFrom(frame: Uint8Array, nodeId: number, incarnation: number): boolean {
  return frame.length >= HEADER_OCTETS && readU32(frame, 16) === nodeId && readU64(frame, 20) === incarnation
}

const SENDER_AT = 16
const INCARNATION_AT = 20

/** Where the frames of a process say that they are its own, and how. */
export function ownMark({ nodeId, incarnation }: Pick<FrameOrigin, 'nodeId' | 'incarnation'>): {
  readonly at: number
  readonly octets: Uint8Array
} {
  const octets = new Uint8Array(INCARNATION_AT + 8 - SENDER_AT)
  writeU32(octets, 0, nodeId)
  writeU64(octets, INCARNATION_AT - SENDER_AT, incarnation)
  return { at: SENDER_AT, octets }
}

/** Of the frame that begins there, as it says itself: unchecked. */
export function frameOctetsAt(octets: Uint8Array, at: number): number {
  return readU16(octets, at + LENGTH_AT)
}

/** Several frames that came together, one behind the other up to the end; else it is one frame, or none. */
export function areSeveral(octets: Uint8Array): boolean {
  let at = 0
  let frames = 0
  while (octets.length - at >= HEADER_OCTETS) {
    const length = frameOctetsAt(octets, at)
    if (length < HEADER_OCTETS) return false
    at += length
    frames++
  }
  return frames > 1 && at === octets.length
}

export function openFrame(frame: Uint8Array, clusterHash: number, checksum: Checksum): FrameHeader | Refusal {
  if (frame.length < HEADER_OCTETS) return 'not-ours'
  const magic = readU32(frame, 0)
  if ((magic & 0xff_ff_ff) !== MAGIC) return 'not-ours'
  if (magic >>> 24 !== WIRE_VERSION) return 'version'
  if (readU32(frame, 12) !== clusterHash) return 'cluster'
  if (readU32(frame, 4) !== checksum(frame, CHECKSUM_FROM)) return 'checksum'
  const kind = frame[KIND_AT]!
  if (kind < FrameKind.data || kind > FrameKind.answer) return 'malformed'
  if (readU16(frame, LENGTH_AT) !== frame.length) return 'malformed'
  const header = {
    kind: kind as FrameKind,
    flags: frame[FLAGS_AT]!,
    sender: readU32(frame, 16),
    incarnation: readU64(frame, 20),
    counter: readU64(frame, 28),
  }
  const exact = header.incarnation <= Number.MAX_SAFE_INTEGER && header.counter <= Number.MAX_SAFE_INTEGER
  return exact && header.sender !== 0 ? header : 'malformed'
}

/** FNV-1a over the UTF-8 octets of a cluster's name: keeps clusters on one address and port apart. */
export function clusterHash(name: string): number {
  let hash = 0x811c9dc5
  for (const octet of new TextEncoder().encode(name)) hash = Math.imul(hash ^ octet, 0x01000193)
  return hash >>> 0
}
