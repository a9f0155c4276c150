import { invariant } from '../base/index.js'
import { readU32, readU64, writeU32, writeU64 } from '../base/octets.js'
import type { MessageId } from './history.js'

/** In front of the messages of the load: no service of the view layer has this number. */
export const LOAD_SERVICE = 255
/** Service, node id, incarnation, number, length. */
export const MESSAGE_OCTETS_MIN = 21

/** A message that says who sent it and that shows whether it came through whole. */
export function makeMessage(id: MessageId, octets: number): Uint8Array {
  invariant(octets >= MESSAGE_OCTETS_MIN, 'a message too short to name its sender')
  const payload = new Uint8Array(octets)
  payload[0] = LOAD_SERVICE
  writeU32(payload, 1, id.nodeId)
  writeU64(payload, 5, id.incarnation)
  writeU32(payload, 13, id.number)
  writeU32(payload, 17, octets)
  for (let at = MESSAGE_OCTETS_MIN; at < octets; at++) payload[at] = patternOf(id.number, at)
  return payload
}

/** @returns null when the octets are not those of any message made here */
export function readMessage(payload: Uint8Array): MessageId | null {
  if (
    payload.length < MESSAGE_OCTETS_MIN ||
    payload[0] !== LOAD_SERVICE ||
    readU32(payload, 17) !== payload.length
  )
    return null
  const id = {
    nodeId: readU32(payload, 1),
    incarnation: readU64(payload, 5),
    number: readU32(payload, 13),
  }
  for (let at = MESSAGE_OCTETS_MIN; at < payload.length; at += payload.length > 4096 ? 61 : 1) {
    if (payload[at] !== patternOf(id.number, at)) return null
  }
  return id
}

function patternOf(number: number, at: number): number {
  return (number * 31 + at + (at >> 8)) & 0xff
}
