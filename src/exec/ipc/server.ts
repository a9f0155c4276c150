import { createServer, type Server, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { limits } from '../../base/index.js'
import { EventWriter, MAGIC, type ServerHello } from '../../ipc/index.js'
import type { ServiceFront } from '../../services/index.js'
import type { LogLevel } from '../../totem/index.js'
import { Arrivals } from './arrivals.js'
import { Complaints } from './complaints.js'
import { maxClients } from './open-files.js'
import { QuietSessions } from './quiet-sessions.js'
import { Router } from './router.js'
import { Session, type SessionOwner } from './session.js'
import { SocketFile } from './socket-file.js'
import { Turns } from './turns.js'

export interface IpcServerOptions {
  /** Where to listen. */
  readonly path: string
  /** What the hello says of this node. */
  readonly node: Pick<ServerHello, 'software' | 'nodeId' | 'nodeName' | 'clusterName'>
  readonly fronts: readonly ServiceFront[]
  log(level: LogLevel, message: string): void
  /** Connections at a time; as many as the system and `limits` allow if not told. */
  readonly clientsMax?: number
  /** A connection without a hello is closed after this time. */
  readonly helloTimeoutMs?: number
}

const HELLO_TIMEOUT_MS = 5000
/** To read a goodbye; then the connection is cut. */
const GOODBYE_TIMEOUT_MS = 1000
/** How often the two are looked at. */
const SWEEP_INTERVAL_MS = 250
/** Of a client for which too much waits, to take some of it; then the connection is cut. */
const STUCK_TIMEOUT_MS = 1000
/** Of all connections, those that may be there without a hello before the oldest of them make room. */
const GREETING_SHARE = 1 / 4
/**
 * Connections not accepted yet, which are accepted in one go. Beyond it the system lets whoever connects
 * wait, or refuses with EAGAIN, and the API tries again.
 */
const BACKLOG = 64
const STOPS = 'the executive stops'

/** The side of the executive that applications connect to. */
export class IpcServer implements SessionOwner {
  readonly turns = new Turns()
  readonly events = new EventWriter()
  readonly #router: Router
  readonly #complaints: Complaints
  readonly #clientsMax: number
  readonly #sessions = new Set<Session>()
  readonly #arrivals = new Arrivals()
  readonly #quiet = new QuietSessions()
  readonly #ending = new Map<Session, number>()
  /** Who waits for the end of a session. */
  readonly #awaited = new Map<Session, () => void>()
  #server: Server | undefined
  #file: SocketFile | undefined
  #sweep: NodeJS.Timeout | undefined
  #lastId = 0
  #requestOctets = 0
  #unfinishedOctets = 0
  #closed = false

  private constructor(private readonly options: IpcServerOptions) {
    this.#router = new Router(options.fronts)
    this.#complaints = new Complaints((message) => options.log('warning', message))
    this.#clientsMax = options.clientsMax ?? maxClients()
  }

  /**
   * Listen for applications.
   * @throws ExecError when the socket cannot be made, or another executive has it
   */
  static async start(options: IpcServerOptions): Promise<IpcServer> {
    const server = new IpcServer(options)
    await server.#listen()
    return server
  }

  get clients(): number {
    return this.#sessions.size
  }

  get isFull(): boolean {
    return this.#requestOctets > limits.ipcRequestOctetsMax
  }

  /**
   * Say goodbye to some clients, while others go on. Resolves when the services know that they are gone;
   * whoever does not take it in time is cut off.
   */
  async end(ids: readonly number[], timeoutMs: number): Promise<void> {
    const sessions = [...this.#sessions].filter(({ id }) => ids.includes(id))
    if (sessions.length === 0) return
    const gone = Promise.all(sessions.map((session) => this.#gone(session)))
    for (const session of sessions) session.sayGoodbye('ERR_TRY_AGAIN', STOPS)
    const timeout = setTimeout(() => sessions.forEach((session) => session.destroy()), timeoutMs)
    await gone
    clearTimeout(timeout)
  }

  /** Say goodbye to all clients and remove the socket. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#file?.remove()
    const closed = new Promise<void>((resolve) => this.#server?.close(() => resolve()))
    for (const session of this.#sessions) session.sayGoodbye('ERR_TRY_AGAIN', STOPS)
    await closed
    clearInterval(this.#sweep)
  }

  hello(version: number): ServerHello {
    return {
      magic: MAGIC,
      version,
      pid: process.pid,
      ...this.options.node,
      limits: {
        frameOctets: limits.ipcFrameOctets,
        requests: limits.ipcClientRequests,
        holds: limits.ipcClientHolds,
      },
    }
  }

  onGreeted(): void {
    this.#arrivals.leave()
  }

  onRequest(session: Session, id: number, octets: number, method: string, params: unknown): void {
    this.#requestOctets += octets
    this.#router.route(session, id, octets, method, params)
  }

  onSettled(octets: number): void {
    this.#requestOctets -= octets
  }

  onUnfinished(change: number): void {
    this.#unfinishedOctets += change
    if (change <= 0 || this.#unfinishedOctets <= limits.ipcUnfinishedOctetsMax) return
    const session = this.#greatest((each) => each.unfinishedOctets)
    const kept = `${this.#unfinishedOctets} octets of unfinished messages wait, most of them of this client`
    this.#disconnect(session, kept)
  }

  onWaiting(): void {
    let total = 0
    for (const session of this.#sessions) total += session.waitingOctets
    if (total <= limits.ipcWaitingOctetsMax) return
    const greatest = this.#greatest((each) => each.waitingOctets)
    this.#disconnect(greatest, `${total} octets wait for clients that do not read, most of them for this one`)
  }

  onEnding(session: Session): void {
    this.#ending.set(session, performance.now())
  }

  onGone(session: Session): void {
    this.#ending.delete(session)
    this.#sessions.delete(session)
    this.#unfinishedOctets -= session.unfinishedOctets
    this.#requestOctets -= session.requestOctets
    if (session.isGreeted) this.#router.onClientGone(session)
    this.#awaited.get(session)?.()
    this.#awaited.delete(session)
  }

  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: false }, (socket) => this.#onConnection(socket))
    this.#server = server
    this.#file = await SocketFile.listen(server, this.options.path, BACKLOG, this.options.log)
    server.on('error', (error) => this.options.log('error', `${this.options.path}: ${error.message}`))
  }

  #onConnection(socket: Socket): void {
    const session = new Session(++this.#lastId, socket, this)
    this.#sessions.add(session)
    this.#arrivals.add(session, performance.now())
    // Without clients nothing wakes the executive up.
    this.#sweep ??= setInterval(() => this.#onSweep(), SWEEP_INTERVAL_MS).unref()
    if (this.#sessions.size > this.#clientsMax && !this.#makeRoom(session)) {
      this.#complaints.add('full', `${this.#clientsMax} clients are connected: a further one was refused`)
      session.cut('ERR_NO_RESOURCES', `${this.#clientsMax} applications are connected: no room for more`)
    }
  }

  /**
   * Give up a connection that is of no use to its owner: one without a hello, or one that was quiet
   * longest.
   */
  #makeRoom(newcomer: Session): boolean {
    const { oldest, size } = this.#arrivals
    const areMany = size > this.#clientsMax * GREETING_SHARE
    const session = areMany ? oldest : (this.#quiet.longest(this.#sessions) ?? oldest)
    if (session === undefined || session === newcomer) return false
    this.#giveUp(session)
    return true
  }

  #giveUp(session: Session): void {
    const many = `${this.#clientsMax} applications are connected`
    this.#complaints.add('room', `${many}: connections with nothing open are given up for new ones`)
    session.cut('ERR_NO_RESOURCES', `${many}: this one had nothing open and made room for another`)
  }

  #disconnect(session: Session, why: string): void {
    this.#complaints.add(session.who, `${session.who} is disconnected: ${why}`)
    session.cut('ERR_NO_RESOURCES', why)
  }

  #greatest(measure: (session: Session) => number): Session {
    let greatest: Session | undefined
    for (const session of this.#sessions) {
      if (greatest === undefined || measure(session) > measure(greatest)) greatest = session
    }
    return greatest!
  }

  #gone(session: Session): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(session, resolve))
  }

  #onSweep(): void {
    const nowMs = performance.now()
    const helloTimeoutMs = this.options.helloTimeoutMs ?? HELLO_TIMEOUT_MS
    for (;;) {
      const late = this.#arrivals.oldestBefore(nowMs - helloTimeoutMs)
      if (late === undefined) break
      late.sayGoodbye('ERR_TIMEOUT', `no hello in ${helloTimeoutMs} ms`)
    }
    for (const [session, sinceMs] of this.#ending) {
      if (nowMs - sinceMs < GOODBYE_TIMEOUT_MS) break
      session.destroy()
    }
    for (const session of this.#sessions) {
      if (nowMs - (session.stuckSinceMs ?? nowMs) < STUCK_TIMEOUT_MS) continue
      this.#disconnect(session, `it does not read: ${session.waitingOctets} octets wait for it`)
    }
    this.#complaints.flush()
    if (this.#sessions.size > 0 || !this.#complaints.areTold) return
    clearInterval(this.#sweep)
    this.#sweep = undefined
  }
}
