import fc from 'fast-check'
import { ComponentLease, type DemotionStep, type HaState, type Holding } from '../../../src/base/index.js'

const LEASE_MS = 500

function holding(csi: string, haState: HaState = 'active', epoch = 7n): Holding {
  return { csi, instance: `instance of ${csi}`, haState, epoch }
}

/** A lease renewed at 0. */
function live(...held: readonly Holding[]): ComponentLease {
  const lease = new ComponentLease(LEASE_MS)
  lease.renew(0, 0)
  for (const each of held) expect(lease.assign(each, 0)).toBe('tell')
  return lease
}

function shown(steps: readonly DemotionStep[] | null): string[] {
  return (steps ?? []).map(({ kind, holding: { csi, haState } }) =>
    kind === 'csi-set' ? `set ${csi} ${haState}` : `remove ${csi}`,
  )
}

describe('how long it is live', () => {
  test('not at all before the first renewal', () => {
    const lease = new ComponentLease(LEASE_MS)
    expect([lease.isLive(0), lease.untilMs]).toEqual([false, -Infinity])
    expect(lease.assign(holding('a'), 0)).toBe('lapsed')
  })

  test('from when the renewal was sent, not from when it was read', () => {
    const lease = new ComponentLease(LEASE_MS)
    lease.renew(100, 400)
    expect([lease.isLive(599.9), lease.isLive(600)]).toEqual([true, false])
  })

  test('the latest renewal counts, whatever order they are read in', () => {
    const lease = new ComponentLease(LEASE_MS)
    lease.renew(300, 310)
    lease.renew(100, 320)
    expect(lease.untilMs).toBe(800)
  })

  test('never longer than a lease from now', () => {
    const lease = new ComponentLease(LEASE_MS)
    lease.renew(1e12, 40)
    expect(lease.untilMs).toBe(540)
  })

  test('not after the connection broke, whatever is read afterwards', () => {
    const lease = live(holding('a'))
    expect(shown(lease.broken())).toEqual(['set a quiesced', 'remove a'])
    lease.renew(10, 10)
    expect([lease.isLive(11), lease.assign(holding('a'), 11)]).toEqual([false, 'lapsed'])
  })
})

describe('what is held', () => {
  test('nothing is told while the lease is live', () => {
    expect(live(holding('a')).check(499.9)).toBeNull()
  })

  test('at its end actives are quiesced first, then all is removed, once', () => {
    const lease = live(holding('a'), holding('b', 'standby'), holding('c', 'active', 9n))
    lease.assign(holding('a', 'quiescing'), 1)
    const steps = lease.check(500)
    expect(shown(steps)).toEqual(['set a quiesced', 'set c quiesced', 'remove a', 'remove b', 'remove c'])
    expect(steps![1]!.holding).toEqual(holding('c', 'quiesced', 9n))
    expect(steps![3]!.holding.haState).toBe('standby')
    expect([lease.check(501), lease.holdings]).toEqual([null, []])
  })

  test('what was quiesced or removed before is not told again', () => {
    const lease = live(holding('a'), holding('b'))
    lease.assign(holding('a', 'quiesced'), 1)
    expect(lease.remove('b')).toBe('tell')
    expect(shown(lease.check(500))).toEqual(['remove a'])
  })

  test('a state is known only under a live lease', () => {
    const lease = live(holding('a', 'active', 3n))
    expect(lease.holdingOf('a', 499)).toEqual(holding('a', 'active', 3n))
    expect([lease.holdingOf('a', 500), lease.holdingOf('b', 0)]).toEqual([null, null])
  })

  test('the executive may want it back before the end', () => {
    const lease = live(holding('a'))
    expect(shown(lease.demote())).toEqual(['set a quiesced', 'remove a'])
    expect([lease.isLive(1), lease.check(1), lease.check(500)]).toEqual([true, null, null])
  })
})

