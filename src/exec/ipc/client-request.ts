import { invariant, type AisErrorName } from '../../base/index.js'
import type { Request } from '../../services/index.js'
import type { Session } from './session.js'

/** A request of an application, from its arrival to its answer. */
export class ClientRequest implements Request {
  #settled = false

  constructor(
    readonly client: Session,
    private readonly id: number,
    /** Of its message, for the bounds on what is unanswered. */
    private readonly octets: number,
    readonly method: string,
    readonly params: unknown,
  ) {}

  answer(result: unknown): void {
    this.#settle()
    this.client.answer(this.id, this.octets, result)
  }

  fail(code: AisErrorName, message: string): void {
    this.#settle()
    this.client.fail(this.id, this.octets, code, message)
  }

  #settle(): void {
    invariant(!this.#settled, `a second answer to one request: ${this.method}`)
    this.#settled = true
  }
}
