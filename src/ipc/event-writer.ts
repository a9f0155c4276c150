import { FrameWriter } from './frame-writer.js'
import { MessageKind, writeBody, writeEncoded } from './messages.js'
import { returnBlock } from './block-pool.js'

/** Above this a body is encoded for each client anew rather than kept. */
const KEPT_OCTETS_MAX = 256 * 1024

/**
 * Writes events. One body is often for many clients, one after the other: it is encoded for the first of
 * them, then once more to be kept, and only copied for all others. A body must not change once it was
 * given here.
 */
export class EventWriter {
  #body: unknown
  #octets: Buffer | undefined

  /** @throws EncodingError; nothing was written then */
  write(writer: FrameWriter, subscription: number, body: unknown): void {
    if (typeof body !== 'object' || body === null || body !== this.#body) {
      this.#body = body
      this.#octets = undefined
      writeBody(writer, MessageKind.event, subscription, body)
      return
    }
    this.#octets ??= encode(body)
    if (this.#octets.length > KEPT_OCTETS_MAX) this.#body = undefined
    writeEncoded(writer, MessageKind.event, subscription, this.#octets)
  }
}

/** The body alone, taken out of a message around it. */
function encode(body: unknown): Buffer {
  const writer = new FrameWriter()
  const octets = writeBody(writer, MessageKind.event, 0, body)
  const [filled] = writer.take(Infinity)
  const { block, octets: length } = filled!
  // Array, kind and subscription are an octet each.
  const encoded = Buffer.from(block.subarray(length - octets + 3, length))
  returnBlock(block)
  return encoded
}
