import {
  capabilityModels,
  limits,
  recoveries,
  redundancyModels,
  type ComponentRecovery,
} from '../../base/index.js'
import { areGroupsSound } from './groups-soundness.js'
import type {
  ComponentConfig,
  CsiConfig,
  GroupConfig,
  GroupsConfig,
  ServiceInstanceConfig,
  UnitConfig,
} from './groups-config.js'
import { noQuorumPolicies } from './groups-config.js'
import { flag, list, nullable, record, text, whole, word, type Shape } from './shape.js'

// What a groups.conf means, as one text: that of two files is the same exactly if they mean the same.

/** Longest time anything may be told to wait, and largest number: what a timer can hold. */
export const NUMBER_MAX = 2 ** 31 - 1

const encoder = new TextEncoder()

/** Octets of a text in UTF-8. */
export function utf8Octets(content: string): number {
  return encoder.encode(content).length
}

/** Control characters, and what is left of octets that are not UTF-8, are in no name and no value. */
export const controls = /[\p{Cc}\p{Cs}\uFFFD]/u

/** Can it name a unit, a component …? Not empty, not too long, no control characters. */
export function isName(name: string): boolean {
  return (
    name !== '' &&
    !controls.test(name) &&
    name.length <= limits.nameOctets &&
    utf8Octets(name) <= limits.nameOctets
  )
}

/** Can it be the value of an attribute? It may be empty. */
export function isAttributeValue(value: string): boolean {
  return !controls.test(value)
}

const name = text(isName)
const count = whole(0, NUMBER_MAX)
const timeMs = whole(0, NUMBER_MAX)
const limitMs = whole(1, NUMBER_MAX)
const bound = nullable(whole(0, NUMBER_MAX))

const component: Shape<ComponentConfig> = record<ComponentConfig>({
  name,
  capability: word(capabilityModels),
  maxActiveCsis: bound,
  maxStandbyCsis: bound,
  recovery: word(recoveries.filter((one): one is ComponentRecovery => one !== 'no-recommendation')),
  restartTimeoutMs: nullable(limitMs),
  healthcheckIntervalMs: nullable(limitMs),
  healthcheckMaxDurationMs: limitMs,
  callbackTimeoutMs: limitMs,
})

const unit: Shape<UnitConfig> = record<UnitConfig>({
  name,
  node: nullable(name),
  rank: count,
  components: list(component),
})

const csi: Shape<CsiConfig> = record<CsiConfig>({
  name,
  rank: count,
  members: list(name),
  attributes: list(record<CsiConfig['attributes'][number]>({ name, values: list(text(isAttributeValue)) })),
})

const serviceInstance: Shape<ServiceInstanceConfig> = record<ServiceInstanceConfig>({
  name,
  rank: count,
  standbyAssignments: count,
  csis: list(csi),
})

const group: Shape<GroupConfig> = record<GroupConfig>({
  name,
  model: word(redundancyModels),
  activeUnits: whole(1, limits.amfUnits),
  backupUnits: whole(0, limits.amfUnits),
  maxActiveInstances: nullable(whole(1, NUMBER_MAX)),
  maxStandbyInstances: nullable(whole(1, NUMBER_MAX)),
  isClassic: flag,
  componentRestartMax: count,
  componentRestartProbationMs: timeMs,
  unitRestartMax: count,
  unitRestartProbationMs: timeMs,
  unitFailoverMax: nullable(count),
  unitFailoverProbationMs: timeMs,
  units: list(unit),
  serviceInstances: list(serviceInstance),
})

const groups: Shape<GroupsConfig> = record<GroupsConfig>({
  leaseMs: nullable(limitMs),
  takeoverDelayMs: timeMs,
  noQuorum: word(noQuorumPolicies),
  groups: list(group),
})

/**
 * What all nodes must hold alike, as one line of JSON: the same for two configurations exactly if they mean
 * the same. At most limits.amfConfigOctets octets in UTF-8 for what came from a file without errors.
 */
export function groupsText(config: GroupsConfig): string {
  return JSON.stringify(groups.write(config))
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}

/**
 * What `groupsText` wrote. The text may come from anybody.
 * @returns null for every other text, and for what no groups.conf without errors comes to. Never throws.
 */
export function readGroupsText(content: string): GroupsConfig | null {
  if (content.length > limits.amfConfigOctets || utf8Octets(content) > limits.amfConfigOctets) return null
  const config = groups.read(parsed(content))
  if (config === undefined || groupsText(config) !== content) return null
  return areGroupsSound(config) ? config : null
}
