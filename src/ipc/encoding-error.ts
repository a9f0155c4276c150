/** A value that has no plain MessagePack, or is too large for one message. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError'

  constructor(
    readonly reason: 'unknown-type' | 'too-large',
    message: string,
  ) {
    super(message)
  }
}
