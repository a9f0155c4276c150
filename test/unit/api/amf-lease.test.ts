import { AisError, TrackFlags, type AmfDecision, type ProtectionGroupBuffer } from '../../../src/api/index.js'
import { application, csiRemove, csiSet, LEASE_MS, registered } from './amf-executive.js'
import { outcome, settle } from './ckpt-executive.js'

const { TRACK_CURRENT, TRACK_CHANGES, TRACK_CHANGES_ONLY } = TrackFlags
const OVER = ['csiSet pgA quiesced', 'csiRemove pgA', 'lapsed lease-over pgA']

/** One that is active, and has answered that. */
async function active(): Promise<Awaited<ReturnType<typeof registered>>> {
  const app = await registered()
  app.executive.event('a', csiSet(1, 'active'))
  await app.amf.response(app.last())
  app.told()
  app.executive.heard()
  return app
}

describe('the end of a lease', () => {
  test('takes back what is held by itself, and says so', async () => {
    const { amf, executive, told, last } = await active()
    const since = performance.now() - executive.nowMs
    const clock = setInterval(() => (executive.nowMs = performance.now() - since), 1)
    await new Promise<void>((resolve) => amf.once('lapsed', () => resolve()))
    clearInterval(clock)
    await settle()
    expect(told()).toEqual(OVER)
    expect(executive.heard()).toEqual(['lapsed 1'])
    expect(executive.nowMs).toBeGreaterThan(1000 + LEASE_MS * 0.9)
    // The application may answer as it always does.
    for (const invocation of [last(), last() - 1]) await amf.response(invocation)
    expect(executive.heard()).toEqual([])
    expect(await outcome(amf.response(last()))).toBe('ERR_INVALID_PARAM')
  })

  test('does not come as long as it is renewed', async () => {
    const { amf, executive, told } = await active()
    for (let i = 0; i < 20; i++) {
      executive.nowMs += LEASE_MS / 2
      executive.renew('a')
    }
    expect([told(), amf.isActive('a', 'pgA')]).toEqual([[], true])
  })

  test('is told before whatever waited while the process slept', async () => {
    const { executive, told, last, amf } = await active()
    executive.nowMs += 5000
    const renewals = [2000, 5000, 5990].map((sentAtMs) => ({ type: 'lease', sentAtMs }))
    executive.event('a', ...renewals, { type: 'healthcheck', invocation: 2, key: 'k' }, csiSet(3, 'quiesced'))
    expect(told()).toEqual(OVER)
    await settle()
    // It had let go of what the executive, which did not know yet, wants back.
    expect(executive.heard()).toEqual(['lapsed 1', 'response 2 OK', 'response 3 OK'])
    executive.event('a', csiRemove(4), csiSet(5, 'active'))
    await amf.response(last())
    expect([told(), amf.isActive('a', 'pgA')]).toEqual([['csiSet pgA active'], true])
    expect(executive.heard()).toEqual(['response 4 OK', 'response 5 OK'])
  })

  test('an assignment that waited while the lease was over is not told, and never answered', async () => {
    const { amf, executive, told } = await registered()
    executive.nowMs += 5000
    executive.event('a', { type: 'lease', sentAtMs: 5000 }, csiSet(7, 'active'), csiSet(8, 'standby', 'pgB'))
    await settle()
    expect([told(), executive.heard()]).toEqual([[], ['lapsed 7', 'lapsed 8']])
    expect(amf.isActive('a', 'pgA')).toBe(false)
  })

  test('what was told and not answered by then is never answered', async () => {
    const { amf, executive, told, last } = await registered()
    executive.event('a', csiSet(7, 'active'))
    const invocation = last()
    executive.nowMs += LEASE_MS
    await amf.response(invocation)
    expect(told()).toEqual(['csiSet pgA active', ...OVER])
    expect(executive.heard()).toEqual(['lapsed 7'])
  })

  test('comes before any call tells an HA state', async () => {
    for (const ask of ['isActive', 'epochOf', 'haStateGet', 'response'] as const) {
      const { amf, executive, told } = await active()
      executive.nowMs += LEASE_MS
      executive.fail('haStateGet', 'ERR_NOT_EXIST')
      if (ask === 'isActive') expect(amf.isActive('a', 'pgA')).toBe(false)
      else if (ask === 'epochOf') expect(amf.epochOf('a', 'pgA')).toBeNull()
      else if (ask === 'haStateGet') expect(await outcome(amf.haStateGet('a', 'pgA'))).toBe('ERR_NOT_EXIST')
      else expect(await outcome(amf.response(99))).toBe('ERR_INVALID_PARAM')
      expect(told()).toEqual(OVER)
    }
  })

  test('comes before an answer of the executive', async () => {
    const { amf, executive, told } = await active()
    const status = outcome(amf.readinessStateGet('a')).then(() => told())
    executive.answer('readinessStateGet', () => 'in-service')
    executive.nowMs += LEASE_MS
    executive.connection.owner!.onInput!()
    expect(await status).toEqual(OVER)
  })

  test('quiescing that the executive, which does not know yet, asks for is complete', async () => {
    const { executive } = await active()
    executive.nowMs += 5000
    executive.event('a', { type: 'lease', sentAtMs: 6000 }, csiSet(2, 'quiescing'))
    await settle()
    expect(executive.heard()).toEqual(['lapsed 1', 'response 2 OK', 'csiQuiescingComplete 2'])
  })
})

