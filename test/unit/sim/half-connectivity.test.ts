import { ScriptWorld } from '../../../src/sim/script/world.js'
import { areOneRing, countConfigurations } from '../../../src/sim/script/waiting.js'

const MINUTES = 2
/** Configurations, regular and transitional, a node may deliver in a minute once the first is over. */
const mostAMinute = (nodes: number): number => 60 + 20 * Math.max(0, nodes - 3)
/** By then all are one ring when the links work again, whatever they hold against each other. */
const HEALED_MS = 20_000

interface Case {
  readonly name: string
  readonly nodes: number
  readonly cut: (world: ScriptWorld) => void
  /** What must be in somebody's log for the pair to be found. */
  readonly named: RegExp
}

const address = (nodeId: number): string => `10.0.0.${nodeId}`
const oneWay = (from: number, to: number) => (world: ScriptWorld) => {
  world.network.cutLink(address(from), address(to))
}
const unicastOnly = (from: number, to: number) => (world: ScriptWorld) => {
  world.network.cutUnicastLink(address(from), address(to))
}

const cases: readonly Case[] = [
  { name: 'two, 2 unheard by 1', nodes: 2, cut: oneWay(2, 1), named: pair(1, 2) },
  { name: 'two, 1 unheard by 2', nodes: 2, cut: oneWay(1, 2), named: pair(1, 2) },
  { name: 'three, 3 unheard by 1', nodes: 3, cut: oneWay(3, 1), named: pair(1, 3) },
  { name: 'three, 1 unheard by 3', nodes: 3, cut: oneWay(1, 3), named: pair(1, 3) },
  { name: 'three, 1 unheard by 2', nodes: 3, cut: oneWay(1, 2), named: pair(1, 2) },
  { name: 'five, 2 unheard by 4', nodes: 5, cut: oneWay(2, 4), named: pair(2, 4) },
  { name: 'two, no unicast 1 to 2', nodes: 2, cut: unicastOnly(1, 2), named: pair(1, 2) },
  { name: 'three, no unicast 1 to 2', nodes: 3, cut: unicastOnly(1, 2), named: pair(1, 2) },
  { name: 'three, no unicast 2 to 3', nodes: 3, cut: unicastOnly(2, 3), named: pair(2, 3) },
  { name: 'three, no unicast 3 to 1', nodes: 3, cut: unicastOnly(3, 1), named: pair(1, 3) },
  { name: 'five, no unicast 3 to 4', nodes: 5, cut: unicastOnly(3, 4), named: pair(3, 4) },
  { name: 'five, 2 and 4 apart', nodes: 5, cut: both(2, 4), named: pair(2, 4) },
  { name: 'chain 1-2-3', nodes: 3, cut: both(1, 3), named: pair(1, 3) },
  { name: 'chain 2-1-3', nodes: 3, cut: both(2, 3), named: pair(2, 3) },
  { name: 'chain 1-3-2', nodes: 3, cut: both(1, 2), named: pair(1, 2) },
]

function both(a: number, b: number): (world: ScriptWorld) => void {
  return (world) => {
    oneWay(a, b)(world)
    oneWay(b, a)(world)
  }
}

/** One of the two says, for everybody to see, something about the other. */
function pair(a: number, b: number): RegExp {
  return new RegExp(`^node${a} (warning|notice): .*node ?${b} |^node${b} (warning|notice): .*node ?${a} `)
}

/** A link that no token takes and no frame needs disturbs nobody: then there is nothing to name. */
function isWhole(world: ScriptWorld): boolean {
  return areOneRing(world, [...world.nodes.keys()])
}

/** Configurations in each minute, the most of any node. */
function soak({ nodes, cut }: Case, cutAtStart: boolean): { minutes: number[]; world: ScriptWorld } {
  const world = new ScriptWorld()
  for (let id = 1; id <= nodes; id++) world.addNode(`${id}`)
  if (cutAtStart) cut(world)
  for (const node of world.nodes.values()) node.start()
  world.run(1000)
  if (!cutAtStart) cut(world)
  const minutes = Array.from({ length: MINUTES }, () => {
    return Math.max(...countConfigurations(world, 60_000).values())
  })
  return { minutes, world }
}

/** Members of each ring there is: `1 3 | 2`. */
function ringsOf(world: ScriptWorld): string {
  const rings = [...world.nodes.values()].map(({ process }) => {
    return (process?.regular?.members ?? []).map(({ nodeId }) => nodeId).join(' ')
  })
  return [...new Set(rings)].join(' | ')
}

/** @returns the virtual time until all are one ring, at most HEALED_MS */
function heal(world: ScriptWorld): number {
  world.network.healLinks()
  let ms = 0
  for (; ms < HEALED_MS && !isWhole(world); ms += 50) world.run(50)
  return ms
}

describe('lasting half-connectivity', () => {
  const figures: string[] = []
  // One write: jest adds a stack trace to every console line.
  afterAll(() =>
    process.stderr.write(
      `configurations a minute, the busiest node; rings in the end:\n${figures.join('\n')}\n`,
    ),
  )

  describe.each([
    ['from the start', true],
    ['of a ring', false],
  ])('%s', (when, cutAtStart) => {
    test.each(cases)('$name', (given) => {
      const { minutes, world } = soak(given, cutAtStart)
      const rings = ringsOf(world)
      const whole = isWhole(world)
      const healedMs = heal(world)
      figures.push(
        `  ${given.name}, ${when}: ${minutes.join(', ')}; rings ${rings}; healed after ${healedMs} ms`,
      )
      expect(Math.max(...minutes.slice(1))).toBeLessThanOrEqual(mostAMinute(given.nodes))
      const naming = world.logLines.filter((line) => given.named.test(line))
      expect(naming.length > 0 || whole).toBe(true)
      expect(healedMs).toBeLessThan(HEALED_MS)
    })
  })
})
