import type { TestApplication } from './application.js'
import { componentsOf, raid } from './raid.js'
import { AmfWorld, type Status } from './world.js'

/** Units of the one service instance, active first. */
function assigned(world: AmfWorld, nodeId: number): string {
  const [group] = world.status(nodeId).groups as [Status['groups'][number]]
  const { active, standby, assignment } = group.serviceInstances[0]!
  return `${assignment}: ${active.join(' ')} | ${standby.join(' ')}`
}

/** One application a component, a unit a node. */
function populate(world: AmfWorld): Map<string, TestApplication> {
  const applications = new Map<string, TestApplication>()
  for (const [index, letter] of (['x', 'y', 'z'] as const).entries()) {
    if (world.nodes[index] === undefined) break
    for (const name of componentsOf(letter)) {
      const application = world.application(index + 1)
      applications.set(name, application)
      expect(application.register(name)).toMatchObject({ result: { leaseMs: world.leaseMs } })
    }
  }
  world.run(10)
  return applications
}

describe('components of three nodes', () => {
  test('register, and one unit becomes active, the others stand by', () => {
    const world = new AmfWorld(raid(), 3)
    const applications = populate(world)
    for (const { nodeId } of world.nodes) expect(assigned(world, nodeId)).toBe('full: raidA | raidB raidC')
    expect(world.status(2).settled).toBe(true)
    const { told } = applications.get('comp_a_in_su_x')!
    expect(told).toEqual(['comp_a_in_su_x readiness in-service', 'comp_a_in_su_x csi-set pgA active'])
  })

  test('one dies: another unit is active at once', () => {
    const world = new AmfWorld(raid(), 3)
    const applications = populate(world)
    applications.get('comp_a_in_su_x')!.kill()
    world.settle()
    expect(assigned(world, 3)).toBe('partial: raidB | raidC')
    expect(applications.get('comp_b_in_su_x')!.held('comp_b_in_su_x')).toEqual([])
  })

  test('a daemon dies: another unit is active after the takeover delay', () => {
    const world = new AmfWorld(raid(), 3)
    populate(world)
    world.kill(1)
    world.run(19)
    expect(assigned(world, 2)).toBe('full: raidA | raidB raidC')
    world.run(1)
    expect(assigned(world, 2)).toBe('partial: raidB | raidC')
    expect(assigned(world, 3)).toBe('partial: raidB | raidC')
  })
})
