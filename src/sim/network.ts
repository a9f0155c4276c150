import type { Random } from '../base/index.js'
import { count, type Counters } from '../totem/counters.js'
import type { VirtualClock } from './clock.js'

/** How the network treats frames. Probabilities in [0, 1], times in milliseconds. */
export interface NetworkWeather {
  loss: number
  duplication: number
  /** Chance of a frame being held up for `delayMs`: it arrives behind later ones. */
  reordering: number
  delayMs: number
  latencyMs: number
  corruption: number
  /** Chance that a unicast frame is answered with a refusal although somebody listens. */
  falseRefusal: number
}

export const fairWeather: NetworkWeather = {
  loss: 0,
  duplication: 0,
  reordering: 0,
  delayMs: 0,
  latencyMs: 0.05,
  corruption: 0,
  falseRefusal: 0,
}

/** One host of the network: at most one process listens there at a time. */
export interface Host {
  readonly address: string
  listening(): boolean
  receive(frame: Uint8Array): void
  refused(address: string): void
}

/** How long after its frame a duplicate may still arrive. */
const LATE_MS = 300
/** Kernels answer few frames with a refusal: bursts of six, then one a second. */
const REFUSAL_BURST = 6
const REFUSAL_REFILL_MS = 1000

/** Carries frames between hosts: loses, repeats, delays, corrupts and refuses them. */
export class VirtualNetwork {
  weather: NetworkWeather = { ...fairWeather }
  private readonly hosts: Host[] = []
  /** `from>to`: frames do not get through. */
  private readonly cut = new Set<string>()
  /** `from>to`: unicast frames do not get through. */
  private readonly cutUnicast = new Set<string>()
  /** `from>to`: multicast frames do not get through. */
  private readonly cutMulticast = new Set<string>()
  private readonly refusals = new Map<string, { tokens: number; atMs: number }>()

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly counters: Counters,
  ) {}

  add(host: Host): void {
    this.hosts.push(host)
  }

  multicast(from: string, frame: Uint8Array): void {
    for (const host of this.hosts) this.carry(from, host, frame, false)
  }

  unicast(from: string, to: string, frame: Uint8Array): void {
    const host = this.hosts.find(({ address }) => address === to)
    if (host) this.carry(from, host, frame, true)
  }

  cutLink(from: string, to: string): void {
    this.cut.add(`${from}>${to}`)
  }

  cutUnicastLink(from: string, to: string): void {
    this.cutUnicast.add(`${from}>${to}`)
  }

  cutMulticastLink(from: string, to: string): void {
    this.cutMulticast.add(`${from}>${to}`)
  }

  healLinks(): void {
    this.cutMulticast.clear()
    this.cut.clear()
    this.cutUnicast.clear()
  }

  private carry(from: string, host: Host, frame: Uint8Array, unicast: boolean): void {
    const { clock, random, weather, counters } = this
    const link = `${from}>${host.address}`
    const kind = unicast ? this.cutUnicast : this.cutMulticast
    if (this.cut.has(link) || kind.has(link)) return count(counters, 'fault.cut')
    if (from !== host.address && random.chance(weather.loss)) return count(counters, 'fault.loss')
    if (unicast && from !== host.address && random.chance(weather.falseRefusal)) {
      count(counters, 'fault.falseRefusal')
      return this.refuse(from, host.address)
    }
    if (random.chance(weather.duplication)) {
      count(counters, 'fault.duplication')
      // Some come so late that another ring is there.
      const lateMs = random.next() * (random.chance(0.2) ? LATE_MS : 5)
      clock.schedule(this.latency() + lateMs, () => this.arrive(from, host, frame, unicast))
    }
    const corrupted = random.chance(weather.corruption) ? this.corrupt(frame) : frame
    clock.schedule(this.latency(), () => this.arrive(from, host, corrupted, unicast))
  }

  private latency(): number {
    const { random, weather } = this
    const latencyMs = weather.latencyMs * (0.7 + 0.6 * random.next())
    if (!random.chance(weather.reordering)) return latencyMs
    count(this.counters, 'fault.reordering')
    return latencyMs + random.next() * weather.delayMs
  }

  private corrupt(frame: Uint8Array): Uint8Array {
    count(this.counters, 'fault.corruption')
    const copy = frame.slice(0, this.random.chance(0.3) ? this.random.below(frame.length) : frame.length)
    if (copy.length > 0) copy[this.random.below(copy.length)]! ^= 1 << this.random.below(8)
    return copy
  }

  private arrive(from: string, host: Host, frame: Uint8Array, unicast: boolean): void {
    if (host.listening()) host.receive(frame)
    else if (unicast) this.refuse(from, host.address)
  }

  private refuse(from: string, by: string): void {
    const bucket = this.refusals.get(by) ?? { tokens: REFUSAL_BURST, atMs: this.clock.nowMs }
    const refill = (this.clock.nowMs - bucket.atMs) / REFUSAL_REFILL_MS
    bucket.tokens = Math.min(REFUSAL_BURST, bucket.tokens + refill)
    bucket.atMs = this.clock.nowMs
    this.refusals.set(by, bucket)
    if (bucket.tokens < 1 || this.cut.has(`${by}>${from}`)) return
    bucket.tokens--
    count(this.counters, 'fault.refusal')
    this.clock.schedule(this.latency(), () => {
      this.hosts.find(({ address }) => address === from)?.refused(by)
    })
  }
}
