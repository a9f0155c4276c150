import { setTimeout } from 'node:timers/promises'
import { AisError, type AisErrorName } from '../api/index.js'

/** Makes a call of the API and waits as long as it is told to try again; what fails for good is thrown. */
export type Caller = <R>(call: () => Promise<R>) => Promise<R>

/** Before a call that was answered ERR_TRY_AGAIN is made again. */
const RETRY_INTERVAL_MS = 50

/** Is it an error of the API: one of these, or any if none is named? */
export function isAisError(error: unknown, ...codes: readonly AisErrorName[]): error is AisError {
  return error instanceof AisError && (codes.length === 0 || codes.includes(error.code))
}

/** A Caller of its own: gives up after `timeoutMs` with the error of the last attempt. */
export function patientCaller(timeoutMs: number, codes: readonly AisErrorName[] = ['ERR_TRY_AGAIN']): Caller {
  return async (call) => {
    const deadlineMs = performance.now() + timeoutMs
    for (;;) {
      try {
        return await call()
      } catch (error) {
        if (!isAisError(error, ...codes) || performance.now() + RETRY_INTERVAL_MS > deadlineMs) throw error
      }
      await setTimeout(RETRY_INTERVAL_MS)
    }
  }
}

/** @returns whether it was done; false: it failed with one of these errors */
export async function doneUnless(action: Promise<unknown>, ...codes: AisErrorName[]): Promise<boolean> {
  try {
    await action
    return true
  } catch (error) {
    if (isAisError(error, ...codes)) return false
    throw error
  }
}
