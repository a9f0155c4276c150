import { count, type Counters } from './counters.js'
import type { TotemOptions } from './options.js'
import type { TotemPort } from './port.js'
import { DATA_HEADER_OCTETS } from './wire/data-frame.js'
import { clusterHash, FrameKind, sealFrame, type FrameOrigin } from './wire/header.js'
import { cutControl } from './wire/parts.js'

const IP_UDP_OCTETS = 28
/** Frames of others may be this large whatever netmtu is here: jumbo frames. */
const JUMBO_OCTETS = 9000

/** The largest data frame: a recovery frame has to carry a whole frame of the old ring and still fit. */
export function dataFrameOctets(netmtu: number): number {
  return netmtu - IP_UDP_OCTETS - DATA_HEADER_OCTETS
}

/** Seals frames and sends them. */
export class Outbox {
  readonly frameOctets: number
  /** Larger frames are refused: no honest member sends them. */
  readonly frameOctetsMax: number
  readonly origin: FrameOrigin
  private dataCounter = 0
  private controlCounter = 0

  constructor(
    options: TotemOptions,
    private readonly port: TotemPort,
    private readonly counters: Counters,
  ) {
    this.frameOctets = options.netmtu - IP_UDP_OCTETS
    this.frameOctetsMax = Math.max(options.netmtu, JUMBO_OCTETS)
    this.origin = {
      clusterHash: clusterHash(options.clusterName),
      nodeId: options.nodeId,
      incarnation: options.incarnation,
    }
  }

  /** Fill in the header of a data frame or a token. */
  seal(frame: Uint8Array, kind: FrameKind, flags = 0): void {
    sealFrame(frame, this.origin, kind, flags, ++this.dataCounter, this.port.checksum)
  }

  multicast(kind: FrameKind, body: Uint8Array): void {
    for (const frame of this.cut(kind, body)) this.port.multicast(frame)
  }

  unicast(address: string, kind: FrameKind, body: Uint8Array): void {
    for (const frame of this.cut(kind, body)) this.port.unicast(address, frame)
  }

  /** The frames of one control message, sealed with one counter. */
  cut(kind: FrameKind, body: Uint8Array): Uint8Array[] {
    const frames = cutControl(body, this.frameOctets)
    if (frames.length > 1) count(this.counters, 'controlsCut')
    const counter = ++this.controlCounter
    for (const frame of frames) sealFrame(frame, this.origin, kind, 0, counter, this.port.checksum)
    return frames
  }
}
