/** Octets that are not what they should be. It never leaves this room: whoever decodes gets a description. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError'
}
