import type { Random } from '../base/index.js'
import { limits } from '../base/index.js'
import { count, type Counters } from '../totem/counters.js'
import type { VirtualClock } from './clock.js'
import { MESSAGE_OCTETS_MIN } from './load.js'
import { fairWeather, type VirtualNetwork } from './network.js'
import type { SimNode } from './node.js'

export interface FaultWorld {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  readonly random: Random
  readonly counters: Counters
  readonly log: (line: string) => void
}

/** Draws what happens next: faults, recoveries and messages, with pauses from none to seconds between. */
export class FaultScript {
  private readonly actions: readonly (readonly [number, () => void])[]
  private readonly weights: number

  constructor(
    private readonly world: FaultWorld,
    private readonly nodes: readonly SimNode[],
    /** No message near the largest size. */
    private readonly smallOnly: boolean,
    /** What applications do meanwhile. */
    readonly load: { step(): unknown; calm(): unknown },
  ) {
    this.actions = [
      [10, () => this.burst()],
      [3, () => this.crash()],
      [3, () => this.restartAtOnce()],
      [5, () => this.startOne()],
      [2, () => this.pick()?.leave()],
      [2, () => this.pick()?.pause()],
      [4, () => this.resumeOne()],
      [2, () => this.partition()],
      [1, () => this.cutOneWay()],
      [1, () => this.cutUnicast()],
      [4, () => this.heal()],
      [3, () => this.changeWeather()],
      [3, () => this.storm()],
      [3, () => this.splitInstallation()],
    ]
    this.weights = this.actions.reduce((sum, [weight]) => sum + weight, 0)
  }

  step(): void {
    let at = this.world.random.below(this.weights)
    for (const [weight, act] of this.actions) {
      at -= weight
      if (at >= 0) continue
      act()
      break
    }
    if (this.world.random.chance(0.5)) this.putSome()
    this.load.step()
    this.world.clock.advanceTo(this.world.clock.nowMs + this.drawPause())
  }

  /** All links carry again. */
  heal(): void {
    this.world.log('heal')
    this.world.network.healLinks()
  }

  /** Often short: the second fault shall hit the commit and recovery that the first one caused. */
  private drawPause(): number {
    const { random } = this.world
    const kind = random.next()
    if (kind < 0.45) return random.next() * 4
    if (kind < 0.75) return random.next() * 60
    return random.next() * (kind < 0.95 ? 600 : 3000)
  }

  private pick(): SimNode | undefined {
    const alive = this.nodes.filter(({ ring }) => ring)
    return alive.length > 0 ? this.world.random.pick(alive) : undefined
  }

  private burst(): void {
    const { random, counters } = this.world
    count(counters, 'load.burst')
    if (random.chance(0.01)) return this.flood()
    const heavy = random.chance(0.1)
    const senders = this.nodes.filter(() => random.chance(0.5))
    const guarantee = random.next()
    for (const node of senders) {
      const messages = heavy ? 50 + random.below(150) : 1 + random.below(12)
      for (let i = 0; i < messages; i++) {
        if (random.chance(0.4)) this.put(node)
        if (!node.send(this.drawSize(heavy), random.chance(guarantee) ? 'safe' : 'agreed')) break
      }
    }
  }

  /** Changes of replicated state, at any moment: also where sides are apart, or come together. */
  private putSome(): void {
    for (const node of this.nodes) {
      if (this.world.random.chance(0.3)) this.put(node)
    }
  }

  private put(node: SimNode): void {
    const { random } = this.world
    const octets = random.chance(0.9) ? random.below(200) : random.below(2000)
    const guarantee = random.chance(0.2) ? 'safe' : 'agreed'
    node.put(random.chance(0.5) ? 'small' : 'large', random.below(20), octets, guarantee)
  }

  /** More than the queue takes: the rest is refused. */
  private flood(): void {
    const node = this.pick()
    count(this.world.counters, 'load.flood')
    while (node?.send(MESSAGE_OCTETS_MIN, 'agreed'));
  }

  /** Faults that meet: frames are lost, their sender dies, and then the recovery is cut in two. */
  private storm(): void {
    const { random, network, clock, counters } = this.world
    count(counters, 'fault.storm')
    const { weather } = network
    // Slow links, so that the second fault finds the recovery under way.
    const slow = random.chance(0.7) ? { ...weather, latencyMs: 1 } : weather
    network.weather = { ...slow, loss: 0.1 + random.next() * 0.3 }
    for (const node of this.nodes) {
      for (let left = random.below(30); left > 0; left--) {
        node.send(this.drawSize(true), random.chance(0.3) ? 'safe' : 'agreed')
      }
    }
    clock.advanceTo(clock.nowMs + random.next() * (slow === weather ? 2 : 10))
    this.crash()
    if (random.chance(0.7)) network.weather = { ...slow }
    for (let waits = 0; waits < 120 && !this.nodes.some(({ ring }) => ring?.state === 'recovery'); waits++) {
      clock.advanceTo(clock.nowMs + 0.5)
    }
    clock.advanceTo(clock.nowMs + random.next() * 20)
    if (random.chance(0.5)) this.partition()
    else this.crash()
    clock.advanceTo(clock.nowMs + random.next() * 5)
    network.weather = weather
  }

