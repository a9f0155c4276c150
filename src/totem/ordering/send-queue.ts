import { limits } from '../../base/index.js'
import type { Guarantee, RingId } from '../../group/index.js'
import { Slab } from './slab.js'
import {
  CHUNK_HEADER_OCTETS,
  CHUNK_TOTAL_OCTETS,
  chunkHeaderOctets,
  DATA_HEADER_OCTETS,
  FLAG_SAFE,
  writeChunkHeader,
  writeDataHeader,
  type UnsealedFrame,
} from '../wire/data-frame.js'

interface Waiting {
  readonly payload: Uint8Array
  readonly guarantee: Guarantee
  /** Octets already in frames of the present ring. */
  sent: number
}

/** What a chunk needs to be worth a place in a frame. */
const SLIVER_OCTETS = 64
const PADDING_MAX = SLIVER_OCTETS + CHUNK_HEADER_OCTETS + CHUNK_TOTAL_OCTETS

/** Messages accepted and not yet multicast. Packs small ones into a frame, cuts large ones over several. */
export class SendQueue {
  private messages: Waiting[] = []
  private head = 0
  private octets = 0
  private refused = false
  private readonly slab = new Slab()

  /** @param frameOctets largest frame this process sends */
  constructor(private readonly frameOctets: number) {}

  get length(): number {
    return this.messages.length - this.head
  }

  /** How many frames the queue will fill, roughly. */
  get frames(): number {
    if (this.length === 0) return 0
    const perFrame = this.frameOctets - DATA_HEADER_OCTETS
    return Math.max(1, Math.ceil((this.octets + 3 * this.length) / perFrame))
  }

  /** @returns false when the queue is full */
  push(payload: Uint8Array, guarantee: Guarantee): boolean {
    const full = this.octets >= limits.pendingOctets || this.length >= limits.pendingMessages
    if (full) {
      this.refused = true
      return false
    }
    this.messages.push({ payload, guarantee, sent: 0 })
    this.octets += payload.length
    return true
  }

  /** True once, when there is room again after a refusal. */
  drained(): boolean {
    const roomy = this.octets <= limits.pendingOctets / 2 && this.length <= limits.pendingMessages / 2
    if (!this.refused || !roomy) return false
    this.refused = false
    return true
  }

  /**
   * The ring changed. A message of which only a part went out on the old ring can never be
   * completed there: it begins anew on the next one.
   */
  restartPartial(): void {
    const first = this.messages[this.head]
    if (!first) return
    this.octets += first.sent
    first.sent = 0
  }

  /** The next frame; there must be a message. All messages of a frame have one guarantee. */
  nextFrame(ringId: RingId, sequence: number): UnsealedFrame {
    const frame = this.slab.take(this.frameSize())
    writeDataHeader(frame, ringId, sequence)
    const { guarantee } = this.messages[this.head]!
    const begunAt = this.head
    let at = DATA_HEADER_OCTETS
    while (this.length > 0 && this.messages[this.head]!.guarantee === guarantee) {
      const end = this.putChunk(frame, at)
      if (end === at) break
      at = end
    }
    const completed = this.completedSince(begunAt)
    this.compact()
    // With more to come a frame is as long as all others: those leave in few calls.
    const isPadded = this.length > 0 && frame.length === this.frameOctets && frame.length - at <= PADDING_MAX
    if (isPadded) frame.fill(0, at)
    return {
      octets: at === frame.length || isPadded ? frame : frame.subarray(0, at),
      flags: guarantee === 'safe' ? FLAG_SAFE : 0,
      completed,
    }
  }

  private completedSince(begunAt: number): Uint8Array[] {
    const completed: Uint8Array[] = []
    for (let i = begunAt; i < this.head; i++) completed.push(this.messages[i]!.payload)
    return completed
  }

  /** The frame size that the waiting octets call for: idle rings do not pay for whole frames. */
  private frameSize(): number {
    const wanted = DATA_HEADER_OCTETS + this.octets + 7 * this.length
    return Math.min(this.frameOctets, wanted)
  }

  /** @returns where the chunk ends, or `at` when nothing useful fits */
  private putChunk(frame: Uint8Array, at: number): number {
    const message = this.messages[this.head]!
    const left = message.payload.length - message.sent
    const first = message.sent === 0
    const whole = at + chunkHeaderOctets(first, true) + left <= frame.length
    const room = frame.length - at - chunkHeaderOctets(first, whole)
    const length = Math.min(left, room, 0xffff)
    // A sliver of a message is not worth a fragment: it goes whole into the next frame.
    if (!whole && length < Math.min(SLIVER_OCTETS, left)) return at
    const last = length === left
    const body = writeChunkHeader(frame, at, length, message.payload.length, first, last)
    frame.set(message.payload.subarray(message.sent, message.sent + length), body)
    message.sent += length
    this.octets -= length
    if (last) this.head++
    return body + length
  }

  private compact(): void {
    if (this.head < 1024 || this.head * 2 < this.messages.length) return
    this.messages = this.messages.slice(this.head)
    this.head = 0
  }
}
