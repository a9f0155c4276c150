import { AisError, type AisErrorName } from '../base/index.js'

/** One element of a vector given to checkpointWrite or checkpointRead is wrong; nothing was written. */
export class CheckpointVectorError extends AisError {
  /**
   * @param erroneousVectorIndex which element, counted from 0 (erroneousVectorIndex of the standard)
   * @param message what is wrong with it, for people
   */
  constructor(
    code: AisErrorName,
    readonly erroneousVectorIndex: number,
    message: string,
  ) {
    super(code, message)
  }
}
