import { limits } from '../../../../src/base/index.js'
import type { GroupsConfig } from '../../../../src/config/model/groups-config.js'
import type { AmfEvent, TestApplication } from './application.js'
import { componentsOf, raid } from './raid.js'
import { AmfWorld } from './world.js'

const [A, B] = componentsOf('x')

interface Scene {
  readonly world: AmfWorld
  readonly first: TestApplication
  readonly applications: ReadonlyMap<string, TestApplication>
}

/** A unit a node, an application a component. */
function scene(config: GroupsConfig = raid(), nodes = 3): Scene {
  const world = new AmfWorld(config, nodes)
  const applications = new Map<string, TestApplication>()
  for (const [index, letter] of (['x', 'y', 'z'] as const).entries()) {
    if (index >= nodes) break
    for (const name of componentsOf(letter)) {
      const application = world.application(index + 1)
      applications.set(name, application)
      expect(application.register(name).text).toBeUndefined()
    }
  }
  world.run(5)
  return { world, applications, first: applications.get(A)! }
}

function activeUnits(world: AmfWorld): readonly string[] {
  return world.status(1).groups[0]!.serviceInstances[0]!.active
}

function component(world: AmfWorld, name: string): Record<string, unknown> {
  const components = world.status(1).groups[0]!.units.flatMap((unit) => unit.components)
  return components.find((one) => one.name === name) as unknown as Record<string, unknown>
}

const types = (application: TestApplication): string[] => application.events.map(({ event }) => event.type)

describe('a registration', () => {
  test('is refused for what cannot be registered, and says why', () => {
    const { world, first } = scene()
    const other = world.application(2)
    expect(other.register(A)).toMatchObject({ code: 'ERR_EXIST' })
    expect(first.register(A)).toMatchObject({ code: 'ERR_EXIST' })
    expect(other.register('nobody')).toMatchObject({
      code: 'ERR_NOT_EXIST',
      text: expect.stringContaining('nobody') as string,
    })
    for (const name of ['', 'a\nb', 'x'.repeat(300), 5, null, undefined, {}]) {
      expect(other.register(name as string).code).toBe('ERR_INVALID_PARAM')
    }
    const params = { component: 'comp_a_in_su_z', proxy: null }
    for (const subscription of [-1, 1.5, 'one', null]) {
      expect(other.call('componentRegister', { ...params, subscription }).code).toBe('ERR_INVALID_PARAM')
    }
    expect(other.call('componentRegister', null).code).toBe('ERR_INVALID_PARAM')
    expect(other.call('componentRegister', [1]).code).toBe('ERR_INVALID_PARAM')
    expect(first.held(A)).toEqual(['pgA active'])
  })

  test('is given up, and taken again', () => {
    const { world, first } = scene()
    expect(first.call('componentUnregister', { component: A })).toEqual({ result: null })
    expect(first.call('componentUnregister', { component: A }).code).toBe('ERR_NOT_EXIST')
    world.run(10)
    expect(activeUnits(world)).toEqual(['raidB'])
    expect(first.register(A).text).toBeUndefined()
    world.run(10)
    expect(first.held(A)).toEqual(['pgA standby'])
  })

  test('of many is limited for one connection', () => {
    const config = raid()
    const [group] = config.groups as [GroupsConfig['groups'][number]]
    const [unit] = group.units as [GroupsConfig['groups'][number]['units'][number]]
    const count = limits.amfComponentsOfClient + 1
    const components = Array.from({ length: count }, (_, index) => ({
      ...unit.components[0]!,
      name: `component ${index}`,
    }))
    const units = [...group.units, { ...unit, name: 'large', components }]
    const world = new AmfWorld({ ...config, groups: [{ ...group, units }] }, 1)
    const application = world.application(1)
    const answers = components.map(({ name }) => application.register(name))
    const last = answers.pop()!
    expect(answers.every(({ code }) => code === undefined)).toBe(true)
    expect(last).toMatchObject({ code: 'ERR_NO_RESOURCES' })
    expect(world.application(1).register(`component ${count - 1}`).text).toBeUndefined()
  })

  test('by a proxy ends before that of the proxy', () => {
    const world = new AmfWorld(raid(), 1)
    const application = world.application(1)
    expect(application.register(B, A)).toMatchObject({ code: 'ERR_NOT_EXIST' })
    application.register(A)
    expect(world.application(1).register(B, A)).toMatchObject({ code: 'ERR_NOT_EXIST' })
    expect(application.register(B, B)).toMatchObject({ code: 'ERR_INVALID_PARAM' })
    expect(application.register(B, A).text).toBeUndefined()
    expect(application.register('comp_a_in_su_y', B)).toMatchObject({ code: 'ERR_INVALID_PARAM' })
    expect(application.held(B)).toEqual(['pgB active'])
    expect(application.call('componentUnregister', { component: A }).code).toBe('ERR_BAD_OPERATION')
    expect(application.call('componentUnregister', { component: B })).toEqual({ result: null })
    expect(application.call('componentUnregister', { component: A })).toEqual({ result: null })
  })
})

