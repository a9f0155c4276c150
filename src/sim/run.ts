import { seededRandom, limits, type Random } from '../base/index.js'
import { count, type Counters } from '../totem/counters.js'
import { totemDefaults } from '../totem/index.js'
import { AmfRun } from './amf/amf-run.js'
import { checkPromises } from './checkers/index.js'
import { CheckpointWatch } from './checkers/checkpoints.js'
import { CpgWatch } from './checkers/cpg.js'
import { CkptLoad } from './ckpt-load.js'
import { VirtualClock } from './clock.js'
import { CpgLoad } from './cpg/cpg-load.js'
import { FaultScript } from './faults.js'
import { History, ringKey, type Violation } from './history.js'
import { fairWeather, VirtualNetwork } from './network.js'
import { SimNode, type NodeOptions, type NodeWorld } from './node.js'
import { ReplicaWatch } from './checkers/replicas.js'
import type { QuorumSettings } from '../group/index.js'
import { quorumOff, type ServiceOptions } from './services/node-services.js'

/** Virtual time by which all must be one quiet ring after the last fault. */
export const CONVERGENCE_MS = 30_000
const STEP_MS = 5
/** What is due has ended everywhere so long after all have become one quiet ring. */
const SETTLING_MS = 4000
/** Before that a run ends when all is as it should be at rest; it is looked at so often. */
const LOOK_MS = 500
/** One run in so many goes on to the end: what was as it should be has to stay so. */
const WHOLE_RUNS = 4
/** The applications of CKPT draw from a sequence of their own. */
const LOAD_SEED = 0x1000_0000
/** So do components, and what they are configured to be. */
const AMF_SEED = 0x2000_0000
/** And the members of process groups. */
const CPG_SEED = 0x3000_0000

export interface RunOptions {
  readonly seed: number
  /** How many nodes; drawn from the seed when null. */
  readonly nodes: number | null
  /** How many faults and bursts of messages. */
  readonly steps: number
  /** Takes the log of the run. */
  readonly log?: (line: string) => void
}

export interface RunResult {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly counters: Counters
  /** From the last fault to one quiet ring, virtual milliseconds. */
  readonly convergenceMs: number
  /** Length of the run, virtual milliseconds. */
  readonly virtualMs: number
  readonly messages: number
  readonly configurations: number
}

type RunWorld = NodeWorld & {
  readonly amf: AmfRun
  readonly cpgWatch: CpgWatch
  /** It goes on to the end of its settling. */
  readonly isWhole: boolean
}

/** One run: nodes start, faults and messages come as the seed has it, all heals, promises are checked. */
export function runSeed(options: RunOptions): RunResult {
  const random = seededRandom(options.seed)
  const clock = new VirtualClock()
  const counters: Counters = {}
  const history = new History()
  const network = new VirtualNetwork(clock, random, counters)
  const log = (line: string): void => options.log?.(`${clock.nowMs.toFixed(3)} ${line}`)
  const reserveAtStart = random.chance(0.5) ? random.below(4) : limits.ringSequenceBlock
  const watch = new ReplicaWatch(history, counters)
  const ckptWatch = new CheckpointWatch(history, counters, () => clock.nowMs)
  const nodeCount = options.nodes ?? 2 + random.below(4)
  const nodeOptions = drawOptions(random, counters, nodeCount)
  const suffix = random.chance(0.2) ? `-${'x'.repeat(120)}` : ''
  const names = Array.from({ length: nodeCount }, (_, index) => `node${index + 1}${suffix}`)
  const amf = new AmfRun(seededRandom(options.seed + AMF_SEED), names, nodeOptions, {
    history,
    counters,
    clock,
    log,
  })
  const { clockSpread } = amf
  const cpgWatch = new CpgWatch(history, counters)
  const world = {
    ...{ clock, network, random, history, watch, ckptWatch, counters, log, reserveAtStart },
    ...{ amf, cpgWatch, clockSpread, isWhole: options.seed % WHOLE_RUNS === 0 },
  }
  const nodes = names.map((name, index) => new SimNode(world, index + 1, nodeOptions, name))
  for (const node of nodes) clock.schedule(random.next() * 100, () => node.start())
  let convergenceMs = CONVERGENCE_MS
  try {
    const load = new CkptLoad(world, seededRandom(options.seed + LOAD_SEED), nodes)
    amf.start(nodes)
    const smallOnly = nodeOptions.firstSequence !== undefined
    const cpg = new CpgLoad(world, seededRandom(options.seed + CPG_SEED), nodes, smallOnly)
    const loads = { step: () => [load.step(), amf.step(), cpg.step()], calm: () => [amf.calm(), cpg.calm()] }
    const script = new FaultScript(world, nodes, smallOnly, loads)
    convergenceMs = play(world, nodes, script, options.steps)
    checkPromises(history)
    cpgWatch.checkEnd()
    if (convergenceMs < CONVERGENCE_MS) checkRest(world)
  } catch (error) {
    history.violate('no exception', String((error as Error).stack))
  }
  for (const node of nodes) countRing(node, counters)
  const events = history.processes.flatMap(({ events }) => events)
  return {
    seed: options.seed,
    violations: history.violations,
    counters,
    convergenceMs,
    virtualMs: clock.nowMs,
    messages: events.filter(({ kind }) => kind === 'accept').length,
    configurations: events.filter(({ kind }) => kind === 'configuration').length,
  }
}