describe('haStateGet', () => {
  test('is what the component was told, or what the executive knows of others', async () => {
    const { amf, executive } = await active()
    expect(await amf.haStateGet('a', 'pgA')).toBe('active')
    expect(executive.heard()).toEqual([])
    executive.answer('haStateGet', () => 'standby')
    expect(await amf.haStateGet('b', 'pgA')).toBe('standby')
    // The executive does not know yet that this was let go of.
    expect(await outcome(amf.haStateGet('a', 'pgB'))).toBe('ERR_NOT_EXIST')
  })
})

describe('demote', () => {
  const DEMOTED = ['csiSet pgA quiesced', 'csiRemove pgA', 'lapsed demoted pgA', 'out-of-service']
  const demote = { type: 'demote', invocation: 2, cause: 'it was reported' }

  test('asks the application to let go, and waits for all of its answers', async () => {
    const { amf, executive, told, last } = await active()
    executive.event('a', demote)
    expect(told()).toEqual(DEMOTED)
    expect(amf.isActive('a', 'pgA')).toBe(false)
    for (let i = 2; i >= 0; i--) {
      expect(executive.heard()).toEqual([])
      await amf.response(last() - i)
    }
    expect(executive.heard()).toEqual(['demoted 2'])
  })

  test('waits no longer than the lease', async () => {
    const { amf, executive } = await active()
    executive.event('a', demote)
    executive.nowMs += LEASE_MS
    expect(amf.isActive('a', 'pgA')).toBe(false)
    expect(executive.heard()).toEqual(['demoted 2'])
  })

  test('is done at once where nothing is held any more', async () => {
    const { executive, told } = await active()
    executive.nowMs += 5000
    executive.event('a', demote)
    await settle()
    expect(told()).toEqual([...OVER, 'out-of-service'])
    expect(executive.heard()).toEqual(['lapsed 1', 'demoted 2'])
  })
})

