import { invariant, limits } from '../../base/index.js'
import { sameRing, type Configuration, type Member, type RingId } from '../configuration.js'
import type { GroupListener, Guarantee } from '../messaging.js'
import { groupFingerprint, type Lineage } from './lineage.js'
import type { QuorumSettings } from './quorum.js'
import { Replica } from './replica.js'
import type { PlainService, ReplicatedService, ViewListener } from './replicated-service.js'
import { resolve } from './resolution.js'
import type { View } from './view.js'
import { isViewed, ViewedMessages } from './viewed-messages.js'
import { memberKey, Views, type Apartness, type Introduction } from './views.js'
import {
  decodeExchange,
  encodeExchange,
  LAYER,
  MESSAGE_HEADER_OCTETS,
  MessageKind,
  type Exchange,
} from './wire.js'

export interface ViewLayerOptions {
  readonly nodeId: number
  readonly incarnation: number
  /** Nanoseconds since 1970. */
  readonly bootTimestamp: bigint
  readonly quorum: QuorumSettings
  /** Changes a member that caught up applies at a time. */
  readonly catchUpSliceMessages: number
}

/** What the layer needs of the engine below and of its surroundings. */
export interface ViewLayerPort extends Apartness {
  /** As GroupMessaging.multicast. */
  multicast(payload: Uint8Array, guarantee: Guarantee): boolean
  /** Call onLater() soon, after other work. */
  later(): void
  log(level: 'info' | 'notice' | 'warning' | 'error', message: string): void
}

/**
 * From configurations to views: after a regular configuration every member multicasts what it is and what it
 * holds. With the last of these the view begins, at the same place in the order on every member: its quorum
 * is known, and for each service whose state it goes on with.
 */
export class ViewLayer implements GroupListener {
  /** The last view; null before the first. */
  view: View | null = null
  private readonly views: Views
  private readonly replicas: readonly Replica[]
  private readonly byId = new Map<number, Replica>()
  private configuration: Configuration | null = null
  /** What members of the configuration have said; null while the view is known. */
  private exchanges: Map<number, Exchange | null> | null = null
  /** Members that have come along since the last view. */
  private companions: readonly Member[] = []
  /** Messages of the layer for which the engine had no room. */
  private outbox: Uint8Array[] = []
  private hasRefused = false
  /** Of services, multicast and not delivered here yet: the engine delivers what it took. */
  private inFlightOctets = 0

  private readonly plain = new Map<number, PlainService>()
  private readonly viewed = new Map<number, ViewedMessages>()

  /**
   * @param listeners hear of a view before its services do
   * @param plainServices hear of it after all others
   */
  constructor(
    private readonly options: ViewLayerOptions,
    private readonly port: ViewLayerPort,
    private readonly listeners: readonly ViewListener[],
    services: readonly ReplicatedService[],
    plainServices: readonly PlainService[] = [],
  ) {
    this.views = new Views(options, port, (level, message) => port.log(level, message))
    const replicaPort = {
      nodeId: options.nodeId,
      catchUpSliceMessages: options.catchUpSliceMessages,
      send: (payload: Uint8Array) => this.sendOwn(payload),
      later: () => port.later(),
      error: (message: string) => port.log('error', message),
    }
    this.replicas = [...services]
      .sort((a, b) => a.id - b.id)
      .map((service) => new Replica(service, replicaPort))
    for (const replica of this.replicas) {
      const { id, name } = replica.service
      invariant(id > LAYER && id < 256 && !this.byId.has(id), `${name} needs a number of its own`)
      this.byId.set(id, replica)
    }
    for (const service of plainServices) {
      const { id, name } = service
      const isFree = !this.byId.has(id) && !this.plain.has(id)
      invariant(id > LAYER && id < 256 && isFree, `${name} needs a number of its own`)
      this.plain.set(id, service)
      if (isViewed(service)) this.viewed.set(id, new ViewedMessages(service))
    }
  }

  /** The view is known, every gate is open, nobody waits for anything. */
  get quiet(): boolean {
    const isBusy = this.exchanges !== null || this.outbox.length > 0
    return this.view !== null && !isBusy && this.replicas.every(({ quiet }) => quiet)
  }

  /**
   * Multicast a message of a service.
   * @param payload MESSAGE_HEADER_OCTETS for the layer's use, then the message; not to be written to again
   * @returns false when there is no room: `onDrain` follows
   */
  send(service: Pick<PlainService, 'id'>, payload: Uint8Array, guarantee: Guarantee): boolean {
    payload[0] = service.id
    payload[1] = MessageKind.message
    const hasRoom = this.outbox.length === 0 && this.inFlightOctets < limits.groupInFlightOctets
    if (!hasRoom || !this.port.multicast(payload, guarantee)) {
      this.hasRefused = true
      return false
    }
    this.inFlightOctets += payload.length
    return true
  }

  onConfiguration(configuration: Configuration): void {
    if (configuration.kind === 'transitional') this.onTransitional(configuration)
    else this.onRegular(configuration)
  }

  onDeliver(from: number, payload: Uint8Array, position: number): void {
    if (payload.length < MESSAGE_HEADER_OCTETS) return
    const [service, kind] = payload as unknown as [number, number]
    if (service === LAYER) return this.onExchange(from, payload, position)
    const replica = this.byId.get(service)
    if (kind === MessageKind.chunk) return replica?.onChunk(from, payload, position)
    if (kind !== MessageKind.message) return
    replica?.onMessage(from, payload, position)
    const plain = this.viewed.get(service) ?? this.plain.get(service)
    plain?.onMessage(from, payload)
    if (from === this.options.nodeId) this.onOwnMessage(payload)
  }

