import type { AisErrorName } from '../../base/index.js'

/** What became of one message of CKPT: the same on every member. */
export interface Outcome {
  /** null: it was done. */
  readonly code: AisErrorName | null
  /** For people; empty when it was done. */
  readonly text: string
  /** Of the element of a vector that is wrong; -1: it is none of them. */
  readonly index: number
  /** What the caller gets. */
  readonly value: unknown
}

export const DONE: Outcome = { code: null, text: '', index: -1, value: null }

export function done(value: unknown): Outcome {
  return { code: null, text: '', index: -1, value }
}

export function failed(code: AisErrorName, text: string, index = -1): Outcome {
  return { code, text, index, value: null }
}

/** The message is none that members send. */
export const UNREADABLE = failed('ERR_LIBRARY', 'a message that cannot be read')
