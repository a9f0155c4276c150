import { limits } from '../../base/index.js'
import type { RingId } from '../configuration.js'
import { Donor } from './donor.js'
import { Lineage, type Epoch } from './lineage.js'
import type { Gate, ReplicatedService, SnapshotWriter, Transferred } from './replicated-service.js'
import type { Claim, Resolution, Side } from './resolution.js'
import { decodeChunk } from './wire.js'

/** Members that have come along since the last view, and a fingerprint of them. */
export interface Companions {
  readonly nodeIds: ReadonlySet<number>
  readonly fingerprint: number
}

export interface ReplicaPort {
  readonly nodeId: number
  readonly catchUpSliceMessages: number
  /** Multicast one message of the layer, now or when there is room. */
  send(payload: Uint8Array): void
  /** Have `catchUp` called soon: there is more to apply than one turn should. */
  later(): void
  error(message: string): void
}

interface Waiting {
  readonly from: number
  readonly payload: Uint8Array
  position: number
}

/**
 * One side's state on its way here. writer null: it is this replica's own; it is awaited all the same, for
 * sides merge at one place in the order, when the last of them has spoken.
 */
interface Source {
  readonly side: Side
  readonly writer: SnapshotWriter | null
  next: number
  done: boolean
}

/**
 * What happens to messages of the service: 'waiting', 'catching-up': they are kept until the state they are
 * for is known, or here; 'open': applied; 'passing', between two configurations: those of companions are
 * applied; 'dropping': there is no state they could be for.
 */
type Mode = 'waiting' | 'catching-up' | 'open' | 'passing' | 'dropping'

/**
 * One service at one member: its gate, its lineage, and the transfer of its state.
 *
 * Changes are applied to a state only where everybody who holds an equal state applies the same: in a view
 * whose members have agreed on one state; or, where a configuration ended before they had, on the way to
 * the next one, by those who came along together, each for the messages of these alone.
 */
export class Replica {
  lineage: Lineage | null = null
  /** See Claim. */
  since = 0
  private mode: Mode = 'waiting'
  private gate: Gate = 'closed'
  /** The last view went on with another state, and this replica did not get it. */
  private stale = false
  private waiting: Waiting[] = []
  private companions: Companions = { nodeIds: new Set(), fingerprint: 0 }
  private epoch: Epoch = { ringId: { representative: 0, sequence: 0 }, transitional: false, group: 0 }
  /** The configuration deliveries are in. */
  private ringId: RingId = this.epoch.ringId
  private sources: Source[] = []
  private donor: Donor | null = null

  constructor(
    readonly service: ReplicatedService,
    private readonly port: ReplicaPort,
  ) {}

  get isOpen(): boolean {
    return this.mode === 'open'
  }

  /** Open, and no one waits for this state any more. */
  get quiet(): boolean {
    return this.mode === 'open' && this.donor === null
  }

  /** A configuration began. What comes now waits until the view is known. */
  onRegular(ringId: RingId): void {
    this.ringId = ringId
    this.mode = 'waiting'
    this.setGate(this.lineage === null || this.stale ? 'closed' : 'paused')
  }

  /** The configuration ended. What comes before the next one is of the old one still. */
  onTransitional(next: RingId, companions: Companions): void {
    if (this.mode === 'catching-up') this.applyWaiting(Infinity)
    this.stopTransfer()
    this.companions = companions
    if (this.mode === 'open') {
      this.epoch = { ringId: next, transitional: true, group: 0 }
      return
    }
    const holds = this.lineage !== null && !this.stale
    this.mode = holds ? 'passing' : 'dropping'
    this.epoch = { ringId: next, transitional: true, group: companions.fingerprint }
    const waiting = this.waiting
    this.waiting = []
    for (const { from, payload, position } of waiting) this.onMessage(from, payload, position)
  }

  onMessage(from: number, payload: Uint8Array, position: number): void {
    this.donor?.onChange(payload.length)
    if (this.mode === 'open' || (this.mode === 'passing' && this.companions.nodeIds.has(from))) {
      this.apply(from, payload, position)
    } else if (this.mode === 'waiting' || this.mode === 'catching-up') {
      this.waiting.push({ from, payload, position })
    } else if (from === this.port.nodeId) {
      this.service.onDropped(payload)
    }
  }

