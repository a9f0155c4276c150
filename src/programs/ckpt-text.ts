import {
  CheckpointCreationFlags,
  TIME_END,
  type CheckpointChange,
  type CheckpointConflict,
  type CheckpointSummary,
  type SectionDescriptor,
} from '../api/index.js'
import { durationText, octetsText, printable } from '../config/index.js'
import { instantText } from './clm-text.js'

/** A section's id as --json prints it. */
export interface SectionName {
  /** null: the id is not text. */
  readonly section: string | null
  readonly sectionHex: string
}

/** A checkpoint as `ais ckpt list --json` prints it. */
export interface CheckpointLine {
  readonly name: string
  readonly creationFlags: number
  readonly checkpointSize: number
  /** null: for ever. */
  readonly retentionDurationMs: number | null
  readonly maxSections: number
  readonly maxSectionSize: number
  readonly maxSectionIdSize: number
  readonly numberOfSections: number
  readonly memoryUsed: number
  readonly openers: number
  readonly digest: string
}

/** A section as `ais ckpt show --sections --json` prints it. */
export interface SectionLine extends SectionName {
  readonly sectionSize: number
  readonly sectionState: number
  /** Nanoseconds since 1970 in decimal; null: never. */
  readonly expirationTime: string | null
  readonly lastUpdate: string
}

/** What `ais ckpt show --json` prints. */
export interface CheckpointDetailLine extends CheckpointLine {
  readonly activeReplica: number | null
  readonly replicas: readonly number[]
  readonly unlinked: boolean
  readonly sections?: readonly SectionLine[]
}

/** What `ais ckpt watch --json` prints for each change. */
export interface ChangeLine extends SectionName {
  readonly event: 'change'
  readonly name: string
  readonly change: CheckpointChange['change']
  readonly dataOffset: number
  readonly dataSize: number
}

const strictText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @returns null where the octets are not UTF-8 */
export function textOf(octets: Uint8Array): string | null {
  try {
    return strictText.decode(octets)
  } catch {
    return null
  }
}

export function sectionName(sectionId: Uint8Array): SectionName {
  return { section: textOf(sectionId), sectionHex: Buffer.from(sectionId).toString('hex') }
}

/** A section's id as people read it. */
export function sectionText(sectionId: Uint8Array): string {
  if (sectionId.length === 0) return '(default)'
  const text = textOf(sectionId)
  const isPlain = text !== null && text !== '' && printable(text) === text && text.trim() === text
  return isPlain ? text : `0x${Buffer.from(sectionId).toString('hex')}`
}

const guarantees = [
  [CheckpointCreationFlags.WR_ALL_REPLICAS, 'all'],
  [CheckpointCreationFlags.WR_ACTIVE_REPLICA, 'active'],
  [CheckpointCreationFlags.WR_ACTIVE_REPLICA_WEAK, 'weak'],
] as const

/** What --guarantee chooses from. */
export type Guarantee = (typeof guarantees)[number][1]

export const guaranteeNames: readonly Guarantee[] = guarantees.map(([, name]) => name)

export function guaranteeFlag(guarantee: Guarantee): number {
  return guarantees.find(([, name]) => name === guarantee)![0]
}

/** Creation flags as people read them: `all`, `active, collocated`. */
export function creationFlagsText(creationFlags: number): string {
  const guarantee = guarantees.find(([flag]) => (creationFlags & flag) !== 0)?.[1] ?? 'none'
  const isCollocated = (creationFlags & CheckpointCreationFlags.CHECKPOINT_COLLOCATED) !== 0
  return isCollocated ? `${guarantee}, collocated` : guarantee
}

function jsonDuration(durationMs: number): number | null {
  return durationMs === Infinity ? null : durationMs
}

export function checkpointLine(summary: CheckpointSummary): CheckpointLine {
  const { name, creationFlags, checkpointSize, retentionDurationMs, maxSections, maxSectionSize } = summary
  const { maxSectionIdSize, numberOfSections, memoryUsed, openers, digest } = summary
  return {
    name,
    creationFlags,
    checkpointSize,
    retentionDurationMs: jsonDuration(retentionDurationMs),
    maxSections,
    maxSectionSize,
    maxSectionIdSize,
    numberOfSections,
    memoryUsed,
    openers,
    digest,
  }
}

export function checkpointDetailLine(
  summary: CheckpointSummary,
  sections?: readonly SectionDescriptor[],
): CheckpointDetailLine {
  const { activeReplica, replicas, unlinked } = summary
  const detail = { ...checkpointLine(summary), activeReplica, replicas, unlinked }
  return sections === undefined ? detail : { ...detail, sections: sections.map(sectionLine) }
}

