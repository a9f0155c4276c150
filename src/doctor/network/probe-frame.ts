import { crc32 } from 'node:zlib'
import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from '../../base/octets.js'

// The frames of `ais doctor`: docs/protocol.md, "Probe frames". Their magic is not that of the ring's frames,
// so an executive counts them (refused.not-ours) and does nothing else about them.

/** 'DOC'. */
const MAGIC = 0x43_4f_44
const PROBE_VERSION = 1
/** Octets of a probe frame without filler: the smallest there is. */
export const PROBE_OCTETS = 56
/** The checksum covers everything from here on. */
const CHECKSUM_FROM = 8

/** Where an answer goes. Values are on the wire. */
export const AnswerBy = {
  /** Back to the port the request came from; to a unicast request from the socket that took it. */
  echo: 0,
  /** From a new port to the asker's `answerPort`: as the executive there would send. */
  newFlow: 1,
  /** To the group. Only unicast requests are answered so. */
  group: 2,
} as const
export type AnswerBy = (typeof AnswerBy)[keyof typeof AnswerBy]

interface ProbeFields {
  /** FNV-1a of the sender's clustername. */
  readonly clusterHash: number
  /** Drawn by the asker at its start: tells its answers from all others. */
  readonly session: number
  /** Of the request, within its session. */
  readonly number: number
  /** Wall clock of the asker when the request was sent, microseconds since 1970. */
  readonly askedAtUs: number
  readonly netmtu: number
}

export interface ProbeRequest extends ProbeFields {
  readonly kind: 'request'
  readonly answerBy: AnswerBy
  /** For `newFlow`: mcastport, or the port below it. */
  readonly answerPort: number
  /** How long the answer shall be; it is never longer than the request. */
  readonly answerOctets: number
}

export interface ProbeAnswer extends ProbeFields {
  readonly kind: 'answer'
  readonly answerBy: AnswerBy
  /** Wall clock of who answers, microseconds since 1970: when the request came, when the answer was sent. */
  readonly receivedAtUs: number
  readonly answeredAtUs: number
  /** As many octets of the request arrived. */
  readonly requestOctets: number
  /** The request came by the group. */
  readonly cameByGroup: boolean
  /** Another process there holds the unicast port, an executive most likely. */
  readonly isPortHeld: boolean
}

const REQUEST = 1
const ANSWER = 2
const CAME_BY_GROUP = 1
const PORT_HELD = 2

/** @param octets length of the frame, at least PROBE_OCTETS; the rest is filled with zeros */
export function encodeProbe(probe: ProbeRequest | ProbeAnswer, octets: number): Uint8Array {
  const frame = new Uint8Array(Math.max(PROBE_OCTETS, octets))
  writeU32(frame, 0, MAGIC | (PROBE_VERSION << 24))
  frame[8] = probe.kind === 'request' ? REQUEST : ANSWER
  frame[9] = probe.answerBy
  writeU32(frame, 12, probe.clusterHash)
  writeU32(frame, 16, probe.session)
  writeU32(frame, 20, probe.number)
  writeU64(frame, 24, probe.askedAtUs)
  writeU16(frame, 50, probe.netmtu)
  if (probe.kind === 'request') {
    writeU16(frame, 10, probe.answerPort)
    writeU16(frame, 48, probe.answerOctets)
  } else {
    writeU64(frame, 32, probe.receivedAtUs)
    writeU64(frame, 40, probe.answeredAtUs)
    writeU16(frame, 48, probe.requestOctets)
    frame[52] = (probe.cameByGroup ? CAME_BY_GROUP : 0) | (probe.isPortHeld ? PORT_HELD : 0)
  }
  writeU32(frame, 4, crc32(frame.subarray(CHECKSUM_FROM)))
  return frame
}

/** Is it a frame of a doctor, of whatever version? */
export function isProbe(frame: Uint8Array): boolean {
  return frame.length >= 4 && (readU32(frame, 0) & 0xff_ff_ff) === MAGIC
}

/** @returns null for anything that is not a whole and sound probe of this version */
export function decodeProbe(frame: Uint8Array): ProbeRequest | ProbeAnswer | null {
  if (frame.length < PROBE_OCTETS || readU32(frame, 0) !== (MAGIC | (PROBE_VERSION << 24))) return null
  if (readU32(frame, 4) !== crc32(frame.subarray(CHECKSUM_FROM))) return null
  const answerBy = frame[9]!
  if (answerBy > AnswerBy.group) return null
  const times = [24, 32, 40].map((at) => readU64(frame, at))
  if (!times.every(Number.isSafeInteger)) return null
  const fields = {
    answerBy: answerBy as AnswerBy,
    clusterHash: readU32(frame, 12),
    session: readU32(frame, 16),
    number: readU32(frame, 20),
    askedAtUs: times[0]!,
    netmtu: readU16(frame, 50),
  }
  const octets = readU16(frame, 48)
  if (frame[8] === REQUEST) {
    return { kind: 'request', ...fields, answerPort: readU16(frame, 10), answerOctets: octets }
  }
  if (frame[8] !== ANSWER) return null
  return {
    kind: 'answer',
    ...fields,
    receivedAtUs: times[1]!,
    answeredAtUs: times[2]!,
    requestOctets: octets,
    cameByGroup: (frame[52]! & CAME_BY_GROUP) !== 0,
    isPortHeld: (frame[52]! & PORT_HELD) !== 0,
  }
}

/** The wall clock in microseconds. Its steps are those of Date, a millisecond. */
export function wallClockUs(): number {
  return Date.now() * 1000
}