  /** All members have said what they hold; this is what comes of it, at `position` in the order. */
  onResolution(nodeId: number, claims: readonly Claim[], resolution: Resolution, position: number): void {
    this.epoch = { ringId: this.ringId, transitional: false, group: 0 }
    for (const message of this.waiting) message.position = position
    const { winner, conflicts } = resolution
    const needed = conflicts.length > 0 || (winner !== null && winner.members.length < claims.length)
    const sides = winner === null || !needed ? [] : [winner, ...conflicts]
    const own = sides.find((side) => side.members.includes(nodeId))
    if (own?.speaker === nodeId) this.becomeDonor(receiversOf(own, claims))
    if (sides.length === 0 || (own !== undefined && conflicts.length === 0)) return this.open()
    this.sources = sides.map((side) => ({
      side,
      writer: side === own ? null : this.service.receive(),
      next: 0,
      done: false,
    }))
    this.stale = own === undefined
    this.setGate(this.stale ? 'closed' : 'paused')
  }

  onChunk(from: number, payload: Uint8Array, position: number): void {
    const chunk = decodeChunk(payload, this.ringId)
    if (!chunk) return
    if (from === this.port.nodeId) this.onOwnChunk(payload)
    const source = this.sources.find(({ side }) => side.speaker === from)
    if (!source || source.done) return
    if (chunk.index !== source.next) {
      // The order has no gaps: the sender is not one of ours.
      this.port.error(`${this.service.name}: chunk ${chunk.index} of ${from} came for ${source.next}`)
      return
    }
    source.next++
    source.done = chunk.last
    if (chunk.octets.length > 0) source.writer?.write(chunk.octets)
    if (this.sources.every(({ done }) => done)) this.adopt(position)
  }

  /** Apply a slice of what came while the state was on its way. */
  catchUp(): void {
    if (this.mode !== 'catching-up') return
    this.applyWaiting(limits.catchUpSliceOctets)
    if (this.mode === 'catching-up') this.port.later()
  }

  private onOwnChunk(payload: Uint8Array): void {
    this.donor?.onDelivered(payload.length)
    if (this.donor?.done === true) this.donor = null
  }

  private becomeDonor(receivers: readonly (Lineage | null)[]): void {
    const { service, ringId, port } = this
    this.donor = new Donor(service.freeze(receivers), service.id, ringId, (payload) => port.send(payload))
    this.donor.pump()
  }

  private adopt(position: number): void {
    const [winner, ...conflicts] = this.sources as [Source, ...Source[]]
    this.sources = []
    const { lineage } = winner.side
    const others = conflicts.map(({ side }) => side.lineage)
    const isMerge = others.length > 0
    const next = isMerge ? lineage.merged(others, this.ringId, position) : lineage.copy()
    const decided = isMerge ? { ...next.head!, position } : null
    this.service.adopt(transferred(winner), conflicts.map(transferred), decided)
    if (isMerge) for (const message of this.waiting) message.position = position
    this.lineage = next
    if (this.since === 0) this.since = this.ringId.sequence
    // Who may be read all the while must not lag behind what is acknowledged: no slices there.
    if (!this.stale) return this.applyWaiting(Infinity)
    this.stale = false
    this.mode = 'catching-up'
    this.catchUp()
  }

  private open(): void {
    this.lineage ??= new Lineage()
    this.stale = false
    this.applyWaiting(Infinity)
  }

  /** Apply what waits; when nothing does any more, the gate opens. */
  private applyWaiting(octetsMax: number): void {
    let octets = 0
    let at = 0
    while (at < this.waiting.length && octets < octetsMax) {
      if (octetsMax !== Infinity && at >= this.port.catchUpSliceMessages) break
      const { from, payload, position } = this.waiting[at++]!
      octets += payload.length
      this.apply(from, payload, position)
    }
    this.waiting = at === this.waiting.length ? [] : this.waiting.slice(at)
    if (this.waiting.length > 0) return
    this.mode = 'open'
    this.setGate('open')
  }

  private apply(from: number, payload: Uint8Array, position: number): void {
    const stretch = this.lineage!.stretchOf(this.epoch)
    if (!this.service.apply(from, payload, this.ringId, position, stretch)) return
    this.lineage!.advance(this.epoch, position)
    if (this.since === 0) this.since = this.epoch.ringId.sequence
  }

  private stopTransfer(): void {
    this.donor?.release()
    this.donor = null
    this.sources = []
  }

  private setGate(gate: Gate): void {
    if (gate === this.gate) return
    this.gate = gate
    this.service.onGate(gate)
  }
}

/** The ways the states of all others came, who will read the snapshot of this side. */
function receiversOf(side: Side, claims: readonly Claim[]): (Lineage | null)[] {
  return claims.filter(({ nodeId }) => !side.members.includes(nodeId)).map(({ lineage }) => lineage)
}

function transferred({ side, writer }: Source): Transferred {
  return { writer, lineage: side.lineage, members: side.members }
}
