import { TrackFlags, type AmfDecision, type ProtectionGroupBuffer } from '../../../src/api/index.js'
import { errorOf, Live, until, type Application } from './live.js'

// Rows of the standard about errors, protection groups and administration, and what this API adds to them.

const { TRACK_CURRENT, TRACK_CHANGES, TRACK_CHANGES_ONLY } = TrackFlags

let live: Live

beforeAll(async () => (live = await Live.start(2, '127.0.23')), 60_000)
afterAll(() => live.cluster.close())
afterEach(() => live.finalizeAll())

describe('10 ComponentErrorReport, Clear', () => {
  test('the other takes over; cleared, it stands by', async () => {
    const { group, active, standby } = await live.pair()
    const [from, own] = [standby.told.length, active.told.length]
    // Anybody may report, on any node.
    await standby.amf.errorReport(`${group}-1`, 'no-recommendation', 'its disk is full')
    await standby.became(`${group}-2`, 'active', from)
    expect(active.shown(`${group}-1`).slice(2)).toEqual([
      'csiSet quiesced',
      'csiRemove',
      'readiness out-of-service',
    ])
    expect(active.events).toEqual(['lapsed'])
    await active.amf.errorClear(`${group}-1`)
    await active.became(`${group}-1`, 'standby', own)
  })

  test('errors', async () => {
    const name = `${live.group()}-1`
    const { amf } = await live.application()
    expect(await errorOf(amf.errorReport('none'))).toBe('ERR_NOT_EXIST')
    expect(await errorOf(amf.errorClear('none'))).toBe('ERR_NOT_EXIST')
    expect(await errorOf(amf.errorReport(''))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(amf.errorReport(name, 'reboot' as 'unit-restart'))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(amf.errorReport(name))).toBe('ERR_BAD_OPERATION')
    await amf.errorClear(name).catch(({ code }: { code: string }) => expect(code).toBe('ERR_BAD_OPERATION'))
  })
})

describe('11 ProtectionGroupTrack, Stop', () => {
  const shown = ({ members }: Pick<ProtectionGroupBuffer, 'members'>): string[] =>
    members.map(({ component, haState, change }) => `${component.slice(-1)} ${haState} ${change}`).sort()

  async function settled({ amf }: Application): Promise<void> {
    await until(async () => (await amf.status()).settled)
  }

  test('CURRENT: the members now, nothing is tracked', async () => {
    const { group, active } = await live.pair()
    await settled(active)
    const members = await active.amf.protectionGroupTrack(`${group}-csi`, TRACK_CURRENT)
    expect(shown({ members: members! })).toEqual(['1 active no-change', '2 standby no-change'])
    expect(await errorOf(active.amf.protectionGroupTrackStop(`${group}-csi`))).toBe('ERR_NOT_EXIST')
  })

  test.each([
    ['CHANGES', TRACK_CHANGES, 2],
    ['CHANGES_ONLY', TRACK_CHANGES_ONLY, 1],
  ])('%s: told on each change', async (_, flags, items) => {
    const { group, active, standby } = await live.pair()
    await settled(standby)
    const told: ProtectionGroupBuffer[] = []
    standby.amf.on('protectionGroupTrack', (buffer) => told.push(buffer))
    expect(await standby.amf.protectionGroupTrack(`${group}-csi`, flags)).toBeUndefined()
    await active.amf.finalize()
    const isIt = ({ members }: ProtectionGroupBuffer): boolean =>
      members.some(({ component, haState }) => component === `${group}-2` && haState === 'active')
    await until(async () => told.some(isIt))
    expect(told.some((buffer) => shown(buffer).includes('1 null removed'))).toBe(true)
    expect(told.find((buffer) => shown(buffer).includes('1 null removed'))!.members.length).toBe(items)
    expect(told.at(-1)).toMatchObject({ csiName: `${group}-csi`, numberOfMembers: 1 })
    await standby.amf.protectionGroupTrackStop(`${group}-csi`)
    expect(await errorOf(standby.amf.protectionGroupTrackStop(`${group}-csi`))).toBe('ERR_NOT_EXIST')
  })

  test('errors', async () => {
    const csi = `${live.group()}-csi`
    const amf = await live.initialize()
    for (const flags of [0, 6, 7, 8, -1, 1.5]) {
      expect(await errorOf(amf.protectionGroupTrack(csi, flags))).toBe('ERR_BAD_FLAGS')
    }
    expect(await errorOf(amf.protectionGroupTrack(csi, TRACK_CHANGES))).toBe('ERR_INIT')
    expect(await errorOf(amf.protectionGroupTrack('none', TRACK_CURRENT))).toBe('ERR_NOT_EXIST')
    expect(await errorOf(amf.protectionGroupTrack('', TRACK_CURRENT))).toBe('ERR_INVALID_PARAM')
    amf.on('protectionGroupTrack', () => undefined)
    expect(await errorOf(amf.protectionGroupTrack('none', TRACK_CHANGES))).toBe('ERR_NOT_EXIST')
  })
})

