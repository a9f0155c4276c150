import type { RemoteInfo, Socket } from 'node:dgram'
import type { Transport, TransportListener } from '../group/index.js'
import { FrameTrain } from './frame-train.js'
import { dropOwn, joinReceived, type OwnMark } from './socket-options.js'
import { UdpChannel, type ChannelOptions } from './udp-channel.js'
import {
  causeOf,
  openGroupSocket,
  openUnicastSocket,
  prepareGroupSender,
  raiseBuffer,
  SOCKET_BUFFER_OCTETS,
  type SocketPlace,
} from './udp-sockets.js'

export interface UdpTransportOptions extends SocketPlace {
  /** Routers that multicast may pass, plus one. */
  readonly ttl: number
  /** Of this process's own frames: those that come back need not be read. */
  readonly own: OwnMark
  /** Of full data frames: many of them can leave in one call. */
  readonly frameOctets: number
  /**
   * Whether the link to that address is whole: else nothing that comes from there is reported, and nothing
   * is sent there. Multicast goes out all the same: those beyond the cut do not take it. If omitted, all are.
   */
  readonly hears?: (address: string) => boolean
  readonly log: (level: 'warning' | 'notice' | 'info' | 'debug', message: string) => void
}

/** What passed through a transport since it was opened. */
export interface UdpCounters {
  /** Several frames that came together count as one. */
  framesReceived: number
  octetsReceived: number
  framesMulticast: number
  framesUnicast: number
  refusals: number
  sendErrors: number
  /** Multicast from the loopback interface on a real one, or the other way round. */
  strayFrames: number
  /** From or to addresses whose link is cut. */
  cutFrames: number
}

/** Destinations whose connected sockets are kept open; the one used least recently gives way. */
const OPEN_CHANNELS = 8

/** Between two looks at whether the interface still has our group membership. */
const MEMBERSHIP_CHECK_INTERVAL_MS = 1000

/** UDP multicast and unicast between processes with an address each. */
export class UdpTransport implements Transport {
  readonly counters: UdpCounters = {
    framesReceived: 0,
    octetsReceived: 0,
    framesMulticast: 0,
    framesUnicast: 0,
    refusals: 0,
    sendErrors: 0,
    strayFrames: 0,
    cutFrames: 0,
  }
  readonly #unicastSocket: Socket
  readonly #groupSocket: Socket
  readonly #groupChannel: UdpChannel
  readonly #train: FrameTrain
  readonly #channels = new Map<string, UdpChannel>()
  readonly #membershipCheck: NodeJS.Timeout
  readonly #ownIsLoopback: boolean
  readonly #hears: (address: string) => boolean
  #lastAddress = ''
  #lastChannel: UdpChannel | undefined
  #isMember = true
  #closed = false

