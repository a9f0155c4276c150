import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { SandboxError } from './sandbox-error.js'

/** Commands that change one sandbox take turns; none of them takes longer than this. */
const TURN_TIMEOUT_MS = 300_000

/** After this long the user is told what is waited for. */
const PATIENCE_MS = 500

/** Words of another command about itself, at most. */
const SAID_OCTETS = 200

/** A name held by this process, in the abstract namespace of Unix sockets: it ends with the process. */
export class HeldName {
  readonly #connections = new Set<Socket>()

  private constructor(private readonly server: Server) {}

  /** @param says told to those who connect to the name @returns null when another process holds it */
  static async take(name: string, says = ''): Promise<HeldName | null> {
    const server = createServer()
    const held = new HeldName(server)
    server.on('connection', (connection) => held.#onConnection(connection, says))
    const taken = await new Promise<boolean>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') resolve(false)
        else reject(error)
      })
      server.listen({ path: `\0${name}` }, () => resolve(true))
    })
    server.unref()
    return taken ? held : null
  }

  async release(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    for (const connection of this.#connections) connection.destroy()
    await closed
  }

  #onConnection(connection: Socket, says: string): void {
    this.#connections.add(connection)
    connection.unref()
    connection.on('close', () => this.#connections.delete(connection))
    connection.on('error', () => undefined) // the one who waited went away
    connection.write(`${says}\n`)
  }
}

/**
 * Wait for our turn to change the sandbox.
 * @param says for the commands that have to wait: 'ais cluster up, pid 17'
 * @param onWait told what is waited for, when it takes a while
 * @param signal gives up
 * @throws SandboxError when another command does not come to its end
 */
export async function takeTurn(
  directory: string,
  says: string,
  onWait: (what: string) => void,
  signal?: AbortSignal,
): Promise<HeldName> {
  const name = turnName(directory)
  const deadlineMs = performance.now() + TURN_TIMEOUT_MS
  for (;;) {
    const held = await HeldName.take(name, says)
    if (held !== null) return held
    const remainingMs = deadlineMs - performance.now()
    if (remainingMs <= 0) throw new SandboxError(`another command does not finish with ${directory}`)
    signal?.throwIfAborted()
    await released(name, remainingMs, onWait, signal)
    signal?.throwIfAborted()
  }
}

/** The same for every way to write the path, whether or not it is there yet. */
export function turnName(directory: string): string {
  const digest = createHash('sha256').update(realPathOf(directory)).digest('hex')
  return `ais-sandbox-${process.geteuid?.() ?? 0}-${digest.slice(0, 32)}`
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const above = dirname(path)
    return above === path ? path : join(realPathOf(above), basename(path))
  }
}

/** Resolves when whoever has the name lets go of it, at the latest after the time. */
function released(
  name: string,
  timeoutMs: number,
  onWait: (what: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    let said = ''
    const connection = createConnection({ path: `\0${name}` })
    const patience = setTimeout(() => onWait(said.split('\n')[0] || 'another command'), PATIENCE_MS)
    const timeout = setTimeout(() => connection.destroy(), timeoutMs)
    const giveUp = (): void => void connection.destroy()
    signal?.addEventListener('abort', giveUp)
    connection.setEncoding('utf8')
    connection.on('data', (text: string) => (said = (said + text).slice(0, SAID_OCTETS)))
    connection.on('error', () => undefined) // it has just let go
    connection.on('close', () => {
      clearTimeout(patience)
      clearTimeout(timeout)
      signal?.removeEventListener('abort', giveUp)
      resolve()
    })
  })
}
