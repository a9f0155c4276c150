import { limits } from '../../base/index.js'
import type { Guarantee, RingId } from '../../group/index.js'
import { FrameKind, HEADER_OCTETS, openFrame, type Checksum } from './header.js'
import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from '../../base/octets.js'

/** Header, ring id, sequence number. */
export const DATA_HEADER_OCTETS = HEADER_OCTETS + 20
/** The frame waits until every member is known to have it. */
export const FLAG_SAFE = 1
/** The frame carries a whole frame of an old ring, for those who lack it. */
export const FLAG_RECOVERY = 2

const CHUNK_FIRST = 1
const CHUNK_LAST = 2
/** Length and flags. */
export const CHUNK_HEADER_OCTETS = 3
/** The first of several chunks of a message also says how long the message is. */
export const CHUNK_TOTAL_OCTETS = 4

/** A frame with everything but its header's seal. */
export interface UnsealedFrame {
  readonly octets: Uint8Array
  readonly flags: number
  /** Messages that end in it; undefined: it carries a frame of an old ring. */
  readonly completed?: readonly Uint8Array[]
}

/** A data frame as it is kept until every member has it: the octets are sent again as they are. */
export interface DataFrame {
  readonly octets: Uint8Array
  readonly sender: number
  readonly incarnation: number
  readonly representative: number
  readonly ringSequence: number
  readonly sequence: number
  readonly safe: boolean
  readonly recovery: boolean
  /** Of a frame made here: the messages that it completes, as they were handed over. */
  readonly own?: readonly Uint8Array[]
}

export function writeDataHeader(frame: Uint8Array, ringId: RingId, sequence: number): void {
  writeU32(frame, HEADER_OCTETS, ringId.representative)
  writeU64(frame, HEADER_OCTETS + 4, ringId.sequence)
  writeU64(frame, HEADER_OCTETS + 12, sequence)
}

/** @returns null when the frame is malformed; the chunks of an accepted frame are all well-formed */
export function readDataFrame(
  octets: Uint8Array,
  sender: number,
  incarnation: number,
  flags: number,
): DataFrame | null {
  if (octets.length < DATA_HEADER_OCTETS) return null
  const frame = {
    octets,
    sender,
    incarnation,
    representative: readU32(octets, HEADER_OCTETS),
    ringSequence: readU64(octets, HEADER_OCTETS + 4),
    sequence: readU64(octets, HEADER_OCTETS + 12),
    safe: (flags & FLAG_SAFE) !== 0,
    recovery: (flags & FLAG_RECOVERY) !== 0,
  }
  if (frame.sequence > limits.messageSequenceMax || frame.ringSequence > limits.ringSequenceMax) return null
  return frame.recovery || chunksAreSound(octets) ? frame : null
}

/** A frame made here needs no reading. */
export function ownFrame(
  { octets, flags, completed }: UnsealedFrame,
  ringId: RingId,
  { nodeId, incarnation }: { readonly nodeId: number; readonly incarnation: number },
  sequence: number,
): DataFrame {
  return {
    octets,
    sender: nodeId,
    incarnation,
    representative: ringId.representative,
    ringSequence: ringId.sequence,
    sequence,
    safe: (flags & FLAG_SAFE) !== 0,
    recovery: (flags & FLAG_RECOVERY) !== 0,
    ...(completed === undefined ? {} : { own: completed }),
  }
}

export function isOfRing(frame: DataFrame, ringId: RingId): boolean {
  return frame.ringSequence === ringId.sequence && frame.representative === ringId.representative
}

/** The frame of an old ring that a recovery frame carries whole; null when that is malformed. */
export function innerFrame(frame: DataFrame, clusterHash: number, checksum: Checksum): DataFrame | null {
  const octets = frame.octets.subarray(DATA_HEADER_OCTETS)
  const header = openFrame(octets, clusterHash, checksum)
  if (typeof header === 'string' || header.kind !== FrameKind.data) return null
  return readDataFrame(octets, header.sender, header.incarnation, header.flags)
}

export function guaranteeOf(frame: DataFrame): Guarantee {
  return frame.safe ? 'safe' : 'agreed'
}

/** Octets of a chunk's header, given whether it is the first and the last of its message. */
export function chunkHeaderOctets(first: boolean, last: boolean): number {
  return first && !last ? CHUNK_HEADER_OCTETS + CHUNK_TOTAL_OCTETS : CHUNK_HEADER_OCTETS
}

