import { realpathSync } from 'node:fs'
import { takeTurn } from './command-lock.js'
import { loadSandbox } from './find-node.js'
import { clusterCommand } from './hints.js'
import type { Progress } from './progress.js'
import { SandboxError } from './sandbox-error.js'
import type { SandboxState } from './sandbox-file.js'

/** A sandbox that this command alone may change. */
export interface Turn {
  /** As the system knows it, without symbolic links. */
  readonly directory: string
  readonly state: SandboxState
}

/** Run an action while no other command changes the sandbox of the directory, whether or not there is one. */
export async function inTurn<T>(
  directory: string,
  words: string,
  progress: Progress,
  action: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const says = `ais cluster ${words}, pid ${process.pid}`
  const onWait = (what: string): void => progress.notice(`waiting for ${what}`)
  const held = await takeTurn(directory, says, onWait, signal)
  try {
    return await action()
  } finally {
    await held.release()
  }
}

/**
 * Run an order to a sandbox that is up.
 * @throws SandboxError when there is none, or it is not up as a whole
 */
export async function orderInTurn<T>(
  directory: string,
  words: string,
  progress: Progress,
  action: (turn: Turn) => Promise<T>,
): Promise<T> {
  return inTurn(directory, words, progress, async () => {
    const state = await loadSandbox(directory)
    if (state.phase !== 'up') throw unfinished(directory, state.phase)
    return action({ directory: realpathSync(directory), state })
  })
}

function unfinished(directory: string, phase: 'starting' | 'stopping'): SandboxError {
  const command = phase === 'starting' ? 'up' : 'down'
  const message = `\`ais cluster ${command}\` was interrupted in ${directory}: some of the sandbox is left`
  return new SandboxError(message, [clusterCommand('down', directory), clusterCommand('up', directory)])
}
