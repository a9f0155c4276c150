import { realpathSync } from 'node:fs'
import { killAll, removeFiles } from './dismantle.js'
import { presences } from './presence.js'
import { reached, signal } from './processes.js'
import { executives, type Progress } from './progress.js'
import { readSandboxFile, writeSandboxFile, type SandboxState } from './sandbox-file.js'
import { inTurn } from './turn.js'

/** What `ais cluster down` did. */
export interface DownResult {
  /** False: there was no sandbox. */
  readonly existed: boolean
  /** Nodes that ran. */
  readonly ended: readonly string[]
  /** Of these the ones that did not end by themselves. */
  readonly killed: readonly string[]
  /** The directory is still there: somebody else's files are in it. */
  readonly directoryKept: boolean
}

/**
 * End all nodes and remove all that was made for the sandbox.
 * @param timeoutMs for the daemons to end by themselves; then they are killed
 */
export async function takeDown(
  directory: string,
  timeoutMs: number,
  progress: Progress,
): Promise<DownResult> {
  return inTurn(directory, 'down', progress, async () => {
    const found = await readSandboxFile(directory)
    if (found === null) return { existed: false, ended: [], killed: [], directoryKept: false }
    const real = realpathSync(directory)
    const state: SandboxState = { ...found, phase: 'stopping' }
    await writeSandboxFile(real, state)
    const running = presences(real, state).flatMap(({ node, identity }) =>
      identity === null ? [] : [{ node, identity }],
    )
    const stubborn = await progress.step(`ending ${executives(running.length)}`, async () => {
      for (const { identity } of running) signal(identity, 'SIGTERM')
      // A paused one cannot end before it runs again.
      for (const { identity } of running) signal(identity, 'SIGCONT')
      const deadlineMs = performance.now() + timeoutMs
      const left = running.map(async (node) =>
        (await reached(node.identity, 'gone', Math.max(0, deadlineMs - performance.now()))) ? [] : [node],
      )
      const names = (await Promise.all(left)).flat().map(({ node }) => node.name)
      await killAll(real, state)
      return names
    })
    const directoryKept = await removeFiles(real, state)
    return { existed: true, ended: running.map(({ node }) => node.name), killed: stubborn, directoryKept }
  })
}
