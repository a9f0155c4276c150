import type { Configuration, GroupListener, Guarantee, RingId } from '../../../src/group/index.js'
import { VirtualClock } from '../../../src/sim/clock.js'
import { totemDefaults, TotemRing, type TimerName, type TotemOptions } from '../../../src/totem/index.js'
import { portOf } from './port.js'

const HOP_MS = 0.1

export interface Delivery {
  readonly from: number
  readonly payload: string
  readonly position: number
  readonly guarantee: Guarantee
}

/** One ring process with everything it does written down. */
export class Node implements GroupListener {
  readonly ring: TotemRing
  readonly configurations: Configuration[] = []
  readonly deliveries: Delivery[] = []
  readonly stable: { readonly ringId: RingId; readonly position: number }[] = []
  readonly lines: string[] = []
  readonly reserved: number[] = []
  readonly timers = new Map<TimerName, number>()
  drains = 0
  framesSent = 0
  hasLeft = false
  /** The disk answers at once unless a test holds it. */
  diskWorks = true

  constructor(
    private readonly rings: Rings,
    readonly options: TotemOptions,
  ) {
    const port = portOf({
      multicast: (frame) => this.send(null, frame),
      unicast: (address, frame) => this.send(address, frame),
      setTimer: (timer, delayMs) => this.setTimer(timer, delayMs),
      cancelTimer: (timer) => this.timers.delete(timer),
      reserve: (sequence) => this.reserve(sequence),
      log: (level, message) => this.lines.push(`${level}: ${message}`),
      left: () => {
        this.hasLeft = true
      },
    })
    this.ring = new TotemRing(options, port, this)
  }

  get members(): number[] {
    return this.configurations.at(-1)?.members.map(({ nodeId }) => nodeId) ?? []
  }

  get ringId(): RingId {
    return this.configurations.at(-1)!.ringId
  }

  start(): this {
    this.ring.start(this.rings.clock.nowMs, this.options.incarnation + 1000)
    return this
  }

  say(text: string, guarantee: Guarantee = 'agreed'): boolean {
    return this.ring.multicast(new TextEncoder().encode(text), guarantee)
  }

  onConfiguration(configuration: Configuration): void {
    this.configurations.push(configuration)
  }

  onDeliver(from: number, payload: Uint8Array, position: number, guarantee: Guarantee): void {
    this.deliveries.push({ from, payload: new TextDecoder().decode(payload), position, guarantee })
  }

  onStable(ringId: RingId, position: number): void {
    this.stable.push({ ringId, position })
  }

  onDrain(): void {
    this.drains++
  }

  private send(address: string | null, frame: Uint8Array): void {
    this.framesSent++
    this.rings.carry(address, frame)
  }

  private setTimer(timer: TimerName, delayMs: number): void {
    const { clock } = this.rings
    const dueMs = clock.nowMs + delayMs
    this.timers.set(timer, dueMs)
    clock.schedule(delayMs, () => {
      if (this.timers.get(timer) !== dueMs) return
      this.timers.delete(timer)
      this.ring.onTimer(timer, clock.nowMs)
    })
  }

  private reserve(sequence: number): void {
    this.reserved.push(sequence)
    if (this.diskWorks)
      this.rings.clock.schedule(1, () => this.ring.onReserved(sequence, this.rings.clock.nowMs))
  }
}

/** A few ring processes and a network that loses nothing, unless a test says so. */
export class Rings {
  readonly clock = new VirtualClock()
  readonly nodes: Node[] = []
  /** Every frame put on the wire, in order. */
  readonly wire: Uint8Array[] = []
  loses: (frame: Uint8Array, to: Node) => boolean = () => false

  add(nodeId: number, changed: Partial<TotemOptions> = {}): Node {
    const node = new Node(this, {
      ...totemDefaults,
      nodeId,
      nodeName: `n${nodeId}`,
      address: `10.0.0.${nodeId}`,
      clusterName: 'test',
      incarnation: 1_000_000 * nodeId,
      ...changed,
    })
    this.nodes.push(node)
    return node
  }

  /** Started together and one ring. */
  static formed(...nodeIds: number[]): Rings {
    const rings = new Rings()
    for (const nodeId of nodeIds) rings.add(nodeId).start()
    rings.run(500)
    for (const { members } of rings.nodes) expect(members).toEqual(nodeIds)
    return rings
  }

  run(durationMs: number): void {
    this.clock.advanceTo(this.clock.nowMs + durationMs)
  }

  carry(address: string | null, frame: Uint8Array): void {
    this.wire.push(frame)
    for (const node of this.nodes) {
      if (address !== null && node.options.address !== address) continue
      if (!this.loses(frame, node))
        this.clock.schedule(HOP_MS, () => node.ring.onFrame(frame, this.clock.nowMs))
    }
  }
}
