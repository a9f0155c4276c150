import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, realpathSync, statSync, type Stats } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isVacant, needsShortcut, SHORTCUT_LINK } from './layout.js'
import { defaultSandboxDirectory, runtimeDirectory } from './runtime-directory.js'
import { SandboxError, systemCauseOf } from './sandbox-error.js'

/** A directory that is this user's alone, ready for a sandbox. */
export interface Place {
  /** Without symbolic links. */
  readonly directory: string
  /** Topmost of the directories that were made; null: all were there. */
  readonly madeDirectory: string | null
}

/**
 * Make the directory if it is missing.
 * @throws SandboxError when it cannot be made, others can write to it, or it holds anything
 */
export function preparePlace(directory: string): Place {
  try {
    const above = directory === defaultSandboxDirectory() ? makeRuntimeDirectory() : undefined
    const below = mkdirSync(directory, { recursive: true, mode: 0o700 })
    const made = above ?? below
    checkOwn(directory, statSync(directory))
    const others = readdirSync(directory)
    if (!isVacant(others)) {
      const message = `${directory} holds ${others.slice(0, 3).join(', ')} and no sandbox`
      throw new SandboxError(message, ['an empty or new directory with --dir'])
    }
    return {
      directory: realpathSync(directory),
      madeDirectory: made === undefined ? null : realpathSync(made),
    }
  } catch (error) {
    if (error instanceof SandboxError) throw error
    throw new SandboxError(`cannot use ${directory} for a sandbox: ${systemCauseOf(error)}`)
  }
}

/** @returns the topmost directory that had to be made */
function makeRuntimeDirectory(): string | undefined {
  const path = runtimeDirectory()
  // Root's holds the socket of the machine's executive, which others may be permitted to reach.
  const mode = process.geteuid?.() === 0 ? 0o755 : 0o700
  const made = mkdirSync(path, { recursive: true, mode })
  // In /tmp anybody could have put a link there.
  checkOwn(path, lstatSync(path))
  return made
}

function checkOwn(path: string, found: Stats): void {
  const isOwn = found.isDirectory() && found.uid === process.geteuid?.()
  if (isOwn && (found.mode & 0o022) === 0) return
  const why = isOwn ? 'others can write to it' : 'it belongs to another user'
  throw new SandboxError(`${path} is not used for a sandbox: ${why}`)
}

/** @returns a directory for a short way to the sandbox, not made yet; null: none is needed */
export function chooseShortcut(directory: string, names: readonly string[]): string | null {
  if (!needsShortcut(directory, names)) return null
  const name = `ais-sandbox-${randomBytes(4).toString('hex')}`
  const candidates = [tmpdir(), '/tmp'].map((above) => join(above, name))
  const short = candidates.find((path) => !needsShortcut(join(path, SHORTCUT_LINK), names))
  return short ?? candidates[candidates.length - 1]
}

export async function makeShortcut(shortcut: string, directory: string): Promise<void> {
  try {
    await mkdir(shortcut, { mode: 0o700 })
    await symlink(directory, join(shortcut, SHORTCUT_LINK))
  } catch (error) {
    throw new SandboxError(`cannot make ${shortcut}: ${systemCauseOf(error)}`)
  }
}
