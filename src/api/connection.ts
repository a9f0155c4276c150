import { basename } from 'node:path'
import { AisError, limits } from '../base/index.js'
import {
  clientSocket,
  EncodingError,
  MessageKind,
  socketPathProblem,
  writeRequest,
  type MessageReader,
  type ServerHello,
} from '../ipc/index.js'
import { Calls } from './calls.js'
import { Link, type LinkListener } from './link.js'

export interface ConnectionOptions {
  /** Path of the executive's socket; else `$AIS_SOCKET`, else where an executive listens by default. */
  readonly socket?: string | undefined
  /** For the executive's log; the name of the running script if not given. */
  readonly program?: string
  /** For the executive to answer the hello, milliseconds. */
  readonly helloTimeoutMs?: number
}

/** What the owner of a connection is told, so that it can open again what its application had open. */
export interface ConnectionOwner {
  /** Something came from the executive: before any of it is told or answered. */
  onInput?(): void
  /** The executive is gone; calls fail until it is back. */
  onLost(error: AisError): void
  /** An executive answers again: nothing that was open before is known to it. */
  onRestored(hello: ServerHello): void
}

export type EventListener = (body: unknown) => void

const HELLO_TIMEOUT_MS = 10_000
/** Between attempts to reach the executive again. */
const RETRY_FIRST_MS = 20
const RETRY_MAX_MS = 1000
/** Of what may wait: from here on it is better to wait for drain(). */
const FULL = 0.75

/**
 * A connection to the executive of this node. It lasts until close(): when the executive goes away it is
 * sought again for as long as it takes. No call is ever repeated.
 */
export class Connection implements LinkListener {
  /** Who answers; of the last one while there is none. */
  hello!: ServerHello
  readonly socket: string
  owner: ConnectionOwner | undefined
  readonly #calls = new Calls()
  readonly #subscriptions = new Map<number, EventListener>()
  readonly #program: string
  readonly #helloTimeoutMs: number
  #link: Link
  #state: 'connecting' | 'open' | 'lost' | 'closed' = 'connecting'
  #lastId = 0
  /** Calls made before the present link. */
  #idsBefore = 0
  #isFlushing = false
  #lastSubscription = 0
  #error: AisError | undefined
  #retryMs = RETRY_FIRST_MS
  #retry: NodeJS.Timeout | undefined
  #onDrain: (() => void)[] = []
  readonly #openedAtMs = performance.now()
  #onFirst: ((error: AisError | undefined) => void) | undefined

  private constructor(options: ConnectionOptions, onFirst: (error: AisError | undefined) => void) {
    this.#onFirst = onFirst
    this.socket = clientSocket(options.socket)
    const problem = socketPathProblem(this.socket)
    if (problem !== undefined) throw new AisError('ERR_INVALID_PARAM', problem)
    this.#program = options.program ?? basename(process.argv[1] ?? 'node')
    this.#helloTimeoutMs = options.helloTimeoutMs ?? HELLO_TIMEOUT_MS
    this.#link = this.#connect()
  }

