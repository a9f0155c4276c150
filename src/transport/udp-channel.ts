import { createSocket, type Socket } from 'node:dgram'

/** Of the sockets of one transport. IPv6 will be the other one. */
export type SocketType = 'udp4'

/**
 * Addresses are numbers, never names: no frame waits for a resolver, or for the next turn of the event loop.
 */
export function lookupNothing(
  address: string,
  _options: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  callback(null, address, address.includes(':') ? 6 : 4)
}

/**
 * An open socket, or the error that kept it from being bound. Binding is synchronous with numeric addresses.
 */
export function bindSocket(type: SocketType, address: string, port: number, reuseAddr: boolean): Socket {
  const socket = createSocket({ type, reuseAddr, lookup: lookupNothing })
  let failure: Error | undefined
  const onError = (error: Error): void => {
    failure = error
  }
  socket.on('error', onError)
  socket.bind({ address, port, exclusive: true })
  socket.off('error', onError)
  if (failure !== undefined) {
    socket.close()
    throw failure
  }
  return socket
}

export interface ChannelOptions {
  readonly type: SocketType
  readonly ownAddress: string
  readonly address: string
  readonly port: number
  /** Called with each new socket before it is connected. */
  readonly prepare: (socket: Socket) => void
  /** A frame was not sent, or the destination answered one with an error. */
  readonly onError: (error: NodeJS.ErrnoException) => void
}

/** Between two attempts to open a socket that failed. */
const REOPEN_INTERVAL_MS = 100

/** Errors after which the socket is as good as before. */
const PASSING_ERRORS = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENOBUFS', 'EAGAIN', 'EPERM', 'EMSGSIZE'])

/**
 * Frames to one destination, over a connected socket: the kernel looks up the route once, and reports it when
 * the destination's host says that nobody listens there. Never throws; opens its socket again after errors.
 */
export class UdpChannel {
  #socket: Socket | undefined
  #reopenAtMs = 0
  #closed = false
  readonly #onSent: (error: Error | null) => void

  constructor(private readonly options: ChannelOptions) {
    this.#onSent = (error) => {
      if (error !== null) this.#onError(error)
    }
  }

  /** @param frame octets, or several frames that the kernel is to cut where they meet */
  send(frame: Uint8Array | readonly Uint8Array[]): void {
    const socket = this.#socket ?? this.#open()
    socket?.send(frame, this.#onSent)
  }

  /** Open the socket now rather than with the first frame. */
  open(): void {
    if (this.#socket === undefined) this.#open()
  }

  close(): void {
    this.#closed = true
    this.#drop()
  }

  /** The open socket, for settings that must follow the interface. */
  get socket(): Socket | undefined {
    return this.#socket
  }

  #open(): Socket | undefined {
    const nowMs = performance.now()
    if (this.#closed || nowMs < this.#reopenAtMs) return undefined
    let opened: Socket | undefined
    try {
      const socket = bindSocket(this.options.type, this.options.ownAddress, 0, false)
      opened = socket
      socket.on('error', (error) => this.#onSocketError(socket, error))
      this.options.prepare(socket)
      socket.connect(this.options.port, this.options.address)
      if (!isConnected(socket)) {
        this.#reopenAtMs = nowMs + REOPEN_INTERVAL_MS
        return undefined // its error event, with the cause, is on the way
      }
      this.#socket = socket
      return socket
    } catch (error) {
      this.#reopenAtMs = nowMs + REOPEN_INTERVAL_MS
      if (opened !== undefined) discard(opened)
      this.options.onError(error as NodeJS.ErrnoException)
      return undefined
    }
  }

  #onSocketError(socket: Socket, error: NodeJS.ErrnoException): void {
    if (socket !== this.#socket) discard(socket)
    this.#onError(error)
  }

  #onError(error: NodeJS.ErrnoException): void {
    if (this.#closed) return
    if (!PASSING_ERRORS.has(error.code ?? '')) {
      this.#drop()
      this.#reopenAtMs = performance.now() + REOPEN_INTERVAL_MS
    }
    this.options.onError(error)
  }

  #drop(): void {
    if (this.#socket !== undefined) discard(this.#socket)
    this.#socket = undefined
  }
}

function isConnected(socket: Socket): boolean {
  try {
    socket.remoteAddress()
    return true
  } catch {
    return false
  }
}

/** What still comes of a closed socket is of no interest. */
function discard(socket: Socket): void {
  socket.removeAllListeners('error')
  socket.on('error', () => undefined)
  socket.close()
}