/** @returns where the chunk's own octets begin */
export function writeChunkHeader(
  frame: Uint8Array,
  at: number,
  length: number,
  total: number,
  first: boolean,
  last: boolean,
): number {
  writeU16(frame, at, length)
  frame[at + 2] = (first ? CHUNK_FIRST : 0) | (last ? CHUNK_LAST : 0)
  if (!first || last) return at + CHUNK_HEADER_OCTETS
  writeU32(frame, at + CHUNK_HEADER_OCTETS, total)
  return at + CHUNK_HEADER_OCTETS + CHUNK_TOTAL_OCTETS
}

/** The rest of a frame carries nothing: it was made as long as the others it left with. */
function isPadding(octets: Uint8Array, at: number): boolean {
  const end = Math.min(at + CHUNK_HEADER_OCTETS, octets.length)
  for (let i = at; i < end; i++) if (octets[i] !== 0) return false
  return true
}

function chunksAreSound(octets: Uint8Array): boolean {
  let at = DATA_HEADER_OCTETS
  while (at < octets.length) {
    if (isPadding(octets, at)) return at > DATA_HEADER_OCTETS
    if (at + CHUNK_HEADER_OCTETS > octets.length) return false
    const flags = octets[at + 2]!
    if (flags > (CHUNK_FIRST | CHUNK_LAST)) return false
    const length = readU16(octets, at)
    const begins = flags === CHUNK_FIRST
    if (begins && at + CHUNK_HEADER_OCTETS + CHUNK_TOTAL_OCTETS > octets.length) return false
    if (begins && !totalIsSound(readU32(octets, at + CHUNK_HEADER_OCTETS), length)) return false
    at += (begins ? CHUNK_HEADER_OCTETS + CHUNK_TOTAL_OCTETS : CHUNK_HEADER_OCTETS) + length
    // A message goes on in the next frame only when this one is full.
    if ((flags & CHUNK_LAST) === 0 && at !== octets.length) return false
  }
  return at === octets.length && at > DATA_HEADER_OCTETS
}

function totalIsSound(total: number, length: number): boolean {
  return total > length && total <= limits.messageOctets
}

interface PartialMessage {
  readonly payload: Uint8Array
  filled: number
}

/**
 * Puts the chunks of frames, taken in order, together into messages: one partial message a sender.
 * A message in one chunk is handed on as a view of its frame, a longer one is copied once.
 */
export class Assembler {
  private readonly partial = new Map<number, PartialMessage>()

  /** @param deliver called once for each message the frame completes */
  take(frame: DataFrame, deliver: (payload: Uint8Array) => void): void {
    const { octets, sender, own } = frame
    if (own !== undefined) {
      for (const payload of own) deliver(payload)
      return
    }
    let at = DATA_HEADER_OCTETS
    while (at < octets.length && !isPadding(octets, at)) {
      const length = readU16(octets, at)
      const flags = octets[at + 2]!
      at += CHUNK_HEADER_OCTETS
      if (flags === (CHUNK_FIRST | CHUNK_LAST)) {
        deliver(octets.subarray(at, at + length))
      } else if (flags === CHUNK_FIRST) {
        const message = { payload: new Uint8Array(readU32(octets, at)), filled: 0 }
        at += CHUNK_TOTAL_OCTETS
        this.partial.set(sender, message)
        append(message, octets.subarray(at, at + length))
      } else {
        this.proceed(sender, octets.subarray(at, at + length), flags === CHUNK_LAST, deliver)
      }
      at += length
    }
  }

  private proceed(
    sender: number,
    chunk: Uint8Array,
    last: boolean,
    deliver: (payload: Uint8Array) => void,
  ): void {
    const message = this.partial.get(sender)
    // Without its beginning, or longer than it said: only a forged frame gets here.
    if (!message || !append(message, chunk)) return
    if (!last) return
    this.partial.delete(sender)
    if (message.filled === message.payload.length) deliver(message.payload)
  }
}

function append(message: PartialMessage, chunk: Uint8Array): boolean {
  if (message.filled + chunk.length > message.payload.length) return false
  message.payload.set(chunk, message.filled)
  message.filled += chunk.length
  return true
}
