// Worlds under attack, one after the other, and what came of it.
import { getHeapStatistics } from 'node:v8'
import { limits, seededRandom } from '../../../dist/base/index.js'
import { forge, unfinishedParts } from './forge.mjs'
import { harmless, mayChangeTimes } from './harmless.mjs'
import { World } from './world.mjs'

/** Cases of one class in one world. */
const HARMLESS_CASES = 10_000
const EPISODES = 40
const EPISODE_CASES_MAX = 60
/** After an attack the honest members must be one ring again within this virtual time. */
export const SETTLE_MS = 60_000
/** What a world may need more of the heap after its attack than before: its tables have limits. */
export const HEAP_GROWTH_OCTETS_MAX = 16 * 1024 * 1024
const FINDINGS_KEPT = 20

/** What a campaign counts. */
export function newFigures() {
  return {
    cases: 0,
    byClass: {},
    worlds: 0,
    virtualMs: 0,
    counters: {},
    reconfigurations: 0,
    deliveries: 0,
    exceptions: 0,
    stalls: 0,
    changed: 0,
    apart: 0,
    unserved: 0,
    grown: 0,
    worstSettleMs: 0,
    longestCallMs: 0,
    heapGrowthOctetsMax: 0,
    findings: [],
  }
}

/** @returns how many of the things that must never happen did */
export function failuresOf({ exceptions, stalls, changed, apart, unserved, grown }) {
  return exceptions + stalls + changed + apart + unserved + grown
}

/** Attack world number `index` of a seed. Half of the cases are harmless ones, half forgeries. */
export function attackWorld(seed, index, figures) {
  const classes = Object.keys(harmless)
  const turn = index % (2 * classes.length)
  const random = seededRandom(seed * 1_000_003 + index)
  if (turn % 2 === 0) attackHarmlessly(random, classes[turn / 2], `world ${index} of seed ${seed}`, figures)
  else attackWithForgeries(random, `world ${index} of seed ${seed}`, figures)
  figures.worlds++
}

/** The same world twice, once under attack: nothing that its members do may differ. */
function attackHarmlessly(random, name, where, figures) {
  const options = drawOptions(random)
  const world = startWorld(options)
  const twin = startWorld(options)
  const heapBefore = heapOctets()
  let made = 0
  for (let i = 0; i < HARMLESS_CASES; i++) {
    if (i % 25 === 0) {
      world.run(1)
      twin.run(1)
    }
    if (i === HARMLESS_CASES / 4) for (const either of [world, twin]) restartCalmly(either, 2)
    const frame = harmless[name](random, world)
    if (!frame) continue
    made++
    deliver(random, world, frame, name)
  }
  for (const either of [world, twin]) either.drain()
  countCases(figures, name, made)
  const trace = mayChangeTimes.has(name) ? 'looseTrace' : 'exactTrace'
  const differing = world.nodes.filter((node, index) => node[trace] !== twin.nodes[index][trace])
  // The third member began later than the others.
  const agree = world.nodes[0].trace === world.nodes[1].trace
  if (differing.length > 0 || !agree) {
    figures.changed++
    note(figures, {
      kind: 'changed',
      where,
      message: `${name} frames changed what ${differing.length} members did`,
    })
  }
  twin.forgetCaptured()
  judge(world, where, name, heapBefore, figures)
}

/** Forgeries, with and without a real fault at the same time; then the honest members must be as before. */
function attackWithForgeries(random, where, figures) {
  const world = startWorld(drawOptions(random))
  const heapBefore = heapOctets()
  const configurationsBefore = configurationsOf(world)
  for (let episode = 0; episode < EPISODES; episode++) {
    const cases = 1 + random.below(EPISODE_CASES_MAX)
    const spanMs = random.pick([0, 1, 5, 50, 400])
    if (random.chance(0.3)) world.nodes[random.below(3)].start()
    let made = 0
    let last = 'none'
    for (let i = 0; i < cases; i++) {
      const forged = random.chance(0.97) ? forge(random, world) : unfinishedParts(random, world)
      if (!forged) continue
      made++
      last = forged.what
      deliver(random, world, forged.frame, `forged ${forged.what}`)
      world.run(spanMs * random.next() * 0.1)
    }
    countCases(figures, 'forged', made)
    if (!checkTogether(world, `${where}, episode ${episode}, last forged: ${last}`, figures)) break
  }
  figures.reconfigurations += configurationsOf(world) - configurationsBefore
  judge(world, where, 'forged', heapBefore, figures)
}

