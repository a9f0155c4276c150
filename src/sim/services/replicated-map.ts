import { OctetReader, OctetWriter } from '../../base/index.js'
import {
  MESSAGE_HEADER_OCTETS,
  sameRing,
  type Gate,
  type Member,
  type RingId,
  type SnapshotReader,
  type SnapshotWriter,
  type Transferred,
  type View,
} from '../../group/index.js'
import type { ProcessHistory } from '../history.js'
import type { MapState, MapWatcher, WatchedMap } from './map-watcher.js'

/** Where a change was applied at its sender, and who had to apply it there. */
interface Applied {
  readonly ringId: RingId
  readonly position: number
  readonly members: readonly Member[]
}

/** A change of this process that is not acknowledged yet. */
interface Pending {
  readonly change: string
  applied: Applied | null
}

/**
 * A small replicated map to exercise the view layer with: `put` sets a key; the snapshot can be made
 * as large as one likes. Everything that happens to it is told to the watch.
 */
export class ReplicatedMap implements WatchedMap {
  state: MapState = emptyState()
  gate: Gate = 'closed'
  /** Octets of a snapshot that has been coming in since the last view. */
  received = 0
  private pending: Pending[] = []
  private sent = 0

  constructor(
    readonly id: number,
    readonly name: string,
    /** Least size of a snapshot. */
    private readonly snapshotOctets: number,
    readonly process: ProcessHistory,
    private readonly watch: MapWatcher,
  ) {}

  /** Changes sent and neither acknowledged nor dropped. */
  get unanswered(): number {
    return this.pending.length
  }

  /** @returns the message that sets a key; `onSent` follows when it was accepted */
  makePut(key: number, octets: number): { readonly change: string; readonly payload: Uint8Array } {
    const { nodeId, incarnation } = this.process.id
    const change = `${nodeId}.${incarnation}.${this.sent + 1}`
    const writer = new OctetWriter()
    writer.u16(0)
    writer.u16(key)
    writer.text(change)
    const body = writer.finish()
    const payload = new Uint8Array(Math.max(octets, body.length))
    payload.set(body)
    return { change, payload }
  }

  onSent(change: string): void {
    this.sent++
    this.pending.push({ change, applied: null })
  }

  onView(view: View): void {
    this.received = 0
    this.watch.onView(this, view)
  }

  onGate(gate: Gate): void {
    this.gate = gate
    if (gate === 'open') this.watch.onRest(this)
  }

  apply(from: number, payload: Uint8Array, ringId: RingId, position: number): boolean {
    const reader = new OctetReader(payload, MESSAGE_HEADER_OCTETS)
    const key = reader.u16()
    const change = reader.text()
    this.watch.onApply(this, change, from)
    this.state.changes.add(change)
    this.state.entries.set(key, change)
    this.state.digest = mix(this.state.digest, change)
    if (from !== this.process.id.nodeId) return true
    const pending = this.pending.find(({ applied }) => applied === null)
    if (pending?.change !== change) this.watch.onDisorder(this, change, pending?.change)
    else pending.applied = { ringId, position, members: this.membersNow() }
    return true
  }

  /** In a transitional configuration only its members count. */
  private membersNow(): readonly Member[] {
    const { inTransition, transitional, regular } = this.process
    return (inTransition ? transitional : regular)!.members
  }

  /** Of a configuration that ended, those count who came along from it. */
  private stillHere({ ringId, members }: Applied): readonly Member[] {
    const { regular, transitional } = this.process
    if (sameRing(regular!.ringId, ringId)) return members
    const came = new Set(transitional!.members.map(({ nodeId }) => nodeId))
    return members.filter(({ nodeId }) => came.has(nodeId))
  }

  onDropped(payload: Uint8Array): void {
    this.watch.onDropped(this)
    const reader = new OctetReader(payload, MESSAGE_HEADER_OCTETS)
    reader.u16()
    const change = reader.text()
    const at = this.pending.findIndex(({ applied }) => applied === null)
    if (this.pending[at]?.change === change) this.pending.splice(at, 1)
    else this.watch.onDisorder(this, change, this.pending[at]?.change)
  }

  onStable(ringId: RingId, position: number): void {
    this.pending = this.pending.filter(({ change, applied }) => {
      if (applied === null) return true
      const isStable = sameRing(applied.ringId, ringId)
        ? applied.position <= position
        : applied.ringId.sequence < ringId.sequence
      if (isStable) this.watch.onAcknowledged(this, change, applied.ringId, this.stillHere(applied))
      return !isStable
    })
  }

  onDrain(): void {
    // Whoever sends tries again by itself.
  }

  freeze(): SnapshotReader {
    const { entries, changes, aside, digest } = this.state
    const plain = { entries: [...entries], changes: [...changes], aside: [...aside], digest }
    const text = new TextEncoder().encode(JSON.stringify(plain))
    const octets = new Uint8Array(Math.max(text.length + 1, this.snapshotOctets))
    octets.set(text)
    let at = 0
    return {
      read: (into, from) => {
        const part = octets.subarray(at, at + into.length - from)
        into.set(part, from)
        at += part.length
        return part.length
      },
      release: () => {
        if (at < octets.length) this.watch.note('transferCutShort')
      },
    }
  }

  receive(): MapWriter {
    return new MapWriter(this)
  }

  adopt(winner: Transferred, conflicts: readonly Transferred[]): void {
    const before = this.state
    const states = [winner, ...conflicts].map(
      ({ writer }) => (writer as MapWriter | null)?.finish() ?? before,
    )
    const [first, ...others] = states as [MapState, ...MapState[]]
    const state: MapState = { ...first, aside: new Set(first.aside) }
    for (const other of others) {
      for (const change of [...other.changes, ...other.aside]) {
        if (!state.changes.has(change)) state.aside.add(change)
      }
      state.digest = mix(state.digest, `conflict ${other.digest}`)
    }
    this.state = state
    this.watch.onAdopt(this, before, state, others.length)
  }
}

/** Takes a snapshot in. */
class MapWriter implements SnapshotWriter {
  private readonly parts: Uint8Array[] = []

  constructor(private readonly map: ReplicatedMap) {}

  write(octets: Uint8Array): void {
    this.parts.push(octets)
    this.map.received += octets.length
  }

  finish(): MapState {
    const octets = new Uint8Array(this.parts.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of this.parts) {
      octets.set(part, at)
      at += part.length
    }
    const text = new TextDecoder().decode(octets.subarray(0, octets.indexOf(0)))
    const { entries, changes, aside, digest } = JSON.parse(text) as {
      readonly entries: readonly [number, string][]
      readonly changes: readonly string[]
      readonly aside: readonly string[]
      readonly digest: number
    }
    return { entries: new Map(entries), changes: new Set(changes), aside: new Set(aside), digest }
  }
}

function emptyState(): MapState {
  return { entries: new Map(), changes: new Set(), aside: new Set(), digest: 0 }
}

function mix(digest: number, text: string): number {
  let mixed = digest ^ 0x811c9dc5
  for (let at = 0; at < text.length; at++) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193)
  return mixed >>> 0
}
