import type { TestApplication } from './application.js'
import { componentsOf, raid } from './raid.js'
import { AmfWorld, type WorldOptions } from './world.js'

interface Scene {
  readonly world: AmfWorld
  /** By component. */
  readonly applications: ReadonlyMap<string, TestApplication>
}

function scene(options: WorldOptions = {}, nodes = 3): Scene {
  const world = new AmfWorld(raid(), nodes, options)
  const applications = new Map<string, TestApplication>()
  for (const [index, letter] of (['x', 'y', 'z'] as const).entries()) {
    for (const name of componentsOf(letter)) {
      const application = world.application(Math.min(index + 1, nodes))
      applications.set(name, application)
      expect(application.register(name).text).toBeUndefined()
    }
  }
  world.run(5)
  return { world, applications }
}

function unitsOf(world: AmfWorld, nodeId: number): { active: readonly string[]; standby: readonly string[] } {
  const { active, standby } = world.status(nodeId).groups[0]!.serviceInstances[0]!
  return { active, standby }
}

/** Units whose first component is active under a live lease, by its own record. */
function reallyActive({ applications }: Scene): string[] {
  return (['x', 'y', 'z'] as const).filter((letter) => {
    const name = `comp_a_in_su_${letter}`
    return applications.get(name)!.held(name).includes('pgA active')
  })
}

describe('a partition', () => {
  test('without quorum lets its leases run out; the majority takes over; both meet again', () => {
    const all = scene({ expectedVotes: 3 })
    const { world, applications } = all
    // Node 1 is cut off: it hears no quorum, and the others form a ring after the token timeout.
    world.node(1).mayRenew = false
    world.node(1).isCut = true
    world.silentSinceMs.set(1, world.nowMs)
    world.run(1200)
    expect(reallyActive(all)).toEqual([])
    expect(applications.get('comp_a_in_su_x')!.told.at(-1)).toBe('comp_a_in_su_x lapsed')
    world.node(1).isCut = false
    world.partition([1], [2, 3])
    world.run(30)
    expect(reallyActive(all)).toEqual(['y'])
    expect(unitsOf(world, 2)).toEqual({ active: ['raidB'], standby: ['raidC'] })
    // Later than the majority, whose state is to be the one that was changed if they met now.
    expect(unitsOf(world, 1).active).toEqual([])
    world.run(1500)
    expect(unitsOf(world, 1)).toEqual({ active: [], standby: [] })
    world.node(1).mayRenew = true
    world.meet(1, 2, 3)
    world.run(1000)
    for (const { nodeId } of world.nodes) {
      expect(unitsOf(world, nodeId)).toEqual({ active: ['raidB'], standby: ['raidA', 'raidC'] })
    }
    expect(reallyActive(all)).toEqual(['y'])
    expect(applications.get('comp_a_in_su_x')!.held('comp_a_in_su_x')).toEqual(['pgA standby'])
  })

  test('with quorum waits for the leases of who was refused: the refusal may be false', () => {
    const all = scene({ expectedVotes: 3 })
    const { world } = all
    world.kill(1)
    world.run(2 * world.leaseMs + 19)
    expect(reallyActive(all)).toEqual([])
    world.run(1)
    expect(reallyActive(all)).toEqual(['y'])
  })

  test('without quorum rules is active on both sides; when they meet one lets go, and stands by', () => {
    const all = scene()
    const { world, applications } = all
    world.partition([1], [2, 3])
    world.run(30)
    expect(reallyActive(all)).toEqual(['x', 'y'])
    world.meet(1, 2, 3)
    world.run(100)
    const [active] = unitsOf(world, 1).active
    expect(reallyActive(all)).toEqual([active === 'raidA' ? 'x' : 'y'])
    for (const { nodeId } of world.nodes) expect(unitsOf(world, nodeId).active).toEqual([active])
    expect(unitsOf(world, 1).standby).toHaveLength(2)
    for (const application of applications.values()) expect(application.isGone).toBe(false)
  })

  test('that ends before it was noticed changes nothing', () => {
    const all = scene()
    const { world } = all
    world.partition([1], [2, 3])
    world.run(10)
    world.meet(1, 2, 3)
    world.run(200)
    expect(reallyActive(all)).toHaveLength(1)
    const [active] = unitsOf(world, 3).active
    expect(reallyActive(all)).toEqual([active === 'raidA' ? 'x' : 'y'])
    expect(unitsOf(world, 3).standby).toHaveLength(2)
  })
})

