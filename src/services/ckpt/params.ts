import {
  areCreationFlags,
  areOpenFlags,
  CheckpointOpenFlags,
  limits,
  TIME_END,
  type CheckpointCreationAttributes,
} from '../../base/index.js'
import { shown } from '../shown.js'
import { Refusal } from './refusal.js'
import { idOf } from './wire.js'

/** Parameters of a request, as the application sent them. */
export type Params = Readonly<Record<string, unknown>>

const encoder = new TextEncoder()
const CONTROL_CHARACTERS = /\p{Cc}|\p{Cs}|\p{Zl}|\p{Zp}/u

function invalid(text: string): Refusal {
  return new Refusal('ERR_INVALID_PARAM', text)
}

/** A whole number within bounds. @throws Refusal */
export function wholeNumber(value: unknown, what: string, least: number, most: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most)
    return value
  throw invalid(`${what} ${shown(value)} is no whole number from ${least} to ${most}`)
}

/** Name of a checkpoint. @throws Refusal */
export function nameOf(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw invalid(`name ${shown(value)} is no name`)
  if (CONTROL_CHARACTERS.test(value)) {
    throw invalid(`name ${shown(value)} has control characters in it, or is no Unicode`)
  }
  const { length } = encoder.encode(value)
  if (length <= limits.nameOctets) return value
  throw new Refusal('ERR_TOO_BIG', `a name of ${length} octets; at most ${limits.nameOctets} are possible`)
}

/** @throws Refusal */
export function octetsOf(value: unknown, what: string): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw invalid(`${what} ${shown(value)} is not octets`)
}

/** Id of a section as its key. @throws Refusal */
export function sectionIdOf(value: unknown, octetsMax: number): string {
  const octets = octetsOf(value, 'section id')
  if (octets.length <= octetsMax) return idOf(octets, 0, octets.length)
  throw invalid(`a section id of ${octets.length} octets; the checkpoint has ids of at most ${octetsMax}`)
}

/** Nanoseconds since 1970. @throws Refusal */
export function timeOf(value: unknown): bigint {
  const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
  if (isWhole && value >= 0 && value <= TIME_END) return BigInt(value)
  throw invalid(`expirationTime ${shown(value)} is no time in nanoseconds since 1970`)
}

/** Milliseconds; nil: for ever. @throws Refusal */
export function durationOf(value: unknown): number {
  if (value === null || value === undefined) return Infinity
  return wholeNumber(value, 'retentionDurationMs', 0, DURATION_MAX_MS)
}

/** A good 30,000 years. */
const DURATION_MAX_MS = 1e15

/** @throws Refusal */
export function openFlagsOf(value: unknown): number {
  if (typeof value === 'number' && areOpenFlags(value)) return value
  const expected = '1 (read), 2 (write) and 4 (create), added up'
  throw new Refusal('ERR_BAD_FLAGS', `flags ${shown(value)} are not ${expected}`)
}

/** What a checkpoint is created with; nil with flags that do not create. @throws Refusal */
export function attributesOf(value: unknown, flags: number): CheckpointCreationAttributes | null {
  const creates = (flags & CheckpointOpenFlags.CHECKPOINT_CREATE) !== 0
  if (value === null || value === undefined) {
    if (creates) throw invalid('to create a checkpoint its attributes are needed')
    return null
  }
  if (!creates) throw invalid('attributes are for the flag CHECKPOINT_CREATE (4) alone')
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalid(`attributes ${shown(value)} are no map`)
  return checkedAttributes(value as Params)
}

function checkedAttributes(params: Params): CheckpointCreationAttributes {
  const { creationFlags } = params
  if (typeof creationFlags !== 'number' || !areCreationFlags(creationFlags)) {
    const expected =
      'one of 1 (all replicas), 2 (active replica) and 4 (weak), with or without 8 (collocated)'
    throw invalid(`creationFlags ${shown(creationFlags)} are not ${expected}`)
  }
  const maxSections = wholeNumber(params['maxSections'], 'maxSections', 1, limits.ckptSections)
  const sizeMax = limits.ckptSectionOctets
  const maxSectionSize = wholeNumber(params['maxSectionSize'], 'maxSectionSize', 1, sizeMax)
  const product = maxSections * maxSectionSize
  const { checkpointSize } = params
  if (typeof checkpointSize === 'number' && checkpointSize > product) {
    throw invalid(`checkpointSize ${checkpointSize} is more than maxSections × maxSectionSize, ${product}`)
  }
  return {
    creationFlags,
    checkpointSize: wholeNumber(checkpointSize, 'checkpointSize', 0, product),
    retentionDurationMs: durationOf(params['retentionDurationMs']),
    maxSections,
    maxSectionSize,
    maxSectionIdSize: wholeNumber(
      params['maxSectionIdSize'],
      'maxSectionIdSize',
      maxSections === 1 ? 0 : 1,
      limits.ckptSectionIdOctets,
    ),
  }
}
