import { crc32 } from 'node:zlib'
import type { GroupListener } from '../group/index.js'
import { dataFrameOctets, ownMark, TotemRing, type LogLevel, type TotemOptions } from '../totem/index.js'
import { UdpTransport, type UdpTransportOptions } from '../transport/index.js'
import { processClock, TimerDriver } from './timer-driver.js'
import type { Subsystem } from './logger.js'

export interface NodeOptions {
  readonly totem: TotemOptions
  readonly udp: Pick<UdpTransportOptions, 'address' | 'group' | 'port' | 'ttl'>
  /** Of a node of a sandbox: its links to the others, some of which may be cut. */
  readonly links?: NodeLinks | undefined
  /** Highest ring sequence number that is durable on disk. */
  readonly reservedUpTo: number
  /** Make more ring sequence numbers durable, then call back. */
  reserve(sequence: number, onReserved: (sequence: number) => void): void
  log(level: LogLevel, subsystem: Subsystem, message: string): void
}

/** Which links of this node are whole. */
export interface NodeLinks {
  /** Whether frames from and to that address get through. */
  hears(address: string): boolean
  /** This process did not run for a while, in which links may have been cut or healed. */
  onPause(): void
}

/** Pauses shorter than this are a loaded machine's everyday life. */
const NOTABLE_PAUSE_MS = 200

/** One ring on its sockets and timers: everything of the executive that speaks to other nodes. */
export class Node {
  readonly transport: UdpTransport
  readonly timers: TimerDriver
  readonly ring: TotemRing
  /** Called after a frame was handled. */
  onFrames: () => void = () => undefined
  /** Called when this process has not run for so long. */
  onPause: (lateMs: number) => void = () => undefined
  readonly #reservedUpTo: number
  #onLeft: () => void = () => undefined

  /** @throws TransportError when the sockets cannot be opened */
  constructor(options: NodeOptions, listener: GroupListener) {
    const { log, links } = options
    this.transport = new UdpTransport(
      {
        ...options.udp,
        frameOctets: dataFrameOctets(options.totem.netmtu),
        own: ownMark(options.totem),
        type: 'udp4',
        log: (level, message) => log(level, 'transport', message),
        ...(links === undefined ? {} : { hears: (address) => this.#hears(links, address) }),
      },
      {
        onFrame: (frame) => this.#onFrame(frame),
        onRefused: (address) => this.ring.onRefused(address, performance.now()),
      },
    )
    this.timers = new TimerDriver({
      clock: processClock,
      staleAfterMs: options.totem.tokenTimeoutMs,
      onTimer: (timer, nowMs) => this.ring.onTimer(timer, nowMs),
      framesReceived: () => this.transport.counters.framesReceived,
      onPause: (lateMs) => {
        const level = lateMs >= NOTABLE_PAUSE_MS ? 'notice' : 'debug'
        log(level, 'exec', `this process did not run for ${Math.round(lateMs)} ms; reading what waits first`)
        links?.onPause()
        this.onPause(lateMs)
      },
    })
    this.ring = new TotemRing(options.totem, this.#portOf(options), listener)
    this.#reservedUpTo = options.reservedUpTo
  }

  /** Look for the others. */
  start(): void {
    this.ring.start(performance.now(), this.#reservedUpTo)
  }

  /** Tell the others, then stop taking part. Resolves when that is done, or after `timeoutMs`. */
  leave(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timeout = setTimeout(resolve, timeoutMs)
      this.#onLeft = () => {
        clearTimeout(timeout)
        resolve()
      }
      this.ring.leave()
    })
  }

  async close(): Promise<void> {
    this.timers.stop()
    await this.transport.close()
  }

  /** A frame may be what tells of a pause: the links are looked at as they are after it. */
  #hears(links: NodeLinks, address: string): boolean {
    this.timers.accepts(performance.now())
    return links.hears(address)
  }

  #onFrame(frame: Uint8Array): void {
    const nowMs = performance.now()
    if (this.timers.accepts(nowMs)) this.ring.onFrame(frame, nowMs)
    this.onFrames()
  }

  #portOf(options: NodeOptions): ConstructorParameters<typeof TotemRing>[1] {
    const { transport, timers } = this
    const onReserved = (sequence: number): void => this.ring.onReserved(sequence, performance.now())
    return {
      multicast: (frame) => transport.multicast(frame),
      multicastAll: (frames) => transport.multicastAll(frames),
      unicast: (address, frame) => transport.unicast(address, frame),
      setTimer: (timer, delayMs) => timers.set(timer, delayMs),
      cancelTimer: (timer) => timers.cancel(timer),
      reserve: (sequence) => options.reserve(sequence, onReserved),
      checksum: (frame, offset) => crc32(offset === 0 ? frame : frame.subarray(offset)),
      log: (level, message) => options.log(level, 'totem', message),
      left: () => this.#onLeft(),
    }
  }
}
