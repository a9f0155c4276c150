import {
  adminOperations,
  AisError,
  entityKinds,
  isAisErrorName,
  limits,
  recoveries,
  type AdminOperation,
  type EntityKind,
  type Recovery,
} from '../base/index.js'
import type { AnswerCode } from './amf-invocations.js'
import type { HealthcheckOptions } from './amf-types.js'

// What is wrong with an argument whoever answers is said here; what only the executive knows, by it.

const DURATION_MAX_MS = 2 ** 31 - 1
const PID_MAX = 2 ** 31 - 1

function invalid(call: string, what: string): AisError {
  return new AisError('ERR_INVALID_PARAM', `${call}: ${what}`)
}

/** @param what it is the name of @throws AisError ERR_INVALID_PARAM */
export function checkEntityName(call: string, what: string, name: unknown): asserts name is string {
  if (typeof name !== 'string') throw invalid(call, `the name of a ${what} is text, not ${String(name)}`)
  if (name === '') throw invalid(call, `the name of a ${what} is empty`)
  if (Buffer.byteLength(name) <= limits.nameOctets) return
  throw invalid(call, `the name of a ${what} has at most ${limits.nameOctets} octets`)
}

function checkWord<T extends string>(
  call: string,
  what: string,
  word: unknown,
  words: readonly T[],
): asserts word is T {
  if ((words as readonly unknown[]).includes(word)) return
  throw invalid(call, `${what} ${JSON.stringify(word)} is none of ${words.join(', ')}`)
}

/** @throws AisError ERR_INVALID_PARAM */
export function checkRecovery(call: string, recovery: unknown): asserts recovery is Recovery {
  checkWord(call, 'recovery', recovery, recoveries)
}

/** @throws AisError ERR_INVALID_PARAM */
export function checkAdminOperation(call: string, operation: unknown): asserts operation is AdminOperation {
  checkWord(call, 'operation', operation, adminOperations)
}

/** @throws AisError ERR_INVALID_PARAM */
export function checkKind(call: string, kind: unknown): asserts kind is EntityKind | null {
  if (kind !== null) checkWord(call, 'kind', kind, entityKinds)
}

/** @throws AisError ERR_INVALID_PARAM */
export function checkAnswer(call: string, error: unknown): asserts error is AnswerCode {
  if (error === 'OK' || isAisErrorName(error)) return
  throw invalid(call, `error ${JSON.stringify(error)} is neither 'OK' nor the name of an error`)
}

/** @throws AisError ERR_INVALID_PARAM */
export function checkHealthcheck(call: string, key: unknown, invocation: unknown): void {
  if (typeof key !== 'string' || key === '' || Buffer.byteLength(key) > limits.nameOctets) {
    throw invalid(call, `key ${JSON.stringify(key)} is no text of 1 to ${limits.nameOctets} octets`)
  }
  checkWord(call, 'invocation', invocation, ['amf', 'component'])
}

/** @returns whole milliseconds; null: as configured @throws AisError ERR_INVALID_PARAM */
export function checkedDurationMs(
  call: string,
  name: keyof HealthcheckOptions,
  options: HealthcheckOptions,
): number | null {
  const value = options[name]
  if (value === undefined) return null
  if (typeof value === 'number' && value > 0 && value <= DURATION_MAX_MS) return Math.ceil(value)
  throw invalid(call, `${name} ${String(value)} is no time from 1 to ${DURATION_MAX_MS} ms`)
}

/** @throws AisError ERR_INVALID_PARAM */
export function checkProcess(call: string, pid: unknown): asserts pid is number {
  if (Number.isInteger(pid) && (pid as number) > 0 && (pid as number) <= PID_MAX) return
  throw invalid(call, `pid ${String(pid)} is no id of a process`)
}
