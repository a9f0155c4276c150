import type { CapabilityModel, ComponentRecovery, RedundancyModel } from '../../base/index.js'

// groups.conf, checked: what AMF is to keep available. Times in milliseconds. Order is that of the file,
// and counts: of what is otherwise equal the first is preferred.

export interface ComponentConfig {
  /** Unique in the file. */
  readonly name: string
  readonly capability: CapabilityModel
  /**
   * Component service instances it can be active for at a time; null: as many as there are. 1 where the
   * model says so.
   */
  readonly maxActiveCsis: number | null
  readonly maxStandbyCsis: number | null
  /** What is done about an error, where the reporter recommends nothing. */
  readonly recovery: ComponentRecovery
  /**
   * It is brought back by whoever started it (systemd, a loop of the shell): within so long of its end it
   * has registered again. null: nobody does, so it cannot be restarted and its unit fails over at once.
   */
  readonly restartTimeoutMs: number | null
  /** null: AMF invokes no health check unless the component starts one. */
  readonly healthcheckIntervalMs: number | null
  readonly healthcheckMaxDurationMs: number
  /** For the answer to any other callback. */
  readonly callbackTimeoutMs: number
}

export interface UnitConfig {
  /** Unique among the units of the file. */
  readonly name: string
  /** Name of the node its components register on; null: that on which the first of them registers. */
  readonly node: string | null
  /** Lower is preferred; equal ones by their order. */
  readonly rank: number
  readonly components: readonly ComponentConfig[]
}

export interface CsiConfig {
  /** Unique in the file; the name of its protection group. */
  readonly name: string
  /** Lower ones are assigned first. */
  readonly rank: number
  /** Components that can carry it. In each unit the first of them in the order of the unit does. */
  readonly members: readonly string[]
  /** Name and values, for csiSet. */
  readonly attributes: readonly { readonly name: string; readonly values: readonly string[] }[]
}

export interface ServiceInstanceConfig {
  /** Unique in the file. */
  readonly name: string
  /** Lower ones are assigned first. */
  readonly rank: number
  /** Standbys wanted. */
  readonly standbyAssignments: number
  readonly csis: readonly CsiConfig[]
}

export interface GroupConfig {
  readonly name: string
  readonly model: RedundancyModel
  /** Units active at a time, at most; 2n: 1. */
  readonly activeUnits: number
  /** Units standing by at a time, at most. */
  readonly backupUnits: number
  /** Service instances one unit is active, or stands by, for at a time; null: any number. */
  readonly maxActiveInstances: number | null
  readonly maxStandbyInstances: number | null
  /**
   * No service-instance was written: there are `activeUnits` implied ones of all protections (ais-model
   * 3.1), of which a unit is active for one. Capability models withhold no standby.
   */
  readonly isClassic: boolean
  /** Restarts of a component within the probation time, before its unit is restarted. */
  readonly componentRestartMax: number
  readonly componentRestartProbationMs: number
  /** Restarts of a unit within the probation time, before it fails over. */
  readonly unitRestartMax: number
  readonly unitRestartProbationMs: number
  /**
   * Failovers of units on one node within the probation time, before the node as a whole fails over; null:
   * never.
   */
  readonly unitFailoverMax: number | null
  readonly unitFailoverProbationMs: number
  readonly units: readonly UnitConfig[]
  /**
   * Written or implied. Implied: named as the group, its CSIs as the protections; from the second on with
   * #2, #3 …
   */
  readonly serviceInstances: readonly ServiceInstanceConfig[]
}

/** What a partition without quorum does with its actives: GroupsConfig.noQuorum. */
export const noQuorumPolicies = ['stop', 'freeze', 'ignore'] as const

export interface GroupsConfig {
  /** null: half the token timeout. */
  readonly leaseMs: number | null
  readonly takeoverDelayMs: number
  /** Of a partition without quorum: bring actives down; leave all as it is; go on as if with quorum. */
  readonly noQuorum: (typeof noQuorumPolicies)[number]
  readonly groups: readonly GroupConfig[]
}

/** Of a missing groups.conf: AMF runs empty. */
export const emptyGroups: GroupsConfig = { leaseMs: null, takeoverDelayMs: 20, noQuorum: 'stop', groups: [] }
