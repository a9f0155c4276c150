import { write, writeSync } from 'node:fs'

/** Octets waiting for a slow reader; what comes on top of them is dropped and counted. */
const WAITING_OCTETS_MAX = 1024 * 1024

/** Before a pipe that was full is tried again. */
const RETRY_INTERVAL_MS = 20

/**
 * Lines to stdout or stderr. Written off the event loop: a reader that stopped reading, or a terminal that is
 * held, must not stop the ring. A reader that went away ends the output, not the program.
 */
export class LineOutput {
  /** Lines dropped because the reader was too slow. */
  dropped = 0
  #waiting: Buffer[] = []
  #waitingOctets = 0
  #current: Buffer | undefined
  #closed = false
  #onIdle: (() => void)[] = []

  /** @param onClosed called once, with the cause, when nothing can be written any more */
  constructor(
    private readonly fd: number,
    private readonly onClosed: (cause: string) => void = () => undefined,
  ) {}

  write(text: string): void {
    if (this.#closed) return
    const octets = Buffer.from(text)
    if (this.#waitingOctets + octets.length > WAITING_OCTETS_MAX) {
      this.dropped++
      return
    }
    this.#waiting.push(octets)
    this.#waitingOctets += octets.length
    if (this.#current === undefined) this.#writeNext()
  }

  /** Write what waits, for so long at most; then nothing more. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#current !== undefined) {
      await new Promise<void>((resolve) => {
        const timeout = setTimeout(resolve, timeoutMs)
        this.#onIdle.push(() => {
          clearTimeout(timeout)
          resolve()
        })
      })
    }
    this.#closed = true
  }

  /** Write what waits before the process ends in this very turn, as far as the reader takes it at once. */
  flushSync(): void {
    if (this.#closed) return
    this.#closed = true
    try {
      for (const octets of this.#waiting) writeSync(this.fd, octets)
    } catch {
      // There is no one left to tell.
    }
  }

  #writeNext(): void {
    this.#current = this.#closed || this.#waiting.length === 0 ? undefined : Buffer.concat(this.#waiting)
    if (this.#current === undefined) {
      for (const resolve of this.#onIdle.splice(0)) resolve()
      return
    }
    this.#waiting = []
    this.#waitingOctets = 0
    this.#writeCurrent(this.#current)
  }

  #writeCurrent(octets: Buffer): void {
    write(this.fd, octets, (error, written) => {
      const rest = octets.subarray(error === null ? written : 0)
      if (this.#closed) this.#writeNext()
      else if (error === null && rest.length > 0) this.#writeCurrent(rest)
      else if (error === null) this.#writeNext()
      else if (error.code === 'EAGAIN') setTimeout(() => this.#writeCurrent(rest), RETRY_INTERVAL_MS)
      else this.#end(error.code ?? error.message)
    })
  }

  #end(cause: string): void {
    this.#closed = true
    this.#writeNext()
    this.onClosed(cause)
  }
}
