import type { TotemOptions } from './options.js'
import type { TotemPort } from './port.js'
import { clusterHash, FrameKind, sealFrame, type FrameOrigin } from './wire/header.js'
import { cutControl } from './wire/parts.js'

const IP_UDP_OCTETS = 28

/** Seals frames and sends them. */
export class Outbox {
  readonly frameOctets: number
  readonly origin: FrameOrigin
  private counter = 0

  constructor(
    options: TotemOptions,
    private readonly port: TotemPort,
  ) {
    this.frameOctets = options.netmtu - IP_UDP_OCTETS
    this.origin = {
      clusterHash: clusterHash(options.clusterName),
      nodeId: options.nodeId,
      incarnation: options.incarnation,
    }
  }

  /** Fill in a frame's header. Data frames are sealed before the token leaves and sent after it. */
  seal(frame: Uint8Array, kind: FrameKind, flags = 0): void {
    sealFrame(frame, this.origin, kind, flags, ++this.counter, this.port.checksum)
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
    const counter = ++this.counter
    for (const frame of frames) sealFrame(frame, this.origin, kind, 0, counter, this.port.checksum)
    return frames
  }
}