  /**
   * What one process multicasts is lost, others send behind it, it dies, and the network falls apart
   * when some have installed the next ring and some have not.
   */
  private splitInstallation(): void {
    const { random, network, clock, counters } = this.world
    const mute = this.pick()
    if (!mute) return
    count(counters, 'fault.splitInstallation')
    for (const { address } of this.nodes) network.cutMulticastLink(mute.address, address)
    const sendSome = (node: SimNode): void => {
      for (let left = 1 + random.below(4); left > 0; left--) {
        node.send(this.drawSize(true), random.chance(0.3) ? 'safe' : 'agreed')
      }
    }
    sendSome(mute)
    clock.advanceTo(clock.nowMs + random.next() * 2)
    for (const node of this.nodes) if (node !== mute && random.chance(0.7)) sendSome(node)
    clock.advanceTo(clock.nowMs + random.next() * 3)
    mute.crash()
    network.healLinks()
    const { weather } = network
    if (random.chance(0.5)) network.weather = { ...weather, loss: 0.3, duplication: 0.2, latencyMs: 0.5 }
    const states = (): string[] => this.nodes.flatMap(({ ring }) => (ring ? [ring.state] : []))
    for (let waits = 0; waits < 1000; waits++) {
      clock.advanceTo(clock.nowMs + 0.05)
      if (states().includes('recovery') && states().includes('operational')) break
    }
    this.partition()
    network.weather = weather
    if (random.chance(0.5)) return
    // Those who have not installed it meet those who have sent on it, before they have a ring of their own.
    network.weather = { ...weather, loss: 0.3 }
    for (const node of this.nodes) sendSome(node)
    clock.advanceTo(clock.nowMs + random.next() * 20)
    this.heal()
    clock.advanceTo(clock.nowMs + random.next() * 20)
    network.weather = weather
  }

  private drawSize(heavy: boolean): number {
    const { random, counters } = this.world
    const kind = random.next()
    if (kind < 0.75) return MESSAGE_OCTETS_MIN + random.below(200)
    if (kind < 0.97 || heavy) return MESSAGE_OCTETS_MIN + random.below(3000)
    if (kind < 0.995 || this.smallOnly) return MESSAGE_OCTETS_MIN + random.below(40_000)
    count(counters, 'load.largest')
    return random.chance(0.5) ? limits.messageOctets : random.below(200_000) + MESSAGE_OCTETS_MIN
  }

  private crash(): void {
    this.pick()?.crash()
  }

  private restartAtOnce(): void {
    const node = this.pick()
    if (!node) return
    node.crash()
    count(this.world.counters, 'fault.restartAtOnce')
    this.world.clock.schedule(this.world.random.next() * 3, () => {
      if (!node.ring) node.start()
    })
  }

  private startOne(): void {
    const { random, counters } = this.world
    const down = this.nodes.filter(({ ring }) => !ring)
    if (down.length === 0) return
    count(counters, 'fault.start')
    random.pick(down).start()
  }

  private resumeOne(): void {
    const paused = this.nodes.filter((node) => node.paused)
    if (paused.length > 0) this.world.random.pick(paused).resume()
  }

  private partition(): void {
    const { random, network, counters, log } = this.world
    count(counters, 'fault.partition')
    const side = this.nodes.map(() => random.chance(0.5))
    log(`partition ${side.map((left, index) => `${this.nodes[index]!.name}${left ? '<' : '>'}`).join(' ')}`)
    this.nodes.forEach((a, i) => {
      this.nodes.forEach((b, j) => {
        if (side[i] !== side[j]) network.cutLink(a.address, b.address)
      })
    })
  }

  private cutOneWay(): void {
    const [from, to] = this.pair()
    count(this.world.counters, 'fault.oneWay')
    this.world.log(`${to.name} hears ${from.name} no more`)
    this.world.network.cutLink(from.address, to.address)
  }

  private cutUnicast(): void {
    const [from, to] = this.pair()
    count(this.world.counters, 'fault.unicastCut')
    this.world.log(`unicast from ${from.name} does not reach ${to.name}`)
    this.world.network.cutUnicastLink(from.address, to.address)
  }

  private pair(): [SimNode, SimNode] {
    const { random } = this.world
    const first = random.below(this.nodes.length)
    const second = (first + 1 + random.below(this.nodes.length - 1)) % this.nodes.length
    return [this.nodes[first]!, this.nodes[second]!]
  }

  private changeWeather(): void {
    const { random, network } = this.world
    network.weather = random.chance(0.4)
      ? { ...fairWeather }
      : {
          loss: random.pick([0, 0.01, 0.1, 0.25]),
          duplication: random.pick([0, 0.02, 0.1]),
          reordering: random.pick([0, 0.05, 0.3]),
          delayMs: random.pick([1, 5, 40]),
          latencyMs: random.pick([0.05, 0.1, 1]),
          corruption: random.pick([0, 0, 0.02]),
          falseRefusal: random.pick([0, 0, 0.001, 0.02]),
        }
    this.world.log(`weather ${JSON.stringify(network.weather)}`)
  }
}
