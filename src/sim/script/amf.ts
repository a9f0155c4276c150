import type { Random } from '../../base/index.js'
import { emptyGroups, type GroupsConfig } from '../../config/model/groups-config.js'
import type { Counters } from '../../totem/counters.js'
import { setupOf } from '../amf/amf-run.js'
import { SimComponent } from '../amf/component.js'
import { otherThan } from '../amf/configurations.js'
import type { NodeAmf } from '../amf/node-amf.js'
import { AmfWatch } from '../checkers/amf.js'
import type { VirtualClock } from '../clock.js'
import type { History } from '../history.js'
import type { NodeOptions, SimNode } from '../node.js'
import { draftGroup } from './amf-groups.js'
import { ScriptMood } from './amf-mood.js'
import { expected } from './quantities.js'
import { ScriptError } from './script-error.js'

export interface AmfScriptWorld {
  readonly clock: VirtualClock
  readonly random: Random
  readonly history: History
  readonly counters: Counters
  readonly options: NodeOptions
  readonly nodes: ReadonlyMap<string, SimNode>
  node(name: string): SimNode
}

/** AMF of a script: groups as it writes them down, and a process for each component that it starts. */
export class ScriptAmf implements NodeAmf {
  readonly watch: AmfWatch
  config: GroupsConfig = emptyGroups
  /** By component; of several processes the last one started. */
  readonly processes = new Map<string, SimComponent>()
  /** Nodes with another groups.conf. */
  readonly others = new Set<string>()
  private readonly homes = new Map<string, string>()
  private readonly lives = new Map<string, number>()
  private readonly byPid = new Map<number, SimComponent>()
  private isSetUp = false

  constructor(private readonly world: AmfScriptWorld) {
    const { history, counters, clock, options } = world
    this.watch = new AmfWatch(history, counters, clock, setupOf(emptyGroups, options))
  }

  configOf(node: string): GroupsConfig {
    if (!this.isSetUp) this.watch.setUp(setupOf(this.config, this.world.options))
    this.isSetUp = true
    return this.others.has(node) ? otherThan(this.config) : this.config
  }

  processStart(node: string, pid: number): number | null {
    const process = this.byPid.get(pid)
    return process !== undefined && !process.loop.isDead && process.node.name === node ? pid : null
  }

  /** Of a component or of all components of a unit. */
  componentsNamed(name: string): string[] {
    const unit = this.units.find((candidate) => candidate.name === name)
    if (unit !== undefined) return unit.components.map((component) => component.name)
    const names = this.units.flatMap(({ components }) => components.map((component) => component.name))
    if (!names.includes(name)) throw expected(`one of ${names.join(', ')}, or a unit`, name)
    return [name]
  }

  /** There is something to check at the end: groups, and nothing under way. */
  get isChecked(): boolean {
    return this.config.groups.length > 0 && this.isQuiet
  }

  get isQuiet(): boolean {
    const running = [...this.world.nodes.values()].filter(({ ring, paused }) => ring !== null && !paused)
    const areAnswered = [...this.processes.values()].every(({ loop, isAnswered, node }) => {
      return loop.isDead || loop.isStalled || isAnswered || node.services === null
    })
    const areKnown = running.every(({ nodeId, services }) => {
      return services?.layer.quiet === true && services.amf.service.machine.state.present.has(nodeId)
    })
    const areConfigured = running.every(({ services }) => services?.amf.service.machine.config !== null)
    return this.watch.quiet && areAnswered && areKnown && areConfigured
  }

  addGroup(words: readonly string[]): void {
    if (this.isSetUp) throw new ScriptError('groups come before the first node starts')
    const { group, homes } = draftGroup(words)
    this.config = { ...this.config, groups: [...this.config.groups, group] }
    for (const [unit, node] of homes) this.homes.set(unit, node)
  }

  get units(): GroupsConfig['groups'][number]['units'] {
    return this.config.groups.flatMap(({ units }) => units)
  }

  start(name: string, node: SimNode): void {
    const life = (this.lives.get(name) ?? 0) + 1
    this.lives.set(name, life)
    const pid = this.byPid.size + 1
    const { clock, random } = this.world
    const world = { clock, random, amfWatch: this.watch }
    const process = new SimComponent(world, name, node, life, pid, new ScriptMood())
    this.byPid.set(pid, process)
    this.processes.set(name, process)
  }

  homeOf(component: string): SimNode {
    const unit = this.units.find(({ components }) => components.some(({ name }) => name === component))!
    return this.world.node(this.homes.get(unit.name)!)
  }

  process(name: string): SimComponent {
    const process = this.processes.get(name)
    if (process === undefined) throw new ScriptError(`component ${name} was not begun`)
    return process
  }
}
