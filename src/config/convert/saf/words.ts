import type { CapabilityModel, ComponentRecovery } from '../../../base/index.js'

// Words of amf.conf for what an attribute can be. imm.xml has numbers in their places.

/**
 * Stands for "any number" and "never" where amf.conf and imm.xml need a number: no counter and no bound
 * comes to it.
 */
export const UNBOUNDED = 2 ** 31 - 1

/** saAmfCompCapability, by ours. */
export const capabilityWords: Readonly<Record<CapabilityModel, string>> = {
  x_active_and_y_standby: 'x_active_and_y_standby',
  x_active_or_y_standby: 'x_active_or_y_standby',
  '1_active_or_y_standby': 'one_active_or_y_standby',
  '1_active_or_1_standby': 'one_active_or_one_standby',
  x_active: 'x_active',
  '1_active': '1_active',
  no_active: 'non_preinstantiable',
}

/** What the standard's numbers of a capability model, from 1, are in amf.conf. */
export const capabilityOrder: readonly string[] = Object.values(capabilityWords)

/** What stands for capability model in amf.conf, and is ours under another name. */
export const ownCapability: Readonly<Record<string, CapabilityModel>> = {
  one_active_or_y_standby: '1_active_or_y_standby',
  one_active_or_one_standby: '1_active_or_1_standby',
  one_active: '1_active',
}

/** saAmfCompRecoveryOnError, by the standard's numbers from 1. */
export const recoveryOrder = [
  'no_recommendation',
  'component_restart',
  'component_failover',
  'node_switchover',
  'node_failover',
  'node_failfast',
  'cluster_reset',
  'application_restart',
] as const

/** saAmfCompRecoveryOnError, by ours; null: there is none. */
export const recoveryWords: Readonly<Record<ComponentRecovery, string | null>> = {
  'component-restart': 'component_restart',
  'unit-restart': null,
  'component-failover': 'component_failover',
  'node-switchover': 'node_switchover',
  'node-failover': 'node_failover',
}

/** saAmfSgtRedundancyModel, from 1. */
export const modelOrder = ['2n', 'nplusm', 'nway', 'nwayactive', 'noredundancy'] as const

/** The application that all groups of one groups.conf are in. */
export const APPLICATION = 'ais'

/** The cluster of OpenSAF, which has the same name everywhere. */
export const AMF_CLUSTER = 'myAmfCluster'
export const CLM_CLUSTER = 'myClmCluster'

/** Names of the cluster that are only there because there has to be one. */
export const ownClusters: readonly string[] = [APPLICATION, AMF_CLUSTER]
