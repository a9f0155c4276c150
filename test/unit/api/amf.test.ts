import { AisError, type CsiSet, type Healthcheck } from '../../../src/api/index.js'
import { application, csiRemove, csiSet, LEASE_MS, registered } from './amf-executive.js'
import { outcome, settle } from './ckpt-executive.js'

describe('componentRegister', () => {
  test('needs listeners for what a component is for', async () => {
    const { amf, executive } = application()
    amf.removeAllListeners('csiRemove')
    expect(await outcome(amf.componentRegister('a'))).toBe('ERR_INIT')
    amf.on('csiRemove', () => undefined).removeAllListeners('csiSet')
    expect(await outcome(amf.componentRegister('a'))).toBe('ERR_INIT')
    expect(executive.asked).toEqual([])
  })

  test.each([undefined, null, 7, '', 'x'.repeat(256)])('of %p is refused', async (name) => {
    const { amf, executive } = application()
    expect(await outcome(amf.componentRegister(name as string))).toBe('ERR_INVALID_PARAM')
    expect(executive.asked).toEqual([])
  })

  test('twice by one Amf is refused; after an error it may be tried again', async () => {
    const { amf, executive } = application()
    executive.fail('componentRegister', 'ERR_TRY_AGAIN')
    expect(await outcome(amf.componentRegister('a'))).toBe('ERR_TRY_AGAIN')
    expect(executive.unsubscribed).toEqual([1])
    executive.answer('componentRegister', () => ({ leaseMs: LEASE_MS }))
    await amf.componentRegister('a', 'p')
    expect(executive.calls('componentRegister').at(-1)).toEqual({
      component: 'a',
      proxy: 'p',
      subscription: 2,
    })
    expect(await outcome(amf.componentRegister('a'))).toBe('ERR_EXIST')
  })

  test('what comes along with the answer is told after the application knows of that', async () => {
    const { amf, executive, told } = application()
    executive.answer('componentRegister', () => {
      const lease = { type: 'lease', sentAtMs: 1000 }
      setImmediate(() => executive.event('a', lease, csiSet(1, 'active')))
      return new Promise((resolve) => setImmediate(() => resolve({ leaseMs: LEASE_MS })))
    })
    await amf.componentRegister('a')
    expect(told()).toEqual([])
    await settle()
    expect(told()).toEqual(['csiSet pgA active'])
    expect(amf.isActive('a', 'pgA')).toBe(true)
  })

  test('that timed out is taken back', async () => {
    const { amf, executive } = application()
    executive.fail('componentRegister', 'ERR_TIMEOUT')
    expect(await outcome(amf.componentRegister('a'))).toBe('ERR_TIMEOUT')
    expect(executive.heard()).toEqual(['componentRegister null', 'componentUnregister'])
  })
})

describe('callbacks', () => {
  test('csiSet has all that the executive says', async () => {
    const { amf, executive } = await registered()
    const told = new Promise<CsiSet>((resolve) => amf.once('csiSet', resolve))
    executive.event('a', csiSet(9, 'active', 'pgA', 2n ** 60n))
    expect(await told).toEqual({
      invocation: 1,
      component: 'a',
      haState: 'active',
      csiDescriptor: {
        flags: 1,
        csiName: 'pgA',
        instance: 'raid-1',
        attributes: new Map([['path', ['/a', '/b']]]),
        epoch: 2n ** 60n,
        transition: 'new-assignment',
        activeComponent: null,
        activeNode: null,
        standbyRank: 0,
      },
    })
    expect([amf.isActive('a', 'pgA'), amf.epochOf('a', 'pgA')]).toEqual([true, 2n ** 60n])
  })

  test('each is answered once, by the number of its component', async () => {
    const { amf, executive, last } = await registered()
    await amf.componentRegister('b')
    await settle()
    executive.renew('b')
    executive.event('a', csiSet(3, 'active'))
    const first = last()
    executive.event('b', csiSet(3, 'standby', 'pgB'))
    executive.heard()
    await amf.response(last(), 'ERR_FAILED_OPERATION')
    await amf.response(first)
    expect(executive.calls('response')).toEqual([
      { component: 'b', invocation: 3, error: 'ERR_FAILED_OPERATION' },
      { component: 'a', invocation: 3, error: 'OK' },
    ])
    expect(await outcome(amf.response(first))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(amf.response(77))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(amf.response(0))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(amf.response(1.5))).toBe('ERR_INVALID_PARAM')
    expect(executive.calls('response').length).toBe(2)
  })

  test.each(['ERR_NONE', '', null, 7])('an answer %p is none', async (error) => {
    const { amf, executive, last } = await registered()
    executive.event('a', csiSet(3, 'active'))
    expect(await outcome(amf.response(last(), error as 'OK'))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(amf.response(last()))).toBeUndefined()
  })

  test('what the executive says about an answer is told; the library tries again', async () => {
    const { amf, executive, last } = await registered()
    let times = 0
    executive.event('a', csiSet(3, 'active'))
    executive.answer('response', () => {
      if (++times === 1) throw new AisError('ERR_TRY_AGAIN', 'wait')
      throw new AisError('ERR_INVALID_PARAM', 'none')
    })
    expect(await outcome(amf.response(last()))).toBe('ERR_INVALID_PARAM')
    expect(times).toBe(2)
  })

  test('where nobody listens the library answers', async () => {
    const { amf, executive } = await registered()
    for (const event of ['csiSet', 'csiRemove', 'readiness', 'componentTerminate'] as const) {
      amf.removeAllListeners(event)
    }
    executive.event('a', { type: 'healthcheck', invocation: 1, key: 'k' })
    executive.event('a', { type: 'readiness', invocation: 2, readiness: 'in-service' })
    executive.event('a', { type: 'terminate', invocation: 3 })
    executive.event('a', csiSet(4, 'active'), csiRemove(5))
    await settle()
    expect(executive.heard()).toEqual([
      'response 1 OK',
      'response 2 OK',
      'response 3 ERR_FAILED_OPERATION',
      'response 4 ERR_FAILED_OPERATION',
      'response 5 ERR_FAILED_OPERATION',
    ])
  })

  test('health checks are told to those who listen', async () => {
    const { amf, executive } = await registered()
    const told = new Promise<Healthcheck>((resolve) => amf.once('healthcheck', resolve))
    executive.event('a', { type: 'healthcheck', invocation: 6, key: 'k' })
    expect(await told).toEqual({ invocation: 1, component: 'a', key: 'k' })
    await amf.response(1)
    expect(executive.heard()).toEqual(['response 6 OK'])
  })

  test('quiescing is complete when the application says so, once', async () => {
    const { amf, executive, last } = await registered()
    executive.event('a', csiSet(1, 'active'))
    await amf.response(last())
    executive.event('a', csiSet(2, 'quiescing'))
    expect(await outcome(amf.csiQuiescingComplete(last() - 1))).toBe('ERR_INVALID_PARAM')
    expect(amf.isActive('a', 'pgA')).toBe(false)
    await amf.response(last())
    await amf.csiQuiescingComplete(last())
    expect(executive.heard()).toEqual(['response 1 OK', 'response 2 OK', 'csiQuiescingComplete 2'])
    expect(await outcome(amf.csiQuiescingComplete(last()))).toBe('ERR_INVALID_PARAM')
  })
})
