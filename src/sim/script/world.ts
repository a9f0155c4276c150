import { seededRandom } from '../../base/index.js'
import type { Guarantee } from '../../group/index.js'
import type { Counters } from '../../totem/counters.js'
import { totemDefaults } from '../../totem/index.js'
import { CheckpointWatch } from '../checkers/checkpoints.js'
import { CpgWatch } from '../checkers/cpg.js'
import { ReplicaWatch } from '../checkers/replicas.js'
import { VirtualClock } from '../clock.js'
import { History, type ProcessHistory } from '../history.js'
import { SimNode, type NodeOptions } from '../node.js'
import { ScriptAmf } from './amf.js'
import { ScriptNetwork } from './network.js'
import { ScriptError } from './script-error.js'

export type SharedOptions = NodeOptions

/** Fine enough to stop between two hops of a token. */
const STEP_MS = 0.01
/** Scripts are few and fixed: one seed, unless a script names another. */
const SEED = 1

/** What the commands of one script work on. */
export class ScriptWorld {
  readonly clock = new VirtualClock()
  readonly counters: Counters = {}
  readonly history = new History()
  readonly watch = new ReplicaWatch(this.history, this.counters)
  readonly ckptWatch = new CheckpointWatch(this.history, this.counters, () => this.clock.nowMs)
  readonly cpgWatch = new CpgWatch(this.history, this.counters)
  readonly random = seededRandom(SEED)
  readonly network = new ScriptNetwork(this.clock, this.random, this.counters)
  readonly logLines: string[] = []
  readonly nodes = new Map<string, SimNode>()
  /** What the script calls a message. */
  readonly labels = new Map<string, string>()
  options: SharedOptions = { ...totemDefaults, clusterName: 'script' }
  readonly amf = new ScriptAmf(this)

  readonly log = (line: string): void => {
    this.logLines.push(line)
  }

  /**
   * @param name a node id, or a node id and letters: a second host with the same node id
   * @throws ScriptError when the name is no such name, or taken
   */
  addNode(name: string, options = this.options): void {
    const match = /^([1-9]\d{0,2})([a-z]*)$/.exec(name)
    if (!match)
      throw new ScriptError(`"${name}" is no name of a node: expected a number, or a number and letters`)
    if (this.nodes.has(name)) throw new ScriptError(`there is a node ${name} already`)
    const node = new SimNode(this, Number(match[1]), options, `node${name}`)
    if (match[2] !== '') Object.assign(node, { address: `${node.address}${match[2]}` })
    this.nodes.set(name, node)
  }

  node(name: string): SimNode {
    const node = this.nodes.get(name)
    if (!node)
      throw new ScriptError(`there is no node "${name}"; there are: ${[...this.nodes.keys()].join(' ')}`)
    return node
  }

  /** @returns false when the ring refuses the message */
  send(name: string, guarantee: Guarantee, label: string, octets: number): boolean {
    const node = this.node(name)
    const { process } = node
    if (!node.send(octets, guarantee)) return false
    const event = process!.events.at(-1)!
    if (event.kind === 'accept') this.labels.set(event.message, label)
    return true
  }

  run(durationMs: number): void {
    this.clock.advanceTo(this.clock.nowMs + durationMs)
  }

  /** @returns false when it has not come about in time */
  runUntil(durationMs: number, reached: () => boolean): boolean {
    const endMs = this.clock.nowMs + durationMs
    while (!reached()) {
      if (this.clock.nowMs >= endMs) return false
      this.clock.advanceTo(Math.min(endMs, this.clock.nowMs + STEP_MS))
    }
    return true
  }

  /** A node and which of its lives it is, when it is not the first: `2`, `2/2`. */
  lifeOf(nodeId: number, incarnation: number): string {
    const lives = this.history.processes.filter(({ id }) => id.nodeId === nodeId)
    const index = lives.findIndex(({ id }) => id.incarnation === incarnation)
    return this.labelLife(nodeId, lives, index)
  }

  private labelLife(nodeId: number, lives: readonly ProcessHistory[], index: number): string {
    const twins = [...this.nodes.values()].filter((node) => node.nodeId === nodeId).length > 1
    if (twins) return lives[index]!.name.replace(/^node/, '').replace(/\/.*$/, '')
    return index > 0 ? `${nodeId}/${index + 1}` : `${nodeId}`
  }
}
