import {
  AisError,
  areCreationFlags,
  areOpenFlags,
  CheckpointOpenFlags,
  limits,
  SectionsChosen,
  TIME_END,
  type CheckpointCreationAttributes,
} from '../base/index.js'
import { CheckpointVectorError } from './checkpoint-vector-error.js'
import type { CheckpointReadElement, CheckpointWriteElement, SectionId } from './ckpt-types.js'

// What is wrong with an argument whoever answers is said here; what only the executive knows, by it.

const CONTROL_OR_HALF = /\p{Cc}|\p{Surrogate}|\p{Zl}|\p{Zp}/u
const SURROGATE = /[\ud800-\udfff]/
const HALF = /\p{Surrogate}/u

const NO_OCTETS = Buffer.alloc(0)

function invalid(call: string, what: string): AisError {
  return new AisError('ERR_INVALID_PARAM', `${call}: ${what}`)
}

/** @throws AisError ERR_INVALID_PARAM, ERR_TOO_BIG */
export function checkName(call: string, name: unknown): asserts name is string {
  if (typeof name !== 'string') throw invalid(call, `the name of a checkpoint is text, not ${String(name)}`)
  if (name === '') throw invalid(call, 'the name of a checkpoint is empty')
  const octets = Buffer.byteLength(name)
  if (octets > limits.nameOctets) {
    const message = `${call}: the name has ${octets} octets; at most ${limits.nameOctets} are possible`
    throw new AisError('ERR_TOO_BIG', message)
  }
  if (!CONTROL_OR_HALF.test(name)) return
  throw invalid(call, `the name ${JSON.stringify(name)} has characters that are none of text`)
}

/** @throws AisError ERR_BAD_FLAGS; ERR_INVALID_PARAM: attributes and flags do not go together */
export function checkOpening(
  call: string,
  attributes: CheckpointCreationAttributes | null | undefined,
  flags: number,
): void {
  if (!areOpenFlags(flags)) {
    const expected = 'CHECKPOINT_READ, CHECKPOINT_WRITE and CHECKPOINT_CREATE, or some of them, added up'
    throw new AisError('ERR_BAD_FLAGS', `flags of ${call} are ${expected}; these are ${String(flags)}`)
  }
  const creates = (flags & CheckpointOpenFlags.CHECKPOINT_CREATE) !== 0
  const isGiven = attributes !== null && attributes !== undefined
  if (creates && !isGiven) throw invalid(call, 'CHECKPOINT_CREATE needs creation attributes')
  if (!creates && isGiven) throw invalid(call, 'creation attributes go with CHECKPOINT_CREATE only')
  if (isGiven) checkAttributes(call, attributes)
}

function checkAttributes(call: string, attributes: CheckpointCreationAttributes): void {
  const { creationFlags, checkpointSize, maxSections, maxSectionSize, maxSectionIdSize } = attributes
  if (!areCreationFlags(creationFlags)) {
    const expected = 'one of WR_ALL_REPLICAS, WR_ACTIVE_REPLICA and WR_ACTIVE_REPLICA_WEAK'
    const shown = String(creationFlags)
    throw invalid(
      call,
      `creationFlags are ${expected}, with or without CHECKPOINT_COLLOCATED; these are ${shown}`,
    )
  }
  const size = (name: string, value: unknown, least: number, most: number): void => {
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return
    throw invalid(call, `${name} ${String(value)} is no whole number from ${least} to ${most}`)
  }
  size('maxSections', maxSections, 1, limits.ckptSections)
  size('maxSectionSize', maxSectionSize, 1, limits.ckptSectionOctets)
  size('maxSectionIdSize', maxSectionIdSize, maxSections === 1 ? 0 : 1, limits.ckptSectionIdOctets)
  size('checkpointSize', checkpointSize, 0, maxSections * maxSectionSize)
  wireDurationMs(call, attributes.retentionDurationMs)
}

