/** Why a transport could not be opened, in words for the person who started the program. */
export class TransportError extends Error {
  override readonly name = 'TransportError'

  /**
   * @param reason 'address-in-use': another process holds the address; 'address-unavailable': this host does
   *   not have it; 'other': the operating system refused for the reason in the message
   * @param hint what to do about it
   */
  constructor(
    readonly reason: 'address-in-use' | 'address-unavailable' | 'other',
    message: string,
    readonly hint: string,
  ) {
    super(message)
  }
}