describe('a health check', () => {
  const check = { component: A, key: 'mine', periodMs: 100, maxDurationMs: 50, recovery: null }

  test('by AMF asks every period, and waits as long as it may', () => {
    const { world, first } = scene()
    expect(first.call('healthcheckStart', { ...check, invocation: 'amf' })).toEqual({ result: null })
    expect(first.call('healthcheckStart', { ...check, invocation: 'amf' }).code).toBe('ERR_EXIST')
    world.run(1000)
    const count = types(first).filter((type) => type === 'healthcheck').length
    expect(count).toBeGreaterThanOrEqual(10)
    expect(count).toBeLessThanOrEqual(11)
    first.behave = ({ type }) => (type === 'healthcheck' ? 'ignore' : 'answer')
    world.run(140)
    expect(component(world, A)['error']).toBeNull()
    world.run(11)
    expect(component(world, A)['error']).toBe('it did not answer health check mine within 50 ms')
  })

  test('that comes to an error is one', () => {
    const { world, first } = scene()
    first.call('healthcheckStart', { ...check, invocation: 'amf' })
    first.behave = ({ type }) => (type === 'healthcheck' ? 'ERR_FAILED_OPERATION' : 'answer')
    world.run(110)
    expect(component(world, A)['error']).toBe('health check mine came to ERR_FAILED_OPERATION')
    expect(activeUnits(world)).toEqual(['raidB'])
  })

  test('by the component is to be confirmed every period', () => {
    const { world, first } = scene()
    expect(first.call('healthcheckConfirm', { component: A, key: 'mine', error: 'OK' }).code).toBe(
      'ERR_NOT_EXIST',
    )
    first.call('healthcheckStart', { ...check, invocation: 'component' })
    for (let count = 0; count < 20; count++) {
      world.run(90)
      expect(first.call('healthcheckConfirm', { component: A, key: 'mine', error: 'OK' })).toEqual({
        result: null,
      })
    }
    expect(component(world, A)['error']).toBeNull()
    world.run(101)
    expect(component(world, A)['error']).toBe('it did not confirm health check mine within 100 ms')
  })

  test('that is stopped asks nobody, and fails nobody', () => {
    const { world, first } = scene()
    first.call('healthcheckStart', { ...check, invocation: 'component' })
    expect(first.call('healthcheckStop', { component: A, key: 'mine' })).toEqual({ result: null })
    expect(first.call('healthcheckStop', { component: A, key: 'mine' }).code).toBe('ERR_NOT_EXIST')
    world.run(2000)
    expect(component(world, A)['error']).toBeNull()
  })

  test('is refused for what makes no sense', () => {
    const { first } = scene()
    const bad: object[] = [
      { invocation: 'me' },
      { periodMs: 0 },
      { periodMs: 5 },
      { maxDurationMs: -1 },
      { recovery: 'pray' },
      { key: '' },
      { component: 7 },
    ]
    for (const more of bad) {
      const { code } = first.call('healthcheckStart', { ...check, invocation: 'amf', ...more })
      expect([more, code]).toEqual([more, 'ERR_INVALID_PARAM'])
    }
    for (let count = 0; count < limits.amfHealthchecksOfComponent; count++) {
      first.call('healthcheckStart', { ...check, key: `key ${count}`, invocation: 'amf' })
    }
    expect(first.call('healthcheckStart', { ...check, invocation: 'amf' }).code).toBe('ERR_NO_RESOURCES')
  })
})

