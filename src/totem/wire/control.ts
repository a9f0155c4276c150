import { limits } from '../../base/index.js'
import type { Member, RingId } from '../../group/index.js'
import { OctetReader, OctetWriter } from '../../base/octets.js'

/** One life of one node: what rings are made of. */
export interface ProcessId {
  readonly nodeId: number
  readonly incarnation: number
}

export interface FailedProcess extends ProcessId {
  /** It said that it leaves. */
  readonly left: boolean
  /** Its host says that nobody listens there any more. */
  readonly refused?: boolean
}

/**
 * "These are the processes I know of and those I hold for failed" (Totem, section 5.2). The
 * sender's own identity is in the frame's header.
 */
export interface JoinMessage {
  readonly address: string
  readonly name: string
  /** Highest ring sequence number the sender has tried or installed. */
  readonly ringSequence: number
  /** Count of the last token it forwarded on that ring: who held a lost one last. */
  readonly tokenCount: number
  readonly processes: readonly ProcessId[]
  readonly failed: readonly FailedProcess[]
  /** Node ids the sender hears at present. */
  readonly heard: readonly number[]
}

/** What a member tells of the ring it comes from. */
export interface CommitEntry extends ProcessId {
  readonly address: string
  readonly name: string
  /** The member has filled in what follows. */
  filled: boolean
  /** {0, 0} for a process that comes from no ring. */
  oldRing: RingId
  oldReceived: number
  oldHighest: number
  /** Up to here it knows that every member of the old ring has everything. */
  oldSafe: number
  /** Members of the old ring (bit i: the i-th) whose messages it owes delivery, holes or not. */
  obligations: Uint8Array
}

export function memberOf(entry: CommitEntry): Member {
  const { nodeId, incarnation, address, name } = entry
  return { nodeId, incarnation, address, name }
}

/** Goes round the members of a ring to be twice (Totem, section 5.3): collects, then distributes. */
export interface CommitToken {
  readonly ringId: RingId
  /** Grows by one with every hop. */
  hop: number
  /** Sequence number before the ring's first frame. */
  readonly firstSequence: number
  readonly entries: readonly CommitEntry[]
  /** Processes that are gone because they said so. */
  readonly leavers: readonly ProcessId[]
}

/** A ring's sign of life to those outside it. */
export interface PresenceMessage {
  readonly address: string
  readonly name: string
  readonly ringId: RingId
  readonly heard: readonly number[]
}

/** "I was there when your query came." */
export interface AnswerMessage {
  readonly asker: ProcessId
  /** Of the query. */
  readonly number: number
}

const PROCESS_OCTETS = 12
/** Why a process is held for failed; on the wire. */
const SILENT = 0
const LEFT = 1
const REFUSED = 2
/** Proposals may name processes that failed as well as those that live. */
const PROCESSES_MAX = 4 * limits.ringMembers

export function encodeJoin(join: JoinMessage): Uint8Array {
  const out = new OctetWriter()
  out.text(join.address)
  out.text(join.name)
  out.u64(join.ringSequence)
  out.u64(join.tokenCount)
  writeProcesses(out, join.processes)
  out.u16(join.failed.length)
  for (const process of join.failed) {
    writeProcess(out, process)
    out.u8(process.left ? LEFT : process.refused === true ? REFUSED : SILENT)
  }
  writeNodeIds(out, join.heard)
  return out.finish()
}

export function decodeJoin(body: Uint8Array): JoinMessage | null {
  const from = new OctetReader(body)
  const join = {
    address: from.text(),
    name: from.text(),
    ringSequence: from.u64(),
    tokenCount: from.u64(),
    processes: readProcesses(from),
    failed: readList(from, PROCESS_OCTETS + 1, () => readFailed(from)),
    heard: readNodeIds(from),
  }
  return from.done() && join.ringSequence <= limits.ringSequenceMax ? join : null
}

export function encodeCommit(token: CommitToken): Uint8Array {
  const out = new OctetWriter()
  writeRingId(out, token.ringId)
  out.u32(token.hop)
  out.u64(token.firstSequence)
  writeProcesses(out, token.leavers)
  out.u16(token.entries.length)
  for (const entry of token.entries) {
    writeProcess(out, entry)
    out.text(entry.address)
    out.text(entry.name)
    out.u8(entry.filled ? 1 : 0)
    writeRingId(out, entry.oldRing)
    out.u64(entry.oldReceived)
    out.u64(entry.oldHighest)
    out.u64(entry.oldSafe)
    out.u8(entry.obligations.length)
    out.bytes(entry.obligations)
  }
  return out.finish()
}

