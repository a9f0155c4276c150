/**
 * Until when a program runs that has no end of its own: SIGINT, SIGTERM, or nobody reads stdout any more.
 * Another signal after the first one ends the process at once, as ever.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  const stop = (): void => controller.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') stop()
  })
  return controller.signal
}

/** Resolves when the signal does. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