describe('a process that is watched', () => {
  test('is an error of its component when it ends, or when its number is another one', () => {
    for (const end of [
      (processes: Map<number, number>) => processes.delete(77),
      (processes: Map<number, number>) => processes.set(77, 2),
    ]) {
      const { world, first } = scene()
      const { processes } = world.node(1)
      expect(first.call('pmStart', { component: A, pid: 77, recovery: null }).code).toBe('ERR_NOT_EXIST')
      processes.set(77, 1)
      expect(first.call('pmStart', { component: A, pid: 77, recovery: null })).toEqual({ result: null })
      world.run(1000)
      expect(component(world, A)['error']).toBeNull()
      end(processes)
      world.run(101)
      expect(component(world, A)['error']).toBe('its process 77 has ended')
    }
  })

  test('is nothing to it when it is watched no more', () => {
    const { world, first } = scene()
    world.node(1).processes.set(77, 1)
    first.call('pmStart', { component: A, pid: 77, recovery: null })
    expect(first.call('pmStop', { component: A, pid: 77 })).toEqual({ result: null })
    expect(first.call('pmStop', { component: A, pid: 77 }).code).toBe('ERR_NOT_EXIST')
    world.node(1).processes.clear()
    world.run(1000)
    expect(component(world, A)['error']).toBeNull()
    for (const pid of [0, -5, 1.5, 'x', 2 ** 40]) {
      expect(first.call('pmStart', { component: A, pid, recovery: null }).code).toBe('ERR_INVALID_PARAM')
    }
  })
})

describe('an administrator', () => {
  const order = (operation: string, name: string, kind: string | null = null): object => {
    return { operation, name, kind }
  }

  test('is answered when what was ordered is carried out', () => {
    const { world, first, applications } = scene()
    let hasAnswered = false
    const invocations: number[] = []
    first.behave = (event: AmfEvent) => {
      invocations.push(event.invocation)
      return hasAnswered ? 'answer' : 'ignore'
    }
    const call = applications.get('comp_a_in_su_z')!.ask('adminOperation', order('lock', 'raidA'))
    world.run(100)
    expect(call.answer).toBeUndefined()
    hasAnswered = true
    first.ask('response', { component: A, invocation: invocations.at(-1), error: 'OK' })
    world.run(10)
    expect(call.answer).toEqual({ result: null })
    expect(activeUnits(world)).toEqual(['raidB'])
    expect(first.call('adminOperation', order('lock', 'raidA'))).toEqual({ result: null })
  })

  test('shuts down: the active finishes first, then another one takes over', () => {
    const { world, first } = scene()
    const quiescing: number[] = []
    first.behave = (event: AmfEvent) => {
      if (event['haState'] === 'quiescing') quiescing.push(event.invocation)
      return 'answer'
    }
    const call = first.ask('adminOperation', order('shutdown', 'raidA'))
    world.run(500)
    expect(first.held(A)).toEqual(['pgA quiescing'])
    expect(call.answer).toBeUndefined()
    expect(first.call('csiQuiescingComplete', { component: A, invocation: quiescing[0] })).toEqual({
      result: null,
    })
    expect(first.call('csiQuiescingComplete', { component: A, invocation: quiescing[0] }).code).toBe(
      'ERR_INVALID_PARAM',
    )
    world.run(10)
    expect(first.told.slice(-2)).toContain(`${A} csi-remove pgA`)
  })

  test('shuts down one that is done before it has answered: it is told more when it has', () => {
    const { world, first } = scene()
    const asked: AmfEvent[] = []
    first.behave = (event: AmfEvent) => {
      if (event['haState'] !== 'quiescing') return 'answer'
      asked.push(event)
      return 'ignore'
    }
    first.ask('adminOperation', order('shutdown', 'raidA'))
    world.run(10)
    const { invocation } = asked[0]!
    expect(first.call('csiQuiescingComplete', { component: A, invocation })).toEqual({ result: null })
    world.run(50)
    expect(first.told.at(-1)).toBe(`${A} csi-set pgA quiescing`)
    expect(first.call('response', { component: A, invocation, error: 'OK' })).toEqual({ result: null })
    world.run(10)
    expect(first.told).toContain(`${A} csi-remove pgA`)
  })

  test('is told when a name means nothing, several things, or is not for this', () => {
    const { first } = scene()
    const answers: [object, string, RegExp][] = [
      [order('lock', 'nothing'), 'ERR_NOT_EXIST', /nothing/],
      [order('lock', 'raid'), 'ERR_INVALID_PARAM', /name of a group and a service-instance/],
      [order('lock', A), 'ERR_INVALID_PARAM', /component/],
      [order('si-swap', 'raidA'), 'ERR_INVALID_PARAM', /unit/],
      [order('dance', 'raidA'), 'ERR_INVALID_PARAM', /lock, unlock/],
      [order('lock', 'raidA', 'thing'), 'ERR_INVALID_PARAM', /thing/],
      [order('lock', 'raidA', 'group'), 'ERR_NOT_EXIST', /group raidA/],
      [order('unlock-in', 'raidA'), 'ERR_BAD_OPERATION', /raidA/],
      [order('restart', 'raidA'), 'ERR_BAD_OPERATION', /restart-timeout/],
    ]
    for (const [params, code, text] of answers) {
      const answer = first.call('adminOperation', params)
      expect([params, answer.code]).toEqual([params, code])
      expect(answer.text).toMatch(text)
    }
  })

  test('whose connection goes is waited for no more', () => {
    const { world, first } = scene()
    first.behave = () => 'ignore'
    const admin = world.application(2)
    admin.ask('adminOperation', order('lock', 'raidA'))
    world.run(10)
    admin.kill()
    first.behave = () => 'answer'
    world.run(2000)
    expect(activeUnits(world)).toEqual(['raidB'])
  })
})