describe('a process that slept', () => {
  test('is demoted before what waited, and renewals sent meanwhile revive nothing', () => {
    const lease = live(holding('a'))
    expect(shown(lease.check(5000))).toEqual(['set a quiesced', 'remove a'])
    for (let sentAtMs = 100; sentAtMs <= 4900; sentAtMs += 100) lease.renew(sentAtMs, 5000)
    expect([lease.isLive(5000), lease.holdings]).toEqual([true, []])
  })

  test('is not told of an assignment that waited while its lease was over', () => {
    const lease = live()
    expect(lease.check(5000)).toBeNull()
    lease.renew(400, 5000)
    lease.receive(8)
    expect(lease.assign(holding('a'), 5000)).toBe('lapsed')
    expect(lease.assign(holding('a', 'standby'), 5000)).toBe('lapsed')
    expect([lease.seen, lease.holdings]).toEqual([8, []])
  })

  test('is told of one that came with a renewal that is still good', () => {
    const lease = live(holding('a'))
    lease.check(5000)
    lease.renew(4700, 5000)
    expect(lease.assign(holding('a', 'active', 8n), 5000)).toBe('tell')
    expect(shown(lease.check(5200))).toEqual(['set a quiesced', 'remove a'])
  })

  test('has done already what the executive, which does not know yet, asks it to give up', () => {
    const lease = live(holding('a'), holding('b'))
    lease.check(5000)
    lease.renew(4900, 5000)
    expect(lease.assign(holding('a', 'quiesced'), 5000)).toBe('nothing-held')
    expect(lease.assign(holding('b', 'quiescing'), 5000)).toBe('nothing-held')
    expect(lease.remove('a')).toBe('nothing-held')
  })
})

type Event =
  | { readonly kind: 'sleep'; readonly forMs: number }
  | { readonly kind: 'renew'; readonly ageMs: number }
  | { readonly kind: 'assign'; readonly csi: string; readonly haState: HaState }
  | { readonly kind: 'remove'; readonly csi: string }

const csis = fc.constantFrom('a', 'b', 'c')
const states = fc.constantFrom<HaState>('active', 'standby', 'quiescing', 'quiesced')
const events = fc.oneof(
  fc.record({ kind: fc.constant('sleep' as const), forMs: fc.integer({ min: 0, max: 900 }) }),
  fc.record({ kind: fc.constant('renew' as const), ageMs: fc.integer({ min: 0, max: 900 }) }),
  fc.record({ kind: fc.constant('assign' as const), csi: csis, haState: states }),
  fc.record({ kind: fc.constant('remove' as const), csi: csis }),
)

/** What the component believes, by what it was told alone. */
class Application {
  readonly states = new Map<string, HaState>()

  demote(steps: readonly DemotionStep[] | null): void {
    for (const {
      kind,
      holding: { csi, haState },
    } of steps ?? []) {
      if (kind === 'csi-set') this.states.set(csi, haState)
      else {
        expect(this.states.get(csi)).not.toBe('active')
        expect(this.states.delete(csi)).toBe(true)
      }
    }
  }

  get isActive(): boolean {
    return [...this.states.values()].some((state) => state === 'active' || state === 'quiescing')
  }
}

test('whatever comes: active only under a live lease, and lease and component agree', () => {
  const run = (script: readonly Event[]): void => {
    const lease = new ComponentLease(LEASE_MS)
    const application = new Application()
    let nowMs = 0
    let until = -Infinity
    for (const event of script) {
      if (event.kind === 'sleep') nowMs += event.forMs
      application.demote(lease.check(nowMs))
      expect(application.isActive && nowMs >= until).toBe(false)
      if (event.kind === 'renew') {
        lease.renew(nowMs - event.ageMs, nowMs)
        until = Math.max(until, nowMs - event.ageMs + LEASE_MS)
      } else if (event.kind === 'assign') {
        const { csi, haState } = event
        const verdict = lease.assign(holding(csi, haState), nowMs)
        if (verdict === 'tell') application.states.set(csi, haState)
        if (verdict === 'tell' && haState !== 'quiesced') expect(nowMs).toBeLessThan(until)
      } else if (event.kind === 'remove') {
        if (lease.remove(event.csi) === 'tell') application.states.delete(event.csi)
      }
      expect(lease.holdings.map(({ csi, haState }) => [csi, haState])).toEqual([...application.states])
    }
  }
  fc.assert(fc.property(fc.array(events, { maxLength: 60 }), run), { numRuns: 500 })
})
