import { randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, rename, rm, rmdir, stat, unlink } from 'node:fs/promises'
import { createConnection, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { ExecError, systemCauseOf } from './exec-error.js'

/** What the holder of a lock tells whoever connects to it, as one line of JSON. */
export interface LockHolder {
  readonly pid: number
}

type Answer = 'dead' | 'gone' | 'silent' | LockHolder

/** Octets of a Unix socket's path, less the terminator (sockaddr_un). */
const SOCKET_PATH_OCTETS = 107

/** A live holder answers at once; a stopped one accepts and says nothing. */
const ANSWER_TIMEOUT_MS = 2000

/** Rounds of finding a dead holder, or losing to another starter that then vanishes. */
const ATTEMPTS = 100

/** What an unfinished start left behind is cleaned up after this long. */
const LITTER_AGE_MS = 60_000

/**
 * One executive a state directory. The lock is the directory `lock` with one listening Unix socket in it,
 * named uniquely for its holder. A starter listens in a directory of its own first and then renames that to
 * `lock`, which the system does only if there is none or an empty one: of several starters one wins. A socket
 * that refuses connections has no process any more and is removed by its name, so never another's than the
 * dead one's.
 */
export class Lock {
  private constructor(
    private readonly path: string,
    private readonly name: string,
    private readonly server: Server,
  ) {}

  /** @throws ExecError when another executive holds the state directory, or it cannot be used */
  static async acquire(stateDirectory: string): Promise<Lock> {
    const path = join(stateDirectory, 'lock')
    const name = randomBytes(4).toString('hex')
    const own = `${path}.${name}`
    checkPathLength(join(own, name), stateDirectory)
    await removeLitter(stateDirectory)
    const server = await listen(own, name)
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        await refuseOrBury(path, stateDirectory)
        if (await moveInto(own, path, name)) return new Lock(path, name, server)
      }
      throw new ExecError('failed', `cannot get hold of ${path}: other starters come and go`, 'try again')
    } catch (error) {
      server.close()
      await rm(own, { recursive: true, force: true })
      if (error instanceof ExecError) throw error
      throw new ExecError('failed', `cannot lock the state directory: ${systemCauseOf(error)}`, accessHint)
    }
  }

  async release(): Promise<void> {
    await ignoringErrors(unlink(join(this.path, this.name)))
    await ignoringErrors(rmdir(this.path))
    await new Promise<void>((resolve) => this.server.close(() => resolve()))
  }
}

const accessHint = 'let this user write to it, or choose another one with statedir in network.conf'

function checkPathLength(socketPath: string, stateDirectory: string): void {
  const excess = Buffer.byteLength(socketPath) - SOCKET_PATH_OCTETS
  if (excess <= 0) return
  const message = `the path of the state directory is ${excess} octets too long for a Unix socket in it`
  throw new ExecError('failed', `${message}: ${stateDirectory}`, 'choose a shorter statedir in network.conf')
}

async function listen(directory: string, name: string): Promise<Server> {
  try {
    await mkdir(directory, { mode: 0o700 })
    const server = createServer((connection) => {
      connection.on('error', () => undefined) // an asker that went away
      connection.end(`${JSON.stringify({ pid: process.pid } satisfies LockHolder)}\n`)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(join(directory, name), resolve)
    })
    server.unref()
    return server
  } catch (error) {
    throw new ExecError('failed', `cannot lock the state directory: ${systemCauseOf(error)}`, accessHint)
  }
}

/** Remove sockets of dead holders from the lock. @throws ExecError when one is alive */
async function refuseOrBury(path: string, stateDirectory: string): Promise<void> {
  for (const name of await namesIn(path)) {
    const answer = await ask(join(path, name))
    if (answer === 'dead') await ignoringErrors(unlink(join(path, name)))
    else if (answer !== 'gone') throw heldBy(answer, stateDirectory)
  }
}

function heldBy(holder: 'silent' | LockHolder, stateDirectory: string): ExecError {
  if (holder === 'silent') {
    const message = `another executive holds the state directory ${stateDirectory} and does not answer`
    return new ExecError('failed', message, 'it may be stopped: look for a process in state T in `ps`')
  }
  const message = `another executive with pid ${holder.pid} holds the state directory ${stateDirectory}`
  return new ExecError('failed', message, 'stop it, or give this one a directory of its own with statedir')
}

async function moveInto(own: string, path: string, name: string): Promise<boolean> {
  try {
    await rename(own, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false // another starter was faster
    throw error
  }
  await lstat(join(path, name)) // throws if somebody cleaned our directory up under us
  return true
}

/** Directories of starters that died between making one and winning or losing. */
async function removeLitter(stateDirectory: string): Promise<void> {
  for (const entry of await namesIn(stateDirectory)) {
    if (!/^lock\.[0-9a-f]{8}$/.test(entry)) continue
    const directory = join(stateDirectory, entry)
    const age = await stat(directory).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    )
    if (age < LITTER_AGE_MS) continue
    const answers = await Promise.all((await namesIn(directory)).map((name) => ask(join(directory, name))))
    if (answers.every((answer) => answer === 'dead')) {
      await ignoringErrors(rm(directory, { recursive: true, force: true }))
    }
  }
}

function ask(socketPath: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(socketPath)
    let text = ''
    const finish = (answer: Answer): void => {
      connection.destroy()
      resolve(answer)
    }
    connection.setTimeout(ANSWER_TIMEOUT_MS, () => finish('silent'))
    connection.setEncoding('utf8')
    connection.on('data', (chunk: string) => {
      text += chunk
      const holder = parseHolder(text)
      if (holder !== undefined) finish(holder)
    })
    connection.on('end', () => finish('gone')) // it died, or is leaving, while we asked
    connection.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') finish('dead')
      else if (['ENOENT', 'ECONNRESET', 'EPIPE'].includes(error.code ?? '')) finish('gone')
      else if (error.code === 'EAGAIN')
        finish('silent') // its backlog is full
      else reject(new ExecError('failed', `cannot ask who holds ${socketPath}: ${systemCauseOf(error)}`))
    })
  })
}

function parseHolder(text: string): LockHolder | undefined {
  const match = /^\{"pid":(\d{1,10})\}\n/.exec(text)
  return match === null ? undefined : { pid: Number(match[1]) }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function ignoringErrors(action: Promise<unknown>): Promise<void> {
  try {
    await action
  } catch {
    // Already gone: what was wanted.
  }
}
