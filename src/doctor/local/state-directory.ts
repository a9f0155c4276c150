import { constants } from 'node:fs'
import { access, lstat, open, opendir, rm, stat, statfs } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { shellWord } from '../../base/index.js'
import type { Check, DoctorContext } from '../check.js'
import { fail, ok, skip, warn, type Details, type Finding } from '../network/finding.js'

/** f_type of statfs(2). */
const TMPFS = 0x0102_1994
const MIB = 1024 * 1024
/** A ring number takes some octets; checkpoints that are set aside can take more. */
const FREE_MIN_OCTETS = 16 * MIB
/** The disk is not on the way of the ring, but a start waits for it. */
const WRITE_SLOW_MS = 1000
/** So many files are looked at. */
const FILES_MAX = 100
/** Of a Unix socket, less the terminator (sockaddr_un); the lock is one, of a name like this. */
const SOCKET_PATH_OCTETS = 107
const LOCK_NAME = 'lock.00000000/00000000'

export interface DirectoryObservation {
  /** The nearest directory that exists: itself, or where it would be made. */
  readonly nearest: string
  /** Code of the error with which a file could not be written there; null: it could. */
  readonly error: string | null
  readonly freeOctets: number
  readonly isVolatile: boolean
  readonly writeMs: number
  /** Whom the directory belongs to. */
  readonly ownerUid: number
  /** Of a file in it that this user cannot use, or that root finds to be another's; null: none. */
  readonly stray: { readonly path: string; readonly ownerUid: number } | null
}

/** Who would write there. */
export interface Writer {
  readonly uid: number
  readonly name: string
}

/** What keeps an executive from using the directory at all. */
function judgeAccess(
  path: string,
  { nearest, error, ownerUid }: DirectoryObservation,
  user: Writer,
): readonly [message: string, remedy: string] | null {
  const octets = new TextEncoder().encode(join(path, LOCK_NAME)).length
  if (octets > SOCKET_PATH_OCTETS) {
    const message = `the path of the state directory is ${octets - SOCKET_PATH_OCTETS} octets too long`
    return [`${message} for the socket of its lock: ${path}`, 'write a shorter statedir in network.conf']
  }
  if (error === null) return null
  const other = 'write another statedir in network.conf'
  if (error !== 'EACCES' && error !== 'EPERM') return [`${nearest} cannot be written: ${error}`, other]
  const message = `${nearest} cannot be written by ${user.name}, it is uid ${ownerUid}'s: ${error}`
  const own = `${shellWord(user.name)} ${shellWord(path)}`
  return [message, `sudo ${nearest === path ? 'chown -R' : 'install -d -m 700 -o'} ${own}`]
}

/** Files of another run, by another user. */
function judgeStray(
  path: string,
  { stray, ownerUid }: DirectoryObservation,
  user: Writer,
  details: Details,
): Finding | null {
  if (stray === null) return null
  const of = `${stray.path} belongs to uid ${stray.ownerUid}`
  if (user.uid === 0) {
    const message = `${of}, and its directory to uid ${ownerUid}: an executive that is uid ${ownerUid} fails`
    return warn(message, `chown -R ${ownerUid} ${shellWord(path)}`, details)
  }
  const message = `${of}, and this user (${user.name}) cannot read and write it`
  return fail(message, `sudo chown -R ${shellWord(user.name)} ${shellWord(path)}`, details)
}

export function judgeStateDirectory(path: string, seen: DirectoryObservation, user: Writer): Finding {
  const { nearest, freeOctets, isVolatile } = seen
  const details = { path, exists: nearest === path, freeOctets, writeMs: Math.round(seen.writeMs) }
  const [problem, remedy] = judgeAccess(path, seen, user) ?? [null, '']
  if (problem !== null) return fail(problem, remedy, details)
  const found = judgeStray(path, seen, user, details)
  if (found !== null) return found
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

/** @param uid of who looks */
async function findStray(
  directory: string,
  uid: number,
  ownerUid: number,
): Promise<DirectoryObservation['stray']> {
  let left = FILES_MAX
  for await (const entry of await opendir(directory)) {
    if (left-- === 0) break
    const path = join(directory, entry.name)
    try {
      const found = await lstat(path)
      const isStray = uid === 0 ? found.uid !== ownerUid : (await tryUsing(path)) !== null
      if (isStray) return { path, ownerUid: found.uid }
    } catch {
      // Files of a running executive come and go.
    }
  }
  return null
}

async function tryUsing(path: string): Promise<string | null> {
  try {
    await access(path, constants.R_OK | constants.W_OK)
    return null
  } catch (error) {
    const code = codeOf(error)
    return code === 'EACCES' || code === 'EPERM' ? code : null
  }
}

export async function observeDirectory(path: string, uid: number): Promise<DirectoryObservation> {
  const nearest = await nearestExisting(path)
  const { uid: ownerUid } = await stat(nearest)
  const startMs = performance.now()
  const error = nearest === path ? await tryWriting(path) : await tryAccess(nearest)
  const writeMs = performance.now() - startMs
  const { bavail, bsize, type } = await statfs(nearest)
  const isUsable = nearest === path && error === null
  const stray = isUsable ? await findStray(path, uid, ownerUid) : null
  const isVolatile = type === TMPFS
  return { nearest, error, freeOctets: bavail * bsize, isVolatile, writeMs, ownerUid, stray }
}

/** A user without a name has a number: in containers. */
function nameOf(uid: number): string {
  try {
    return userInfo().username
  } catch {
    return String(uid)
  }
}

const subject = { id: 'state-directory', title: 'state directory' }

async function examine({ network, host }: DoctorContext): Promise<Finding> {
  if (!network.ok) return skip('without a valid configuration it is not known')
  const path = network.config.stateDir ?? host.stateDirectory.path
  const uid = process.getuid?.() ?? 0
  const user = { uid, name: nameOf(uid) }
  return judgeStateDirectory(path, await observeDirectory(path, uid), user)
}

/** Can the executive keep there what must survive a restart? */
export const stateDirectory: Check = {
  ...subject,
  run: async (context) => ({ ...subject, ...(await examine(context)) }),
}
