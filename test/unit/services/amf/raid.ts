import type {
  ComponentConfig,
  CsiConfig,
  GroupsConfig,
  UnitConfig,
} from '../../../../src/config/model/groups-config.js'

const LETTERS = ['x', 'y', 'z'] as const

/** The group of the guide: of three units of two components one is active, two stand by. */
export function raid(more: Partial<ComponentConfig> = {}): GroupsConfig {
  const component = (name: string): ComponentConfig => ({
    name,
    capability: 'x_active',
    maxActiveCsis: null,
    maxStandbyCsis: null,
    recovery: 'component-failover',
    restartTimeoutMs: null,
    healthcheckIntervalMs: null,
    healthcheckMaxDurationMs: 300,
    callbackTimeoutMs: 1000,
    ...more,
  })
  const units = LETTERS.map((letter, index): UnitConfig => {
    const components = ['a', 'b'].map((which) => component(`comp_${which}_in_su_${letter}`))
    return { name: `raid${'ABC'[index]!}`, node: null, rank: 0, components }
  })
  const csis = ['a', 'b'].map((which): CsiConfig => {
    const members = LETTERS.map((letter) => `comp_${which}_in_su_${letter}`)
    const attributes = [{ name: 'disk', values: ['one', 'two'] }]
    return { name: `pg${which.toUpperCase()}`, rank: 0, members, attributes }
  })
  return {
    leaseMs: null,
    takeoverDelayMs: 20,
    noQuorum: 'stop',
    groups: [
      {
        name: 'raid',
        model: 'nplusm',
        activeUnits: 1,
        backupUnits: 2,
        maxActiveInstances: null,
        maxStandbyInstances: null,
        isClassic: true,
        componentRestartMax: 2,
        componentRestartProbationMs: 4000,
        unitRestartMax: 2,
        unitRestartProbationMs: 4000,
        unitFailoverMax: null,
        unitFailoverProbationMs: 4000,
        units,
        serviceInstances: [{ name: 'raid', rank: 0, standbyAssignments: 2, csis }],
      },
    ],
  }
}

/** Components of the unit of this letter. */
export function componentsOf(letter: 'x' | 'y' | 'z'): readonly [string, string] {
  return [`comp_a_in_su_${letter}`, `comp_b_in_su_${letter}`]
}