/** @returns how long it took to become one ring after the last fault */
function play(world: RunWorld, nodes: readonly SimNode[], script: FaultScript, steps: number): number {
  const { clock, random } = world
  clock.advanceTo(random.chance(0.7) ? 400 : 50)
  for (let step = 0; step < steps; step++) script.step()
  return converge(world, nodes, script)
}

/** Promise 8: when faults stop, all form one ring, and everything sent is delivered. */
function converge(world: RunWorld, nodes: readonly SimNode[], script: FaultScript): number {
  const { clock, network, history } = world
  script.heal()
  network.weather = { ...fairWeather }
  for (const node of nodes) node.resume()
  script.load.calm()
  const healedMs = clock.nowMs
  while (clock.nowMs - healedMs < CONVERGENCE_MS) {
    // Some are down, and some were asked to leave and go only now.
    for (const node of nodes) if (!node.ring) node.start()
    clock.advanceTo(clock.nowMs + STEP_MS)
    if (!isOneQuietRing(nodes)) continue
    const convergenceMs = clock.nowMs - healedMs
    settle(world, nodes)
    if (isAtRest(world, nodes)) return convergenceMs
  }
  const rings = nodes.map(({ name, ring, process }) => {
    return `${name}: ${ring?.state} ${process?.regular ? ringKey(process.regular.ringId) : '-'}`
  })
  world.ckptWatch.checkAnswered()
  if (!world.amf.quiet) history.violate('amf: progress', world.amf.unrest)
  history.violate('8 progress', `${CONVERGENCE_MS} ms after the last fault: ${rings.join(', ')}`)
  return CONVERGENCE_MS
}

function settle(world: RunWorld, nodes: readonly SimNode[]): void {
  const { clock, history, isWhole } = world
  const endMs = clock.nowMs + SETTLING_MS
  while (clock.nowMs < endMs) {
    clock.advanceTo(Math.min(endMs, clock.nowMs + LOOK_MS))
    if (!isWhole && isAtRest(world, nodes) && history.holds(() => checkRest(world))) return
  }
}

function isAtRest({ ckptWatch, amf, cpgWatch }: RunWorld, nodes: readonly SimNode[]): boolean {
  return isOneQuietRing(nodes) && ckptWatch.quiet && amf.quiet && cpgWatch.quiet
}

function checkRest({ watch, ckptWatch, amf, cpgWatch }: RunWorld): void {
  cpgWatch.checkQuiet()
  watch.checkQuiet()
  ckptWatch.checkQuiet()
  amf.watch.checkQuiet()
}

function isOneQuietRing(nodes: readonly SimNode[]): boolean {
  const first = nodes[0]!.process?.regular
  return nodes.every(({ ring, process, services }) => {
    if (ring?.state !== 'operational' || !process?.regular || process.inTransition) return false
    if (ringKey(process.regular.ringId) !== ringKey(first!.ringId)) return false
    return process.regular.members.length === nodes.length && ring.quiet && services!.layer.quiet
  })
}

function countRing(node: SimNode, counters: Counters): void {
  for (const [name, value] of Object.entries(node.ring?.counters ?? {}))
    count(counters, `ring.${name}`, value)
}

/** Settings are drawn too: small frames, no hold, the plain protocol, numbers near their end. */
function drawOptions(random: Random, counters: Counters, nodes: number): NodeOptions {
  const nearTheEnd = random.chance(0.2)
  if (nearTheEnd) count(counters, 'setting.nearWrapAround')
  const options: NodeOptions = {
    ...totemDefaults,
    clusterName: 'sim',
    tokenTimeoutMs: random.pick([200, 400, 1000]),
    holdMs: random.pick([0, 2, 8]),
    acceleratedWindowFrames: random.pick([0, 5, 20]),
    windowFrames: random.pick([20, 120]),
    maxMessagesPerVisit: random.pick([5, 50]),
    netmtu: random.pick([576, 1500, 9000]),
    services: drawServices(random, nodes),
  }
  if (!nearTheEnd) return options
  // Every message must fit between the first number and the last, or it would begin anew for ever.
  const firstSequence = limits.messageSequenceMax - 4096 - 160 - random.below(60)
  const services = { ...options.services!, snapshotOctets: 0 }
  return { ...options, firstSequence, netmtu: 1500, services }
}

function drawServices(random: Random, nodes: number): ServiceOptions {
  const snapshotOctets = random.pick([0, 0, 20_000, 60_000, 300_000])
  const expectedVotes = nodes
  const quorum: QuorumSettings = random.chance(0.5)
    ? quorumOff
    : { mode: 'majority', expectedVotes, twoNode: false, waitForAll: random.chance(0.3) }
  const catchUpSliceMessages = random.pick([1, 3, limits.catchUpSliceMessages])
  return { snapshotOctets, quorum, catchUpSliceMessages, hasCpg: true }
}