export function decodeCommit(body: Uint8Array): CommitToken | null {
  const from = new OctetReader(body)
  const token = {
    ringId: readRingId(from),
    hop: from.u32(),
    firstSequence: from.u64(),
    leavers: readProcesses(from),
    entries: readList(from, 52, () => readCommitEntry(from)),
  }
  if (!from.done() || token.entries.length === 0 || token.entries.length > limits.ringMembers) return null
  if (token.ringId.sequence > limits.ringSequenceMax || token.firstSequence > limits.messageSequenceMax)
    return null
  // Sorted by node id, each once: the order of the ring.
  for (let i = 1; i < token.entries.length; i++) {
    if (token.entries[i]!.nodeId <= token.entries[i - 1]!.nodeId) return null
  }
  return token
}

export function encodePresence(presence: PresenceMessage): Uint8Array {
  const out = new OctetWriter()
  out.text(presence.address)
  out.text(presence.name)
  writeRingId(out, presence.ringId)
  writeNodeIds(out, presence.heard)
  return out.finish()
}

export function decodePresence(body: Uint8Array): PresenceMessage | null {
  const from = new OctetReader(body)
  const presence = {
    address: from.text(),
    name: from.text(),
    ringId: readRingId(from),
    heard: readNodeIds(from),
  }
  return from.done() ? presence : null
}

/** The body of leave, cancel-hold and probe: the ring they speak of. */
export function encodeRingId(ringId: RingId): Uint8Array {
  const out = new OctetWriter()
  writeRingId(out, ringId)
  return out.finish()
}

export function decodeRingId(body: Uint8Array): RingId | null {
  const from = new OctetReader(body)
  const ringId = readRingId(from)
  return from.done() ? ringId : null
}

/** The body of a query: which of the sender's it is. */
export function encodeQuery(number: number): Uint8Array {
  const out = new OctetWriter()
  out.u64(number)
  return out.finish()
}

export function decodeQuery(body: Uint8Array): number | null {
  const from = new OctetReader(body)
  const number = from.u64()
  return from.done() ? number : null
}

export function encodeAnswer({ asker, number }: AnswerMessage): Uint8Array {
  const out = new OctetWriter()
  writeProcess(out, asker)
  out.u64(number)
  return out.finish()
}

export function decodeAnswer(body: Uint8Array): AnswerMessage | null {
  const from = new OctetReader(body)
  const answer = { asker: readProcess(from), number: from.u64() }
  return from.done() ? answer : null
}

function readCommitEntry(from: OctetReader): CommitEntry {
  return {
    ...readProcess(from),
    address: from.text(),
    name: from.text(),
    filled: from.u8() !== 0,
    oldRing: readRingId(from),
    oldReceived: from.u64(),
    oldHighest: from.u64(),
    oldSafe: from.u64(),
    obligations: from.bytes(from.u8()),
  }
}

function writeRingId(out: OctetWriter, ringId: RingId): void {
  out.u32(ringId.representative)
  out.u64(ringId.sequence)
}

function readRingId(from: OctetReader): RingId {
  return { representative: from.u32(), sequence: from.u64() }
}

function writeProcess(out: OctetWriter, process: ProcessId): void {
  out.u32(process.nodeId)
  out.u64(process.incarnation)
}

function readProcess(from: OctetReader): ProcessId {
  const process = { nodeId: from.u32(), incarnation: from.u64() }
  if (process.nodeId === 0) from.broken = true
  return process
}

function readFailed(from: OctetReader): FailedProcess {
  const process = readProcess(from)
  const why = from.u8()
  if (why > REFUSED) from.broken = true
  return why === REFUSED ? { ...process, left: false, refused: true } : { ...process, left: why === LEFT }
}

function writeProcesses(out: OctetWriter, processes: readonly ProcessId[]): void {
  out.u16(processes.length)
  for (const process of processes) writeProcess(out, process)
}

function readProcesses(from: OctetReader): ProcessId[] {
  return readList(from, PROCESS_OCTETS, () => readProcess(from))
}

function writeNodeIds(out: OctetWriter, nodeIds: readonly number[]): void {
  out.u16(nodeIds.length)
  for (const nodeId of nodeIds) out.u32(nodeId)
}

function readNodeIds(from: OctetReader): number[] {
  return readList(from, 4, () => from.u32())
}

function readList<T>(from: OctetReader, itemOctets: number, item: () => T): T[] {
  const list: T[] = []
  for (let left = from.count(PROCESSES_MAX, itemOctets); left > 0 && !from.broken; left--) list.push(item())
  return list
}
