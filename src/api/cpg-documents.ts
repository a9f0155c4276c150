import { cpgReasons, readU32, type CpgAddress, type CpgReason } from '../base/index.js'
import type { CpgChange, CpgConfiguration, CpgMembershipChange } from './cpg-types.js'
import { arrayOf, fieldsOf, numberOf, strange, wholeNumber, type Fields } from './documents.js'

// Every reader throws AisError ERR_LIBRARY for anything that is not what it reads.

export function readConfiguration(fields: Fields): CpgConfiguration {
  const ringId = fieldsOf(fields.ringId, 'ringId')
  return {
    ringId: { representative: numberOf(ringId, 'representative'), sequence: numberOf(ringId, 'sequence') },
    members: arrayOf(fields.members, 'members').map((id) => wholeNumber(id, 'node id')),
  }
}

function readAddresses(value: unknown, what: string): CpgAddress[] {
  const numbers = arrayOf(value, what)
  if (numbers.length % 2 !== 0) throw strange(what, numbers.length)
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({
    nodeId: wholeNumber(numbers[2 * index], 'node id'),
    pid: wholeNumber(numbers[2 * index + 1], 'pid'),
  }))
}

function readReason(value: unknown): CpgReason {
  const reason = cpgReasons.find((known) => known === value)
  if (reason === undefined) throw strange('reason', value)
  return reason
}

export function readMembership(fields: Fields): CpgMembershipChange {
  const changes = (what: 'joined' | 'left'): CpgChange[] => {
    const reason = readReason(fields[`${what}Reason`])
    return readAddresses(fields[what], what).map((address) => ({ ...address, reason }))
  }
  return {
    members: readAddresses(fields.members, 'members'),
    joined: changes('joined'),
    left: changes('left'),
  }
}

const LENGTH_OCTETS = 4

/** Tell the messages of an event, one after the other, as parts of the octets that came. */
export function eachMessage(octets: Uint8Array, tell: (payload: Uint8Array) => void): void {
  let at = 0
  while (at < octets.length) {
    const end = at + LENGTH_OCTETS + readU32(octets, at)
    if (octets.length - at < LENGTH_OCTETS || end > octets.length) throw strange('message', octets.length)
    tell(octets.subarray(at + LENGTH_OCTETS, end))
    at = end
  }
}
