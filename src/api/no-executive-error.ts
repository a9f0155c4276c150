import { AisError } from '../base/index.js'

/** Nobody listens on the socket: no executive runs here, or it listens elsewhere. */
export class NoExecutiveError extends AisError {
  /** @param socket where it was looked for */
  constructor(
    readonly socket: string,
    cause: Error,
  ) {
    const message = `no executive answers at ${socket}: start one with \`ais exec\`, or name its socket`
    super('ERR_TRY_AGAIN', message, { cause })
  }
}
