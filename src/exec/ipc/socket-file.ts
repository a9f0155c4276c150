import { randomBytes } from 'node:crypto'
import { linkSync, lstatSync, mkdirSync, renameSync, unlinkSync, type Stats } from 'node:fs'
import { chmodSync, closeSync, constants, lchownSync, openSync, readFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { socketPathProblem, temporaryDirectory } from '../../ipc/index.js'
import type { LogLevel } from '../../totem/index.js'
import { ExecError, systemCauseOf } from '../exec-error.js'
import { askHolder } from './ask-holder.js'

/** Members of this group may connect. */
const GROUP = 'ais'

/** Rounds of finding a dead holder's socket, or losing to another starter. */
const ATTEMPTS = 20

const socketHint = 'choose another path with socket in network.conf, or let this user write there'

/**
 * The socket as a file. It is made under a name of its own, with its mode and group, and then linked to its
 * path, which the system does only if nothing is there: of several starters one wins, nobody connects before
 * it may, and nothing that belongs to a living executive is ever removed.
 */
export class SocketFile {
  private constructor(
    private readonly path: string,
    private readonly identity: Stats,
  ) {}

  /** @throws ExecError when the path cannot be used, or another executive answers there */
  static async listen(
    server: Server,
    path: string,
    backlog: number,
    log: (level: LogLevel, message: string) => void,
  ): Promise<SocketFile> {
    const problem = socketPathProblem(path)
    if (problem !== undefined)
      throw new ExecError('failed', problem, 'choose a shorter socket in network.conf')
    prepareDirectory(dirname(path))
    const own = join(dirname(path), `.${randomBytes(6).toString('hex')}`)
    try {
      await bind(server, own, backlog)
      admitGroup(own, log)
      const identity = lstatSync(own)
      await linkTo(own, path)
      return new SocketFile(path, identity)
    } catch (error) {
      server.close()
      if (error instanceof ExecError) throw error
      throw new ExecError('failed', `cannot listen at ${path}: ${systemCauseOf(error)}`, socketHint)
    } finally {
      ignoringErrors(() => unlinkSync(own))
    }
  }

  /** Only if it is still ours. */
  remove(): void {
    ignoringErrors(() => {
      if (isSame(lstatSync(this.path), this.identity)) unlinkSync(this.path)
    })
  }
}

function prepareDirectory(directory: string): void {
  const uid = process.getuid?.() ?? 0
  const isTemporary = directory === temporaryDirectory(uid)
  try {
    mkdirSync(directory, { recursive: !isTemporary, mode: uid === 0 && !isTemporary ? 0o755 : 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new ExecError('failed', `cannot make ${directory}: ${systemCauseOf(error)}`, socketHint)
    }
  }
  if (!isTemporary) return
  const found = lstatSync(directory)
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return
  const message = `${directory} is not a directory that only this user can use`
  throw new ExecError('failed', message, 'set XDG_RUNTIME_DIR, or socket in network.conf')
}

/** Bound by way of its directory, so that the longer name needs no longer path. */
async function bind(server: Server, own: string, backlog: number): Promise<void> {
  const directory = openSync(dirname(own), constants.O_RDONLY | constants.O_DIRECTORY)
  const umask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ path: `/proc/self/fd/${directory}/${basename(own)}`, backlog }, () => {
        server.off('error', reject)
        resolve()
      })
      process.umask(umask)
    })
  } finally {
    process.umask(umask)
    closeSync(directory)
  }
}

function admitGroup(own: string, log: (level: LogLevel, message: string) => void): void {
  const gid = groupId()
  if (gid === undefined) {
    log('notice', `there is no group ${GROUP}: only this user and root may connect`)
    return
  }
  try {
    lchownSync(own, process.getuid?.() ?? 0, gid)
    chmodSync(own, 0o660)
  } catch (error) {
    const cause = systemCauseOf(error)
    log(
      'notice',
      `cannot give the socket to the group ${GROUP} (${cause}): only this user and root may connect`,
    )
  }
}

function groupId(): number | undefined {
  try {
    const found = new RegExp(`^${GROUP}:[^:]*:(\\d+):`, 'm').exec(readFileSync('/etc/group', 'utf8'))
    return found === null ? undefined : Number(found[1])
  } catch {
    return undefined
  }
}

async function linkTo(own: string, path: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      linkSync(own, path)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    await refuseOrBury(path)
  }
  throw new ExecError('failed', `cannot get hold of ${path}: other starters come and go`, 'try again')
}

/** Remove the socket of a dead executive. @throws ExecError when something lives there */
async function refuseOrBury(path: string): Promise<void> {
  const found = statOf(path)
  if (found === undefined) return
  if (!found.isSocket()) {
    throw new ExecError(
      'failed',
      `${path} is there and is not a socket`,
      'move it away, or choose another socket',
    )
  }
  const holder = await askHolder(path)
  if (holder === 'gone') return
  if (holder !== 'dead') throw new ExecError('failed', `${path} is in use: ${holder}`, socketHint)
  bury(path, found)
}

/** Moved aside first: should it have become another's in the meantime, it is put back. */
function bury(path: string, dead: Stats): void {
  const aside = join(dirname(path), `.${randomBytes(6).toString('hex')}`)
  ignoringErrors(() => {
    if (!isSame(lstatSync(path), dead)) return
    renameSync(path, aside)
    if (!isSame(lstatSync(aside), dead)) linkSync(aside, path)
  })
  ignoringErrors(() => unlinkSync(aside))
}

function isSame(one: Stats, other: Stats): boolean {
  return one.dev === other.dev && one.ino === other.ino
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}

function ignoringErrors(action: () => void): void {
  try {
    action()
  } catch {
    // Already gone: what was wanted.
  }
}
