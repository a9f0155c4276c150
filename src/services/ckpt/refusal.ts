import type { AisErrorName } from '../../base/index.js'

/** Why a request cannot be done; ends up as its failure. */
export class Refusal extends Error {
  constructor(
    readonly code: AisErrorName,
    readonly text: string,
  ) {
    super(text)
  }
}