/** @returns whole milliseconds, null: for ever @throws AisError ERR_INVALID_PARAM */
export function wireDurationMs(call: string, durationMs: unknown): number | null {
  if (durationMs === Infinity) return null
  if (typeof durationMs === 'number' && durationMs >= 0 && durationMs <= Number.MAX_SAFE_INTEGER) {
    return Math.ceil(durationMs)
  }
  throw invalid(call, `${String(durationMs)} is no duration in milliseconds; Infinity stands for ever`)
}

/** @throws AisError ERR_INVALID_PARAM */
export function checkTime(call: string, expirationTime: unknown): void {
  if (typeof expirationTime === 'bigint' && expirationTime >= 0n && expirationTime <= TIME_END) return
  const expected = 'a bigint of nanoseconds since 1970, or TIME_END'
  throw invalid(call, `expirationTime ${String(expirationTime)} is not ${expected}`)
}

/** @throws AisError ERR_INVALID_PARAM */
export function checkChoice(call: string, choice: unknown, expirationTime: unknown): void {
  if (!Object.values(SectionsChosen).some((known) => known === choice)) {
    throw invalid(call, `${String(choice)} is none of SectionsChosen`)
  }
  const { SECTIONS_LEQ_EXPIRATION_TIME, SECTIONS_GEQ_EXPIRATION_TIME } = SectionsChosen
  const needsTime = choice === SECTIONS_LEQ_EXPIRATION_TIME || choice === SECTIONS_GEQ_EXPIRATION_TIME
  if (needsTime) checkTime(call, expirationTime)
}

/** How many of what is listed to give at once. @throws AisError ERR_INVALID_PARAM */
export function checkCount(call: string, count: unknown): void {
  const isCount = Number.isSafeInteger(count) && (count as number) >= 1
  if (isCount && (count as number) <= limits.ckptPageItems) return
  throw invalid(call, `count ${String(count)} is no whole number from 1 to ${limits.ckptPageItems}`)
}

/** @throws AisError ERR_INVALID_PARAM */
export function checkNatural(call: string, name: string, value: unknown): void {
  if (!isNatural(value)) throw invalid(call, `${name} ${String(value)} is no number of octets`)
}

/** @throws AisError ERR_INVALID_PARAM */
export function checkText(call: string, name: string, value: unknown): void {
  if (typeof value !== 'string') throw invalid(call, `${name} ${String(value)} is not text`)
}

