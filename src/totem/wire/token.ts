import { limits } from '../../base/index.js'
import type { RingId } from '../../group/index.js'
import { HEADER_OCTETS } from './header.js'
import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from '../../base/octets.js'

/** How far a member is with the ring the token belongs to. */
export const Phase = {
  /** Has frames of its old ring to send that others may lack. */
  recovering: 0,
  /** Has sent all of those. */
  sent: 1,
  /** Saw that all had sent them, and has received every one. */
  received: 2,
  /** Has installed the ring. */
  operational: 3,
} as const

/** What one member says of itself on the token. Only that member writes it. */
export interface TokenEntry {
  /** It has every frame up to here. */
  received: number
  /** It has delivered every message up to here. */
  delivered: number
  phase: number
}

/**
 * The ordering token (Totem, section 4.1). Where the paper's token has one `aru`, this one states
 * both watermarks for each member, in the order of the member list: nothing has to be inferred
 * from two rotations, and who lags is known by name.
 */
export interface Token {
  readonly ringId: RingId
  /** Grows by one with every hop. */
  count: number
  /** Highest sequence number given to a frame of this ring. */
  sequence: number
  /** Frames multicast in the last rotation. */
  rotationFrames: number
  /** Frames the members had waiting at their last visits. */
  backlog: number
  /** Hundredths of their windows that members may use: 100 and more. The representative says so. */
  scale: number
  readonly entries: TokenEntry[]
  /** Sequence numbers somebody lacks. */
  requests: number[]
}

const BODY_OCTETS = 42
const FIXED_OCTETS = HEADER_OCTETS + BODY_OCTETS
const ENTRY_OCTETS = 9
const REQUEST_OCTETS = 4
const LAG_MAX = 0xffff_ffff

/** How many retransmission requests a token of so many members has room for. */
export function requestCapacity(members: number, frameOctets: number): number {
  return Math.max(1, Math.floor((frameOctets - FIXED_OCTETS - members * ENTRY_OCTETS) / REQUEST_OCTETS))
}

export function encodeToken(token: Token): Uint8Array {
  const { entries, requests } = token
  const frame = new Uint8Array(
    FIXED_OCTETS + entries.length * ENTRY_OCTETS + requests.length * REQUEST_OCTETS,
  )
  let at = HEADER_OCTETS
  writeU32(frame, at, token.ringId.representative)
  writeU64(frame, at + 4, token.ringId.sequence)
  writeU64(frame, at + 12, token.count)
  writeU64(frame, at + 20, token.sequence)
  writeU32(frame, at + 28, token.rotationFrames)
  writeU32(frame, at + 32, token.backlog)
  writeU16(frame, at + 36, entries.length)
  writeU16(frame, at + 38, requests.length)
  writeU16(frame, at + 40, token.scale)
  at += BODY_OCTETS
  for (const entry of entries) {
    writeU32(frame, at, Math.min(token.sequence - entry.received, LAG_MAX))
    writeU32(frame, at + 4, Math.min(token.sequence - entry.delivered, LAG_MAX))
    frame[at + 8] = entry.phase
    at += ENTRY_OCTETS
  }
  for (const request of requests) {
    writeU32(frame, at, token.sequence - request)
    at += REQUEST_OCTETS
  }
  return frame
}

export function decodeToken(frame: Uint8Array): Token | null {
  if (frame.length < FIXED_OCTETS) return null
  let at = HEADER_OCTETS
  const members = readU16(frame, at + 36)
  const requested = readU16(frame, at + 38)
  if (members === 0 || members > limits.ringMembers) return null
  if (frame.length !== FIXED_OCTETS + members * ENTRY_OCTETS + requested * REQUEST_OCTETS) return null
  const sequence = readU64(frame, at + 20)
  const ringId = { representative: readU32(frame, at), sequence: readU64(frame, at + 4) }
  const count = readU64(frame, at + 12)
  if (sequence > limits.messageSequenceMax || ringId.sequence > limits.ringSequenceMax) return null
  if (count > Number.MAX_SAFE_INTEGER - 1) return null
  const rotationFrames = readU32(frame, at + 28)
  const backlog = readU32(frame, at + 32)
  const scale = readU16(frame, at + 40)
  at += BODY_OCTETS
  const entries: TokenEntry[] = []
  for (let i = 0; i < members; i++, at += ENTRY_OCTETS) {
    const received = sequence - readU32(frame, at)
    const delivered = sequence - readU32(frame, at + 4)
    const phase = frame[at + 8]!
    if (delivered < 0 || received < 0 || phase > Phase.operational) return null
    entries.push({ received, delivered, phase })
  }
  const requests: number[] = []
  for (let i = 0; i < requested; i++, at += REQUEST_OCTETS) requests.push(sequence - readU32(frame, at))
  return { ringId, count, sequence, rotationFrames, backlog, scale, entries, requests }
}
