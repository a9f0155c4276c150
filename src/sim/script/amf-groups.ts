import { capabilityModels, recoveries, redundancyModels } from '../../base/index.js'
import {
  noQuorumPolicies,
  type ComponentConfig,
  type CsiConfig,
  type GroupConfig,
  type GroupsConfig,
  type ServiceInstanceConfig,
} from '../../config/model/groups-config.js'
import { durationMs, expected, number, oneOf } from './quantities.js'

type Words = readonly string[]

interface Draft {
  components: number
  bound: boolean
  instances: readonly { readonly name: string; readonly csis: number; readonly rank: number }[]
  standbys: number
  attributes: CsiConfig['attributes']
  placed: readonly { readonly unit: string; readonly node: string; readonly rank: number }[]
}

export interface DraftedGroup {
  readonly group: GroupConfig
  /** Where the processes of each unit live. */
  readonly homes: ReadonlyMap<string, string>
}

const component: Omit<ComponentConfig, 'name'> = {
  capability: 'x_active_and_y_standby',
  maxActiveCsis: null,
  maxStandbyCsis: null,
  recovery: 'component-failover',
  restartTimeoutMs: null,
  healthcheckIntervalMs: null,
  healthcheckMaxDurationMs: 300,
  callbackTimeoutMs: 500,
}

type Group = Omit<GroupConfig, 'name' | 'model' | 'units' | 'serviceInstances'>

const group: Group = {
  activeUnits: 1,
  backupUnits: 2,
  maxActiveInstances: null,
  maxStandbyInstances: null,
  isClassic: true,
  componentRestartMax: 1,
  componentRestartProbationMs: 10_000,
  unitRestartMax: 1,
  unitRestartProbationMs: 10_000,
  unitFailoverMax: null,
  unitFailoverProbationMs: 60_000,
}

const count = (word: string): number => number(word, 'a number')

const ofComponent: Readonly<Record<string, (word: string) => Partial<ComponentConfig>>> = {
  capability: (word) => ({ capability: oneOf(word, capabilityModels) }),
  'max-active-csis': (word) => ({ maxActiveCsis: count(word) }),
  'max-standby-csis': (word) => ({ maxStandbyCsis: count(word) }),
  recovery: (word) => {
    return { recovery: oneOf(word, recoveries) as ComponentConfig['recovery'] }
  },
  restart: (word) => ({ restartTimeoutMs: durationMs(word) }),
  healthcheck: (word) => ({ healthcheckIntervalMs: durationMs(word) }),
  'healthcheck-max': (word) => ({ healthcheckMaxDurationMs: durationMs(word) }),
  callback: (word) => ({ callbackTimeoutMs: durationMs(word) }),
}

const ofGroup: Readonly<Record<string, (word: string) => Partial<Group>>> = {
  active: (word) => ({ activeUnits: count(word) }),
  backup: (word) => ({ backupUnits: count(word) }),
  'max-active': (word) => ({ maxActiveInstances: count(word) }),
  'max-standby': (word) => ({ maxStandbyInstances: count(word) }),
  'component-restarts': (word) => ({ componentRestartMax: count(word) }),
  'unit-restarts': (word) => ({ unitRestartMax: count(word) }),
  'unit-failovers': (word) => ({ unitFailoverMax: count(word) }),
}

const ofDraft: Readonly<Record<string, (word: string) => Partial<Draft>>> = {
  components: (word) => ({ components: count(word) }),
  bound: (word) => ({ bound: oneOf(word, ['yes', 'no']) === 'yes' }),
  standbys: (word) => ({ standbys: count(word) }),
  attributes: (word) => ({ attributes: word.split(',').map(attribute) }),
  units: (word) => ({ placed: word.split(',').map(placement) }),
  instances: (word) => ({ instances: word.split(',').map(instance) }),
}

/**
 * `group NAME MODEL units=x@1,y@2#1 …`: unit x lives on node 1, y on node 2 with rank 1. `instances=i:2#1,j`:
 * service instance i has two CSIs and rank 1. Without instances the group is a classic one.
 */
