import { crc32 } from 'node:zlib'
import { readU16, readU32 } from '../../base/octets.js'
import { ControlAssembler } from '../../totem/wire/parts.js'
import { decodeJoin, decodePresence } from '../../totem/wire/control.js'
import { clusterHash, FrameKind, openFrame, type FrameHeader } from '../../totem/wire/header.js'
import { isProbe } from './probe-frame.js'

/** What a frame on the group's address is. */
export type Sighting =
  /** Of an executive: of our cluster, or of one with another name. */
  | { readonly kind: 'ais'; readonly clusterHash: number; readonly member: SeenMember | null }
  | { readonly kind: 'other-version'; readonly version: number }
  /** Openais or corosync, unencrypted: encrypted ones cannot be told from anything else. */
  | { readonly kind: 'corosync'; readonly generation: '3' | '1 or 2' }
  | { readonly kind: 'probe' }
  | { readonly kind: 'unknown'; readonly firstOctets: string }

/** Who sent a join or presence message. */
export interface SeenMember {
  readonly nodeId: number
  readonly name: string
  readonly address: string
}

const MAGIC = 0x53_49_41
const checksum = (frame: Uint8Array, from: number): number => crc32(frame.subarray(from))

export function classify(frame: Uint8Array): Sighting {
  if (isProbe(frame)) return { kind: 'probe' }
  if (frame.length >= 16 && (readU32(frame, 0) & 0xff_ff_ff) === MAGIC) {
    const hash = readU32(frame, 12)
    const header = openFrame(frame, hash, checksum)
    if (header === 'version') return { kind: 'other-version', version: frame[3]! }
    if (typeof header !== 'string') {
      return { kind: 'ais', clusterHash: hash, member: memberIn(header, frame) }
    }
  }
  const generation = corosyncGeneration(frame)
  if (generation !== null) return { kind: 'corosync', generation }
  const firstOctets = Buffer.from(frame.subarray(0, 4)).toString('hex')
  return { kind: 'unknown', firstOctets }
}

/** Join and presence messages of one part name who sends them. */
function memberIn(header: FrameHeader, frame: Uint8Array): SeenMember | null {
  if (header.kind !== FrameKind.join && header.kind !== FrameKind.presence) return null
  const body = new ControlAssembler().take(header, frame)
  if (body === null || body === 'malformed') return null
  const message = header.kind === FrameKind.join ? decodeJoin(body) : decodePresence(body)
  return message === null ? null : { nodeId: header.sender, name: message.name, address: message.address }
}

/** Totem headers of those: 3.x begins with 0xC070 and 3; before, type, encapsulated, 0xFF22. */
function corosyncGeneration(frame: Uint8Array): '3' | '1 or 2' | null {
  if (frame.length < 12) return null
  const [first, third] = [readU16(frame, 0), readU16(frame, 2)]
  if ((first === 0xc070 || first === 0x70c0) && frame[2] === 3) return '3'
  const isOlder = (at: number): boolean => {
    const mark = readU16(frame, at + 2)
    return frame[at]! <= 5 && frame[at + 1]! <= 2 && (mark === 0xff22 || mark === 0x22ff)
  }
  // 2.x without encryption puts four octets before it.
  return third === 0xff22 || third === 0x22ff ? (isOlder(0) ? '1 or 2' : null) : isOlder(4) ? '1 or 2' : null
}

/** '"ais", the default' where the hash is that of a name everybody has at first; else the hash. */
export function clusterText(hash: number): string {
  const known = ['ais', 'test', 'cluster'].find((name) => clusterHash(name) === hash)
  const text = `0x${hash.toString(16).padStart(8, '0')}`
  return known === undefined ? `clustername of hash ${text}` : `clustername "${known}"`
}
