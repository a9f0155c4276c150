import { readdir, rm, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { nodeDirectory, SHORTCUT_LINK } from './layout.js'
import { presences } from './presence.js'
import { reached, signal } from './processes.js'
import { SandboxError, systemCauseOf } from './sandbox-error.js'
import { sandboxFilePath, type SandboxState } from './sandbox-file.js'

/** For a process to be gone after SIGKILL: the system frees what it had. */
const KILL_TIMEOUT_MS = 10_000

/** End the processes of all nodes at once. */
export async function killAll(directory: string, state: SandboxState): Promise<void> {
  const running = presences(directory, state).flatMap(({ node, identity }) =>
    identity === null ? [] : [{ node, identity }],
  )
  for (const { identity } of running) signal(identity, 'SIGKILL')
  for (const { node, identity } of running) {
    if (await reached(identity, 'gone', KILL_TIMEOUT_MS)) continue
    throw new SandboxError(`${node.name} (pid ${identity.pid}) does not go away after SIGKILL`)
  }
}

/**
 * Remove what was made for a sandbox whose processes have ended, its file last: if this is interrupted,
 * it can be done again.
 * @returns whether something of somebody else's is left in its directory
 */
export async function removeFiles(directory: string, state: SandboxState): Promise<boolean> {
  try {
    if (state.shortcut !== null) await removeShortcut(state.shortcut)
    for (const { name } of state.nodes) {
      await rm(nodeDirectory(directory, name), { recursive: true, force: true })
    }
    await rm(`${sandboxFilePath(directory)}.new`, { force: true })
    await rm(sandboxFilePath(directory), { force: true })
    await removeMade(directory, state.madeDirectory)
    return (await entriesOf(directory)).length > 0
  } catch (error) {
    throw new SandboxError(`cannot remove the files of the sandbox in ${directory}: ${systemCauseOf(error)}`)
  }
}

/** The directory with a link in it that leads to the sandbox. */
async function removeShortcut(shortcut: string): Promise<void> {
  await unless(['ENOENT'], unlink(join(shortcut, SHORTCUT_LINK)))
  await unless(['ENOENT'], rmdir(shortcut))
}

/** The directories that were made for the sandbox, from the lowest up, as far as they are empty. */
async function removeMade(directory: string, topmost: string | null): Promise<void> {
  if (topmost === null || !`${directory}/`.startsWith(`${topmost}/`)) return
  for (let path = directory; ; path = dirname(path)) {
    const removed = await unless(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EACCES', 'EBUSY'], rmdir(path))
    if (!removed || path === topmost) return
  }
}

async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch {
    return [] // removed, as it should be
  }
}

/** @returns false if it failed for one of the reasons that do not matter here */
async function unless(codes: readonly string[], action: Promise<unknown>): Promise<boolean> {
  try {
    await action
    return true
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}
