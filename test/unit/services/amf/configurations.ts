import type { CapabilityModel, Random, RedundancyModel } from '../../../../src/base/index.js'
import type {
  ComponentConfig,
  GroupConfig,
  GroupsConfig,
  ServiceInstanceConfig,
  UnitConfig,
} from '../../../../src/config/model/groups-config.js'

/** A component as groups.conf gives it when it says nothing of it. */
export function component(name: string, more: Partial<ComponentConfig> = {}): ComponentConfig {
  return {
    name,
    capability: 'x_active_and_y_standby',
    maxActiveCsis: null,
    maxStandbyCsis: null,
    recovery: 'component-failover',
    restartTimeoutMs: null,
    healthcheckIntervalMs: null,
    healthcheckMaxDurationMs: 300,
    callbackTimeoutMs: 5000,
    ...more,
  }
}

export function group(
  name: string,
  model: RedundancyModel,
  units: readonly UnitConfig[],
  serviceInstances: readonly ServiceInstanceConfig[],
  more: Partial<GroupConfig> = {},
): GroupConfig {
  return {
    name,
    model,
    activeUnits: 1,
    backupUnits: units.length,
    maxActiveInstances: null,
    maxStandbyInstances: null,
    isClassic: false,
    componentRestartMax: 2,
    componentRestartProbationMs: 100_000,
    unitRestartMax: 1,
    unitRestartProbationMs: 20_000,
    unitFailoverMax: null,
    unitFailoverProbationMs: 20_000,
    units,
    serviceInstances,
    ...more,
  }
}

export function groups(...all: GroupConfig[]): GroupsConfig {
  return { leaseMs: null, takeoverDelayMs: 20, noQuorum: 'stop', groups: all }
}

/** Units of components `NAME-UNIT-1 …`, each of which carries one CSI of every service instance. */
export function randomGroup(random: Random, name: string): GroupConfig {
  const model = random.pick<RedundancyModel>(['2n', 'nplusm', 'noredundancy'])
  const count = 1 + random.below(3)
  const restartTimeoutMs = random.chance(0.4) ? 1000 : null
  const recovery = restartTimeoutMs === null ? 'component-failover' : 'component-restart'
  const capability = random.pick<CapabilityModel>(['x_active_and_y_standby', 'x_active_or_y_standby'])
  const indexes = Array.from({ length: count }, (_, index) => index)
  const units = Array.from({ length: 1 + random.below(4) }, (_, unit): UnitConfig => {
    const components = indexes.map((index) => {
      return component(`${name}-${unit}-${index}`, { restartTimeoutMs, recovery, capability })
    })
    return { name: `${name}-${unit}`, node: null, rank: random.below(3), components }
  })
  const instances = Array.from({ length: 1 + random.below(3) }, (_, si): ServiceInstanceConfig => {
    const csis = indexes.map((index) => {
      const members = units.map((unit) => unit.components[index]!.name)
      return { name: `${name}-si${si}-${index}`, rank: random.below(2), members, attributes: [] }
    })
    const standbyAssignments = model === 'noredundancy' ? 0 : random.below(3)
    return { name: `${name}-si${si}`, rank: random.below(3), standbyAssignments, csis }
  })
  const activeUnits = model === '2n' ? 1 : 1 + random.below(2)
  const unitFailoverMax = random.chance(0.3) ? 1 : null
  return group(name, model, units, instances, {
    activeUnits,
    unitFailoverMax,
    backupUnits: 1 + random.below(2),
  })
}
