import type { AmfEvent, TestApplication } from './application.js'
import { componentsOf, raid } from './raid.js'
import { AmfWorld } from './world.js'

const [A, B] = componentsOf('x')

interface Scene {
  readonly world: AmfWorld
  readonly applications: ReadonlyMap<string, TestApplication>
  readonly first: TestApplication
}

/** All units of the guide, a unit a node; the first component as `behave` says. */
function scene(config = raid(), behave?: (event: AmfEvent) => string): Scene {
  const world = new AmfWorld(config, 3)
  const applications = new Map<string, TestApplication>()
  for (const [index, letter] of (['x', 'y', 'z'] as const).entries()) {
    for (const name of componentsOf(letter)) {
      const application = world.application(index + 1)
      applications.set(name, application)
      if (name === A && behave !== undefined) application.behave = behave
      expect(application.register(name).code).toBeUndefined()
    }
  }
  world.run(5)
  return { world, applications, first: applications.get(A)! }
}

function unitsOf(world: AmfWorld, nodeId = 2): { active: readonly string[]; standby: readonly string[] } {
  return world.status(nodeId).groups[0]!.serviceInstances[0]!
}

function errorOf(world: AmfWorld, name: string): string | null {
  const components = world.status(2).groups[0]!.units.flatMap((unit) => unit.components)
  return (components.find((one) => one.name === name) as unknown as { error: string | null }).error
}

describe('a component that', () => {
  test('never answers is failed at its time limit, and its unit fails over once its lease is over', () => {
    const { world, first } = scene(raid({ callbackTimeoutMs: 200 }), ({ type }) => {
      return type === 'csi-set' ? 'ignore' : 'answer'
    })
    world.run(190)
    expect(errorOf(world, A)).toBeNull()
    world.run(10)
    expect(errorOf(world, A)).toBe('it did not answer csi-set active in time (callback-timeout)')
    expect(unitsOf(world).active).toEqual(['raidB'])
    expect(first.told.slice(-2)).toEqual([`${A} csi-set pgA quiesced`, `${A} csi-remove pgA`])
  })

  test('never answers and never reads again is cleaned when its lease is over', () => {
    const { world, first } = scene(raid({ callbackTimeoutMs: 5000, healthcheckIntervalMs: 100 }))
    expect(unitsOf(world).active).toEqual(['raidA'])
    first.isStopped = true
    world.run(300)
    expect(errorOf(world, A)).toBeNull()
    world.run(110)
    expect(errorOf(world, A)).toBe('it did not answer health check default within 300 ms')
    expect(unitsOf(world).active).toEqual(['raidA'])
    world.run(400)
    expect(unitsOf(world).active).toEqual(['raidA'])
    world.run(110)
    expect(unitsOf(world).active).toEqual(['raidB'])
    // Whoever runs again lets go before anything else.
    const before = first.told.length
    first.isStopped = false
    world.run(1)
    expect(first.told.slice(before, before + 2)).toEqual([`${A} csi-set pgA quiesced`, `${A} csi-remove pgA`])
    expect(unitsOf(world).active).toEqual(['raidB'])
  })

  test('dies in every callback fails over, wherever it is', () => {
    for (const type of ['readiness', 'csi-set', 'healthcheck']) {
      const config = raid({ healthcheckIntervalMs: 100 })
      const { world } = scene(config, (event) => (event.type === type ? 'die' : 'answer'))
      world.run(200)
      expect([type, ...unitsOf(world).active]).toEqual([type, 'raidB'])
      expect(errorOf(world, A)).toBe('its connection broke')
    }
  })

  test('dies while it is demoted is clean at once', () => {
    const { world, first } = scene(raid(), ({ type }) => (type === 'demote' ? 'die' : 'answer'))
    expect(first.call('componentErrorReport', { component: A, recovery: null, text: 'broken' })).toEqual({
      result: null,
    })
    expect(unitsOf(world).active).toEqual(['raidB'])
  })

  test('answers with an error has failed', () => {
    const { world } = scene(raid(), ({ type }) => {
      return type === 'csi-set' ? 'ERR_FAILED_OPERATION' : 'answer'
    })
    expect(errorOf(world, A)).toBe('it answered csi-set active with ERR_FAILED_OPERATION')
    expect(unitsOf(world).active).toEqual(['raidB'])
  })

  test('answers twice, or what nobody asked, is told so, and nothing else happens', () => {
    const { world, first } = scene()
    const { event } = first.events.find((one) => one.event.type === 'csi-set')!
    const before = world.status(2)
    for (const invocation of [event.invocation, 0, 9999, -1, 'one', null, undefined, 1.5, 1n]) {
      const answer = first.call('response', { component: A, invocation, error: 'OK' })
      expect(answer.code).toBe('ERR_INVALID_PARAM')
      expect(answer.text).toMatch(/waits for an answer/)
    }
    expect(first.call('response', { component: A, invocation: 1, error: 'fine' }).code).toBe(
      'ERR_INVALID_PARAM',
    )
    expect(first.call('demoted', { component: A, invocation: event.invocation }).code).toBe(
      'ERR_INVALID_PARAM',
    )
    const complete = { component: A, invocation: event.invocation }
    expect(first.call('csiQuiescingComplete', complete).code).toBe('ERR_INVALID_PARAM')
    expect(world.status(2)).toEqual(before)
  })

  test('answers for another is told so, and nothing else happens', () => {
    let asked: AmfEvent | undefined
    const { world, applications } = scene(raid(), (event) => {
      if (event.type !== 'csi-set') return 'answer'
      asked = event
      return 'ignore'
    })
    const { invocation } = asked!
    const other = applications.get(B)!
    const before = world.status(2)
    const methods: [string, Record<string, unknown>][] = [
      ['response', { invocation, error: 'OK' }],
      ['csiQuiescingComplete', { invocation }],
      ['lapsed', { seen: 5 }],
      ['demoted', { invocation }],
      ['componentUnregister', {}],
      ['healthcheckStart', { key: 'k', invocation: 'amf', periodMs: 100, maxDurationMs: 100 }],
      ['healthcheckConfirm', { key: 'k', error: 'OK' }],
      ['healthcheckStop', { key: 'k' }],
      ['pmStart', { pid: 1 }],
      ['pmStop', { pid: 1 }],
    ]
    for (const [method, params] of methods) {
      expect([method, other.call(method, { component: A, ...params }).code]).toEqual([
        method,
        'ERR_BAD_HANDLE',
      ])
      const unknown = other.call(method, { component: 'comp_a_in_su_z', ...params })
      expect([method, unknown.code]).toEqual([method, 'ERR_NOT_EXIST'])
    }
    // In its own name the number means something else, or nothing.
    expect(other.call('response', { component: B, invocation: 777, error: 'OK' }).code).toBe(
      'ERR_INVALID_PARAM',
    )
    expect(world.status(2)).toEqual(before)
  })

  test('answers when nobody waits any more does no harm', () => {
    let asked: AmfEvent | undefined
    const { world, first } = scene(raid({ callbackTimeoutMs: 200 }), (event) => {
      if (event.type !== 'csi-set') return 'answer'
      asked = event
      return 'ignore'
    })
    world.run(250)
    const before = world.status(2)
    const late = { component: A, invocation: asked!.invocation, error: 'OK' }
    expect(first.call('response', late)).toEqual({ result: null })
    expect(first.call('response', late).code).toBe('ERR_INVALID_PARAM')
    expect(world.status(2)).toEqual(before)
  })

  test('calls lapsed over and over floods nobody', () => {
    const { world, first } = scene()
    for (let count = 0; count < 200; count++) first.ask('lapsed', { component: A, seen: 1 })
    world.settle()
    const lapses = world.node(2).service.machine.state.decisions.filter(({ what }) => what === 'lapsed')
    expect(lapses.length).toBeLessThan(5)
  })
})

