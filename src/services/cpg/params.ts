import { limits } from '../../base/index.js'
import type { Request } from '../front.js'
import { shown } from '../shown.js'
import { batchProblem, MESSAGE_LENGTH_OCTETS } from './wire.js'

const PID_MAX = 2 ** 31 - 1
const CONTROL_CHARACTERS = /\p{Cc}|\p{Zl}|\p{Zp}/u
const encoder = new TextEncoder()

/** What joins carry; each reader fails the request and returns undefined for what is not right. */
export interface JoinParams {
  readonly group: string
  readonly pid: number
  readonly subscription: number
}

type Params = Readonly<Record<string, unknown>>

export function readJoin(request: Request, { group, pid, subscription }: Params): JoinParams | undefined {
  if (typeof group !== 'string' || group === '' || CONTROL_CHARACTERS.test(group)) {
    const expected = 'text of at least one character, without control characters'
    request.fail('ERR_INVALID_PARAM', `the name of a process group is ${expected}, not ${shown(group)}`)
    return undefined
  }
  if (encoder.encode(group).length > limits.cpgNameOctets) {
    const most = `at most ${limits.cpgNameOctets} octets`
    request.fail('ERR_TOO_BIG', `the name of a process group has ${most}; this is longer: ${shown(group)}`)
    return undefined
  }
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1 || pid > PID_MAX) {
    request.fail('ERR_INVALID_PARAM', `pid ${shown(pid)} is no id of a process`)
    return undefined
  }
  if (typeof subscription !== 'number' || !Number.isSafeInteger(subscription) || subscription < 0) {
    const expected = 'a whole number that the application chooses, unique within its connection'
    request.fail('ERR_INVALID_PARAM', `subscription ${shown(subscription)} is not ${expected}`)
    return undefined
  }
  return { group, pid, subscription }
}

export interface MulticastParams {
  readonly guarantee: 'agreed' | 'safe'
  /** limits.cpgRoomOctets of room, then the messages, each behind its length. */
  readonly octets: Uint8Array
}

/** Room, and one of the largest messages, or many small ones. */
const OCTETS_MAX = limits.cpgRoomOctets + MESSAGE_LENGTH_OCTETS + limits.cpgMessageOctets

export function readMulticast(request: Request, safe: unknown, octets: unknown): MulticastParams | undefined {
  if (typeof safe !== 'boolean') {
    request.fail('ERR_INVALID_PARAM', `safe ${shown(safe)} is neither true nor false`)
    return undefined
  }
  if (!(octets instanceof Uint8Array) || octets.length < limits.cpgRoomOctets) {
    const expected = `octets, ${limits.cpgRoomOctets} of them in front that nobody uses`
    request.fail('ERR_INVALID_PARAM', `messages are ${expected}, not ${shown(octets)}`)
    return undefined
  }
  const problem =
    octets.length > OCTETS_MAX
      ? `they have ${octets.length} octets; at most ${OCTETS_MAX} are possible`
      : batchProblem(octets.subarray(limits.cpgRoomOctets))
  if (problem !== null) {
    request.fail('ERR_INVALID_PARAM', `the messages cannot be sent: ${problem}`)
    return undefined
  }
  return { guarantee: safe ? 'safe' : 'agreed', octets }
}