describe('a restart', () => {
  const config = (): GroupsConfig => raid({ recovery: 'component-restart', restartTimeoutMs: 500 })

  test('asks the component to end, and takes it back', () => {
    const { world, first } = scene(config())
    first.behave = ({ type }) => (type === 'terminate' ? 'end' : 'answer')
    first.call('componentErrorReport', { component: A, recovery: null, text: 'ill' })
    world.run(100)
    expect(first.isGone).toBe(true)
    expect(component(world, A)['presence']).toBe('restarting')
    const next = world.application(1)
    expect(next.register(A).text).toBeUndefined()
    world.run(10)
    expect(component(world, A)).toMatchObject({ presence: 'instantiated', operational: 'enabled' })
    expect(next.held(A)).toHaveLength(1)
  })

  test('that nobody comes back from is over after restart-timeout', () => {
    const { world, first } = scene(config())
    first.kill()
    world.run(499)
    expect(component(world, A)['presence']).toBe('restarting')
    world.run(2)
    expect(component(world, A)).toMatchObject({ operational: 'disabled', presence: 'instantiation-failed' })
    expect(activeUnits(world)).toEqual(['raidB'])
  })

  test('of one that agrees to end and does not is given up after callback-timeout', () => {
    const { world, first } = scene(
      raid({ recovery: 'component-restart', restartTimeoutMs: 60_000, callbackTimeoutMs: 300 }),
    )
    first.call('componentErrorReport', { component: A, recovery: null, text: 'ill' })
    world.run(250)
    expect(component(world, A)['presence']).toBe('restarting')
    world.run(100)
    expect(component(world, A)).toMatchObject({ operational: 'disabled', presence: 'termination-failed' })
    world.run(600)
    expect(activeUnits(world)).toEqual(['raidB'])
  })
})

