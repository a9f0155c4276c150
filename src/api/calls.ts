import { AisError, type AisErrorName } from '../base/index.js'

interface Call {
  readonly method: string
  readonly resolve: (result: unknown) => void
  readonly reject: (error: AisError) => void
  readonly timeout: NodeJS.Timeout | undefined
}

/** Calls that wait for their answers, by id. */
export class Calls {
  #waiting = new Map<number, Call>()

  get size(): number {
    return this.#waiting.size
  }

  /** @param timeoutMs undefined: as long as the connection lasts */
  add(id: number, method: string, timeoutMs: number | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timeout =
        timeoutMs === undefined ? undefined : setTimeout(() => this.#onTimeout(id, timeoutMs), timeoutMs)
      this.#waiting.set(id, { method, resolve, reject, timeout })
    })
  }

  answer(id: number, result: unknown): void {
    this.#take(id)?.resolve(result)
  }

  fail(id: number, code: AisErrorName, message: string): void {
    this.#take(id)?.reject(new AisError(code, message))
  }

  /**
   * Fail all. @param handedUpTo id of the last call that was handed to the system: its outcome is not known
   */
  failAll(handedUpTo: number, why: string): void {
    const waiting = this.#waiting
    this.#waiting = new Map()
    for (const [id, { method, reject, timeout }] of waiting) {
      clearTimeout(timeout)
      if (id <= handedUpTo) {
        reject(new AisError('ERR_TIMEOUT', `${method}: ${why} before it answered; the outcome is unknown`))
      } else reject(new AisError('ERR_TRY_AGAIN', `${method} was not sent: ${why}`))
    }
  }

  /** The answer may still come; nobody waits for it any more. */
  #onTimeout(id: number, timeoutMs: number): void {
    const call = this.#take(id)
    const message = `${call?.method} was not answered within ${timeoutMs} ms; the outcome is unknown`
    call?.reject(new AisError('ERR_TIMEOUT', message))
  }

  #take(id: number): Call | undefined {
    const call = this.#waiting.get(id)
    if (call === undefined) return undefined
    this.#waiting.delete(id)
    if (call.timeout !== undefined) clearTimeout(call.timeout)
    return call
  }
}
