import { spawn } from 'node:child_process'
import type { Amf } from '../../../src/api/index.js'
import { errorOf, Live, until } from './live.js'

// A test a row of what the standard says of each call about components, against live executives.

let live: Live

beforeAll(async () => (live = await Live.start(2, '127.0.22')), 60_000)
afterAll(() => live.cluster.close())
afterEach(() => live.finalizeAll())

const of = (releaseCode: string, majorVersion: number, minorVersion = 1): Amf['version'] => {
  return { releaseCode, majorVersion, minorVersion }
}
const notNames = [null, undefined, '', 7, 'x'.repeat(256)]

describe('1 Initialize', () => {
  test.each([of('B', 1), of('A', 1), of('B', 1, 9)])('OK: version %j', async (version) => {
    const amf = await live.initialize(0, version)
    expect(amf.version).toEqual({ ...version, minorVersion: 1 })
    expect(await amf.status()).toMatchObject({ quorum: { quorate: true } })
  })

  test.each([
    ['release too high', of('C', 1)],
    ['release too low', of('@', 1)],
    ['major too high', of('B', 9)],
    ['major too low', of('B', 0)],
  ])('%s: ERR_VERSION, and the supported version is said', async (_, version) => {
    const call = live.initialize(0, version)
    await expect(call).rejects.toMatchObject({ code: 'ERR_VERSION' })
    await expect(call).rejects.toThrow('supported: B.1.1, A.1.1')
  })
})

describe('2 Finalize', () => {
  test('twice: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.finalized()).finalize())).toBe('ERR_BAD_HANDLE')
  })

  test('what was registered is taken over', async () => {
    const { group, active, standby } = await live.pair()
    const from = standby.told.length
    await active.amf.finalize()
    await standby.became(`${group}-2`, 'active', from)
  })
})

describe('3 ComponentRegister', () => {
  test('OK: in service, then active, with what the configuration says', async () => {
    const group = live.group()
    const app = await live.application()
    await app.amf.componentRegister(`${group}-1`)
    const { csiDescriptor, component } = await app.became(`${group}-1`, 'active')
    expect(app.shown(component)).toEqual(['readiness in-service', 'csiSet active'])
    expect(csiDescriptor).toMatchObject({
      flags: 1,
      csiName: `${group}-csi`,
      instance: `${group}-si`,
      attributes: new Map([['path', ['/a', '/b']]]),
      transition: 'new-assignment',
      standbyRank: 0,
    })
    expect(csiDescriptor.epoch).toBeGreaterThan(0n)
    expect(app.amf.isActive(component, `${group}-csi`)).toBe(true)
    expect(app.amf.epochOf(component, `${group}-csi`)).toBe(csiDescriptor.epoch)
  })

  test('the second one stands by, and is told who is active', async () => {
    const { group, standby } = await live.pair()
    const { csiDescriptor } = await standby.became(`${group}-2`, 'standby')
    expect(csiDescriptor).toMatchObject({
      activeComponent: `${group}-1`,
      activeNode: 'node-1',
      standbyRank: 0,
    })
    expect(standby.amf.isActive(`${group}-2`, `${group}-csi`)).toBe(false)
  })

  test('not configured: ERR_NOT_EXIST', async () => {
    const { amf } = await live.application()
    expect(await errorOf(amf.componentRegister('nobody'))).toBe('ERR_NOT_EXIST')
  })

  test.each(notNames)('name %p: ERR_INVALID_PARAM', async (name) => {
    const { amf } = await live.application()
    expect(await errorOf(amf.componentRegister(name as string))).toBe('ERR_INVALID_PARAM')
  })

  test('registered: ERR_EXIST, by this one, on this node, on another', async () => {
    const name = `${live.group()}-1`
    const app = await live.application()
    await app.amf.componentRegister(name)
    expect(await errorOf(app.amf.componentRegister(name))).toBe('ERR_EXIST')
    expect(await errorOf((await live.application(0)).amf.componentRegister(name))).toBe('ERR_EXIST')
    expect(await errorOf((await live.application(1)).amf.componentRegister(name))).toBe('ERR_EXIST')
  })

  test('without callbacks: ERR_INIT', async () => {
    const amf = await live.initialize()
    expect(await errorOf(amf.componentRegister(`${live.group()}-1`))).toBe('ERR_INIT')
  })

  test('by a proxy: OK; one that is not registered: ERR_NOT_EXIST; itself: ERR_INVALID_PARAM', async () => {
    const group = live.group()
    const { amf } = await live.application()
    expect(await errorOf(amf.componentRegister(`${group}-1`, `${group}-2`))).toBe('ERR_NOT_EXIST')
    expect(await errorOf(amf.componentRegister(`${group}-1`, `${group}-1`))).toBe('ERR_INVALID_PARAM')
    await amf.componentRegister(`${group}-2`)
    await amf.componentRegister(`${group}-1`, `${group}-2`)
    expect(await errorOf(amf.componentUnregister(`${group}-2`))).toBe('ERR_BAD_OPERATION')
    await amf.componentUnregister(`${group}-1`)
    await amf.componentUnregister(`${group}-2`)
  })

  test('a finalized handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.finalized()).componentRegister('a'))).toBe('ERR_BAD_HANDLE')
  })
})

