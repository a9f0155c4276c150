import { seededRandom, type AdminOperation } from '../../../../src/base/index.js'
import { groups, randomGroup } from './configurations.js'
import { PlainWorld } from './plain-world.js'

const NODES = [1, 2, 3]
const operations: readonly AdminOperation[] = [
  'lock',
  'unlock',
  'lock-in',
  'unlock-in',
  'shutdown',
  'restart',
  'repaired',
  'si-swap',
]

/** What must hold after every single message. */
function check(world: PlainWorld): void {
  const { model } = world.machine
  for (const name of model?.instances.keys() ?? []) {
    const active = world.reallyActive(name)
    if (active.size > 1) throw new Error(`${name} is active on ${[...active].join(' and ')}`)
  }
  for (const { name, held } of world.processes.values()) {
    // On its way from standby to active, or to nothing, it is both for a moment: no other mixture is.
    const unit = world.unitOf(name)
    const states = [...held.values()].map(({ haState, instance }) => {
      const { standby } = world.machine.state.instances.get(instance)!
      return haState === 'standby' && !standby.includes(unit) ? 'leaving' : haState
    })
    const isBoth = states.includes('active') && states.includes('standby')
    if (isBoth) throw new Error(`${name} is active and standby at a time`)
  }
}

function disturb(world: PlainWorld): void {
  const { random } = world
  const { model } = world.machine
  const component = random.pick([...model!.components.keys()])
  const process = world.processes.get(component)
  const node = random.pick(NODES)
  switch (random.below(10)) {
    case 0:
    case 1:
      return world.kill(component)
    case 2:
      if (process !== undefined) process.isHung = true
      return
    case 3:
      if (process !== undefined) world.fail(component, 'healthcheck-failed')
      return
    case 4:
      if (process !== undefined) world.lapse(component)
      return
    case 5:
      if (world.nodes.size > 1 && world.nodes.has(node)) world.lose(node)
      else if (!world.nodes.has(node)) world.join(node)
      return
    case 6: {
      const report = { component, recommended: 'no-recommendation', text: 'reported' } as const
      world.say([...world.nodes][0]!, { kind: 'report', ...report })
      return
    }
    case 7: {
      const [kind, names] = random.pick([
        ['unit', [...model!.units.keys()]],
        ['service-instance', [...model!.instances.keys()]],
        ['group', [...model!.groups.keys()]],
        ['component', [component]],
        ['node', ['n1', 'n2', 'n3']],
      ] as const)
      world.admin(random.pick(operations), kind, random.pick(names))
      return
    }
    case 8:
      return world.sayView(random.chance(0.7))
    default:
      if (process === undefined && world.nodes.has(node)) world.start(component, node)
  }
}

/** All faults are over: everything is unlocked, repaired and there. */
function recover(world: PlainWorld): void {
  const { model } = world.machine
  for (const node of NODES) if (!world.nodes.has(node)) world.join(node)
  world.sayView(true)
  for (const process of world.processes.values()) process.isHung = false
  world.settle()
  const all = [
    ['node', ['n1', 'n2', 'n3']],
    ['group', [...model!.groups.keys()]],
    ['unit', [...model!.units.keys()]],
    ['service-instance', [...model!.instances.keys()]],
  ] as const
  for (const [kind, names] of all) {
    for (const name of names) {
      if (kind === 'unit' || kind === 'node') world.admin('repaired', kind, name)
      if (kind !== 'service-instance') world.admin('unlock-in', kind, name)
      world.admin('unlock', kind, name)
    }
  }
  world.settle()
  for (const [index, unit] of [...model!.units.values()].entries()) {
    const there = unit.components.find(({ config }) => world.processes.has(config.name))
    const node = there === undefined ? NODES[index % 3]! : world.processes.get(there.config.name)!.node
    for (const { config } of unit.components) {
      if (!world.processes.has(config.name)) expect(world.start(config.name, node)).toBeNull()
    }
    world.settle()
  }
  for (const name of ['n1', 'n2', 'n3']) world.admin('repaired', 'node', name)
  world.settle()
}

function expectAllAssigned(world: PlainWorld): void {
  const { machine } = world
  for (const group of machine.model!.groups.values()) {
    const { model, activeUnits } = group.config
    const slots = model === 'noredundancy' ? group.units.length : Infinity
    const wanted = Math.min(group.instances.length, slots)
    const active = group.instances.filter(({ config }) => world.reallyActive(config.name).size === 1)
    expect(active).toHaveLength(wanted)
    const busy = new Set(group.instances.flatMap(({ config }) => [...world.reallyActive(config.name)]))
    const spare = Math.min(group.units.length - busy.size, group.config.backupUnits)
    for (const { config } of model === 'noredundancy' ? [] : group.instances) {
      const { standby } = machine.state.instances.get(config.name)!
      expect(standby).toHaveLength(Math.min(config.standbyAssignments, spare))
    }
    if (model !== 'noredundancy') expect(busy.size).toBeLessThanOrEqual(activeUnits)
  }
  for (const { name, held } of world.processes.values()) {
    const believed = [...world.state(name).csis].map(([csi, { haState, epoch }]) => [csi, haState, epoch])
    expect([...held].map(([csi, { haState, epoch }]) => [csi, haState, epoch])).toEqual(believed)
  }
}

describe('the state machine, whatever happens', () => {
  test.each(Array.from({ length: 400 }, (_, seed) => [seed + 1]))('seed %i', (seed) => {
    const random = seededRandom(seed)
    const config = groups(randomGroup(random, 'g'), ...(random.chance(0.5) ? [randomGroup(random, 'h')] : []))
    const world = new PlainWorld(config, seed, NODES, check)
    for (const name of world.machine.model!.components.keys()) {
      if (random.chance(0.8)) world.start(name, 1 + (Number(name.split('-')[1]) % 3))
    }
    for (let i = 0; i < 200; i++) {
      if (world.random.chance(0.4)) disturb(world)
      else world.step()
      if (world.random.chance(0.05)) world.pass(30_000)
    }
    recover(world)
    expect(world.machine.isSettled(null)).toBe(true)
    expectAllAssigned(world)
  })
})