export function draftGroup([name = '', model, ...settings]: Words): DraftedGroup {
  let draft: Draft = { components: 1, bound: false, instances: [], standbys: 1, attributes: [], placed: [] }
  let groupSettings = group
  let traits = component
  for (const setting of settings) {
    const [word = '', value = ''] = setting.split('=')
    if (Object.hasOwn(ofDraft, word)) draft = { ...draft, ...ofDraft[word]!(value) }
    else if (Object.hasOwn(ofGroup, word)) groupSettings = { ...groupSettings, ...ofGroup[word]!(value) }
    else if (Object.hasOwn(ofComponent, word)) traits = { ...traits, ...ofComponent[word]!(value) }
    else throw expected(`one of ${[ofDraft, ofGroup, ofComponent].flatMap(Object.keys).join(', ')}`, word)
  }
  if (draft.placed.length === 0) throw expected('units=x@1,y@2', undefined)
  const slots = Array.from({ length: draft.components }, (_, slot) => slot)
  const units = draft.placed.map(({ unit, node, rank }) => {
    const components = slots.map((slot) => ({ ...traits, name: `${unit}.${slot}` }))
    return { name: unit, node: draft.bound ? `node${node}` : null, rank, components }
  })
  const members = slots.map((slot) => units.map(({ components }) => components[slot]!.name))
  const isClassic = draft.instances.length === 0
  return {
    group: {
      ...groupSettings,
      name,
      model: oneOf(model, redundancyModels),
      isClassic,
      maxActiveInstances: isClassic ? 1 : groupSettings.maxActiveInstances,
      units,
      serviceInstances: isClassic
        ? implied(name, members, groupSettings)
        : written(draft, members, draft.standbys),
    },
    homes: new Map(draft.placed.map(({ unit, node }) => [unit, node])),
  }
}

/** `takeover=20ms lease=200ms no-quorum=stop` */
export function withFramework(config: GroupsConfig, settings: Words): GroupsConfig {
  let changed = config
  for (const setting of settings) {
    const [word, value] = setting.split('=')
    const name = oneOf(word, ['takeover', 'lease', 'no-quorum'])
    if (name === 'takeover') changed = { ...changed, takeoverDelayMs: durationMs(value) }
    else if (name === 'lease') changed = { ...changed, leaseMs: durationMs(value) }
    else changed = { ...changed, noQuorum: oneOf(value, noQuorumPolicies) }
  }
  return changed
}

function placement(word: string): Draft['placed'][number] {
  const match = /^([^@#]+)@(\w+)(?:#(\d+))?$/.exec(word)
  if (match === null) throw expected('a unit and its node such as x@1, or x@1#2 with its rank', word)
  return { unit: match[1]!, node: match[2]!, rank: Number(match[3] ?? 0) }
}

function instance(word: string): Draft['instances'][number] {
  const match = /^([^:#]+)(?::(\d+))?(?:#(\d+))?$/.exec(word)
  if (match === null) throw expected('a service instance such as i, i:2 or i:2#1', word)
  return { name: match[1]!, csis: Number(match[2] ?? 1), rank: Number(match[3] ?? 0) }
}

function attribute(word: string): CsiConfig['attributes'][number] {
  const [name = '', value = ''] = word.split(':')
  return { name, values: [value] }
}

function csi(name: string, members: readonly string[], attributes: CsiConfig['attributes'] = []): CsiConfig {
  return { name, rank: 0, members, attributes }
}

function implied(
  name: string,
  members: readonly (readonly string[])[],
  { activeUnits, backupUnits }: Group,
): ServiceInstanceConfig[] {
  return Array.from({ length: activeUnits }, (_, index) => {
    const suffix = index === 0 ? '' : `#${index + 1}`
    const csis = members.map((capable, slot) => csi(`p${slot}${suffix}`, capable))
    return { name: `${name}${suffix}`, rank: 0, standbyAssignments: backupUnits, csis }
  })
}

/** CSI n is for the n-th component of a unit, beginning anew when there are more than components. */
function written(
  { instances, attributes }: Draft,
  members: readonly (readonly string[])[],
  standbyAssignments: number,
): ServiceInstanceConfig[] {
  return instances.map(({ name, csis, rank }) => ({
    name,
    rank,
    standbyAssignments,
    csis: Array.from({ length: csis }, (_, index) => {
      return csi(csis === 1 ? `${name}.c` : `${name}.c${index}`, members[index % members.length]!, attributes)
    }),
  }))
}
