import { limits, OctetReader, OctetWriter, readU32, writeU32 } from '../../base/index.js'
import { MESSAGE_HEADER_OCTETS } from '../../group/index.js'

/** What a message of this service says; on the wire (docs/protocol.md, "Messages of CPG"). */
export const Kind = { join: 1, leave: 2, announcement: 3, batch: 4, hold: 5 } as const

/** One application in one group. */
export interface Membership {
  /** Of its node, never used again while the executive runs. */
  readonly number: number
  readonly pid: number
  readonly group: string
}

/** What a node says of itself at the beginning of a view: it replaces what is known of it from before. */
export interface Announcement {
  /** Number of the view for which it was made. */
  readonly view: number
  readonly memberships: readonly Membership[]
  /** Groups to which nothing is to be sent for the time being: a member on this node is behind. */
  readonly held: readonly string[]
}

/** Messages of one member to its group, one after the other. */
export interface Batch {
  readonly membership: Membership
  readonly isSafe: boolean
  /** As `batchProblem` has found them sound. */
  readonly messages: Uint8Array
}

export type CpgMessage =
  | { readonly kind: typeof Kind.join; readonly membership: Membership }
  | { readonly kind: typeof Kind.leave; readonly number: number; readonly isDown: boolean }
  | { readonly kind: typeof Kind.announcement; readonly announcement: Announcement }
  | { readonly kind: typeof Kind.batch; readonly batch: Batch }
  | { readonly kind: typeof Kind.hold; readonly group: string; readonly isHeld: boolean }

/** Octets in front of each message of a batch: its length. */
export const MESSAGE_LENGTH_OCTETS = 4

const FLAG_SAFE = 1
const decoder = new TextDecoder('utf-8', { fatal: true })
const encoder = new TextEncoder()

function begin(kind: number): OctetWriter {
  const writer = new OctetWriter()
  writer.bytes(new Uint8Array(MESSAGE_HEADER_OCTETS))
  writer.u8(kind)
  return writer
}

function writeMembership(writer: OctetWriter, { number, pid, group }: Membership): void {
  writer.u32(number)
  writer.u32(pid)
  writer.text(group)
}

function readMembership(reader: OctetReader): Membership {
  return { number: reader.u32(), pid: reader.u32(), group: reader.text() }
}

export function encodeJoin(membership: Membership): Uint8Array {
  const writer = begin(Kind.join)
  writeMembership(writer, membership)
  return writer.finish()
}

/** @param isDown the process is gone, without a word */
export function encodeLeave(number: number, isDown: boolean): Uint8Array {
  const writer = begin(Kind.leave)
  writer.u32(number)
  writer.u8(isDown ? 1 : 0)
  return writer.finish()
}

export function encodeAnnouncement({ view, memberships, held }: Announcement): Uint8Array {
  const writer = begin(Kind.announcement)
  writer.u64(view)
  writer.u16(memberships.length)
  for (const membership of memberships) writeMembership(writer, membership)
  writer.u16(held.length)
  for (const group of held) writer.text(group)
  return writer.finish()
}

export function encodeHold(group: string, isHeld: boolean): Uint8Array {
  const writer = begin(Kind.hold)
  writer.text(group)
  writer.u8(isHeld ? 1 : 0)
  return writer.finish()
}

/** Kind, flags, number, pid, length of the group's name. */
const BATCH_HEADER_OCTETS = MESSAGE_HEADER_OCTETS + 11

/**
 * The one message that is not copied: its header goes where there is room for it.
 * @param octets limits.cpgRoomOctets of room, then the messages; they become those of the message
 */
export function encodeBatch(
  octets: Uint8Array,
  { number, pid, group }: Membership,
  isSafe: boolean,
): Uint8Array {
  const name = encoder.encode(group)
  const payload = octets.subarray(limits.cpgRoomOctets - BATCH_HEADER_OCTETS - name.length)
  payload[MESSAGE_HEADER_OCTETS] = Kind.batch
  payload[MESSAGE_HEADER_OCTETS + 1] = isSafe ? FLAG_SAFE : 0
  writeU32(payload, MESSAGE_HEADER_OCTETS + 2, number)
  writeU32(payload, MESSAGE_HEADER_OCTETS + 6, pid)
  payload[MESSAGE_HEADER_OCTETS + 10] = name.length
  payload.set(name, BATCH_HEADER_OCTETS)
  return payload
}

/** @returns null for what is no message of this version. Never throws */
export function decodeMessage(payload: Uint8Array): CpgMessage | null {
  const kind = payload[MESSAGE_HEADER_OCTETS]
  if (kind === Kind.batch) return decodeBatch(payload)
  const reader = new OctetReader(payload, MESSAGE_HEADER_OCTETS + 1)
  const message = readMessage(kind ?? 0, reader)
  return message !== null && reader.done() ? message : null
}

function readMessage(kind: number, reader: OctetReader): CpgMessage | null {
  switch (kind) {
    case Kind.join:
      return { kind, membership: readMembership(reader) }
    case Kind.leave:
      return { kind, number: reader.u32(), isDown: reader.u8() === 1 }
    case Kind.announcement: {
      const view = reader.u64()
      const memberships: Membership[] = []
      for (let left = reader.count(limits.cpgMemberships, 9); left > 0; left--) {
        memberships.push(readMembership(reader))
      }
      const held: string[] = []
      for (let left = reader.count(limits.cpgMemberships, 1); left > 0; left--) held.push(reader.text())
      return { kind, announcement: { view, memberships, held } }
    }
    case Kind.hold:
      return { kind, group: reader.text(), isHeld: reader.u8() === 1 }
    default:
      return null
  }
}

function decodeBatch(payload: Uint8Array): CpgMessage | null {
  if (payload.length < BATCH_HEADER_OCTETS) return null
  const at = BATCH_HEADER_OCTETS + payload[BATCH_HEADER_OCTETS - 1]!
  if (at > payload.length) return null
  const group = nameOf(payload, BATCH_HEADER_OCTETS, at)
  const messages = payload.subarray(at)
  if (group === null || batchProblem(messages) !== null) return null
  const membership = {
    number: readU32(payload, MESSAGE_HEADER_OCTETS + 2),
    pid: readU32(payload, MESSAGE_HEADER_OCTETS + 6),
    group,
  }
  const isSafe = (payload[MESSAGE_HEADER_OCTETS + 1]! & FLAG_SAFE) !== 0
  return { kind: Kind.batch, batch: { membership, isSafe, messages } }
}

/** The last name that was read: mostly it is the next one, too. */
let known = { octets: new Uint8Array(0), text: '' }

function nameOf(payload: Uint8Array, from: number, to: number): string | null {
  const { octets, text } = known
  let same = octets.length === to - from
  for (let i = 0; same && i < octets.length; i++) same = octets[i] === payload[from + i]
  if (same) return text
  try {
    const name = payload.slice(from, to)
    known = { octets: name, text: decoder.decode(name) }
    return known.text
  } catch {
    return null
  }
}

/** @returns what is wrong with octets that ought to be messages, each behind its length; null: nothing */
export function batchProblem(messages: Uint8Array): string | null {
  let at = 0
  while (at < messages.length) {
    if (messages.length - at < MESSAGE_LENGTH_OCTETS) return 'they end within the length of a message'
    const length = readU32(messages, at)
    if (length > limits.cpgMessageOctets) {
      return `a message of ${length} octets is in them; at most ${limits.cpgMessageOctets} are possible`
    }
    at += MESSAGE_LENGTH_OCTETS + length
  }
  if (at !== messages.length) return 'they end within a message'
  return at === 0 ? 'there is no message in them' : null
}
