import { setTimeout } from 'node:timers/promises'
import { Amf, type AmfDecision } from '../api/index.js'
import { decisionText } from './amf-decision-text.js'
import { isAisError } from './ckpt-calls.js'
import { lostText, restoredText, type ProgramOutput } from './program-output.js'
import { aborted } from './stop-signal.js'

/** Before the executive is asked again, when it has just started and AMF has no state yet. */
const RETRY_INTERVAL_MS = 50

/**
 * Every decision of AMF, a line each, until `stopped`. The executive may go and come back meanwhile.
 * @throws AisError as Amf.initialize: there is no executive to begin with
 */
export async function watchAmf(
  socket: string,
  asJson: boolean,
  output: ProgramOutput,
  stopped: AbortSignal,
): Promise<void> {
  const amf = await Amf.initialize({ socket })
  try {
    const print = (decision: AmfDecision): void => {
      output.line(asJson ? JSON.stringify(decision) : decisionText(decision))
    }
    amf.on('lost', (error) => output.note(lostText(error)))
    amf.on('restored', () => output.note(restoredText))
    while (!stopped.aborted) {
      try {
        await amf.watch(print)
        output.note('watching AMF')
        await aborted(stopped)
      } catch (error) {
        if (!isAisError(error, 'ERR_TRY_AGAIN', 'ERR_TIMEOUT')) throw error
        await setTimeout(RETRY_INTERVAL_MS, undefined, { signal: stopped }).catch(() => undefined)
      }
    }
  } finally {
    await amf.finalize()
  }
}