function sectionLine({ sectionId, ...section }: SectionDescriptor): SectionLine {
  const { sectionSize, sectionState, expirationTime, lastUpdate } = section
  return {
    ...sectionName(sectionId),
    sectionSize,
    sectionState,
    expirationTime: expirationTime === TIME_END ? null : String(expirationTime),
    lastUpdate: String(lastUpdate),
  }
}

export function changeLine(name: string, change: CheckpointChange): ChangeLine {
  const { change: kind, sectionId, dataOffset, dataSize } = change
  const section = sectionId === null ? { section: null, sectionHex: '' } : sectionName(sectionId)
  return { event: 'change', name, change: kind, ...section, dataOffset, dataSize }
}

/** `written users, 64 octets at 128`: what became of a section, or of the checkpoint. */
export function changeText({ change, sectionId, dataOffset, dataSize }: CheckpointChange): string {
  if (sectionId === null) return change
  const place = change === 'written' ? `, ${countText(dataSize)} at ${dataOffset}` : ''
  const size = change === 'overwritten' || change === 'created' ? `, ${countText(dataSize)}` : ''
  return `${change} ${sectionText(sectionId)}${place}${size}`
}

function countText(octets: number): string {
  return octets === 1 ? '1 octet' : `${octets} octets`
}

/** When a section ends: the instant, and how long that is from now. @param nowMs since 1970 */
export function expirationText(expirationTime: bigint, nowMs: number): string {
  if (expirationTime === TIME_END) return 'never'
  const leftMs = Number(expirationTime / 1_000_000n) - nowMs
  const left = leftMs <= 0 ? 'now' : `in ${durationText(leftMs < 10_000 ? leftMs : roundToSeconds(leftMs))}`
  return `${instantText(expirationTime)} (${left})`
}

function roundToSeconds(ms: number): number {
  return Math.round(ms / 1000) * 1000
}

/** Heads and cells of the table that `ais ckpt list` prints. */
export const checkpointColumns = [
  'name',
  'guarantee',
  'sections',
  'used',
  'size',
  'open',
  'retention',
  'digest',
]

export function checkpointCells(summary: CheckpointSummary): string[] {
  const { name, creationFlags, numberOfSections, maxSections, memoryUsed, checkpointSize } = summary
  return [
    printable(name),
    creationFlagsText(creationFlags),
    `${numberOfSections}/${maxSections}`,
    octetsText(memoryUsed),
    octetsText(checkpointSize),
    String(summary.openers),
    durationText(summary.retentionDurationMs),
    summary.digest.slice(0, 12),
  ]
}

export const sectionColumns = ['section', 'size', 'expires', 'changed']

export function sectionCells(section: SectionDescriptor, nowMs: number): string[] {
  const { sectionId, sectionSize, expirationTime, lastUpdate } = section
  return [
    sectionText(sectionId),
    octetsText(sectionSize),
    expirationText(expirationTime, nowMs),
    instantText(lastUpdate),
  ]
}

export const conflictColumns = ['id', 'checkpoint', 'sections', 'octets', 'view', 'held by', 'kept', 'stored']

export function conflictCells(conflict: CheckpointConflict): string[] {
  const { id, name, numberOfSections, memoryUsed, ringSequence, nodes, keptNodes, stored } = conflict
  return [
    id,
    printable(name),
    String(numberOfSections),
    octetsText(memoryUsed),
    String(ringSequence),
    nodesText(nodes),
    nodesText(keptNodes),
    stored,
  ]
}

/** All attributes of a checkpoint, a line each, for people. */
export function checkpointFacts(summary: CheckpointSummary): (readonly [string, string])[] {
  const { activeReplica, replicas, numberOfSections, maxSections, memoryUsed, checkpointSize } = summary
  return [
    ['name', printable(summary.name)],
    ['guarantee', creationFlagsText(summary.creationFlags)],
    ['sections', `${numberOfSections} of at most ${maxSections}`],
    ['used', `${octetsText(memoryUsed)} of at most ${octetsText(checkpointSize)}`],
    ['section size', `at most ${octetsText(summary.maxSectionSize)}`],
    ['section id', `at most ${summary.maxSectionIdSize} octets`],
    ['retention', durationText(summary.retentionDurationMs)],
    ['open', `${summary.openers} times`],
    ['active replica', activeReplica === null ? 'none' : `node ${activeReplica}`],
    ['replicas', `nodes ${nodesText(replicas)}`],
    ['unlinked', summary.unlinked ? 'yes' : 'no'],
    ['digest', summary.digest],
  ]
}

function nodesText(nodes: readonly number[]): string {
  return nodes.length === 0 ? '-' : nodes.join(', ')
}

/** A section's id as the command line gives it. @param isHex in hexadecimal @returns null: it is not */
export function sectionIdOf(text: string, isHex: boolean): Buffer | null {
  if (!isHex) return Buffer.from(text)
  return /^(0x)?([0-9a-f]{2})*$/i.test(text) ? Buffer.from(text.replace(/^0x/i, ''), 'hex') : null
}
