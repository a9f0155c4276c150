import { AisError } from '../base/index.js'
import { RETRY_FIRST_MS, RETRY_MAX_MS } from './service-object.js'

/**
 * Something that the application has going at the executive, and which an executive that comes back lacks.
 */
export interface Restorable {
  onLost(): void
  restore(): Promise<void>
  close(): void
}

/** Waiting does not help against these. */
const lasting: readonly string[] = ['ERR_NOT_EXIST', 'ERR_INVALID_PARAM', 'ERR_NOT_SUPPORTED', 'ERR_ACCESS']

/**
 * Set up at another executive what was going at the one before, for as long as that takes: it may not have
 * met the others yet, or hold another configuration for the time being.
 * @param isOver that executive is gone as well, or the application has finalized
 * @returns why it is not going any more; null: it is, or it is over
 */
export async function restored(
  what: Pick<Restorable, 'restore'>,
  isOver: () => boolean,
): Promise<AisError | null> {
  for (let retryMs = RETRY_FIRST_MS; !isOver(); retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)) {
    try {
      await what.restore()
      return null
    } catch (error) {
      if (!(error instanceof AisError)) throw error
      if (isOver()) return null
      if (lasting.includes(error.code)) return error
    }
    // The connection keeps the process alive, not the wait.
    await new Promise((resolve) => setTimeout(resolve, retryMs).unref())
  }
  return null
}