describe('a daemon that did not run itself', () => {
  test('reads what waits before it fails a component for its silence', () => {
    const config = raid({ healthcheckIntervalMs: 100, callbackTimeoutMs: 200 })
    const { world } = scene(config)
    const node = world.node(1)
    node.isPaused = true
    world.run(2000)
    node.lateMs = 2000
    node.isPaused = false
    world.run(50)
    node.lateMs = 0
    world.run(1000)
    const { decisions } = node.service.machine.state
    expect(decisions.filter(({ what }) => what === 'failed')).toEqual([])
  })
})

describe('while an error lasts', () => {
  test('its component is not renewed from the moment it was declared', () => {
    const { world, first } = scene(raid({ healthcheckIntervalMs: 100 }))
    first.isStopped = true
    world.run(410)
    expect(errorOf(world, A)).not.toBeNull()
    const leases = (): number => {
      return first.waiting.filter(({ body }) => (body as AmfEvent).type === 'lease').length
    }
    const before = leases()
    world.run(1000)
    expect(leases()).toBe(before)
    expect(before).toBeGreaterThan(2)
  })

  test('the component is asked nothing but to let go, and after errorClear everything again', () => {
    const { world, first } = scene(raid({ healthcheckIntervalMs: 100 }))
    first.call('componentErrorReport', { component: A, recovery: 'component-failover', text: 'broken' })
    world.run(10)
    const from = first.events.length
    world.run(1000)
    expect(first.events.slice(from).map(({ event }) => event.type)).toEqual([])
    expect(first.call('componentErrorClear', { component: A })).toEqual({ result: null })
    world.run(500)
    const types = first.events.slice(from).map(({ event }) => event.type)
    expect(types).toEqual(expect.arrayContaining(['readiness', 'csi-set', 'healthcheck']))
    expect(first.held(A)).toEqual(['pgA standby'])
    expect(unitsOf(world)).toMatchObject({ active: ['raidB'], standby: ['raidA', 'raidC'] })
  })
})
