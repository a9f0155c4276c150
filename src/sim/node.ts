import { crc32 } from 'node:zlib'
import { limits, type Random } from '../base/index.js'
import { effectiveLeaseMs } from '../config/index.js'
import { Lateness, Renewal } from '../services/index.js'
import type { GroupListener, Guarantee } from '../group/index.js'
import { TotemRing, type TimerName, type TotemOptions, type TotemPort } from '../totem/index.js'
import { count, type Counters } from '../totem/counters.js'
import { innerFrame, readDataFrame } from '../totem/wire/data-frame.js'
import { clusterHash, FrameKind, openFrame } from '../totem/wire/header.js'
import type { VirtualClock } from './clock.js'
import { messageKey, ringKey, type History, type ProcessHistory } from './history.js'
import type { NodeAmf } from './amf/node-amf.js'
import type { CheckpointWatch } from './checkers/checkpoints.js'
import type { CpgWatcher } from './cpg/cpg-watcher.js'
import type { ReplicaWatch } from './checkers/replicas.js'
import { LOAD_SERVICE, makeMessage } from './load.js'
import type { Host, VirtualNetwork } from './network.js'
import { Observer } from './observer.js'
import { NodeServices, type MapName } from './services/node-services.js'
import type { ServiceOptions, ServicesPort } from './services/node-services.js'

/** What the socket buffers of a process hold while it is paused. */
const INBOX_FRAMES = 150
/** Wall clock of a first start: 2026. */
const WALL_CLOCK_MS = 1_790_000_000_000
export const CLOCK_SPREAD = 0.04

export interface NodeWorld {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  readonly random: Random
  readonly history: History
  readonly watch: ReplicaWatch
  readonly ckptWatch: CheckpointWatch
  readonly amf: NodeAmf
  readonly cpgWatch: CpgWatcher
  readonly counters: Counters
  readonly log: (line: string) => void
  /** By how much rates of clocks differ at most. */
  readonly clockSpread?: number
  /** Ring sequence numbers reserved by a start; few make a process ask for more while rings are formed. */
  readonly reserveAtStart?: number
}

/** What the nodes of a run have in common. Without `services` nothing stands on the ring but the load. */
export type NodeOptions = Omit<TotemOptions, 'nodeId' | 'nodeName' | 'address' | 'incarnation'> & {
  readonly services?: ServiceOptions
}

export const checksum = (frame: Uint8Array, offset: number): number => crc32(frame.subarray(offset))

/** One host with a disk and, most of the time, a process of the executive on it. */
export class SimNode implements Host {
  readonly address: string
  ring: TotemRing | null = null
  process: ProcessHistory | null = null
  services: NodeServices | null = null
  paused = false
  private observer: Observer | null = null
  private reserved: number | null = null
  private pendingReservation: number | null = null
  private readonly timers = new Map<TimerName, number>()
  private inbox: (() => void)[] = []
  /** What reaches this process from its own host while it is paused. */
  private requests: (() => void)[] = []
  private moments: (() => void)[] = []
  private sent = 0
  private tokenAtMs = 0
  /** By how much the host's clock is off, which steps at times. */
  wallOffsetMs = 0
  private readonly clusterHash: number
  /** This host's clock runs at another rate than the others'. */
  readonly rate: number
  /** When its process was stopped from outside, or went on, by the clock of the run. */
  stoppedMs = -Infinity
  private lateness = new Lateness()
  /** It was stopped, and has not taken yet what waits at its sockets. */
  private isDraining = false

  constructor(
    private readonly world: NodeWorld,
    readonly nodeId: number,
    private readonly options: NodeOptions,
    readonly name: string,
  ) {
    this.address = `10.0.0.${nodeId}`
    this.clusterHash = clusterHash(options.clusterName)
    this.rate = 1 + (world.random.next() - 0.5) * (world.clockSpread ?? CLOCK_SPREAD)
    world.network.add(this)
  }

  listening(): boolean {
    return this.ring !== null
  }

  start(): void {
    if (this.ring) return
    const { world } = this
    const incarnation =
      this.reserved === null ? WALL_CLOCK_MS + Math.floor(world.clock.nowMs) : this.reserved + 1
    this.reserved = incarnation + (world.reserveAtStart ?? limits.ringSequenceBlock)
    this.process = world.history.begin({ nodeId: this.nodeId, incarnation }, `${this.name}/${incarnation}`)
    this.observer = new Observer(
      world.history,
      this.process,
      world.counters,
      () => world.clock.nowMs,
      () => this.reserved ?? 0,
    )
    const identity = { nodeId: this.nodeId, nodeName: this.name, address: this.address, incarnation }
    const options = { ...this.options, ...identity }
    this.sent = 0
    this.lateness = new Lateness()
    const alive = (): boolean => this.ring === ring
    const ring: TotemRing = new TotemRing(options, this.port(alive), this.listener(this.observer))
    this.ring = ring
    this.services = this.startServices(ring, alive)
    ring.start(this.monotonicMs(), this.reserved)
  }

