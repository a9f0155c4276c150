import { seededRandom, type Random } from '../../../../src/base/index.js'
import type { TestApplication } from './application.js'
import { componentsOf, raid } from './raid.js'
import { AmfWorld } from './world.js'

const NODES = 3
const LETTERS = ['x', 'y', 'z'] as const

/** A cluster in which anything may happen, one thing after the other. */
class Chaos {
  readonly world: AmfWorld
  private readonly random: Random
  /** The application that has the components of each unit; a unit lives on its node. */
  private readonly applications: (TestApplication | null)[] = [null, null, null]
  readonly history: string[] = []
  private isHealed = false

  constructor(seed: number) {
    this.random = seededRandom(seed)
    const config = raid({
      healthcheckIntervalMs: this.random.below(2) === 0 ? null : 100,
      callbackTimeoutMs: 300,
      ...(this.random.below(2) === 0 ? {} : { recovery: 'component-restart', restartTimeoutMs: 300 }),
    })
    this.world = new AmfWorld(config, NODES, { leaseMs: 200 })
    for (const index of LETTERS.keys()) this.begin(index)
  }

  /** An application that has all components of one unit. */
  private begin(index: number): void {
    const { world } = this
    const application = world.application(index + 1)
    this.applications[index] = application
    application.behave = ({ type }) => {
      if (type === 'terminate') return 'end'
      if (this.isHealed) return 'answer'
      const luck = this.random.below(200)
      return luck === 0 ? 'die' : luck === 1 ? 'ignore' : luck === 2 ? 'ERR_FAILED_OPERATION' : 'answer'
    }
    const subscribe = componentsOf(LETTERS[index]!).map((name) => application.requestRegistration(name))
    world.settle()
    for (const call of subscribe) this.history.push(`register ${index}: ${call.answer?.text ?? 'ok'}`)
  }

  step(): void {
    const { random, world } = this
    const index = random.below(NODES)
    const node = world.node(index + 1)
    const application = this.applications[index]
    const steps: Record<string, () => void> = {
      kill: () => application?.kill(),
      stop: () => {
        if (application) application.isStopped = true
      },
      go: () => {
        if (application) application.isStopped = false
      },
      begin: () => {
        if (application?.isGone !== false && node.isRunning) this.begin(index)
      },
      pause: () => (node.isPaused = true),
      resume: () => (node.isPaused = false),
      part: () => this.meetIn(random.below(2) === 0 ? [[index + 1]] : []),
      meet: () => this.meetIn([]),
      die: () => node.isRunning && !node.isPaused && world.kill(index + 1),
      start: () => {
        if (node.isRunning) return
        const ring = world.nodes.find(({ isRunning }) => isRunning)?.ring?.members ?? []
        world.start(index + 1, ...ring.filter(({ isRunning }) => isRunning).map(({ nodeId }) => nodeId))
      },
      renew: () => (node.mayRenew = !node.mayRenew),
      report: () => {
        const [component] = componentsOf(LETTERS[index]!)
        application?.ask('componentErrorReport', { component, recovery: null, text: 'chaos' })
      },
      clear: () => {
        const [component] = componentsOf(LETTERS[index]!)
        application?.ask('componentErrorClear', { component })
      },
      lock: () => application?.ask('adminOperation', { operation: 'lock', name: `raid${'ABC'[index]!}` }),
      unlock: () => application?.ask('adminOperation', { operation: 'unlock', name: `raid${'ABC'[index]!}` }),
    }
    const names = Object.keys(steps)
    const name = names[random.below(names.length)]!
    this.history.push(`${world.nowMs} ${name} ${index + 1}`)
    steps[name]!()
    world.run(random.below(3) === 0 ? random.below(500) : random.below(30))
  }

  /** These nodes are alone; all the others are together. */
  private meetIn(alone: readonly (readonly number[])[]): void {
    const running = this.world.nodes.filter(({ isRunning }) => isRunning).map(({ nodeId }) => nodeId)
    const parties = alone.filter(([nodeId]) => running.includes(nodeId!))
    const others = running.filter((nodeId) => !parties.flat().includes(nodeId))
    if (others.length > 0) this.world.meet(...others)
    for (const party of parties) this.world.meet(...party)
  }

  /** Everything runs again, all is registered and well, nothing is locked. */
  heal(): void {
    const { world } = this
    this.isHealed = true
    for (const application of this.applications) if (application) application.isStopped = false
    for (const node of world.nodes) {
      node.isPaused = false
      node.mayRenew = true
    }
    world.settle()
    for (const node of world.nodes) if (!node.isRunning) world.start(node.nodeId)
    this.meetIn([])
    world.run(1000)
    for (let round = 0; round < 3; round++) {
      for (const [index, letter] of LETTERS.entries()) {
        const application = this.applications[index]
        if (application?.isGone !== false) this.begin(index)
        const current = this.applications[index]!
        for (const name of componentsOf(letter)) {
          // Who could not register then can now.
          if (!current.has(name)) current.requestRegistration(name)
          world.settle()
          current.ask('componentErrorClear', { component: name })
        }
        for (const operation of ['unlock', 'repaired']) {
          current.ask('adminOperation', { operation, name: `raid${'ABC'[index]!}` })
        }
      }
      world.run(1000)
    }
  }

  /** What components hold by their own record, and what the state says they do. */
  compare(): { held: Record<string, readonly string[]>; stated: Record<string, readonly string[]> } {
    const held: Record<string, readonly string[]> = {}
    const stated: Record<string, readonly string[]> = {}
    const { components } = this.world.node(1).service.machine.state
    for (const [index, letter] of LETTERS.entries()) {
      for (const name of componentsOf(letter)) {
        held[name] = this.applications[index]!.held(name)
        stated[name] = [...components.get(name)!.csis].map(([csi, { haState }]) => `${csi} ${haState}`)
      }
    }
    return { held, stated }
  }
}

/** Of the latter ones each found something once. */
const seeds = [...Array.from({ length: 60 }, (_, seed) => seed), 847, 1074, 1335, 1456]

test.each(seeds)('after anything all is well again (%i)', (seed) => {
  const chaos = new Chaos(seed)
  for (let count = 0; count < 40; count++) chaos.step()
  chaos.heal()
  const { world } = chaos
  const texts = world.nodes.map(({ service }) => Buffer.from(service.machine.freeze()).toString())
  expect(texts[1]).toBe(texts[0])
  expect(texts[2]).toBe(texts[0])
  const { held, stated } = chaos.compare()
  expect({ held, history: chaos.history }).toEqual({ held: stated, history: chaos.history })
  const instance = world.status(1).groups[0]!.serviceInstances[0]!
  expect({ ...instance, history: chaos.history }).toMatchObject({
    assignment: 'full',
    history: chaos.history,
  })
  expect(world.status(1).settled).toBe(true)
})
