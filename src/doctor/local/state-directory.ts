import { constants } from 'node:fs'
import { access, open, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Check, DoctorContext } from '../check.js'
import { fail, ok, skip, warn, type Finding } from '../network/finding.js'

/** f_type of statfs(2). */
const TMPFS = 0x0102_1994
const MIB = 1024 * 1024
/** A ring number takes some octets; checkpoints that are set aside can take more. */
const FREE_MIN_OCTETS = 16 * MIB
/** The disk is not on the way of the ring, but a start waits for it. */
const WRITE_SLOW_MS = 1000

export interface DirectoryObservation {
  /** The nearest directory that exists: itself, or where it would be made. */
  readonly nearest: string
  /** Code of the error with which a file could not be written there; null: it could. */
  readonly error: string | null
  readonly freeOctets: number
  readonly isVolatile: boolean
  readonly writeMs: number
}

export function judgeStateDirectory(path: string, seen: DirectoryObservation): Finding {
  const { nearest, error, freeOctets, isVolatile } = seen
  const details = { path, exists: nearest === path, freeOctets, writeMs: Math.round(seen.writeMs) }
  if (error !== null) {
    const remedy = `let this user write there (chown), or write another statedir in network.conf`
    return fail(`${nearest} cannot be written: ${error}`, remedy, details)
  }
  const free = `${Math.floor(freeOctets / MIB)} MiB`
  if (freeOctets < FREE_MIN_OCTETS) {
    return warn(`${nearest} has ${free} left`, 'make room, or write another statedir', details)
  }
  if (isVolatile) {
    const message = `${nearest} is in memory: what must survive a restart of this machine does not`
    return warn(message, 'write a statedir that is on a disk', details)
  }
  if (seen.writeMs > WRITE_SLOW_MS) {
    const message = `a small file took ${Math.round(seen.writeMs)} ms until it was on the disk of ${nearest}`
    return warn(message, 'look at the disk (iostat -x 1), or write a statedir on another one', details)
  }
  const made = nearest === path ? 'can be written' : `will be made; ${nearest} can be written`
  return ok(`${path} ${made}, ${free} left`, details)
}

const codeOf = (error: unknown): string => (error as { readonly code?: string }).code ?? String(error)

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    return codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR'
  }
}

/** The path itself, or the first one above it that exists. */
export async function nearestExisting(path: string): Promise<string> {
  let nearest = path
  while (dirname(nearest) !== nearest && !(await exists(nearest))) nearest = dirname(nearest)
  return nearest
}

/** Writes a file until it is on the disk, and removes it. @returns the code of the error; null: none */
async function tryWriting(directory: string): Promise<string | null> {
  const path = join(directory, `.doctor-${process.pid}`)
  try {
    if (!(await stat(directory)).isDirectory()) return 'not a directory'
    const file = await open(path, 'wx', 0o600)
    try {
      await file.write('written by ais doctor, to see whether that is possible\n')
      await file.sync()
    } finally {
      await file.close()
      await rm(path, { force: true })
    }
    return null
  } catch (error) {
    return codeOf(error)
  }
}

/** Where the directory would only be made nothing is written. */
async function tryAccess(directory: string): Promise<string | null> {
  try {
    await access(directory, constants.W_OK | constants.X_OK)
    return null
  } catch (error) {
    return codeOf(error)
  }
}

export async function observeDirectory(path: string): Promise<DirectoryObservation> {
  const nearest = await nearestExisting(path)
  const startMs = performance.now()
  const error = nearest === path ? await tryWriting(path) : await tryAccess(nearest)
  const writeMs = performance.now() - startMs
  const { bavail, bsize, type } = await statfs(nearest)
  return { nearest, error, freeOctets: bavail * bsize, isVolatile: type === TMPFS, writeMs }
}

const subject = { id: 'state-directory', title: 'state directory' }

async function examine({ network, host }: DoctorContext): Promise<Finding> {
  if (!network.ok) return skip('without a valid configuration it is not known')
  const path = network.config.stateDir ?? host.stateDirectory.path
  return judgeStateDirectory(path, await observeDirectory(path))
}

/** Can the executive keep there what must survive a restart? */
export const stateDirectory: Check = {
  ...subject,
  run: async (context) => ({ ...subject, ...(await examine(context)) }),
}