describe('who follows', () => {
  test('a protection group is told what became of its members', () => {
    const { world, first, applications } = scene()
    const z = applications.get('comp_a_in_su_z')!
    const track = { csi: 'pgA', subscription: 900 }
    const current = z.call('protectionGroupTrack', { ...track, flags: 1 })
    expect(current.result).toEqual([
      { component: A, haState: 'active', readiness: 'in-service', rank: 0, change: 'no-change' },
      {
        component: 'comp_a_in_su_y',
        haState: 'standby',
        readiness: 'in-service',
        rank: 0,
        change: 'no-change',
      },
      {
        component: 'comp_a_in_su_z',
        haState: 'standby',
        readiness: 'in-service',
        rank: 1,
        change: 'no-change',
      },
    ])
    expect(z.call('protectionGroupTrack', { ...track, flags: 4 })).toEqual({ result: null })
    expect(z.call('protectionGroupTrack', { csi: 'pgA', subscription: 901, flags: 3 }).result).toHaveLength(3)
    first.kill()
    world.run(10)
    const told = (
      subscription: number,
    ): { members: { component: string; change: string }[]; numberOfMembers: number }[] => {
      return z.others.filter((one) => one.subscription === subscription).map(({ body }) => body as never)
    }
    const changes = told(900).flatMap(({ members }) => members.map((one) => `${one.component} ${one.change}`))
    expect(changes).toEqual(
      expect.arrayContaining([`${A} removed`, 'comp_a_in_su_y state-change', 'comp_a_in_su_z state-change']),
    )
    expect(changes.some((change) => change.endsWith('no-change'))).toBe(false)
    expect(told(900).at(-1)!.numberOfMembers).toBe(2)
    expect(told(901).at(-1)!.members).toHaveLength(2)
    expect(z.call('protectionGroupTrackStop', track)).toEqual({ result: null })
    expect(z.call('protectionGroupTrackStop', track).code).toBe('ERR_NOT_EXIST')
    for (const flags of [0, 6, 8, null]) {
      expect(z.call('protectionGroupTrack', { ...track, flags }).code).toBe('ERR_BAD_FLAGS')
    }
    expect(z.call('protectionGroupTrack', { ...track, csi: 'pgX', flags: 1 }).code).toBe('ERR_NOT_EXIST')
  })

  test('decisions is told each once, as explain tells them later', () => {
    const { world, first } = scene()
    const watcher = world.application(3)
    expect(watcher.call('watch', { subscription: 5 })).toEqual({ result: null })
    expect(watcher.call('watch', { subscription: 5 })).toEqual({ result: null })
    first.kill()
    world.run(10)
    const told = watcher.others.map(({ body }) => body as { sequence: number; text: string; name: string })
    expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, index) => told[0]!.sequence + index))
    expect(told.find(({ name }) => name === A)!.text).toMatch(
      /its connection broke; recovery: component-failover/,
    )
    const { result } = watcher.call('explain', { name: 'raidA', kind: null })
    const { entity, states, decisions } = result as { entity: object; states: object; decisions: object[] }
    expect(entity).toEqual({ kind: 'unit', name: 'raidA' })
    expect(states).toMatchObject({ operational: 'disabled', node: 'node1' })
    expect(decisions).toEqual(expect.arrayContaining(told.filter(({ name }) => name === A)))
    for (const name of ['raidB', 'comp_a_in_su_y']) {
      const why = watcher.call('explain', { name, kind: null }).result as { decisions: object[] }
      const text = 'raidB is to be active, after raidA'
      expect(why.decisions).toContainEqual(expect.objectContaining({ kind: 'service-instance', text }))
    }
    expect(watcher.call('watchStop', { subscription: 5 })).toEqual({ result: null })
    expect(watcher.call('watchStop', { subscription: 5 }).code).toBe('ERR_NOT_EXIST')
    const before = watcher.others.length
    first.call('haStateGet', { component: B, csi: 'pgB' })
    world.application(1).register(A)
    world.run(10)
    expect(watcher.others).toHaveLength(before)
  })

  test('what anybody may ask is answered on every node', () => {
    const { world } = scene()
    for (const { nodeId } of world.nodes) {
      const asker = world.application(nodeId)
      expect(asker.call('haStateGet', { component: A, csi: 'pgA' })).toEqual({ result: 'active' })
      expect(asker.call('readinessStateGet', { component: A })).toEqual({ result: 'in-service' })
      expect(asker.call('haStateGet', { component: A, csi: 'pgB' }).code).toBe('ERR_NOT_EXIST')
      expect(asker.call('haStateGet', { component: 'x', csi: 'pgA' }).code).toBe('ERR_NOT_EXIST')
      for (const kind of ['node', 'group', 'unit', 'component', 'service-instance', 'csi']) {
        const name = { node: 'node2', group: 'raid', unit: 'raidB', component: B, csi: 'pgB' }[kind] ?? 'raid'
        const { result } = asker.call('explain', { name, kind })
        expect(result).toMatchObject({ entity: { kind, name } })
        const { states } = result as { states: Record<string, unknown> }
        for (const value of Object.values(states)) {
          expect(value === null || ['string', 'number', 'boolean'].includes(typeof value)).toBe(true)
        }
      }
      expect(asker.call('explain', { name: 'raid', kind: null }).code).toBe('ERR_INVALID_PARAM')
    }
  })
})
