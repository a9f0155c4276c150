import { crc32 } from 'node:zlib'
import type { Member, RingId } from '../../../../src/group/index.js'
import { RingLog } from '../../../../src/totem/ordering/ring-log.js'
import type { UnsealedFrame } from '../../../../src/totem/wire/data-frame.js'
import type { CommitEntry, CommitToken } from '../../../../src/totem/wire/control.js'
import { readDataFrame, type DataFrame } from '../../../../src/totem/wire/data-frame.js'
import { FrameKind, sealFrame } from '../../../../src/totem/wire/header.js'
import type { Token } from '../../../../src/totem/wire/token.js'

/** Every test node is in its first life: incarnation = 100 × node id. */
export const incarnationOf = (nodeId: number): number => 100 * nodeId

export const OLD: RingId = { representative: 1, sequence: 7 }
export const NEW: RingId = { representative: 1, sequence: 8 }
export const CLUSTER = 5

export function member(nodeId: number): Member {
  return { nodeId, incarnation: incarnationOf(nodeId), address: `10.0.0.${nodeId}`, name: `n${nodeId}` }
}

export function ringOf(nodeIds: readonly number[], id = OLD, firstSequence = 0): RingLog {
  return new RingLog(id, nodeIds.map(member), firstSequence, 0)
}

export const checksum = (frame: Uint8Array, offset: number): number => crc32(frame.subarray(offset))

/** What the wire makes of a frame of this sender: sealed and read again. */
export function received(frame: UnsealedFrame, sender: number): DataFrame {
  const origin = { clusterHash: CLUSTER, nodeId: sender, incarnation: incarnationOf(sender) }
  sealFrame(frame.octets, origin, FrameKind.data, frame.flags, 0, checksum)
  const read = readDataFrame(frame.octets, sender, incarnationOf(sender), frame.flags)
  if (!read) throw new Error('the frame is malformed')
  return read
}

/** A frame of which only the identity matters. */
export function frameOf(
  sequence: number,
  sender: number,
  guarantee: 'agreed' | 'safe' = 'agreed',
): DataFrame {
  return {
    octets: Uint8Array.of(sender, sequence & 0xff),
    sender,
    incarnation: incarnationOf(sender),
    representative: OLD.representative,
    ringSequence: OLD.sequence,
    sequence,
    safe: guarantee === 'safe',
    recovery: false,
  }
}

export function entryOf(nodeId: number, filled: Partial<CommitEntry> = {}): CommitEntry {
  return {
    ...member(nodeId),
    filled: true,
    oldRing: OLD,
    oldReceived: 0,
    oldHighest: 0,
    oldSafe: 0,
    obligations: new Uint8Array(1),
    ...filled,
  }
}

export function commitOf(entries: readonly CommitEntry[]): CommitToken {
  return { ringId: NEW, hop: 0, firstSequence: 0, entries, leavers: [] }
}

export function tokenOf(fields: Partial<Token>): Token {
  return {
    ringId: OLD,
    count: 1,
    sequence: 0,
    rotationFrames: 0,
    backlog: 0,
    scale: 100,
    entries: [],
    requests: [],
    ...fields,
  }
}
