/** What keeps the executive from starting, in words for the person who started it. */
export class ExecError extends Error {
  override readonly name = 'ExecError'

  /**
   * @param kind 'configuration': something is wrong or missing in the configuration; 'failed': anything else
   * @param hint what to do about it
   */
  constructor(
    readonly kind: 'configuration' | 'failed',
    message: string,
    readonly hint?: string,
  ) {
    super(message)
  }
}

/**
 * `ENOSPC: no space left on device`: the system's words without the call and path that callers name anyway.
 */
export function systemCauseOf(error: unknown): string {
  const { message } = error as Error
  return message.replace(/, [a-z]+( '.*)?$/, '')
}
