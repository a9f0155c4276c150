/** What kept an order to a sandbox from being carried out, in words for the person who gave it. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError'

  /** @param suggestions commands, or what else to do about it */
  constructor(
    message: string,
    readonly suggestions: readonly string[] = [],
  ) {
    super(message)
  }
}

/** `ENOSPC: no space left on device`: the system's words without the call and path that callers name. */
export function systemCauseOf(error: unknown): string {
  const { message } = error as Error
  return message.replace(/, [a-z]+( '.*)?$/, '')
}
