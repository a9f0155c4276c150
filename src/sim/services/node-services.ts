import {
  ViewLayer,
  type Apartness,
  type Configuration,
  type GroupListener,
  type Guarantee,
  type QuorumSettings,
  type RingId,
} from '../../group/index.js'
import { CpgReplica } from '../cpg/cpg-replica.js'
import type { CpgWatcher } from '../cpg/cpg-watcher.js'
import type { AmfWatcher } from '../amf/amf-watcher.js'
import { AmfReplica, type AmfSettings, type AmfSurroundings } from '../amf/amf-replica.js'
import type { Connection } from '../amf/connection.js'
import { CkptReplica, type CkptSurroundings } from './ckpt-replica.js'
import type { Application } from './application.js'
import type { CkptWatcher } from './ckpt-watcher.js'
import { count, type Counters } from '../../totem/counters.js'
import type { ProcessHistory } from '../history.js'
import type { MapWatcher, WatchedServices } from './map-watcher.js'
import { ReplicatedMap } from './replicated-map.js'

export interface ServiceOptions {
  /** Size of a snapshot of the large map. */
  readonly snapshotOctets: number
  readonly quorum: QuorumSettings
  readonly catchUpSliceMessages: number
  /** With process groups. */
  readonly hasCpg: boolean
}

export const quorumOff: QuorumSettings = {
  mode: 'off',
  expectedVotes: null,
  twoNode: false,
  waitForAll: false,
}

export interface ServicesPort
  extends
    Apartness,
    Omit<CkptSurroundings, 'send' | 'lineage' | 'log'>,
    Omit<AmfSurroundings, 'send' | 'lineage' | 'log' | 'alarm' | 'after' | 'nowMs' | 'wallMs'> {
  amfAlarm(delayMs: number, run: () => void): void
  multicast(payload: Uint8Array, guarantee: Guarantee): boolean
  later(run: () => void): void
  log(level: string, message: string): void
}

export type MapName = 'small' | 'large'

/** The view layer of one process with two services on it: one that fails over, one with much to transfer. */
export class NodeServices implements GroupListener, WatchedServices {
  readonly layer: ViewLayer
  readonly maps: Readonly<Record<MapName, ReplicatedMap>>
  readonly ckpt: CkptReplica
  /** Connected to this process. */
  readonly applications: Application[] = []
  readonly amf: AmfReplica
  readonly cpg: CpgReplica | null
  /** Of components. */
  readonly amfConnections = new Set<Connection>()
  private lastConnection = 0
  private ringId: RingId | undefined

  constructor(
    options: ServiceOptions,
    process: ProcessHistory,
    private readonly watch: MapWatcher,
    private readonly counters: Counters,
    port: ServicesPort,
    readonly ckptWatch: CkptWatcher,
    amf: { readonly watch: AmfWatcher; readonly settings: AmfSettings },
    cpgWatch: CpgWatcher,
  ) {
    this.maps = {
      small: new ReplicatedMap(1, 'small', 0, process, watch),
      large: new ReplicatedMap(2, 'large', options.snapshotOctets, process, watch),
    }
    const ckpt: CkptReplica = new CkptReplica(process, ckptWatch, {
      ...port,
      send: (payload) => this.layer.send(ckpt, payload, 'agreed'),
      lineage: () => this.layer.lineageOf(ckpt),
      log: (level, message) => port.log(level, `ckpt: ${message}`),
    })
    this.ckpt = ckpt
    const amfReplica: AmfReplica = new AmfReplica(process, amf.settings, amf.watch, {
      ...port,
      alarm: (delayMs, run) => port.amfAlarm(delayMs, run),
      send: (payload) => this.layer.send(amfReplica, payload, 'agreed'),
      lineage: () => this.layer.lineageOf(amfReplica),
      log: (level, message) => port.log(level, `amf: ${message}`),
    })
    this.amf = amfReplica
    const cpg: CpgReplica | null = options.hasCpg
      ? new CpgReplica(process, cpgWatch, {
          send: (payload, guarantee) => this.layer.send(cpg!, payload, guarantee),
          after: (delayMs, run) => port.after(delayMs, run),
          log: (level, message) => port.log(level, `cpg: ${message}`),
        })
      : null
    this.cpg = cpg
    this.layer = new ViewLayer(
      {
        ...process.id,
        bootTimestamp: BigInt(process.id.incarnation) * 1_000_000n,
        quorum: options.quorum,
        catchUpSliceMessages: options.catchUpSliceMessages,
      },
      {
        multicast: (payload, guarantee) => port.multicast(payload, guarantee),
        later: () => {
          count(counters, 'views.later')
          port.later(() => this.layer.onLater())
        },
        apartMs: (believesRefusals) => port.apartMs(believesRefusals),
        runningMs: () => port.runningMs(),
        log: (level, message) => port.log(level, message),
      },
      [],
      // Without groups there is nothing to keep available, nor to say.
      [...Object.values(this.maps), ckpt, ...(amf.settings.config.groups.length > 0 ? [amfReplica] : [])],
      cpg === null ? [] : [cpg],
    )
    watch.begin(this)
  }

  /** A number for a connection. */
  nextConnection(): number {
    return ++this.lastConnection
  }

  /** @returns the change, or null when the map does not take it now */
  put(name: MapName, key: number, octets: number, guarantee: Guarantee): string | null {
    const map = this.maps[name]
    if (map.gate !== 'open') return null
    const { change, payload } = map.makePut(key, octets)
    if (!this.layer.send(map, payload, guarantee)) return null
    count(this.counters, 'load.put')
    map.onSent(change)
    return change
  }

  end(): void {
    this.watch.end(this)
    this.ckpt.end()
    this.cpg?.end()
    for (const connection of [...this.amfConnections]) connection.cut()
    this.amf.end()
  }

  onConfiguration(configuration: Configuration): void {
    const isTransitional = configuration.kind === 'transitional'
    if (isTransitional && this.layer.view?.ringId !== this.ringId) count(this.counters, 'views.aborted')
    if (!isTransitional) this.ringId = configuration.ringId
    this.ckptWatch.onConfiguration(this.ckpt, configuration)
    this.cpg?.onConfiguration(configuration)
    this.layer.onConfiguration(configuration)
  }

  onDeliver(from: number, payload: Uint8Array, position: number): void {
    if (payload[0] === this.cpg?.id && this.layer.view?.ringId !== this.ringId)
      this.cpg!.watch.note('heldBack')
    this.layer.onDeliver(from, payload, position)
  }

  onStable(ringId: RingId, position: number): void {
    this.layer.onStable(ringId, position)
  }

  onDrain(): void {
    this.layer.onDrain()
  }
}