describe('4 ComponentUnregister', () => {
  test('OK: the other takes over; it may be registered again', async () => {
    const { group, active, standby } = await live.pair()
    const before = active.amf.epochOf(`${group}-1`, `${group}-csi`)!
    const from = standby.told.length
    await active.amf.componentUnregister(`${group}-1`)
    expect(active.amf.isActive(`${group}-1`, `${group}-csi`)).toBe(false)
    const { csiDescriptor } = await standby.became(`${group}-2`, 'active', from)
    expect(csiDescriptor.epoch).toBeGreaterThan(before)
    await active.amf.componentRegister(`${group}-1`)
    await active.became(`${group}-1`, 'standby')
  })

  test('not registered, or by another application: ERR_NOT_EXIST', async () => {
    const name = `${live.group()}-1`
    const app = await live.application()
    expect(await errorOf(app.amf.componentUnregister(name))).toBe('ERR_NOT_EXIST')
    await app.amf.componentRegister(name)
    expect(await errorOf((await live.application()).amf.componentUnregister(name))).toBe('ERR_NOT_EXIST')
  })
})

describe('5 ComponentNameGet', () => {
  test('the one that is registered; none: ERR_NOT_EXIST', async () => {
    const name = `${live.group()}-1`
    const { amf } = await live.application()
    expect(() => amf.componentNameGet()).toThrow('ERR_NOT_EXIST')
    await amf.componentRegister(name)
    expect(amf.componentNameGet()).toBe(name)
  })
})

describe('6 Response', () => {
  test('twice, unknown, none: ERR_INVALID_PARAM', async () => {
    const group = live.group()
    const app = await live.application()
    await app.amf.componentRegister(`${group}-1`)
    const { invocation } = await app.became(`${group}-1`, 'active')
    for (const wrong of [invocation, 9999, 0, -1, 0.5]) {
      expect(await errorOf(app.amf.response(wrong))).toBe('ERR_INVALID_PARAM')
    }
    expect(app.amf.isActive(`${group}-1`, `${group}-csi`)).toBe(true)
  })

  test("another application's: ERR_INVALID_PARAM, and nothing happens", async () => {
    const group = live.group()
    const app = await live.application()
    app.answers = { csiSet: null }
    await app.amf.componentRegister(`${group}-1`)
    const { invocation } = await app.became(`${group}-1`, 'active')
    expect(await errorOf((await live.application()).amf.response(invocation))).toBe('ERR_INVALID_PARAM')
    await app.amf.response(invocation)
    expect(await app.amf.haStateGet(`${group}-1`, `${group}-csi`)).toBe('active')
  })

  test('with an error: another one becomes active, this one is demoted', async () => {
    const { group, active, standby } = await live.pair()
    standby.answers = { csiSet: 'ERR_FAILED_OPERATION' }
    await active.amf.componentUnregister(`${group}-1`)
    await standby.became(`${group}-2`, 'active')
    await standby.next('readiness', ({ readiness }) => readiness === 'out-of-service')
    expect(standby.shown(`${group}-2`).slice(-4)).toEqual([
      'csiSet active',
      'csiSet quiesced',
      'csiRemove',
      'readiness out-of-service',
    ])
    await active.amf.componentRegister(`${group}-1`)
    await active.became(`${group}-1`, 'active', active.told.length - 2)
  })

  test('never: failed at the time limit', async () => {
    const { group, active, standby } = await live.pair()
    standby.answers = { csiSet: null }
    await active.amf.componentUnregister(`${group}-1`)
    await standby.became(`${group}-2`, 'active')
    await standby.happened('lapsed')
    expect(standby.amf.isActive(`${group}-2`, `${group}-csi`)).toBe(false)
    const { decisions } = await standby.amf.explain(`${group}-2`, 'component')
    expect(decisions.some(({ what }) => what === 'failed')).toBe(true)
  })
})

describe('7 HAStateGet, ReadinessStateGet', () => {
  test('of its own, of others, of none', async () => {
    const { group, active } = await live.pair()
    const { amf } = active
    expect(await amf.haStateGet(`${group}-1`, `${group}-csi`)).toBe('active')
    // Its answer is on its way to this node.
    await until(
      async () => (await amf.haStateGet(`${group}-2`, `${group}-csi`).catch(() => '')) === 'standby',
    )
    expect(await amf.readinessStateGet(`${group}-2`)).toBe('in-service')
    expect(await errorOf(amf.haStateGet(`${group}-1`, 'none'))).toBe('ERR_NOT_EXIST')
    expect(await errorOf(amf.haStateGet('none', `${group}-csi`))).toBe('ERR_NOT_EXIST')
    expect(await errorOf(amf.readinessStateGet('none'))).toBe('ERR_NOT_EXIST')
    expect(await errorOf(amf.haStateGet('', `${group}-csi`))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(amf.haStateGet(`${group}-1`, ''))).toBe('ERR_INVALID_PARAM')
  })
})