describe('a view', () => {
  test('is said by the second member where the first does not, 100 ms later', () => {
    const { world } = scene({}, 4)
    world.node(1).hasRoom = false
    world.kill(4)
    world.run(119)
    expect(world.node(2).service.machine.state.members).toHaveLength(4)
    world.run(1)
    expect(world.node(2).service.machine.state.members).toHaveLength(3)
    expect(world.node(3).service.machine.state.members).toHaveLength(3)
  })

  test('with a lost node takes effect when that one can have no live lease', () => {
    const all = scene()
    const { world } = all
    world.silentSinceMs.set(1, world.nowMs - 300)
    world.partition([2, 3])
    world.run(719)
    expect(unitsOf(world, 2).active).toEqual(['raidA'])
    world.run(1)
    expect(unitsOf(world, 2).active).toEqual(['raidB'])
  })

  test('of more members takes effect at once', () => {
    const { world } = scene()
    world.kill(3)
    world.run(50)
    world.start(3, 1, 2)
    world.settle()
    expect(world.node(1).service.machine.state.members).toHaveLength(3)
    expect(world.status(3).settled).toBe(true)
  })
})

describe('a daemon', () => {
  test('that starts again knows nothing of what was registered on it; the same names may register', () => {
    const all = scene()
    const { world } = all
    world.kill(1)
    world.run(50)
    expect(reallyActive(all)).toEqual(['y'])
    world.start(1, 2, 3)
    world.settle()
    const application = world.application(1)
    for (const name of componentsOf('x')) expect(application.register(name).text).toBeUndefined()
    world.run(10)
    expect(unitsOf(world, 3)).toEqual({ active: ['raidB'], standby: ['raidA', 'raidC'] })
  })

  test('restarted so fast that nobody noticed does not keep what its components were', () => {
    const all = scene()
    const { world } = all
    world.kill(1)
    world.start(1, 2, 3)
    world.run(50)
    expect(unitsOf(world, 2).active).toEqual(['raidB'])
    expect(unitsOf(world, 1).active).toEqual(['raidB'])
  })

  test('that slept through its loss has its components let go first, then stand by', () => {
    const all = scene()
    const { world, applications } = all
    world.node(1).isPaused = true
    world.run(1000)
    expect(reallyActive(all)).toEqual([])
    world.partition([2, 3])
    world.run(30)
    expect(reallyActive(all)).toEqual(['y'])
    world.node(1).isPaused = false
    world.run(100)
    world.meet(1, 2, 3)
    world.run(200)
    expect(applications.get('comp_a_in_su_x')!.held('comp_a_in_su_x')).toHaveLength(1)
    expect(reallyActive(all)).toHaveLength(1)
    expect(unitsOf(world, 1).active).toHaveLength(1)
    expect(unitsOf(world, 1).standby).toHaveLength(2)
  })

  test('that leaves renews nothing and registers nobody', () => {
    const { world, applications } = scene()
    const clients = world.node(1).service.stop()
    expect([...clients].sort()).toEqual(componentsOf('x').map((name) => applications.get(name)!.id))
    const answer = world.application(1).register('comp_a_in_su_x')
    expect(answer.code).toBe('ERR_TRY_AGAIN')
    expect(answer.text).toContain('leaving')
    world.run(600)
    expect(applications.get('comp_a_in_su_x')!.held('comp_a_in_su_x')).toEqual([])
  })
})

describe('a configuration', () => {
  const other = { ...raid(), takeoverDelayMs: 30 }

  test('that differs keeps a node out: it sees all, and its components may not register', () => {
    const world = new AmfWorld(raid(), 3, { configs: new Map([[3, other]]) })
    world.run(10)
    const own = world.node(1).service.machine.state.digest
    expect(own).toMatch(/^[0-9a-f]{32}$/)
    const answer = world.application(3).register('comp_a_in_su_z')
    expect(answer.code).toBe('ERR_BAD_OPERATION')
    expect(answer.text).toContain(own)
    expect(answer.text).toMatch(/configuration of node3 is [0-9a-f]{32}, .*; make groups.conf the same/)
    expect(world.status(3).groups).toHaveLength(1)
    expect(world.application(1).register('comp_a_in_su_z').text).toBeUndefined()
  })

  test('of most members is taken, and that of the lowest node id where none has more', () => {
    const most = new AmfWorld(raid(), 3, { configs: new Map([[1, other]]) })
    expect(most.application(1).register('comp_a_in_su_x').code).toBe('ERR_BAD_OPERATION')
    expect(most.application(2).register('comp_a_in_su_x').text).toBeUndefined()
    const even = new AmfWorld(raid(), 2, { configs: new Map([[2, other]]) })
    expect(even.application(1).register('comp_a_in_su_x').text).toBeUndefined()
    expect(even.application(2).register('comp_a_in_su_y').code).toBe('ERR_BAD_OPERATION')
  })
})

describe('before there is a cluster', () => {
  test('calls are to be repeated, and say what is waited for', () => {
    const world = new AmfWorld(raid(), 1)
    world.kill(1)
    world.node(1).start()
    const application = world.application(1)
    for (const method of ['status', 'componentRegister', 'adminOperation', 'haStateGet']) {
      expect(application.call(method, {})).toMatchObject({
        code: 'ERR_TRY_AGAIN',
        text: expect.stringContaining('not on this node yet') as string,
      })
    }
  })
})
