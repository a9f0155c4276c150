import type { Socket } from 'node:dgram'
import { segmentSent } from './socket-options.js'
import { UdpChannel, type ChannelOptions } from './udp-channel.js'

/** What one call can carry: a UDP datagram's worth of octets, and the kernel's UDP_MAX_SEGMENTS. */
const TRAIN_OCTETS_MAX = 65_000
const TRAIN_FRAMES_MAX = 64

/** The interface cannot cut: it lacks checksum offload, or full frames do not fit. */
const CANNOT = new Set(['EIO', 'EINVAL', 'EOPNOTSUPP'])

/**
 * Multicast of many frames in few calls: the kernel cuts what it is given where full frames meet, as late as
 * it can. They all have one length, and only the last of a call may be shorter; all other frames go one by
 * one over a socket that cuts nothing.
 */
export class FrameTrain {
  readonly #channel: UdpChannel
  /** null: not tried yet. */
  #isAble: boolean | null = null

  /**
   * @param single for the frames that go by themselves
   * @param frameOctets of a full frame; the longest there is in a train
   */
  constructor(
    options: ChannelOptions,
    private readonly single: UdpChannel,
    private readonly frameOctets: number,
  ) {
    this.#channel = new UdpChannel({
      ...options,
      prepare: (socket) => {
        options.prepare(socket)
        this.#isAble = this.#isAble !== false && segmentSent(socket, frameOctets)
      },
      onError: (error) => {
        if (CANNOT.has(error.code ?? '')) this.#isAble = false
        else options.onError(error)
      },
    })
  }

  /** For settings that must follow the interface; undefined before it is open. */
  get socket(): Socket | undefined {
    return this.#channel.socket
  }

  send(frames: readonly Uint8Array[]): void {
    for (let from = 0; from < frames.length;) {
      const to = this.#isAble === false ? from + 1 : this.#endOf(frames, from)
      if (to === from + 1) this.single.send(frames[from]!)
      else this.#sendTogether(from === 0 && to === frames.length ? frames : frames.slice(from, to))
      from = to
    }
  }

  close(): void {
    this.#channel.close()
  }

  #sendTogether(frames: readonly Uint8Array[]): void {
    if (this.#isAble === null) this.#channel.open()
    if (this.#isAble === true) this.#channel.send(frames)
    else for (const frame of frames) this.single.send(frame)
  }

  #endOf(frames: readonly Uint8Array[], from: number): number {
    const fitting = Math.floor(TRAIN_OCTETS_MAX / this.frameOctets)
    const end = Math.min(frames.length, from + Math.min(TRAIN_FRAMES_MAX, fitting))
    let to = from
    while (to < end && frames[to]!.length === this.frameOctets) to++
    if (to < end && frames[to]!.length < this.frameOctets) to++
    return Math.max(to, from + 1)
  }
}