  onStable(ringId: RingId, position: number): void {
    for (const { service } of this.replicas) service.onStable(ringId, position)
  }

  onDrain(): void {
    this.flush()
    this.drain()
  }

  private onOwnMessage(payload: Uint8Array): void {
    this.inFlightOctets -= payload.length
    if (this.inFlightOctets <= limits.groupInFlightOctets / 2) this.drain()
  }

  private drain(): void {
    if (this.outbox.length > 0 || !this.hasRefused) return
    this.hasRefused = false
    for (const { service } of this.replicas) service.onDrain()
    for (const service of this.plain.values()) service.onDrain()
  }

  /** The way the state of a service came; null: it holds none. */
  lineageOf(service: ReplicatedService): Lineage | null {
    return this.byId.get(service.id)?.lineage ?? null
  }

  /** The moment asked for with port.later(). */
  onLater(): void {
    for (const replica of this.replicas) replica.catchUp()
  }

  private onTransitional(configuration: Configuration): void {
    const staying = new Set(configuration.members.map(memberKey))
    this.companions = this.companions.filter((member) => staying.has(memberKey(member)))
    this.views.noteDepartures(configuration.left)
    this.exchanges = null
    const companions = {
      nodeIds: new Set(this.companions.map(({ nodeId }) => nodeId)),
      fingerprint: groupFingerprint(this.companions),
    }
    for (const replica of this.replicas) replica.onTransitional(configuration.ringId, companions)
    for (const messages of this.viewed.values()) messages.onTransitional(companions.nodeIds)
  }

  private onRegular(configuration: Configuration): void {
    const { ringId, members } = configuration
    const { nodeId, incarnation } = this.options
    if (this.configuration === null) {
      this.companions = members.filter((member) => {
        return member.nodeId === nodeId && member.incarnation === incarnation
      })
    }
    this.configuration = configuration
    this.exchanges = new Map(members.map((member) => [member.nodeId, null]))
    this.outbox = []
    for (const replica of this.replicas) replica.onRegular(ringId)
    for (const messages of this.viewed.values()) messages.onRegular()
    const services = this.replicas.map(({ service, lineage, since }) => ({ id: service.id, lineage, since }))
    this.sendOwn(encodeExchange({ ...this.views.introduce(ringId), services }))
  }

  private onExchange(from: number, payload: Uint8Array, position: number): void {
    if (this.exchanges?.get(from) !== null) return
    const exchange = decodeExchange(payload)
    if (exchange === null) {
      const who = this.nameOf(from)
      return this.port.log(
        'error',
        `${who} sent a state exchange this version cannot read: no view without it`,
      )
    }
    // Of an earlier configuration: it was on its way when that one ended.
    if (!sameRing(exchange.ringId, this.configuration!.ringId)) return
    this.exchanges.set(from, exchange)
    for (const said of this.exchanges.values()) if (said === null) return
    this.begin(this.exchanges as ReadonlyMap<number, Exchange>, position)
  }

  /** The last member has spoken: the view begins. */
  private begin(exchanges: ReadonlyMap<number, Exchange>, position: number): void {
    const { ringId, members } = this.configuration!
    const introductions: Introduction[] = members.map((member) => {
      return { member, exchange: exchanges.get(member.nodeId)! }
    })
    this.exchanges = null
    const companions = new Set(this.companions.map(({ nodeId }) => nodeId))
    this.companions = members
    const view = this.views.begin(ringId, introductions)
    this.view = view
    for (const listener of this.listeners) listener.onView(view)
    for (const { service } of this.replicas) service.onView(view)
    for (const replica of this.replicas) this.settle(replica, exchanges, position)
    for (const [id, service] of this.plain) (this.viewed.get(id) ?? service).onView(view, companions)
  }

  private settle(replica: Replica, exchanges: ReadonlyMap<number, Exchange>, position: number): void {
    const { service } = replica
    const claims = [...exchanges].map(([nodeId, { lastView, services }]) => {
      const claim = services.find(({ id }) => id === service.id)
      return {
        nodeId,
        lineage: claim?.lineage ?? null,
        since: claim?.since ?? 0,
        quorate: lastView?.quorate ?? false,
      }
    })
    const resolution = resolve(claims)
    const { winner, conflicts } = resolution
    for (const side of conflicts) {
      const [kept, aside] = [winner!.members, side.members].map((ids) => {
        return ids.map((nodeId) => this.nameOf(nodeId)).join(', ')
      })
      const what = `${service.name}: both ${kept} and ${aside} changed it while apart`
      this.port.log('notice', `${what}; that of ${kept} goes on, where both cannot`)
    }
    replica.onResolution(this.options.nodeId, claims, resolution, position)
  }

  private nameOf(nodeId: number): string {
    return this.configuration!.members.find((member) => member.nodeId === nodeId)?.name ?? String(nodeId)
  }

  private sendOwn(payload: Uint8Array): void {
    this.outbox.push(payload)
    this.flush()
  }

  private flush(): void {
    while (this.outbox.length > 0 && this.port.multicast(this.outbox[0]!, 'agreed')) this.outbox.shift()
  }
}