describe('12 CSIQuiescingComplete', () => {
  test('a unit that is shut down is active until it says so', async () => {
    const { group, active, standby } = await live.pair()
    const [from, own] = [standby.told.length, active.told.length]
    const done = active.amf.adminOperation('shutdown', `${group}-unit-1`)
    const { invocation } = await active.became(`${group}-1`, 'quiescing', own)
    expect(active.amf.isActive(`${group}-1`, `${group}-csi`)).toBe(false)
    await until(async () => (await active.amf.haStateGet(`${group}-1`, `${group}-csi`)) === 'quiescing')
    expect(standby.told.length).toBe(from)
    await active.amf.csiQuiescingComplete(invocation)
    await standby.became(`${group}-2`, 'active', from)
    await done
    for (const wrong of [invocation, 9999, 0]) {
      expect(await errorOf(active.amf.csiQuiescingComplete(wrong))).toBe('ERR_INVALID_PARAM')
    }
  })
})

describe('13 administration', () => {
  test('lock, unlock and swap: done when the call returns', async () => {
    const { group, active, standby } = await live.pair()
    const { amf } = active
    const isActive = (): boolean[] => [
      amf.isActive(`${group}-1`, `${group}-csi`),
      standby.amf.isActive(`${group}-2`, `${group}-csi`),
    ]
    await amf.adminOperation('lock', `${group}-unit-1`)
    expect(isActive()).toEqual([false, true])
    await amf.adminOperation('unlock', `${group}-unit-1`, 'unit')
    await active.became(`${group}-1`, 'standby')
    await amf.adminOperation('si-swap', `${group}-si`)
    expect(isActive()).toEqual([true, false])
    const { groups } = await amf.status()
    const { units, serviceInstances } = groups.find(({ name }) => name === group)!
    expect(units.map(({ node, haStates }) => [node, haStates.map(({ haState }) => haState)])).toEqual([
      ['node-1', ['active']],
      ['node-2', ['standby']],
    ])
    expect(serviceInstances).toMatchObject([
      { assignment: 'full', active: [`${group}-unit-1`], standby: [`${group}-unit-2`] },
    ])
  })

  test('errors', async () => {
    const group = live.group()
    const amf = await live.initialize()
    expect(await errorOf(amf.adminOperation('lock', 'none'))).toBe('ERR_NOT_EXIST')
    expect(await errorOf(amf.adminOperation('lock', ''))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(amf.adminOperation('destroy' as 'lock', group))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(amf.adminOperation('lock', group, 'cow' as 'unit'))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(amf.adminOperation('lock', group, 'unit'))).toBe('ERR_NOT_EXIST')
    expect(await errorOf(amf.adminOperation('si-swap', group, 'group'))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(amf.adminOperation('lock', group, 'group', -1))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(amf.explain('none'))).toBe('ERR_NOT_EXIST')
  })

  test('every decision is told to those who watch, and explains what is', async () => {
    const watcher = await live.initialize(1)
    const told: AmfDecision[] = []
    const stop = await watcher.watch((decision) => told.push(decision))
    const { group, active } = await live.pair()
    const isAbout = (name: string) => (decision: AmfDecision) => decision.name === name
    await until(async () => told.some(isAbout(`${group}-2`)))
    expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, index) => told[0]!.sequence + index))
    const { entity, decisions } = await active.amf.explain(`${group}-unit-1`)
    expect(entity).toEqual({ kind: 'unit', name: `${group}-unit-1` })
    expect(decisions.length).toBeGreaterThan(0)
    await stop()
    const before = told.length
    await active.amf.adminOperation('lock', `${group}-unit-2`)
    expect(told.length).toBe(before)
  })
})

describe('14 the executive goes away', () => {
  test('killed: demoted at once; back: registered again, with all that was going on', async () => {
    const { group, active, standby } = await live.pair()
    const watched: AmfDecision[] = []
    await active.amf.watch((decision) => watched.push(decision))
    const options = { periodMs: 20, maxDurationMs: 5000 }
    await active.amf.healthcheckStart(`${group}-1`, 'beat', 'amf', 'no-recommendation', options)
    const from = standby.told.length
    await live.cluster.node(0).kill()
    await active.happened('lost')
    expect(active.shown(`${group}-1`).slice(-2)).toEqual(['csiSet quiesced', 'csiRemove'])
    expect(active.events).toEqual(['lapsed', 'lost'])
    expect(active.amf.isActive(`${group}-1`, `${group}-csi`)).toBe(false)
    expect(await errorOf(active.amf.status())).toBe('ERR_TRY_AGAIN')
    await standby.became(`${group}-2`, 'active', from)

    const again = active.told.length
    live.cluster.spawn(0)
    await active.happened('restored')
    await active.became(`${group}-1`, 'standby', again)
    await active.next('healthcheck', ({ key }) => key === 'beat', again)
    await until(async () => watched.length > 0)
  })

  test('a process that did not run for longer than its lease is demoted before anything else', async () => {
    const { group, active, standby } = await live.pair()
    const before = active.told.length
    const blockedUntil = performance.now() + 1500
    while (performance.now() < blockedUntil) void 0
    expect(active.amf.isActive(`${group}-1`, `${group}-csi`)).toBe(false)
    expect(active.shown(`${group}-1`).slice(2)).toEqual(['csiSet quiesced', 'csiRemove'])
    expect(active.told[before]).toMatchObject({ callback: 'csiSet', haState: 'quiesced' })
    // This test's own applications slept as well: one of them is active again in the end, never both.
    await until(async () => {
      const states = [active, standby].map(({ amf }, index) =>
        amf.isActive(`${group}-${index + 1}`, `${group}-csi`),
      )
      expect(states).not.toEqual([true, true])
      return states.includes(true)
    })
  })
})
