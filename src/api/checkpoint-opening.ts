import { AisError, type CheckpointCreationAttributes } from '../base/index.js'
import { closeQuietly, type CkptConnection } from './checkpoint-handle.js'
import { wireDurationMs } from './ckpt-arguments.js'
import { readOpened } from './ckpt-documents.js'

/** As the executive wants them: no fields but those it knows. @throws AisError ERR_INVALID_PARAM */
export function wireAttributes(attributes: CheckpointCreationAttributes): object {
  const { creationFlags, checkpointSize, maxSections, maxSectionSize, maxSectionIdSize } = attributes
  const retentionDurationMs = wireDurationMs('checkpointOpen', attributes.retentionDurationMs)
  return { creationFlags, checkpointSize, retentionDurationMs, maxSections, maxSectionSize, maxSectionIdSize }
}

/**
 * Ask the executive to open a checkpoint. What it opens after the time is closed again, for nobody knows of
 * it.
 * @param timeoutMs undefined: as long as the connection lasts
 * @throws AisError ERR_TIMEOUT, and as Connection.call
 */
export async function callOpen(
  connection: CkptConnection,
  params: object,
  timeoutMs: number | undefined,
): Promise<unknown> {
  const answer = connection.call('ckpt.checkpointOpen', params)
  if (timeoutMs === undefined) return answer
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true
      const message = `checkpointOpen was not answered within ${timeoutMs} ms; it may still be created`
      reject(new AisError('ERR_TIMEOUT', message))
    }, timeoutMs)
  })
  const closeIfLate = (opened: unknown): void => {
    if (isLate) closeQuietly(connection, readOpened(opened).handle)
  }
  answer.then(closeIfLate).catch(() => undefined)
  try {
    return await Promise.race([answer, timeout])
  } finally {
    clearTimeout(timer)
  }
}