describe('the executive goes away', () => {
  const LOST = ['csiSet pgA quiesced', 'csiRemove pgA', 'lapsed connection-lost pgA', 'lost']

  test('what is held is taken back at once; calls under way do not matter any more', async () => {
    const { amf, executive, told, last } = await active()
    executive.event('a', { type: 'readiness', invocation: 2, readiness: 'in-service' })
    executive.answer('response', () => new Promise(() => undefined))
    const response = outcome(amf.response(last()))
    executive.kill()
    expect(told()).toEqual(['in-service', ...LOST])
    expect(amf.isActive('a', 'pgA')).toBe(false)
    expect(await response).toBeUndefined()
    expect(await outcome(amf.healthcheckStart('a', 'k'))).toBe('ERR_TRY_AGAIN')
  })

  test('and comes back: everything goes on', async () => {
    const { amf, executive, told } = await active()
    const options = { periodMs: 100, maxDurationMs: 300 }
    await amf.healthcheckStart('a', 'k', 'component', 'unit-restart', options)
    await amf.healthcheckStart('a', 'stopped')
    await amf.healthcheckStop('a', 'stopped')
    await amf.pmStart('a', process.pid, 'component-failover')
    await amf.pmStart('a', 1)
    await amf.pmStop('a', 1)
    executive.kill()
    executive.heard()
    told()
    let times = 0
    executive.answer('componentRegister', () => {
      if (++times < 3) throw new AisError('ERR_TRY_AGAIN', 'no view')
      return { leaseMs: LEASE_MS }
    })
    executive.restart()
    await new Promise<void>((resolve) => amf.once('restored', resolve))
    expect(executive.heard()).toEqual([
      ...Array<string>(3).fill('componentRegister null'),
      'healthcheckStart k component 100 300 unit-restart',
      `pmStart ${process.pid} component-failover`,
    ])
    await settle()
    executive.renew('a')
    executive.event('a', csiSet(1, 'active', 'pgA', 5000n))
    expect(told()).toEqual(['restored', 'csiSet pgA active'])
    expect(amf.epochOf('a', 'pgA')).toBe(5000n)
  })

  test('renewals and events of the one before count no more', async () => {
    const { executive, told } = await active()
    executive.kill()
    told()
    executive.event('a', { type: 'lease', sentAtMs: executive.nowMs }, csiSet(2, 'active'))
    expect(told()).toEqual([])
  })

  test('a process that ended meanwhile is an error of its component', async () => {
    const { amf, executive } = await active()
    await amf.pmStart('a', 4711, 'unit-restart')
    executive.kill()
    executive.heard()
    executive.fail('pmStart', 'ERR_NOT_EXIST')
    executive.restart()
    await new Promise<void>((resolve) => amf.once('restored', resolve))
    const text = 'process 4711 ended while there was no executive to watch it'
    expect(executive.heard().at(-1)).toBe(`componentErrorReport unit-restart ${text}`)
  })

  test('a component that the other one does not know is dropped', async () => {
    const { amf, executive, told } = await active()
    executive.kill()
    told()
    executive.fail('componentRegister', 'ERR_NOT_EXIST')
    executive.restart()
    await new Promise<void>((resolve) => amf.once('restored', resolve))
    expect(told()).toEqual(['dropped a ERR_NOT_EXIST', 'restored'])
    expect(await outcome(amf.healthcheckStart('a', 'k'))).toBe('ERR_NOT_EXIST')
  })
})

describe('componentUnregister', () => {
  test('gives up what is held before it is asked', async () => {
    const { amf, executive, told } = await active()
    const done = amf.componentUnregister('a')
    expect(amf.isActive('a', 'pgA')).toBe(false)
    await done
    expect([told(), executive.heard()]).toEqual([[], ['componentUnregister']])
    expect(await outcome(amf.componentUnregister('a'))).toBe('ERR_NOT_EXIST')
    expect(executive.unsubscribed).toEqual([1])
  })

  test('that was refused leaves it registered, and says what it gave up', async () => {
    const { amf, executive } = await active()
    executive.fail('componentUnregister', 'ERR_BAD_OPERATION')
    expect(await outcome(amf.componentUnregister('a'))).toBe('ERR_BAD_OPERATION')
    expect(executive.heard()).toEqual(['componentUnregister', 'lapsed 1'])
    expect(await outcome(amf.healthcheckStop('a', 'k'))).toBeUndefined()
  })

  test('needs no executive', async () => {
    const { amf, executive } = await active()
    executive.kill()
    executive.heard()
    await amf.componentUnregister('a')
    executive.restart()
    await settle()
    expect(executive.heard()).toEqual([])
  })
})

describe('componentNameGet', () => {
  afterEach(() => delete process.env.AIS_COMPONENT_NAME)

  test('is that of the environment, else the first that was registered', async () => {
    const { amf } = application()
    expect(() => amf.componentNameGet()).toThrow('ERR_NOT_EXIST')
    await amf.componentRegister('a')
    expect(amf.componentNameGet()).toBe('a')
    process.env.AIS_COMPONENT_NAME = 'started'
    expect(amf.componentNameGet()).toBe('started')
  })
})

