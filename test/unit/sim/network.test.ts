import { seededRandom } from '../../../src/base/index.js'
import { VirtualClock } from '../../../src/sim/clock.js'
import { fairWeather, VirtualNetwork, type Host, type NetworkWeather } from '../../../src/sim/network.js'
import type { Counters } from '../../../src/totem/counters.js'

class TestHost implements Host {
  readonly frames: Uint8Array[] = []
  readonly refusals: string[] = []
  up = true

  constructor(readonly address: string) {}

  listening(): boolean {
    return this.up
  }

  receive(frame: Uint8Array): void {
    this.frames.push(frame)
  }

  refused(address: string): void {
    this.refusals.push(address)
  }
}

interface Fixture {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  readonly counters: Counters
  readonly hosts: readonly [TestHost, TestHost, TestHost]
}

function fixture(weather: Partial<NetworkWeather> = {}): Fixture {
  const clock = new VirtualClock()
  const counters: Counters = {}
  const network = new VirtualNetwork(clock, seededRandom(1), counters)
  network.weather = { ...fairWeather, ...weather }
  const hosts = [new TestHost('a'), new TestHost('b'), new TestHost('c')] as const
  for (const host of hosts) network.add(host)
  return { clock, network, counters, hosts }
}

const frame = (mark: number): Uint8Array => Uint8Array.from({ length: 50 }, () => mark)

describe('VirtualNetwork', () => {
  test('carries multicast to all, unicast to one, after a while', () => {
    const { clock, network, hosts } = fixture()
    network.multicast('a', frame(1))
    network.unicast('a', 'b', frame(2))
    network.unicast('a', 'nowhere', frame(3))
    expect(hosts.map(({ frames }) => frames.length)).toEqual([0, 0, 0])
    clock.advanceTo(1)
    expect(hosts.map(({ frames }) => frames.length)).toEqual([1, 2, 1])
  })

  test('a cut works in one direction, for one kind, until it is healed', () => {
    const { clock, network, hosts } = fixture()
    const [a, b] = hosts
    network.cutLink('a', 'b')
    network.cutUnicastLink('b', 'a')
    network.multicast('a', frame(1))
    network.unicast('a', 'b', frame(1))
    network.unicast('b', 'a', frame(1))
    clock.advanceTo(1)
    expect([a.frames.length, b.frames.length]).toEqual([1, 0])
    network.multicast('b', frame(1))
    clock.advanceTo(2)
    expect([a.frames.length, b.frames.length]).toEqual([2, 1])
    network.healLinks()
    network.unicast('a', 'b', frame(1))
    network.unicast('b', 'a', frame(1))
    clock.advanceTo(3)
    expect([a.frames.length, b.frames.length]).toEqual([3, 2])
  })

  test('the weather loses, repeats, reorders and corrupts about as often as it says', () => {
    const sent = 2000
    const received = (weather: Partial<NetworkWeather>): TestHost => {
      const { clock, network, hosts } = fixture(weather)
      for (let i = 0; i < sent; i++) {
        network.unicast('a', 'b', frame(i & 0xff))
        clock.advanceTo(clock.nowMs + 1)
      }
      clock.advanceTo(clock.nowMs + 100)
      return hosts[1]
    }
    expect(received({}).frames).toHaveLength(sent)
    expect(Math.abs(received({ loss: 0.25 }).frames.length - 0.75 * sent)).toBeLessThan(100)
    expect(Math.abs(received({ duplication: 0.1 }).frames.length - 1.1 * sent)).toBeLessThan(70)
    const changed = received({ corruption: 0.1 }).frames.filter((octets) => {
      return octets.length !== 50 || octets.some((octet) => octet !== octets[0])
    })
    expect(Math.abs(changed.length - 0.1 * sent)).toBeLessThan(70)
    const marks = received({ reordering: 0.3, delayMs: 5 }).frames.map((octets) => octets[0]!)
    expect(marks).toHaveLength(sent)
    const backwards = marks.filter((mark, index) => index > 0 && (mark - marks[index - 1]! + 256) % 256 > 128)
    expect(backwards.length).toBeGreaterThan(50)
  })

  test('corrupting one copy leaves the others alone', () => {
    const { clock, network, hosts } = fixture({ corruption: 1 })
    const octets = frame(7)
    network.multicast('a', octets)
    clock.advanceTo(1)
    expect(octets).toEqual(frame(7))
    for (const { frames } of hosts) expect(frames[0]).not.toEqual(frame(7))
  })

  test('a host without a process refuses unicast, at the rate a kernel does, and nothing else', () => {
    const { clock, network, hosts } = fixture()
    const [a, b] = hosts
    b.up = false
    network.multicast('a', frame(1))
    clock.advanceTo(1)
    expect(a.refusals).toEqual([])
    for (let i = 0; i < 20; i++) network.unicast('a', 'b', frame(1))
    clock.advanceTo(2)
    expect(a.refusals).toHaveLength(6)
    clock.advanceTo(3000)
    for (let i = 0; i < 20; i++) network.unicast('a', 'b', frame(1))
    clock.advanceTo(3001)
    expect(a.refusals.length).toBeGreaterThan(6)
    expect(a.refusals.length).toBeLessThan(12)
    expect(b.frames).toEqual([])
  })

  test('no refusal comes over a link that is cut', () => {
    const { clock, network, hosts } = fixture()
    hosts[1].up = false
    network.cutLink('b', 'a')
    network.unicast('a', 'b', frame(1))
    clock.advanceTo(1)
    expect(hosts[0].refusals).toEqual([])
  })

  test('a false refusal comes from a host where somebody listens', () => {
    const { clock, network, hosts, counters } = fixture({ falseRefusal: 1 })
    network.unicast('a', 'b', frame(1))
    clock.advanceTo(1)
    expect(hosts[0].refusals).toEqual(['b'])
    expect(counters['fault.falseRefusal']).toBe(1)
  })
})