describe('8 HealthcheckStart, Confirm, Stop', () => {
  test('invoked by AMF: called again and again; no answer fails the component', async () => {
    const { group, active, standby } = await live.pair()
    const name = `${group}-1`
    await active.amf.healthcheckStart(name, 'beat', 'amf', 'no-recommendation', {
      periodMs: 20,
      maxDurationMs: 200,
    })
    const beats = (): number =>
      active.told.filter((told) => told.callback === 'healthcheck' && told.key === 'beat').length
    await until(async () => beats() >= 3)
    const from = standby.told.length
    active.answers = { healthcheck: null }
    await standby.became(`${group}-2`, 'active', from)
    expect(active.amf.isActive(name, `${group}-csi`)).toBe(false)
  })

  test('invoked by AMF: an error as the answer fails the component', async () => {
    const { group, active, standby } = await live.pair()
    const from = standby.told.length
    active.answers = { healthcheck: 'ERR_FAILED_OPERATION' }
    await active.amf.healthcheckStart(`${group}-1`, 'beat')
    await standby.became(`${group}-2`, 'active', from)
  })

  test('invoked by the component: one that stops confirming fails', async () => {
    const { group, active, standby } = await live.pair()
    const name = `${group}-1`
    const options = { periodMs: 300, maxDurationMs: 300 }
    await active.amf.healthcheckStart(name, 'own', 'component', 'no-recommendation', options)
    await active.amf.healthcheckConfirm(name, 'own')
    const from = standby.told.length
    await standby.became(`${group}-2`, 'active', from)
  })

  test('invoked by the component: a confirmed error fails it', async () => {
    const { group, active, standby } = await live.pair()
    const from = standby.told.length
    await active.amf.healthcheckStart(`${group}-1`, 'own', 'component')
    await active.amf.healthcheckConfirm(`${group}-1`, 'own', 'ERR_FAILED_OPERATION')
    await standby.became(`${group}-2`, 'active', from)
  })

  test('errors', async () => {
    const name = `${live.group()}-1`
    const { amf } = await live.application()
    expect(await errorOf(amf.healthcheckStart(name, 'k'))).toBe('ERR_NOT_EXIST')
    expect(await errorOf(amf.healthcheckConfirm(name, 'k'))).toBe('ERR_NOT_EXIST')
    expect(await errorOf(amf.healthcheckStop(name, 'k'))).toBe('ERR_NOT_EXIST')
    await amf.componentRegister(name)
    await amf.healthcheckStart(name, 'k')
    expect(await errorOf(amf.healthcheckStart(name, 'k'))).toBe('ERR_EXIST')
    expect(await errorOf(amf.healthcheckStart(name, ''))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(amf.healthcheckStart(name, 'o', 'nobody' as 'amf'))).toBe('ERR_INVALID_PARAM')
    const bad = { periodMs: 0 }
    expect(await errorOf(amf.healthcheckStart(name, 'o', 'amf', 'no-recommendation', bad))).toBe(
      'ERR_INVALID_PARAM',
    )
    expect(await errorOf(amf.healthcheckConfirm(name, 'k'))).toBe('ERR_NOT_EXIST')
    expect(await errorOf(amf.healthcheckConfirm(name, 'k', 'no' as 'OK'))).toBe('ERR_INVALID_PARAM')
    await amf.healthcheckStop(name, 'k')
    expect(await errorOf(amf.healthcheckStop(name, 'k'))).toBe('ERR_NOT_EXIST')
  })
})

describe('9 PmStart, PmStop', () => {
  test('the end of a process fails the component', async () => {
    const { group, active, standby } = await live.pair()
    const child = spawn('sleep', ['60'])
    await active.amf.pmStart(`${group}-1`, child.pid!)
    const from = standby.told.length
    child.kill('SIGKILL')
    await standby.became(`${group}-2`, 'active', from)
  })

  test('errors', async () => {
    const name = `${live.group()}-1`
    const { amf } = await live.application()
    expect(await errorOf(amf.pmStart(name, process.pid))).toBe('ERR_NOT_EXIST')
    await amf.componentRegister(name)
    const ended = spawn('true')
    await new Promise((resolve) => ended.once('close', resolve))
    expect(await errorOf(amf.pmStart(name, ended.pid!))).toBe('ERR_NOT_EXIST')
    for (const pid of [0, -1, 1.5, 2 ** 31]) {
      expect(await errorOf(amf.pmStart(name, pid))).toBe('ERR_INVALID_PARAM')
    }
    expect(await errorOf(amf.pmStart(name, process.pid, 'none' as 'unit-restart'))).toBe('ERR_INVALID_PARAM')
    await amf.pmStart(name, process.pid)
    await amf.pmStop(name, process.pid)
    expect(await errorOf(amf.pmStop(name, process.pid))).toBe('ERR_NOT_EXIST')
  })
})
