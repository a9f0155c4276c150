import { isAisErrorName, type AisErrorName } from '../base/index.js'
import type { FrameWriter } from './frame-writer.js'
import { MalformedError } from './malformed-error.js'
import { MessagePackReader } from './message-pack-reader.js'

/** First element of every message. */
export const MessageKind = {
  /** Either way, first on a connection: who speaks. */
  hello: 0,
  /** From the application: [1, id, method, params]. */
  request: 1,
  /** From the executive: [2, id, result]. */
  answer: 2,
  /** From the executive: [3, id, error, message]. */
  failure: 3,
  /** From the executive: [4, subscription, body]. */
  event: 4,
  /** From the executive, last on a connection: [5, error, message]. */
  goodbye: 5,
} as const

export type MessageKind = (typeof MessageKind)[keyof typeof MessageKind]

/** Elements of each kind's array. */
const elementsOf: readonly number[] = [2, 4, 3, 4, 3, 3]

/**
 * Reads messages out of frames into its own fields, which hold until the next one is read: many messages a
 * turn, and none leaves anything behind but what it carried.
 */
export class MessageReader {
  kind: MessageKind = MessageKind.hello
  /** Of a request, answer or failure. */
  id = 0
  /** Of an event. */
  subscription = 0
  /** Of a request. */
  method = ''
  /** Of a failure or goodbye. */
  error: AisErrorName = 'ERR_LIBRARY'
  /** Of a failure or goodbye. */
  text = ''
  /** Parameters, result, body, or what a hello says. */
  body: unknown
  /** Why the last one could not be read. */
  problem = ''
  readonly #reader = new MessagePackReader()

  /** @returns false when these octets are no message; `problem` says why */
  read(octets: Buffer, start: number, end: number): boolean {
    try {
      this.#reader.begin(octets, start, end)
      this.#readMessage()
      if (this.#reader.at === end) return true
      this.problem = 'there are octets behind its end'
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      this.problem = error.message
    }
    return false
  }

  #readMessage(): void {
    const reader = this.#reader
    const elements = reader.shortArray()
    const kind = elements === 0 ? -1 : reader.natural('kind')
    if (elementsOf[kind] !== elements) {
      throw new MalformedError(`no message has kind ${kind} and ${elements} elements`)
    }
    this.kind = kind as MessageKind
    if (kind === MessageKind.event) this.subscription = reader.natural('subscription')
    else if (kind !== MessageKind.hello && kind !== MessageKind.goodbye) this.id = reader.natural('id')
    if (kind === MessageKind.request) this.method = reader.text('method')
    if (kind === MessageKind.failure || kind === MessageKind.goodbye) {
      const name = reader.text('error')
      // A later version may know more of them.
      this.error = isAisErrorName(name) ? name : 'ERR_LIBRARY'
      this.text = reader.text('message')
    } else this.body = reader.value()
  }
}

/** @throws EncodingError for params that cannot be sent; nothing was written then */
export function writeRequest(writer: FrameWriter, id: number, method: string, params: unknown): number {
  writer.beginFrame(4)
  try {
    writer.natural(MessageKind.request)
    writer.natural(id)
    writer.text(method)
    writer.value(params)
  } catch (error) {
    writer.dropFrame()
    throw error
  }
  return writer.endFrame()
}

/** @param number the request's id, or the subscription @throws EncodingError; nothing was written then */
export function writeBody(
  writer: FrameWriter,
  kind: typeof MessageKind.answer | typeof MessageKind.event,
  number: number,
  body: unknown,
): number {
  writer.beginFrame(3)
  try {
    writer.natural(kind)
    writer.natural(number)
    writer.value(body)
  } catch (error) {
    writer.dropFrame()
    throw error
  }
  return writer.endFrame()
}

/** @param octets the body, as another writer wrote it */
export function writeEncoded(
  writer: FrameWriter,
  kind: typeof MessageKind.event,
  number: number,
  octets: Uint8Array,
): void {
  writer.beginFrame(3)
  writer.natural(kind)
  writer.natural(number)
  writer.encoded(octets)
  writer.endFrame()
}

/** @throws EncodingError; nothing was written then */
export function writeHello(writer: FrameWriter, hello: object): number {
  writer.beginFrame(2)
  try {
    writer.natural(MessageKind.hello)
    writer.value(hello)
  } catch (error) {
    writer.dropFrame()
    throw error
  }
  return writer.endFrame()
}

export function writeFailure(writer: FrameWriter, id: number, error: AisErrorName, text: string): void {
  writer.beginFrame(4)
  writer.natural(MessageKind.failure)
  writer.natural(id)
  writer.text(error)
  writer.text(bounded(text))
  writer.endFrame()
}

export function writeGoodbye(writer: FrameWriter, error: AisErrorName, text: string): void {
  writer.beginFrame(3)
  writer.natural(MessageKind.goodbye)
  writer.text(error)
  writer.text(bounded(text))
  writer.endFrame()
}

/** Messages for people name what was wrong, which may be as long as a frame. */
const TEXT_LENGTH_MAX = 4096

function bounded(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX)}…`
}
