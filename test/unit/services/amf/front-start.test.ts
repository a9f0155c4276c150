import { componentsOf, raid } from './raid.js'
import { AmfWorld } from './world.js'

const [A, B] = componentsOf('x')

describe('an executive that is started again', () => {
  test('gives nobody work alone in its first ring, before it has had time to find the others', () => {
    const world = new AmfWorld(raid(), 2)
    for (const name of componentsOf('y')) world.application(2).register(name)
    world.kill(1)
    world.run(50)
    world.start(1)
    const early = world.application(1)
    world.run(2 * world.leaseMs - 1)
    expect(early.register(A)).toMatchObject({ code: 'ERR_TRY_AGAIN' })
    world.meet(1, 2)
    world.settle()
    for (const name of [A, B]) expect(early.register(name).code).toBeUndefined()
    world.settle()
    expect(early.told.filter((line) => line.includes('active'))).toEqual([])
    expect(world.status(1).groups[0]!.serviceInstances[0]!.active).toEqual(['raidB'])
  })

  test('begins alone when nobody is found', () => {
    const world = new AmfWorld(raid(), 1)
    world.kill(1)
    world.start(1)
    world.run(2 * world.leaseMs)
    const application = world.application(1)
    for (const name of [A, B]) expect(application.register(name).code).toBeUndefined()
    world.settle()
    expect(world.status(1).groups[0]!.serviceInstances[0]!.active).toEqual(['raidA'])
  })
})
