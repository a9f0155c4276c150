import type { Client } from '../front.js'
import type { CheckpointIdentity } from './checkpoint-status.js'

/** What one application has open. */
export interface Handle {
  readonly number: number
  readonly client: Client
  /** Flags it was opened with. */
  readonly flags: number
  readonly name: string
  readonly attributes: CheckpointIdentity['attributes']
  /** Of the checkpoint that it stands for at present. */
  key: number
  /** Why it can no longer be used; undefined: it can. */
  dead: string | undefined
}

/** All handles of this node's applications. */
export class Handles {
  private readonly byNumber = new Map<number, Handle>()
  private readonly byClient = new Map<Client, Set<Handle>>()
  /** Of calls to open that have no outcome yet. */
  private readonly opening = new Set<number>()
  private last = 0

  /** A number that none had before. */
  reserve(): number {
    this.opening.add(++this.last)
    return this.last
  }

  add(handle: Handle): void {
    this.opening.delete(handle.number)
    this.byNumber.set(handle.number, handle)
    const own = this.byClient.get(handle.client)
    if (own !== undefined) own.add(handle)
    else this.byClient.set(handle.client, new Set([handle]))
  }

  /** Nothing came of the call to open. */
  giveUp(number: number): void {
    this.opening.delete(number)
  }

  /** undefined: the application has no such handle */
  get(client: Client, number: unknown): Handle | undefined {
    const handle = this.byNumber.get(number as number)
    return handle?.client === client ? handle : undefined
  }

  all(): Iterable<Handle> {
    return this.byNumber.values()
  }

  ofClient(client: Client): readonly Handle[] {
    return [...(this.byClient.get(client) ?? [])]
  }

  /** It is open, or about to be. */
  isLive(number: number): boolean {
    return this.opening.has(number) || this.byNumber.has(number)
  }

  delete(handle: Handle): void {
    this.byNumber.delete(handle.number)
    const own = this.byClient.get(handle.client)
    own?.delete(handle)
    if (own?.size === 0) this.byClient.delete(handle.client)
  }
}
