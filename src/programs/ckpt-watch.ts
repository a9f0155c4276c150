import { CheckpointOpenFlags, Ckpt, type Checkpoint, type CheckpointChange } from '../api/index.js'
import { printable } from '../config/index.js'
import { changeLine, changeText } from './ckpt-text.js'
import { lostText, restoredText, type ProgramOutput } from './program-output.js'
import { patientCaller } from './ckpt-calls.js'
import { aborted } from './stop-signal.js'

/** How long the executive may take to open the checkpoint when this begins: it may have just started. */
const OPENING_TIMEOUT_MS = 10_000

/**
 * Every change of a checkpoint, a line each, until `stopped`. The executive may go and come back meanwhile.
 * @throws AisError as checkpointOpen (ERR_NOT_EXIST); ERR_BAD_HANDLE: no executive has it any more
 */
export async function watchCheckpoint(
  socket: string,
  name: string,
  asJson: boolean,
  output: ProgramOutput,
  stopped: AbortSignal,
): Promise<void> {
  const call = patientCaller(OPENING_TIMEOUT_MS)
  const ckpt = await Ckpt.initialize({ socket })
  try {
    ckpt.on('lost', (error) => output.note(lostText(error)))
    ckpt.on('restored', () => output.note(restoredText))
    const checkpoint = await call(() => ckpt.checkpointOpen(name, null, CheckpointOpenFlags.CHECKPOINT_READ))
    checkpoint.on('changes', (changes) => print(checkpoint, changes, asJson, output))
    await call(() => checkpoint.track())
    output.note(`watching ${printable(name)}`)
    const gone = new Promise<never>((_, reject) => checkpoint.once('gone', reject))
    await Promise.race([aborted(stopped), gone])
  } finally {
    await ckpt.finalize()
  }
}

function print(
  { name }: Checkpoint,
  changes: readonly CheckpointChange[],
  asJson: boolean,
  output: ProgramOutput,
): void {
  const prefix = `${new Date().toISOString()} ${printable(name)}`
  for (const change of changes) {
    output.line(asJson ? JSON.stringify(changeLine(name, change)) : `${prefix}: ${changeText(change)}`)
  }
}
