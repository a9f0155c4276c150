import { FrameDecoder, FrameWriter, writeRequest } from '../../../src/ipc/index.js'

/** The octets of these requests' frames, one after the other. */
export function framesOf(params: readonly unknown[]): Buffer {
  const writer = new FrameWriter()
  params.forEach((value, index) => writeRequest(writer, index, 'a.b', value))
  return octetsOf(writer)
}

/** Everything a writer has gathered. */
export function octetsOf(writer: FrameWriter): Buffer {
  return Buffer.concat(writer.take(Infinity).map(({ block, octets }) => block.subarray(0, octets)))
}

/** The messages that a decoder has now, copied. */
export function messagesOf(decoder: FrameDecoder): Buffer[] {
  const messages: Buffer[] = []
  while (decoder.next()) messages.push(Buffer.from(decoder.octets.subarray(decoder.start, decoder.end)))
  return messages
}