function isNatural(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** @returns octets; undefined: it is none */
function octetsOfId(sectionId: unknown): Uint8Array | undefined {
  if (typeof sectionId === 'string') {
    if (sectionId === '') return NO_OCTETS
    if (SURROGATE.test(sectionId) && HALF.test(sectionId)) return undefined
    return Buffer.from(sectionId)
  }
  return sectionId instanceof Uint8Array ? sectionId : undefined
}

const ID_EXPECTED = 'text or octets'

/** @throws AisError ERR_INVALID_PARAM */
export function wireSectionId(call: string, sectionId: SectionId): Uint8Array {
  const octets = octetsOfId(sectionId)
  if (octets === undefined) throw invalid(call, `the section id is not ${ID_EXPECTED}`)
  return octets
}

/**
 * @throws AisError ERR_INVALID_PARAM: no octets, or more than a section can hold; ERR_NO_RESOURCES: too
 * many
 */
export function checkData(call: string, data: unknown, idOctets: number, maxSectionSize: number): void {
  if (!(data instanceof Uint8Array)) throw invalid(call, 'the data are not octets')
  const octets = data.length + idOctets
  if (octets <= limits.ckptCallOctets) return
  if (data.length > maxSectionSize) throw invalid(call, tooLong(data.length, maxSectionSize))
  throw tooMuch(call, octets)
}

function tooLong(octets: number, maxSectionSize: number): string {
  return `${octets} octets are more than a section of this checkpoint can hold, ${maxSectionSize}`
}

function tooMuch(call: string, octets: number): AisError {
  const message = `${call}: ${octets} octets of data and ids; one call carries ${limits.ckptCallOctets}`
  return new AisError('ERR_NO_RESOURCES', `${message}: use several`)
}

function checkVector(call: string, vector: unknown): void {
  if (!Array.isArray(vector)) throw invalid(call, 'the vector is no array')
  if (vector.length === 0) throw invalid(call, 'the vector is empty')
  if (vector.length <= limits.ckptVectorElements) return
  const message = `${call}: the vector has ${vector.length} elements; ${limits.ckptVectorElements} may be`
  throw new AisError('ERR_NO_RESOURCES', message)
}

function wrong(call: string, index: number, what: string): CheckpointVectorError {
  return new CheckpointVectorError('ERR_INVALID_PARAM', index, `${call}: element ${index}: ${what}`)
}

/**
 * The parameters of checkpointWrite as they go over the socket, with the application's own octets: they are
 * copied once, into what the system writes.
 * @throws AisError ERR_INVALID_PARAM, ERR_NO_RESOURCES; CheckpointVectorError where one element is wrong
 */
export function writeParams(
  handle: number,
  vector: readonly CheckpointWriteElement[],
  maxSectionSize: number,
): unknown[] {
  checkVector('checkpointWrite', vector)
  const params = new Array<unknown>(1 + 3 * vector.length)
  params[0] = handle
  let octets = 0
  for (let index = 0; index < vector.length; index++) {
    const { sectionId, dataOffset = 0, data } = elementAt('checkpointWrite', vector, index)
    const id = octetsOfId(sectionId)
    if (id === undefined) throw wrong('checkpointWrite', index, `sectionId is not ${ID_EXPECTED}`)
    if (!isNatural(dataOffset)) {
      throw wrong('checkpointWrite', index, `dataOffset ${String(dataOffset)} is no number of octets`)
    }
    if (!(data instanceof Uint8Array)) throw wrong('checkpointWrite', index, 'data are not octets')
    octets += id.length + data.length
    const at = 1 + 3 * index
    params[at] = id
    params[at + 1] = dataOffset
    params[at + 2] = data
  }
  if (octets <= limits.ckptCallOctets) return params
  // What no section can hold is wrong however it is cut.
  const index = vector.findIndex(({ data }) => data.length > maxSectionSize)
  if (index < 0) throw tooMuch('checkpointWrite', octets)
  throw wrong('checkpointWrite', index, tooLong(vector[index]!.data.length, maxSectionSize))
}

/** The parameters of checkpointRead. @throws AisError as writeParams does */
export function readParams(handle: number, vector: readonly CheckpointReadElement[]): unknown[] {
  checkVector('checkpointRead', vector)
  const params = new Array<unknown>(1 + 3 * vector.length)
  params[0] = handle
  let octets = 0
  for (let index = 0; index < vector.length; index++) {
    const { sectionId, dataOffset = 0, dataSize } = elementAt('checkpointRead', vector, index)
    const id = octetsOfId(sectionId)
    if (id === undefined) throw wrong('checkpointRead', index, `sectionId is not ${ID_EXPECTED}`)
    if (!isNatural(dataOffset)) {
      throw wrong('checkpointRead', index, `dataOffset ${String(dataOffset)} is no number of octets`)
    }
    if (dataSize !== undefined && !isNatural(dataSize)) {
      throw wrong('checkpointRead', index, `dataSize ${String(dataSize)} is no number of octets`)
    }
    octets += id.length
    const at = 1 + 3 * index
    params[at] = id
    params[at + 1] = dataOffset
    params[at + 2] = dataSize ?? null
  }
  if (octets > limits.ckptCallOctets) throw tooMuch('checkpointRead', octets)
  return params
}

function elementAt<E>(call: string, vector: readonly E[], index: number): E {
  const element = vector[index]
  if (typeof element === 'object' && element !== null) return element
  throw wrong(call, index, 'it is no object')
}
