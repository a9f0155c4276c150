import { seededRandom } from '../base/index.js'
import type { Counters } from '../totem/counters.js'
import { totemDefaults } from '../totem/index.js'
import { withoutAmf } from './amf/amf-run.js'
import { VirtualClock } from './clock.js'
import { CheckpointWatch } from './checkers/checkpoints.js'
import { CpgWatch } from './checkers/cpg.js'
import { ReplicaWatch } from './checkers/replicas.js'
import { History } from './history.js'
import { VirtualNetwork } from './network.js'
import { SimNode } from './node.js'

const LIMIT_MS = 20_000

export interface Formation {
  readonly nodes: number
  /** From the first start to one ring installed by all, virtual milliseconds; null: not in time. */
  readonly formedMs: number | null
  /** Configurations delivered on the way, a node. */
  readonly configurations: number
  /** Sent until then, a node. */
  readonly frames: number
  readonly octets: number
}

/** How long so many nodes, started within 20 ms, take to become one ring, and what it costs each. */
export function measureFormation(nodeCount: number, seed: number): Formation {
  const random = seededRandom(seed)
  const clock = new VirtualClock()
  const counters: Counters = {}
  const history = new History()
  const network = new CountingNetwork(clock, random, counters)
  const watch = new ReplicaWatch(history, counters)
  const ckptWatch = new CheckpointWatch(history, counters, () => clock.nowMs)
  const cpgWatch = new CpgWatch(history, counters)
  const amf = withoutAmf({ history, counters, clock })
  const log = (): void => undefined
  const world = { clock, network, random, history, watch, ckptWatch, amf, cpgWatch, counters, log }
  const options = { ...totemDefaults, clusterName: 'sim' }
  const nodes = Array.from(
    { length: nodeCount },
    (_, index) => new SimNode(world, index + 1, options, `node${index + 1}`),
  )
  for (const node of nodes) clock.schedule(random.next() * 20, () => node.start())
  const formed = (): boolean =>
    nodes.every(({ process }) => process?.regular?.members.length === nodeCount && !process.inTransition)
  while (!formed() && clock.nowMs < LIMIT_MS) clock.advanceTo(clock.nowMs + 1)
  const configurations = history.processes.flatMap(({ events }) => events).length
  return {
    nodes: nodeCount,
    formedMs: formed() ? clock.nowMs : null,
    configurations: configurations / nodeCount,
    frames: Math.round(network.frames / nodeCount),
    octets: Math.round(network.octets / nodeCount),
  }
}

class CountingNetwork extends VirtualNetwork {
  frames = 0
  octets = 0

  override multicast(from: string, frame: Uint8Array): void {
    this.frames++
    this.octets += frame.length
    super.multicast(from, frame)
  }

  override unicast(from: string, to: string, frame: Uint8Array): void {
    this.frames++
    this.octets += frame.length
    super.unicast(from, to, frame)
  }
}
