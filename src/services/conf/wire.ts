import { limits, OctetReader, OctetWriter } from '../../base/index.js'
import { MESSAGE_HEADER_OCTETS } from '../../group/index.js'

/** What a message of this service says; on the wire (docs/protocol.md, "Messages of conf"). */
export const Kind = { question: 1, answer: 2 } as const

/** One life of a node's executive. */
export interface Process {
  readonly nodeId: number
  readonly incarnation: number
}

/** Who asks, and the number it gave its question. */
export interface QuestionKey {
  readonly asker: Process
  readonly number: number
}

export interface Question extends QuestionKey {
  readonly asked: Process
  /** The whole text of what AMF was given is wanted, too. */
  readonly wantsGroups: boolean
}

export interface Answer extends QuestionKey {
  /** A NodeConfiguration as JSON. */
  readonly document: string
  /** null: it was not wanted. */
  readonly groupsText: string | null
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

function writeKey(kind: number, { asker, number }: QuestionKey): OctetWriter {
  const writer = new OctetWriter()
  writer.bytes(new Uint8Array(MESSAGE_HEADER_OCTETS))
  writer.u8(kind)
  writer.u32(asker.nodeId)
  writer.u64(asker.incarnation)
  writer.u32(number)
  return writer
}

export function encodeQuestion(question: Question): Uint8Array {
  const writer = writeKey(Kind.question, question)
  writer.u32(question.asked.nodeId)
  writer.u64(question.asked.incarnation)
  writer.u8(question.wantsGroups ? 1 : 0)
  return writer.finish()
}

export function encodeAnswer(answer: Answer): Uint8Array {
  const writer = writeKey(Kind.answer, answer)
  const document = encoder.encode(answer.document)
  writer.u32(document.length)
  writer.bytes(document)
  writer.u8(answer.groupsText === null ? 0 : 1)
  if (answer.groupsText !== null) writer.bytes(encoder.encode(answer.groupsText))
  return writer.finish()
}

/** @param payload behind the header of the layer @returns null for what is no message. Never throws. */
export function decodeMessage(
  payload: Uint8Array,
): { readonly question: Question } | { readonly answer: Answer } | null {
  const reader = new OctetReader(payload, MESSAGE_HEADER_OCTETS)
  const kind = reader.u8()
  const asker = { nodeId: reader.u32(), incarnation: reader.u64() }
  const number = reader.u32()
  if (kind === Kind.question) {
    const asked = { nodeId: reader.u32(), incarnation: reader.u64() }
    const question = { asker, number, asked, wantsGroups: reader.u8() === 1 }
    return reader.broken ? null : { question }
  }
  if (kind !== Kind.answer) return null
  const length = reader.u32()
  if (length > limits.confDocumentOctets) return null
  const octets = reader.bytes(length)
  const hasGroups = reader.u8() === 1
  const rest = reader.rest()
  if (reader.broken || rest.length > limits.amfConfigOctets) return null
  try {
    const groupsText = hasGroups ? decoder.decode(rest) : null
    return { answer: { asker, number, document: decoder.decode(octets), groupsText } }
  } catch {
    return null
  }
}