describe('protection groups', () => {
  const member = (component: string, haState: string | null, change = 'no-change'): object => {
    return { component, haState, readiness: 'in-service', rank: 0, change }
  }

  test.each([
    [TRACK_CHANGES, ['a no-change, b state-change', 'a removed, b state-change, c added']],
    [TRACK_CHANGES_ONLY, ['b state-change', 'a removed, b state-change, c added']],
  ])(
    'are followed with flags %i, and what changed while there was no executive is told',
    async (flags, all) => {
      const { amf, executive } = application()
      const told: string[] = []
      const shown = ({ members }: Pick<ProtectionGroupBuffer, 'members'>): string =>
        members.map(({ component, change }) => `${component} ${change}`).join(', ')
      amf.on('protectionGroupTrack', (buffer) => told.push(shown(buffer)))
      executive.answer('protectionGroupTrack', () => [member('a', 'active'), member('b', 'standby')])
      expect(await amf.protectionGroupTrack('pgA', flags)).toBeUndefined()
      const members = await amf.protectionGroupTrack('pgA', flags | TRACK_CURRENT)
      expect(shown({ members: members! })).toBe('a no-change, b no-change')
      await settle()
      const changed = [member('a', 'active'), member('b', 'quiesced', 'state-change')]
      executive.events(1, { csi: 'pgA', members: changed, numberOfMembers: 2 })
      executive.kill()
      executive.answer('protectionGroupTrack', () => [member('b', 'active'), member('c', 'standby')])
      executive.restart()
      await new Promise<void>((resolve) => amf.once('restored', resolve))
      expect(told.map((text) => text.split(', ').sort().join(', '))).toEqual(all)
      await amf.protectionGroupTrackStop('pgA')
      expect(executive.heard().at(-1)).toBe('protectionGroupTrackStop pgA')
      expect(await outcome(amf.protectionGroupTrackStop('pgA'))).toBe('ERR_NOT_EXIST')
    },
  )

  test('bad flags, and nobody who listens', async () => {
    const { amf } = application()
    for (const flags of [0, 6, 8, -1]) {
      expect(await outcome(amf.protectionGroupTrack('pgA', flags))).toBe('ERR_BAD_FLAGS')
    }
    expect(await outcome(amf.protectionGroupTrack('pgA', TRACK_CHANGES))).toBe('ERR_INIT')
    expect(await outcome(amf.protectionGroupTrackStop('pgA'))).toBe('ERR_NOT_EXIST')
  })
})

test('decisions are told until the watch ends, at each executive', async () => {
  const { amf, executive } = application()
  const told: AmfDecision[] = []
  const stop = await amf.watch((decision) => told.push(decision))
  await settle()
  const decision = {
    sequence: 1,
    atMs: 2.5,
    node: 'n',
    kind: 'unit',
    name: 'u',
    what: 'failed',
    text: 'because',
  }
  executive.events(1, decision)
  executive.kill()
  executive.restart()
  await settle()
  executive.events(1, { ...decision, sequence: 2 })
  expect(told).toEqual([decision, { ...decision, sequence: 2 }])
  await stop()
  expect(executive.heard()).toEqual(['watch', 'watch', 'watchStop'])
})

test('after finalize nothing is told, held or answered', async () => {
  const { amf, executive, told, last } = await active()
  await amf.finalize()
  executive.event('a', csiSet(5, 'active'))
  expect([told(), amf.isActive('a', 'pgA')]).toEqual([[], false])
  const calls = [
    amf.componentRegister('a'),
    amf.componentUnregister('a'),
    amf.response(last()),
    amf.csiQuiescingComplete(1),
    amf.haStateGet('a', 'pgA'),
    amf.readinessStateGet('a'),
    amf.healthcheckStart('a', 'k'),
    amf.healthcheckConfirm('a', 'k'),
    amf.healthcheckStop('a', 'k'),
    amf.pmStart('a', 1),
    amf.pmStop('a', 1),
    amf.errorReport('a'),
    amf.errorClear('a'),
    amf.protectionGroupTrack('pgA', TRACK_CURRENT),
    amf.protectionGroupTrackStop('pgA'),
    amf.status(),
    amf.explain('a'),
    amf.adminOperation('lock', 'a'),
    amf.watch(() => undefined),
    amf.finalize(),
  ]
  for (const call of calls) expect(await outcome(call)).toBe('ERR_BAD_HANDLE')
  expect(() => amf.componentNameGet()).toThrow('ERR_BAD_HANDLE')
})