/** @returns false when the world is beyond help */
export function checkTogether(world, where, figures) {
  const settledMs = world.settle(SETTLE_MS)
  if (settledMs === null) {
    figures.apart++
    const states = world.nodes.map(({ nodeId, ring, regular }) => {
      const members = regular.members.map((member) => member.nodeId).join()
      return `${nodeId}: ${ring.state} ring ${regular.ringId.sequence} of ${members}`
    })
    const message = `not one ring after ${SETTLE_MS} ms: ${states.join('; ')}`
    note(figures, { kind: 'apart', where, message, lines: world.lines })
    return false
  }
  figures.worstSettleMs = Math.max(figures.worstSettleMs, settledMs)
  const unserved = world.callRoll()
  if (unserved === null) return true
  figures.unserved++
  note(figures, { kind: 'unserved', where, message: unserved })
  return world.settle(SETTLE_MS) !== null
}

function startWorld(options) {
  const world = new World(options)
  world.run(20)
  if (world.settle(SETTLE_MS) === null) throw new Error('honest members alone do not form a ring')
  world.run(300)
  return world
}

/** With nothing under way: what a restart loses would hang on the moment. */
function restartCalmly(world, index) {
  world.drain()
  world.nodes[index].start()
  world.run(1500)
  world.load()
}

function deliver(random, world, frame, what) {
  if (random.chance(0.3)) for (const node of world.nodes) node.receive(frame, what)
  else random.pick(world.nodes).receive(frame, what)
}

function judge(world, where, what, heapBefore, figures) {
  figures.virtualMs += world.clock.nowMs
  figures.longestCallMs = Math.max(figures.longestCallMs, world.longestCallMs)
  for (const [name, value] of Object.entries(world.counters())) {
    figures.counters[name] = (figures.counters[name] ?? 0) + value
  }
  for (const node of world.nodes) figures.deliveries += node.deliveries
  for (const finding of world.findings) {
    figures[finding.kind === 'exception' ? 'exceptions' : 'stalls']++
    note(figures, { where, ...finding })
  }
  world.forgetCaptured()
  const growth = heapOctets() - heapBefore
  figures.heapGrowthOctetsMax = Math.max(figures.heapGrowthOctetsMax, growth)
  if (growth <= HEAP_GROWTH_OCTETS_MAX) return
  figures.grown++
  note(figures, { kind: 'grown', where, message: `${what} frames left ${growth} octets more on the heap` })
}

function note(figures, finding) {
  const same = figures.findings.find(
    ({ kind, message }) => kind === finding.kind && message === finding.message,
  )
  if (same) same.times++
  else if (figures.findings.length < FINDINGS_KEPT) figures.findings.push({ ...finding, times: 1 })
}

function countCases(figures, name, cases) {
  figures.cases += cases
  figures.byClass[name] = (figures.byClass[name] ?? 0) + cases
}

function configurationsOf(world) {
  return world.nodes.reduce((sum, { configurations }) => sum + configurations, 0)
}

function heapOctets() {
  // Twice: the octets that the first collection freed are given back by the time the second one begins.
  globalThis.gc()
  globalThis.gc()
  return getHeapStatistics().used_heap_size + process.memoryUsage().arrayBuffers
}

/** What a forgery can do depends on settings: small frames, no hold, numbers near their end. */
function drawOptions(random) {
  return {
    holdMs: random.pick([0, 2, 8]),
    acceleratedWindowFrames: random.pick([0, 20]),
    netmtu: random.pick([576, 1500, 9000]),
    tokenTimeoutMs: random.pick([300, 1000]),
    firstSequence: random.chance(0.2) ? limits.messageSequenceMax - 4096 - 20_000 : 0,
  }
}
