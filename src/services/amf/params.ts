import { isAisErrorName, limits, recoveries, type AisErrorName, type Recovery } from '../../base/index.js'
import type { Request } from '../front.js'
import { shown } from '../shown.js'
import { isName, messageText } from './wire.js'

/** Parameters of a request, as the application sent them. */
export type Params = Readonly<Record<string, unknown>>

/** Why a call cannot be done; ends up as its failure. */
export class CallRefusal extends Error {
  constructor(
    readonly code: AisErrorName,
    readonly text: string,
  ) {
    super(text)
  }
}

export function invalid(text: string): CallRefusal {
  return new CallRefusal('ERR_INVALID_PARAM', text)
}

/** Do what a request asks; what is thrown on the way is its failure. */
export function attempt(request: Request, call: () => void): void {
  try {
    call()
  } catch (error) {
    if (!(error instanceof CallRefusal)) throw error
    request.fail(error.code, error.text)
  }
}

/** A whole number within bounds. @throws CallRefusal */
export function wholeNumber(value: unknown, what: string, least: number, most: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) {
    return value
  }
  throw invalid(`${what} ${shown(value)} is no whole number from ${least} to ${most}`)
}

/** @throws CallRefusal */
export function nameOf(value: unknown, what: string): string {
  if (isName(value)) return value
  const expected = `1 to ${limits.nameOctets} octets of UTF-8 without control characters`
  throw invalid(`${what} ${shown(value)} is no name: ${expected}`)
}

/** @throws CallRefusal */
export function subscriptionOf(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  const expected = 'a whole number that the application chooses, unique within its connection'
  throw invalid(`subscription ${shown(value)} is not ${expected}`)
}

/** One of the words that are possible. @throws CallRefusal */
export function wordOf<T extends string>(value: unknown, what: string, words: readonly T[]): T {
  const word = words.find((candidate) => candidate === value)
  if (word !== undefined) return word
  throw invalid(`${what} ${shown(value)} is none of ${words.join(', ')}`)
}

/** What is recommended; nil: nothing. @throws CallRefusal */
export function recoveryOf(value: unknown): Recovery {
  return wordOf(value ?? 'no-recommendation', 'recovery', recoveries)
}

/** How a callback was done. @returns null: well. @throws CallRefusal */
export function errorOf(value: unknown): AisErrorName | null {
  if (value === 'OK') return null
  if (isAisErrorName(value)) return value
  throw invalid(`error ${shown(value)} is neither OK nor the name of an error`)
}

/** Words of people, nil: none. @throws CallRefusal */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return messageText(value)
  throw invalid(`text ${shown(value)} is no text`)
}
