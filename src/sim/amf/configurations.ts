import { capabilityModels, type CapabilityModel, type Random } from '../../base/index.js'
import type {
  ComponentConfig,
  CsiConfig,
  GroupConfig,
  GroupsConfig,
  ServiceInstanceConfig,
  UnitConfig,
} from '../../config/model/groups-config.js'

// What a run's nodes are to keep available, drawn from its seed. Small enough to meet every state of it.

const MODELS = ['2n', 'nplusm', 'noredundancy'] as const

export interface DrawnFor {
  readonly random: Random
  /** Names of the nodes. */
  readonly nodes: readonly string[]
  /** Least time between the end of a configuration and a takeover that the clocks of the run allow for. */
  readonly takeoverMinMs: number
}

/** One to three groups. */
export function drawGroups(drawn: DrawnFor): GroupsConfig {
  const { random, takeoverMinMs } = drawn
  const count = random.pick([1, 1, 2, 3])
  const groups = Array.from({ length: count }, (_, index) => drawGroup(drawn, 'abc'[index]!))
  const takeoverDelayMs = Math.max(takeoverMinMs, random.pick([20, 20, 50]))
  const noQuorum = random.pick(['stop', 'stop', 'stop', 'stop', 'freeze', 'ignore'] as const)
  return { leaseMs: null, takeoverDelayMs, noQuorum, groups }
}

/** The same, but for one number: another digest. */
export function otherThan(config: GroupsConfig): GroupsConfig {
  const [first, ...others] = config.groups
  const changed = { ...first!, unitRestartProbationMs: first!.unitRestartProbationMs + 1 }
  return { ...config, groups: [changed, ...others] }
}

function drawGroup(drawn: DrawnFor, name: string): GroupConfig {
  const { random } = drawn
  const model = random.pick(MODELS)
  const isClassic = random.chance(0.5)
  const unitCount = 2 + random.below(Math.min(3, drawn.nodes.length))
  const perUnit = 1 + random.below(2)
  const slots = Array.from({ length: perUnit }, (_, index) => index)
  const restarts = random.chance(0.4)
  const traits = Object.assign(drawTraits(random, isClassic), { restartTimeoutMs: restarts ? 400 : null })
  const units = Array.from({ length: unitCount }, (_, index): UnitConfig => {
    const unit = `${name}${index + 1}`
    const components = slots.map((slot) => ({ ...traits, name: `${unit}.${slot}` }))
    return { name: unit, node: null, rank: random.chance(0.2) ? 1 : 0, components }
  })
  const activeUnits = model === '2n' ? 1 : 1 + random.below(unitCount - 1)
  const members = slots.map((slot) => units.map(({ components }) => components[slot]!.name))
  const serviceInstances = isClassic
    ? implied(name, members, activeUnits)
    : drawInstances(random, name, members)
  return {
    name,
    model,
    activeUnits,
    backupUnits: 1 + random.below(2),
    maxActiveInstances: isClassic ? 1 : random.pick([null, null, 1, 2]),
    maxStandbyInstances: random.pick([null, null, null, 1]),
    isClassic,
    ...drawEscalation(random),
    units: placed(drawn, units),
    serviceInstances: isClassic
      ? serviceInstances
      : serviceInstances.map((instance) => ({ ...instance, rank: random.below(2) })),
  }
}

/** Some units belong to a node. */
function placed({ random, nodes }: DrawnFor, units: readonly UnitConfig[]): UnitConfig[] {
  return units.map((unit) => (random.chance(0.3) ? { ...unit, node: random.pick(nodes) } : unit))
}

function drawTraits(random: Random, isClassic: boolean): Omit<ComponentConfig, 'name' | 'restartTimeoutMs'> {
  // What can't be active makes a group that has nothing to show.
  const capable: readonly CapabilityModel[] = capabilityModels.filter((model) => model !== 'no_active')
  const capability = isClassic ? 'x_active' : random.pick(capable)
  return {
    capability,
    maxActiveCsis: capability.startsWith('1_active') ? 1 : random.pick([null, null, 2]),
    maxStandbyCsis: capability.endsWith('1_standby') ? 1 : random.pick([null, null, 2]),
    recovery: random.pick([
      'component-failover',
      'component-failover',
      'component-restart',
      'unit-restart',
      'node-switchover',
      'node-failover',
    ] as const),
    healthcheckIntervalMs: random.pick([null, 100, 100, 50]),
    healthcheckMaxDurationMs: random.pick([300, 100]),
    callbackTimeoutMs: random.pick([200, 500, 1000]),
  }
}

function drawEscalation(
  random: Random,
): Pick<
  GroupConfig,
  | 'componentRestartMax'
  | 'componentRestartProbationMs'
  | 'unitRestartMax'
  | 'unitRestartProbationMs'
  | 'unitFailoverMax'
  | 'unitFailoverProbationMs'
> {
  return {
    componentRestartMax: random.below(3),
    componentRestartProbationMs: random.pick([1000, 10_000]),
    unitRestartMax: random.below(3),
    unitRestartProbationMs: random.pick([1000, 10_000]),
    unitFailoverMax: random.pick([null, null, 1, 2]),
    unitFailoverProbationMs: random.pick([1000, 10_000]),
  }
}

function csiOf(name: string, members: readonly string[], rank = 0): CsiConfig {
  return { name, rank, members, attributes: [{ name: 'of', values: [name] }] }
}

/** As a group without service instances comes to have them. */
function implied(
  name: string,
  members: readonly (readonly string[])[],
  activeUnits: number,
): ServiceInstanceConfig[] {
  return Array.from({ length: activeUnits }, (_, index) => {
    const suffix = index === 0 ? '' : `#${index + 1}`
    return {
      name: `${name}${suffix}`,
      rank: 0,
      standbyAssignments: 2,
      csis: members.map((capable, slot) => csiOf(`${name}-p${slot}${suffix}`, capable)),
    }
  })
}

function drawInstances(
  random: Random,
  name: string,
  members: readonly (readonly string[])[],
): ServiceInstanceConfig[] {
  return Array.from({ length: 1 + random.below(3) }, (_, index) => ({
    name: `${name}-si${index + 1}`,
    rank: 0,
    standbyAssignments: 1 + random.below(2),
    csis: members
      .filter((_, slot) => slot === 0 || random.chance(0.7))
      .map((capable, slot) => csiOf(`${name}-si${index + 1}-c${slot}`, capable, random.below(2))),
  }))
}