  /**
   * @throws AisError NoExecutiveError (ERR_TRY_AGAIN): nobody listens there; ERR_ACCESS: this user may not
   * connect; ERR_VERSION: the executive speaks another version; ERR_TIMEOUT: it does not answer
   */
  static async open(options: ConnectionOptions = {}): Promise<Connection> {
    let connection: Connection | undefined
    const error = await new Promise<AisError | undefined>((resolve) => {
      connection = new Connection(options, resolve)
    })
    if (error !== undefined) throw error
    return connection!
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /**
   * So much is under way that further calls are about to be refused: wait for drain() first. Never while
   * there is no executive: calls fail then anyhow.
   */
  get isFull(): boolean {
    if (this.#state !== 'open') return false
    const { waitingOctets } = this.#link.frames
    return this.#calls.size >= limits.ipcCalls * FULL || waitingOctets >= limits.ipcCallOctets * FULL
  }

  /**
   * Ask the executive for something. Calls of one turn leave in one write, and are handled in their order.
   * @param method with its service: 'clm.clusterNodeGet'
   * @param timeoutMs undefined: wait as long as the connection lasts
   * @throws AisError as the service answers; ERR_TRY_AGAIN: not sent, because there is no executive or too
   * much is waiting; ERR_TIMEOUT: sent, and the outcome is unknown; ERR_INVALID_PARAM: params that cannot be
   * sent; ERR_BAD_HANDLE: after close()
   */
  call(method: string, params: unknown = null, timeoutMs?: number): Promise<unknown> {
    if (this.#state !== 'open') return Promise.reject(this.#refusal(method))
    const { frames } = this.#link
    if (this.#calls.size >= limits.ipcCalls || frames.waitingOctets >= limits.ipcCallOctets) {
      const message = `${method} was not sent: too much waits for the executive already`
      return Promise.reject(new AisError('ERR_TRY_AGAIN', message))
    }
    const id = this.#lastId + 1
    try {
      writeRequest(frames.writer, id, method, params)
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error
      return Promise.reject(new AisError('ERR_INVALID_PARAM', `${method}: ${error.message}`))
    }
    this.#lastId = id
    if (!this.#isFlushing) {
      this.#isFlushing = true
      process.nextTick(this.#flush)
    }
    return this.#calls.add(id, method, timeoutMs)
  }

  /**
   * A number for calls that ask for events, and who takes them. Events are no longer passed on after
   * unsubscribe(); nothing is told to the executive of either.
   */
  subscribe(listener: EventListener): number {
    this.#subscriptions.set(++this.#lastSubscription, listener)
    return this.#lastSubscription
  }

  unsubscribe(subscription: number): void {
    this.#subscriptions.delete(subscription)
  }

  /**
   * Resolves when there is room for more: the executive has taken all calls made so far, and at most half of
   * those that may be without an answer are; or there is no executive any more.
   */
  drain(): Promise<void> {
    if (this.#state !== 'open' || this.#hasRoom) return Promise.resolve()
    return new Promise((resolve) => this.#onDrain.push(resolve))
  }

  /**
   * Calls without an answer fail as if the executive had gone; nothing is left that keeps the process
   * alive.
   */
  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearTimeout(this.#retry)
    this.#link.close()
    this.#calls.failAll(this.#lastHandedId, 'the connection was closed')
    this.#subscriptions.clear()
    this.#drained()
  }

  onOpen(hello: ServerHello): void {
    this.hello = hello
    this.#state = 'open'
    this.#idsBefore = this.#lastId
    this.#retryMs = RETRY_FIRST_MS
    this.#error = undefined
    const onFirst = this.#onFirst
    this.#onFirst = undefined
    if (onFirst !== undefined) onFirst(undefined)
    else this.owner?.onRestored(hello)
  }

  onInput(): void {
    this.owner?.onInput?.()
  }

  onMessage(reader: MessageReader): void {
    if (reader.kind === MessageKind.answer) this.#calls.answer(reader.id, reader.body)
    else if (reader.kind === MessageKind.failure) this.#calls.fail(reader.id, reader.error, reader.text)
    else if (reader.kind === MessageKind.event) this.#onEvent(reader.subscription, reader.body)
    if (this.#onDrain.length > 0 && this.#hasRoom) this.#drained()
  }

  onWritten(): void {
    this.#link.frames.flush()
    if (this.#onDrain.length > 0 && this.#hasRoom) this.#drained()
  }

  onClosed(error: AisError): void {
    if (this.#state === 'closed') return
    if (this.#onFirst !== undefined) return this.#onFirstFailed(this.#onFirst, error)
    const wasOpen = this.#state === 'open'
    this.#state = 'lost'
    this.#error = error
    this.#retry = setTimeout(() => (this.#link = this.#connect()), this.#retryMs * (0.5 + Math.random() / 2))
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS)
    if (!wasOpen) return undefined
    this.#calls.failAll(this.#lastHandedId, 'the executive went away')
    this.#drained()
    return this.owner?.onLost(error)
  }

  get #hasRoom(): boolean {
    return this.#link.frames.waitingOctets === 0 && this.#calls.size <= limits.ipcCalls / 2
  }

  /** Of the last call that the system may have taken: the hello was the first frame. */
  get #lastHandedId(): number {
    return this.#idsBefore + this.#link.frames.framesHanded - 1
  }

  #connect(): Link {
    return new Link(this.socket, this.#program, this.#helloTimeoutMs, this)
  }

  #onFirstFailed(onFirst: (error: AisError) => void, error: AisError): void {
    // The system says so while too many others are connecting.
    const isBusy = (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EAGAIN'
    if (isBusy && performance.now() - this.#openedAtMs < this.#helloTimeoutMs) {
      this.#retry = setTimeout(() => (this.#link = this.#connect()), RETRY_FIRST_MS)
      return
    }
    this.#state = 'closed'
    onFirst(error)
  }

  #flush = (): void => {
    this.#isFlushing = false
    if (this.#state === 'open') this.#link.frames.flush()
  }

  /**
   * A listener that throws is the application's fault, and must not keep other messages from their takers.
   */
  #onEvent(subscription: number, body: unknown): void {
    const listener = this.#subscriptions.get(subscription)
    if (listener === undefined) return
    try {
      listener(body)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }

  #drained(): void {
    for (const resolve of this.#onDrain.splice(0)) resolve()
  }

  #refusal(method: string): AisError {
    if (this.#state === 'closed') return new AisError('ERR_BAD_HANDLE', `${method}: the connection is closed`)
    const error = this.#error
    // Waiting does not help against these.
    const code = error?.code === 'ERR_VERSION' || error?.code === 'ERR_ACCESS' ? error.code : 'ERR_TRY_AGAIN'
    return new AisError(code, `${method} was not sent: ${error?.text ?? 'there is no executive'}`)
  }
}
