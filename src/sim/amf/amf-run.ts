import type { Random } from '../../base/index.js'
import { effectiveLeaseMs } from '../../config/index.js'
import { emptyGroups, type GroupsConfig } from '../../config/model/groups-config.js'
import type { Counters } from '../../totem/counters.js'
import { AmfFacts } from '../checkers/amf-model.js'
import { AmfWatch, type AmfSetup } from '../checkers/amf.js'
import type { VirtualClock } from '../clock.js'
import type { History } from '../history.js'
import { CLOCK_SPREAD, type NodeOptions, type SimNode } from '../node.js'
import { AmfLoad } from './amf-load.js'
import { drawGroups, otherThan } from './configurations.js'
import type { NodeAmf } from './node-amf.js'

export interface AmfRunWorld {
  readonly history: History
  readonly counters: Counters
  readonly clock: VirtualClock
  readonly log?: (line: string) => void
}

/** Clocks that differ little, as those of real machines do. */
const SMALL_SPREAD = 0.002

/** AMF of a run: its configuration, its components, who watches them. */
export class AmfRun implements NodeAmf {
  readonly watch: AmfWatch
  readonly config: GroupsConfig
  /** By how much rates of clocks differ: what a takeover waits for has to cover it. */
  readonly clockSpread: number
  private readonly leaseMs: number
  private readonly other: GroupsConfig
  private load: AmfLoad | null = null
  private readonly isMixed: boolean

  constructor(
    private readonly random: Random,
    names: readonly string[],
    options: NodeOptions,
    private readonly world: AmfRunWorld,
  ) {
    const { tokenTimeoutMs } = options
    this.clockSpread = random.chance(0.5) ? CLOCK_SPREAD : SMALL_SPREAD
    const takeoverMinMs = Math.ceil(this.clockSpread * tokenTimeoutMs * 1.2)
    this.config = drawGroups({ random, nodes: names, takeoverMinMs })
    this.other = otherThan(this.config)
    this.isMixed = random.chance(0.2)
    this.leaseMs = effectiveLeaseMs(this.config, tokenTimeoutMs)
    const { history, counters, clock, log } = world
    this.watch = new AmfWatch(history, counters, clock, setupOf(this.config, options), log)
  }

  configOf(): GroupsConfig {
    return this.isMixed && this.random.chance(0.3) ? this.other : this.config
  }

  processStart(node: string, pid: number): number | null {
    return this.load?.processStart(node, pid) ?? null
  }

  start(nodes: readonly SimNode[]): void {
    const { random, watch, world, config, leaseMs } = this
    const surroundings = { clock: world.clock, random, amfWatch: watch }
    this.load = new AmfLoad(surroundings, random, nodes, config, leaseMs)
  }

  step(): void {
    this.load!.step()
  }

  /** Faults are over. */
  calm(): void {
    this.load!.calm()
  }

  get quiet(): boolean {
    return this.watch.quiet && this.load!.quiet
  }

  /** Why it is not quiet. */
  get unrest(): string {
    return this.load!.quiet ? this.watch.unrest : 'requests of the administrator have no answer'
  }
}

export function setupOf(
  config: GroupsConfig,
  { tokenTimeoutMs, services }: Pick<NodeOptions, 'tokenTimeoutMs' | 'services'>,
): AmfSetup {
  const quorum = services?.quorum
  const components = config.groups.flatMap(({ units }) => units.flatMap((unit) => unit.components))
  return {
    isExclusive: quorum?.mode === 'majority' && !quorum.twoNode && config.noQuorum === 'stop',
    takeoverDelayMs: config.takeoverDelayMs,
    leaseMs: effectiveLeaseMs(config, tokenTimeoutMs),
    callbackTimeoutMs: Math.max(0, ...components.map((component) => component.callbackTimeoutMs)),
    tokenTimeoutMs,
    facts: new AmfFacts(config),
  }
}

/** Nodes that have no groups.conf. */
export function withoutAmf({ history, counters, clock }: AmfRunWorld): NodeAmf {
  const setup = setupOf(emptyGroups, { tokenTimeoutMs: 1000 })
  return {
    watch: new AmfWatch(history, counters, clock, setup),
    configOf: () => emptyGroups,
    processStart: () => null,
  }
}