  /**
   * Opens the sockets; frames are reported from the next turn of the event loop on.
   * @throws TransportError when the address is in use or not this host's
   */
  constructor(
    private readonly options: UdpTransportOptions,
    private readonly listener: TransportListener,
  ) {
    this.#ownIsLoopback = isLoopback(options.address)
    this.#hears = options.hears ?? (() => true)
    this.#unicastSocket = openUnicastSocket(options)
    try {
      this.#groupSocket = openGroupSocket(options)
    } catch (error) {
      this.#unicastSocket.close()
      throw error
    }
    for (const socket of [this.#unicastSocket, this.#groupSocket]) {
      socket.on('error', (error) => this.#onSocketError('receiving', error))
    }
    this.#unicastSocket.on('message', (frame, from) => this.#onFrame(frame, from.address))
    joinReceived(this.#groupSocket)
    dropOwn(this.#groupSocket, options.own)
    this.#groupSocket.on('message', (frame, from) => this.#onGroupFrame(frame, from))
    const toGroup: ChannelOptions = {
      type: options.type,
      ownAddress: options.address,
      address: options.group,
      port: options.port,
      prepare: (socket) => prepareGroupSender(socket, options),
      onError: (error) => this.#onSocketError(`multicast to ${options.group}:${options.port}`, error),
    }
    this.#groupChannel = new UdpChannel(toGroup)
    this.#train = new FrameTrain(toGroup, this.#groupChannel, options.frameOctets)
    this.#membershipCheck = setInterval(() => this.#checkMembership(), MEMBERSHIP_CHECK_INTERVAL_MS)
    this.#membershipCheck.unref()
    this.#logBuffers()
  }

  multicast(frame: Uint8Array): void {
    if (this.#closed) return
    this.counters.framesMulticast++
    this.#groupChannel.send(frame)
  }

  multicastAll(frames: readonly Uint8Array[]): void {
    if (this.#closed) return
    this.counters.framesMulticast += frames.length
    this.#train.send(frames)
  }

  unicast(address: string, frame: Uint8Array): void {
    if (this.#closed) return
    if (!this.#hears(address)) {
      this.counters.cutFrames++
      return
    }
    this.counters.framesUnicast++
    if (address !== this.#lastAddress) this.#selectChannel(address)
    this.#lastChannel!.send(frame)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#membershipCheck)
    this.#groupChannel.close()
    this.#train.close()
    for (const channel of this.#channels.values()) channel.close()
    const sockets = [this.#unicastSocket, this.#groupSocket]
    await Promise.all(sockets.map((socket) => new Promise<void>((done) => socket.close(() => done()))))
  }

  #onFrame(frame: Uint8Array, from: string): void {
    if (this.#closed) return
    this.counters.framesReceived++
    this.counters.octetsReceived += frame.length
    if (this.#hears(from)) this.listener.onFrame(frame)
    else this.counters.cutFrames++
  }

  /**
   * Linux hands a group's frames to every socket bound to the group, whichever interface they came by, if any
   * process of the host joined the group there. Clusters on the loopback interface are apart from real ones.
   */
  #onGroupFrame(frame: Uint8Array, from: RemoteInfo): void {
    if (isLoopback(from.address) !== this.#ownIsLoopback) this.counters.strayFrames++
    else this.#onFrame(frame, from.address)
  }

  #selectChannel(address: string): void {
    let channel = this.#channels.get(address)
    if (channel === undefined) {
      if (this.#channels.size >= OPEN_CHANNELS) this.#closeOldestChannel()
      channel = this.#newChannel(address)
    } else {
      this.#channels.delete(address)
    }
    this.#channels.set(address, channel)
    this.#lastAddress = address
    this.#lastChannel = channel
  }

  #closeOldestChannel(): void {
    for (const [address, channel] of this.#channels) {
      this.#channels.delete(address)
      channel.close()
      return
    }
  }

  #newChannel(address: string): UdpChannel {
    const { type, address: ownAddress, port } = this.options
    return new UdpChannel({
      type,
      ownAddress,
      address,
      port: port - 1,
      prepare: (socket) => raiseBuffer(socket, 'send'),
      onError: (error) => this.#onUnicastError(address, error),
    })
  }

  #onUnicastError(address: string, error: NodeJS.ErrnoException): void {
    if (this.#closed) return
    if (error.code !== 'ECONNREFUSED') {
      this.#onSocketError(`unicast to ${address}:${this.options.port - 1}`, error)
      return
    }
    if (!this.#hears(address)) return // sent before the link was cut, which lets no refusal through
    this.counters.refusals++
    this.listener.onRefused(address)
  }

  #onSocketError(action: string, error: NodeJS.ErrnoException): void {
    if (this.#closed) return
    this.counters.sendErrors++
    this.options.log('warning', `${action} failed: ${causeOf(error)}`)
  }

  /** An interface that was taken away and came back has forgotten that we are members of the group. */
  #checkMembership(): void {
    const { group, address, log } = this.options
    try {
      this.#groupSocket.addMembership(group, address)
      for (const { socket } of [this.#groupChannel, this.#train]) socket?.setMulticastInterface(address)
      log('notice', `joined ${group} on ${address} again`)
      this.#isMember = true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return // still a member: as it should be
      if (this.#isMember) log('warning', `no interface has ${address} any more: ${causeOf(error)}`)
      this.#isMember = false
    }
  }

  #logBuffers(): void {
    const granted = Math.min(receiveBufferOf(this.#unicastSocket), receiveBufferOf(this.#groupSocket))
    const { address, group, port, log } = this.options
    log('info', `multicast on ${group}:${port}, unicast on ${address}:${port - 1}, ttl ${this.options.ttl}`)
    log('info', `the kernel grants receive buffers of ${granted} octets (asked for ${SOCKET_BUFFER_OCTETS})`)
  }
}

/** Linux reports twice what frames may use. */
function receiveBufferOf(socket: Socket): number {
  return socket.getRecvBufferSize() / 2
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.')
}
