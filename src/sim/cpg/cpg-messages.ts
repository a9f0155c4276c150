import { limits, readU32, writeU32 } from '../../base/index.js'
import { MESSAGE_LENGTH_OCTETS } from '../../services/cpg/wire.js'

/** One message as the applications of a run make them: whose it is, and which of that membership's. */
export interface CpgMessageId {
  /** Of the membership that sent it: no two of a run have the same. */
  readonly serial: number
  readonly number: number
}

/** Serial, number, length. */
export const CPG_OCTETS_MIN = 12

/** A message that says who sent it and that shows whether it came through whole. */
export function makeCpgMessage({ serial, number }: CpgMessageId, octets: number): Uint8Array {
  const payload = new Uint8Array(octets)
  writeU32(payload, 0, serial)
  writeU32(payload, 4, number)
  writeU32(payload, 8, octets)
  for (let at = CPG_OCTETS_MIN; at < octets; at++) payload[at] = patternOf(serial + number, at)
  return payload
}

/** @returns null when the octets are not those of any message made here */
export function readCpgMessage(payload: Uint8Array): CpgMessageId | null {
  if (payload.length < CPG_OCTETS_MIN || readU32(payload, 8) !== payload.length) return null
  const id = { serial: readU32(payload, 0), number: readU32(payload, 4) }
  for (let at = CPG_OCTETS_MIN; at < payload.length; at += payload.length > 4096 ? 61 : 1) {
    if (payload[at] !== patternOf(id.serial + id.number, at)) return null
  }
  return id
}

/** As an application hands them over: room for the executive, then each behind its length. */
export function packMessages(messages: readonly Uint8Array[]): Uint8Array {
  const sizes = messages.map(({ length }) => MESSAGE_LENGTH_OCTETS + length)
  const octets = new Uint8Array(limits.cpgRoomOctets + sizes.reduce((sum, size) => sum + size, 0))
  let at: number = limits.cpgRoomOctets
  for (const message of messages) {
    writeU32(octets, at, message.length)
    octets.set(message, at + MESSAGE_LENGTH_OCTETS)
    at += MESSAGE_LENGTH_OCTETS + message.length
  }
  return octets
}

/** @returns null when they are not whole messages, each behind its length */
export function unpackMessages(octets: Uint8Array): Uint8Array[] | null {
  const messages: Uint8Array[] = []
  let at = 0
  while (at < octets.length) {
    if (octets.length - at < MESSAGE_LENGTH_OCTETS) return null
    const from = at + MESSAGE_LENGTH_OCTETS
    at = from + readU32(octets, at)
    if (at > octets.length) return null
    messages.push(octets.subarray(from, at))
  }
  return messages
}

function patternOf(number: number, at: number): number {
  return (number * 31 + at + (at >> 8)) & 0xff
}
