import type { CheckpointChangeKind } from '../../base/index.js'
import type { Client } from '../front.js'
import type { Handle } from './handles.js'
import { octetsOf } from './wire.js'

/** Changes told in one event, and octets of the ids in them. */
const CHANGES_MAX = 2000
const ID_OCTETS_MAX = 256 * 1024

interface Tracking {
  readonly handle: Handle
  readonly client: Client
  readonly subscription: number
}

/** Changes of one checkpoint that were not told yet. */
interface Batch {
  readonly name: string
  changes: unknown[]
  idOctets: number
}

/** Who follows the changes of which checkpoint. Those of one turn are told together. */
export class Trackings {
  private readonly byKey = new Map<number, Set<Tracking>>()
  private readonly byHandle = new Map<Handle, Tracking>()
  private readonly batches = new Map<number, Batch>()

  /** @param later have `tell` called soon */
  constructor(private readonly later: () => void) {}

  /** @returns false: this handle is tracked already, and its subscription is this one now */
  set(handle: Handle, subscription: number): boolean {
    const known = this.byHandle.get(handle)
    if (known !== undefined) this.delete(handle)
    this.insert({ handle, client: handle.client, subscription })
    return known === undefined
  }

  /** @returns false: it is not tracked */
  delete(handle: Handle): boolean {
    const tracking = this.byHandle.get(handle)
    if (tracking === undefined) return false
    this.byHandle.delete(handle)
    for (const [key, trackings] of this.byKey) {
      if (trackings.delete(tracking) && trackings.size === 0) this.byKey.delete(key)
    }
    return true
  }

  /** A checkpoint changed. */
  note(
    key: number,
    name: string,
    change: CheckpointChangeKind,
    id: string | null,
    offset: number,
    size: number,
  ): void {
    if (this.byKey.size === 0 || !this.byKey.has(key)) return
    let batch = this.batches.get(key)
    if (batch === undefined) {
      if (this.batches.size === 0) this.later()
      batch = { name, changes: [], idOctets: 0 }
      this.batches.set(key, batch)
    }
    batch.changes.push([change, id === null ? null : octetsOf(id), offset, size])
    batch.idOctets += id?.length ?? 0
    if (batch.changes.length >= CHANGES_MAX || batch.idOctets >= ID_OCTETS_MAX) this.tellOf(key, batch)
  }

  /** Tell what was noted. */
  tell(): void {
    for (const [key, batch] of this.batches) this.tellOf(key, batch)
    this.batches.clear()
  }

  /** These are others than they were, as a whole: who follows them has to look anew. */
  onReplaced(keys: ReadonlySet<number>): void {
    this.tell()
    for (const { handle, client, subscription } of this.byHandle.values()) {
      if (!keys.has(handle.key)) continue
      client.event(subscription, { name: handle.name, changes: [['replaced', null, 0, 0]] })
    }
  }

  /** The handle stands for another checkpoint of its name now. */
  onRebound(handle: Handle): void {
    const tracking = this.byHandle.get(handle)
    if (tracking === undefined) return
    this.delete(handle)
    this.insert(tracking)
    this.onReplaced(new Set([handle.key]))
  }

  private insert(tracking: Tracking): void {
    const { handle } = tracking
    this.byHandle.set(handle, tracking)
    const others = this.byKey.get(handle.key)
    if (others === undefined) this.byKey.set(handle.key, new Set([tracking]))
    else others.add(tracking)
  }

  private tellOf(key: number, batch: Batch): void {
    const { name, changes } = batch
    if (changes.length === 0) return
    batch.changes = []
    batch.idOctets = 0
    const body = { name, changes }
    for (const { client, subscription } of this.byKey.get(key) ?? []) client.event(subscription, body)
  }
}
