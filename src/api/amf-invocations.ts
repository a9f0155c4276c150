import { limits, type AisErrorName } from '../base/index.js'

/** What `response` says: 'OK', or why not. */
export type AnswerCode = 'OK' | AisErrorName

/** A callback that the application is to answer. */
export interface OpenInvocation {
  /** The registration it belongs to. */
  readonly owner: object
  /** About an assignment: nobody waits for the answer once the component has let go of it. */
  readonly isAssignment: boolean
  answer(error: AnswerCode): Promise<void>
}

/**
 * The invocations that the application has been told and not answered. The executive counts them for each
 * component; the application has one number for all of its own.
 */
export class Invocations {
  readonly #open = new Map<number, OpenInvocation>()
  /** Nobody waits for these any more, which the application may not know; the oldest are forgotten. */
  readonly #void = new Set<number>()

  put(invocation: number, open: OpenInvocation): void {
    this.#open.set(invocation, open)
  }

  /** Nobody is going to wait for this one. */
  putVoid(invocation: number): void {
    this.#void.add(invocation)
    this.#forget()
  }

  /** @returns null: nobody waits for it any more; undefined: there is none, or it was taken before */
  take(invocation: number): OpenInvocation | null | undefined {
    const open = this.#open.get(invocation)
    if (open !== undefined) this.#open.delete(invocation)
    else if (this.#void.delete(invocation)) return null
    return open
  }

  /** Nobody waits for these answers any more. */
  drop(isDropped: (open: OpenInvocation) => boolean): void {
    for (const [invocation, open] of this.#open) {
      if (!isDropped(open)) continue
      this.#open.delete(invocation)
      this.#void.add(invocation)
    }
    this.#forget()
  }

  /** Of a registration that is over. */
  dropAllOf(owner: object): void {
    this.drop((open) => open.owner === owner)
  }

  #forget(): void {
    for (const invocation of this.#void) {
      if (this.#void.size <= limits.amfVoidInvocations) return
      this.#void.delete(invocation)
    }
  }
}
