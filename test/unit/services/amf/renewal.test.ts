import { Renewal, type RenewalGround } from '../../../../src/services/amf/renewal.js'
import type { QuorumState } from '../../../../src/group/index.js'

const off: QuorumState = { quorate: true, expectedVotes: null, votes: 3, needed: null, waitingForAll: false }
const majority: QuorumState = { quorate: true, expectedVotes: 3, votes: 3, needed: 2, waitingForAll: false }

/** A ring as it may be, and how often it was asked who is there. */
class TestGround implements RenewalGround {
  asked = 0
  isBehind = false
  silence = 0
  heard: readonly number[] = [1, 2, 3]
  windows: number[] = []
  readonly ring = {
    isExcluded: false,
    silentMs: () => this.silence,
    heardWithin: (_: number, windowMs: number) => {
      this.windows.push(windowMs)
      return this.heard
    },
    askPresence: () => {
      this.asked++
    },
  }
  readonly timers = { isBehind: () => this.isBehind }
}

let ground: TestGround
let quorum: QuorumState | null

function renewal(needsQuorum = true): Renewal {
  return new Renewal({ leaseMs: 500, needsQuorum }, ground, () => quorum)
}

beforeEach(() => {
  ground = new TestGround()
  quorum = majority
})

test('who hears a quorum within the lease may', () => {
  expect(renewal().may(1000)).toBe(true)
  expect(ground.windows).toEqual([500])
  ground.heard = [1, 3]
  expect(renewal().may(1000)).toBe(true)
  ground.heard = [1]
  expect(renewal().may(1000)).toBe(false)
})

test('without quorum configured running is enough', () => {
  ground.heard = [1]
  ground.silence = 10_000
  quorum = off
  expect(renewal().may(1000)).toBe(true)
  expect(ground.asked).toBe(0)
})

test('where a partition without quorum goes on, so do its leases', () => {
  ground.heard = [1]
  quorum = { ...majority, quorate: false }
  expect(renewal(true).may(1000)).toBe(false)
  expect(renewal(false).may(1000)).toBe(true)
})

test('a view that waits for all members has no leases yet, whoever is heard', () => {
  quorum = { ...majority, quorate: false, waitingForAll: true }
  expect(renewal().may(1000)).toBe(false)
})

test('the others are asked once a quarter of the lease went by without a token', () => {
  ground.silence = 125
  renewal().may(1000)
  expect(ground.asked).toBe(0)
  ground.silence = 126
  expect(renewal().may(1000)).toBe(true)
  expect(ground.asked).toBe(1)
})

test.each<[string, (ground: TestGround) => void]>([
  ['is being left out', (each) => (each.ring.isExcluded = true)],
  ['has not read yet what came while it did not run', (each) => (each.isBehind = true)],
])('a process that %s may not, quorum or none', (_, change) => {
  change(ground)
  expect(renewal().may(1000)).toBe(false)
  quorum = off
  expect(renewal().may(1000)).toBe(false)
})

test('before the first view, and once the node leaves, none is renewed', () => {
  quorum = null
  expect(renewal().may(1000)).toBe(false)
  quorum = off
  const stopping = renewal()
  expect(stopping.may(1000)).toBe(true)
  stopping.stop()
  expect(stopping.may(1000)).toBe(false)
})