  crash(): void {
    if (!this.ring) return
    count(this.world.counters, 'fault.crash')
    if (this.ring.state === 'commit' || this.ring.state === 'recovery') {
      count(this.world.counters, `fault.crashIn.${this.ring.state}`)
    }
    // The disk may or may not have taken what it was just given.
    if (this.pendingReservation !== null && this.world.random.chance(0.5))
      this.reserved = this.pendingReservation
    this.end('crashed')
  }

  leave(): void {
    count(this.world.counters, 'fault.leave')
    this.ring?.leave()
  }

  pause(): void {
    if (!this.ring || this.paused) return
    count(this.world.counters, 'fault.pause')
    this.paused = true
    this.stoppedMs = this.world.clock.nowMs
  }

  /** The sockets are drained before any timer is believed, as the executive does it. */
  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.lateness.note(this.world.clock.nowMs - this.stoppedMs, this.monotonicMs())
    this.stoppedMs = this.world.clock.nowMs
    const [requests, waiting, moments] = [this.requests, this.inbox, this.moments]
    this.requests = []
    this.inbox = []
    this.moments = []
    // Applications may be heard before the frames that wait, or after them.
    const early = requests.splice(0, Math.ceil(requests.length / 2))
    this.isDraining = true
    for (const input of [...early, ...waiting]) input()
    this.isDraining = false
    for (const input of [...requests, ...moments]) input()
    for (const timer of [...this.timers.keys()]) this.fire(timer)
  }

  /** An application of this host asks something. */
  request(run: (services: NodeServices) => void): void {
    const { services } = this
    if (!services) return
    const ask = (): void => {
      if (this.services === services) run(services)
    }
    if (this.paused) this.requests.push(ask)
    else ask()
  }

  receive(frame: Uint8Array): void {
    const arrivedMs = this.world.clock.nowMs
    this.input(() => {
      this.noteReceipt(frame)
      // One that waited here for long says nothing of now.
      const waitedMs = this.world.clock.nowMs - arrivedMs
      if (frame[8] === FrameKind.token && waitedMs < this.options.tokenTimeoutMs / 2) {
        this.tokenAtMs = this.world.clock.nowMs
      }
      this.ring?.onFrame(frame, this.monotonicMs())
      this.services?.ckpt.onFrame()
    })
  }

  refused(address: string): void {
    this.input(() => this.ring?.onRefused(address, this.monotonicMs()))
  }

  askPresence(): void {
    if (!this.paused) this.ring?.askPresence(this.monotonicMs())
  }

  /** Who of its ring certainly ran within this time, as the process sees it. */
  heardWithin(windowMs: number): number[] {
    return this.ring?.heardWithin(this.monotonicMs(), windowMs) ?? []
  }

  /** @returns the change, or null when the map cannot take it now */
  put(map: MapName, key: number, octets: number, guarantee: Guarantee): string | null {
    return this.paused ? null : (this.services?.put(map, key, octets, guarantee) ?? null)
  }

  /** @returns false when the ring refuses the message */
  send(octets: number, guarantee: Guarantee): boolean {
    const { ring, process, observer } = this
    if (!ring || !process || !observer || this.paused) return false
    const message = { ...process.id, number: this.sent + 1 }
    if (!ring.multicast(makeMessage(message, octets), guarantee)) {
      count(this.world.counters, 'branch.backPressure')
      return false
    }
    this.sent++
    process.events.push({ kind: 'accept', message: messageKey(message), guarantee, octets })
    return true
  }

  /** The load's messages go to the observer, those of the view layer to that. */
  private listener(observer: Observer): GroupListener {
    return {
      onConfiguration: (configuration) => {
        observer.onConfiguration(configuration)
        this.services?.onConfiguration(configuration)
      },
      onDeliver: (from, payload, position, guarantee) => {
        if (payload[0] === LOAD_SERVICE) observer.onDeliver(from, payload, position, guarantee)
        else this.services?.onDeliver(from, payload, position)
      },
      onStable: (ringId, position) => {
        observer.onStable(ringId, position)
        this.services?.onStable(ringId, position)
      },
      onDrain: () => {
        observer.onDrain()
        this.services?.onDrain()
      },
    }
  }

  private startServices(ring: TotemRing, alive: () => boolean): NodeServices | null {
    const { clock, log, watch, ckptWatch, amf, cpgWatch, counters } = this.world
    const { services, tokenTimeoutMs } = this.options
    if (!services) return null
    const moment = (run: () => void): void => {
      if (!alive()) return
      if (this.paused) this.moments.push(run)
      else run()
    }
    const alarmClock = (): ServicesPort['alarm'] => {
      let alarms = 0
      return (delayMs, run) => {
        const mine = ++alarms
        clock.schedule(delayMs / this.rate, () => {
          moment(() => {
            if (mine === alarms) run()
          })
        })
      }
    }
    const startedAtMs = this.monotonicMs()
    const config = amf.configOf(this.name)
    const leaseMs = effectiveLeaseMs(config, tokenTimeoutMs)
    const ground = { ring, timers: { isBehind: () => this.isDraining } }
    const renewal = new Renewal(
      { leaseMs, needsQuorum: config.noQuorum === 'stop' },
      ground,
      () => this.services?.layer.view?.quorum ?? null,
    )
    return new NodeServices(
      services,
      this.process!,
      watch,
      counters,
      {
        multicast: (payload, guarantee) => ring.multicast(payload, guarantee),
        later: (run) => clock.schedule(0, () => moment(run)),
        after: (delayMs, run) => clock.schedule(delayMs / this.rate, () => moment(run)),
        alarm: alarmClock(),
        amfAlarm: alarmClock(),
        nowMs: () => this.monotonicMs(),
        wallMs: () => WALL_CLOCK_MS + Math.floor(clock.nowMs + this.wallOffsetMs),
        isCurrent: () => ring.isCurrent(this.monotonicMs()),
        silentMs: () => this.silentMs(),
        silentMaxMs: (tokenTimeoutMs / 2) * 1.05,
        log: (level, message) => log(`${this.name} ${level}: ${message}`),
        nodeName: this.name,
        mayRenew: () => renewal.may(this.monotonicMs()),
        apartMs: (believesRefusals) => ring.apartMs(this.monotonicMs(), believesRefusals),
        runningMs: () => this.monotonicMs() - startedAtMs,
        lateMs: () => this.lateness.at(this.monotonicMs()),
        processStart: (pid) => amf.processStart(this.name, pid),
        isPaused: () => this.paused,
        stoppedMs: () => this.stoppedMs,
      },
      ckptWatch,
      { watch: amf.watch, settings: { config, leaseMs } },
      cpgWatch,
    )
  }

  private silentMs(): number {
    if (this.process?.regular?.members.length === 1) return 0
    if (this.process?.inTransition === true) return 0
    return this.world.clock.nowMs - this.tokenAtMs
  }

  private input(run: () => void): void {
    if (!this.ring) return
    if (!this.paused) run()
    else if (this.inbox.length < INBOX_FRAMES) this.inbox.push(run)
    else count(this.world.counters, 'fault.overflow')
  }

  /** The monotonic clock of this host. */
  monotonicMs(): number {
    return this.world.clock.nowMs * this.rate
  }

  private end(how: 'crashed' | 'left'): void {
    this.process!.end = how
    this.world.log(`${this.process!.name} ${how}`)
    for (const [name, value] of Object.entries(this.ring!.counters)) {
      count(this.world.counters, `ring.${name}`, value)
    }
    this.services?.end()
    this.services = null
    this.ring = null
    this.process = null
    this.paused = false
    this.inbox = []
    this.requests = []
    this.moments = []
    this.timers.clear()
    this.pendingReservation = null
  }

  private port(alive: () => boolean): TotemPort {
    const { world } = this
    return {
      multicast: (frame) => {
        if (alive()) world.network.multicast(this.address, frame)
      },
      multicastAll: (frames) => {
        for (const frame of frames) if (alive()) world.network.multicast(this.address, frame)
      },
      unicast: (address, frame) => {
        if (alive()) world.network.unicast(this.address, address, frame)
      },
      setTimer: (timer, delayMs) => this.setTimer(timer, delayMs),
      cancelTimer: (timer) => this.timers.delete(timer),
      reserve: (sequence) => this.reserve(sequence, alive),
      checksum,
      log: (level, message) => world.log(`${this.name} ${level}: ${message}`),
      left: () => {
        if (alive()) this.end('left')
      },
    }
  }

  private setTimer(timer: TimerName, delayMs: number): void {
    const { clock } = this.world
    const dueMs = clock.nowMs + delayMs / this.rate
    this.timers.set(timer, dueMs)
    clock.schedule(delayMs / this.rate, () => this.fire(timer))
  }

  private fire(timer: TimerName): void {
    const dueMs = this.timers.get(timer)
    if (dueMs === undefined || dueMs > this.world.clock.nowMs + 1e-9 || this.paused) return
    this.timers.delete(timer)
    this.ring?.onTimer(timer, this.monotonicMs())
  }

  private reserve(sequence: number, alive: () => boolean): void {
    this.pendingReservation = sequence
    this.world.clock.schedule(1 + this.world.random.next() * 10, () => {
      if (!alive()) return
      this.reserved = Math.max(this.reserved ?? 0, sequence)
      if (this.pendingReservation === sequence) this.pendingReservation = null
      this.input(() => this.ring?.onReserved(sequence, this.monotonicMs()))
    })
  }

  /** Which data frames have reached this process: what "received by all" is checked against. */
  private noteReceipt(octets: Uint8Array): void {
    if (!this.process || octets[8] !== FrameKind.data) return
    const header = openFrame(octets, this.clusterHash, checksum)
    if (typeof header === 'string') return
    const frame = readDataFrame(octets, header.sender, header.incarnation, header.flags)
    const inner = frame?.recovery ? innerFrame(frame, this.clusterHash, checksum) : null
    for (const seen of [frame, inner]) {
      if (!seen) continue
      const ring = ringKey({ representative: seen.representative, sequence: seen.ringSequence })
      this.process.markReceived(ring, seen.sequence)
    }
  }
}
