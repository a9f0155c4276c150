import type { Diagnostic } from '../config/index.js'

/** 'failed', or how else the command ends: wrong command line, out of time. */
export type SandboxErrorKind = 'failed' | 'usage' | 'timed-out'

/** What kept an order to a sandbox from being carried out, in words for the person who gave it. */
export class SandboxError extends Error {
  override readonly name: string = 'SandboxError'

  /** @param suggestions commands, or what else to do about it */
  constructor(
    message: string,
    readonly suggestions: readonly string[] = [],
    readonly kind: SandboxErrorKind = 'failed',
  ) {
    super(message)
  }
}

/** Keys for the nodes that their executives would not accept: all findings about them. */
export class SandboxConfigurationError extends SandboxError {
  override readonly name = 'SandboxConfigurationError'

  /** @param source what the findings are about, as the user knows it */
  constructor(
    readonly source: string,
    readonly diagnostics: readonly Diagnostic[],
  ) {
    super(`${source} cannot be used`)
  }
}

/** `ENOSPC: no space left on device`: the system's words without the call and path that callers name. */
export function systemCauseOf(error: unknown): string {
  const { message } = error as Error
  return message.replace(/, [a-z]+( '.*)?$/, '')
}
