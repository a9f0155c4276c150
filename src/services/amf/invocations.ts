import type { Operation } from './state.js'

/** What a component was asked to answer for. */
export type Purpose =
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'healthcheck'; readonly key: string }
  | { readonly kind: 'demote' }

/** Numbers of questions that nobody waits for any more, as far as they are remembered. */
const WITHDRAWN_MAX = 64

/** Questions to one component, each of which is answered once. */
export class Invocations {
  private last = 0
  private readonly open = new Map<number, Purpose>()
  private readonly withdrawn = new Set<number>()

  begin(purpose: Purpose): number {
    this.open.set(++this.last, purpose)
    return this.last
  }

  /** What it was; null: nothing that is to be answered. */
  get(invocation: unknown): Purpose | null {
    return this.open.get(invocation as number) ?? null
  }

  /** It is answered. */
  end(invocation: number): void {
    this.open.delete(invocation)
  }

  /** Nobody waits for the answer any more; one that comes is not wrong. */
  withdraw(invocation: number): void {
    if (!this.open.delete(invocation)) return
    this.withdrawn.add(invocation)
    const [oldest] = this.withdrawn
    if (this.withdrawn.size > WITHDRAWN_MAX) this.withdrawn.delete(oldest!)
  }

  /** Is this the late answer to something withdrawn? It is one only once. */
  takeWithdrawn(invocation: unknown): boolean {
    return this.withdrawn.delete(invocation as number)
  }
}
