import { limits } from '../../base/index.js'
import type { RingId } from '../configuration.js'
import type { SnapshotReader } from './replicated-service.js'
import { CHUNK_HEADER_OCTETS, encodeChunk } from './wire.js'

/**
 * Sends one snapshot, a window of octets at a time: the rest of the traffic hardly notices. Only where
 * changes come faster than the snapshot moves does the window grow, so that what those who wait for it have
 * to remember stays below the size of the snapshot.
 */
export class Donor {
  private inFlight = 0
  private delivered = 0
  private changed = 0
  private index = 0
  private ended = false

  constructor(
    private readonly reader: SnapshotReader,
    private readonly service: number,
    private readonly ringId: RingId,
    private readonly send: (payload: Uint8Array) => void,
  ) {}

  get done(): boolean {
    return this.ended && this.inFlight === 0
  }

  /** Send what the window allows. */
  pump(): void {
    while (!this.ended && this.inFlight < this.window()) {
      const body = new Uint8Array(CHUNK_HEADER_OCTETS + limits.transferChunkOctets)
      const octets = this.reader.read(body, CHUNK_HEADER_OCTETS)
      this.ended = octets === 0
      const payload = encodeChunk(body, octets, this.service, this.ringId, this.index++, this.ended)
      this.inFlight += payload.length
      this.send(payload)
    }
  }

  /** A chunk of this snapshot came in its order. */
  onDelivered(payloadOctets: number): void {
    this.inFlight -= payloadOctets
    this.delivered += payloadOctets
    if (this.done) this.release()
    else this.pump()
  }

  /** Those who wait for the snapshot have to remember this change. */
  onChange(octets: number): void {
    this.changed += octets
  }

  release(): void {
    this.reader.release()
  }

  private window(): number {
    const behind = Math.max(0, this.changed - this.delivered)
    return Math.min(limits.transferWindowMaxOctets, limits.transferWindowOctets + behind)
  }
}
