import { capabilityModels, limits, recoveries, redundancyModels } from '../../base/index.js'
import { noQuorumPolicies } from './groups-config.js'
import { NUMBER_MAX } from './groups-text.js'

/** Where a key can stand: outside of all blocks ('file'), or in a block. */
export type GroupsScope = 'file' | 'group' | 'unit' | 'component' | 'protection' | 'service-instance' | 'csi'

interface KeyBase {
  readonly name: string
  readonly scopes: readonly GroupsScope[]
  /** Stands for the default; 'required' where there is none. */
  readonly defaultText: string
  readonly description: string
}

/** A whole number; a duration in milliseconds, or with a unit. */
export interface GroupsNumberKey extends KeyBase {
  readonly kind: 'number' | 'duration'
  readonly min: number
  readonly max: number
}

export interface GroupsChoiceKey extends KeyBase {
  readonly kind: 'choice'
  readonly choices: readonly string[]
}

/** A name; names of one block, a line each; NAME:VALUE, any number of lines. */
export interface GroupsTextKey extends KeyBase {
  readonly kind: 'name' | 'names' | 'attributes'
}

export type GroupsKey = GroupsNumberKey | GroupsChoiceKey | GroupsTextKey

type Words = Pick<KeyBase, 'defaultText' | 'description'>

const number = (
  name: string,
  scopes: readonly GroupsScope[],
  [min, max]: readonly [number, number],
  defaultText: string,
  description: string,
): GroupsKey => ({ name, scopes, kind: 'number', min, max, defaultText, description })

const duration = (
  name: string,
  scopes: readonly GroupsScope[],
  [min, max]: readonly [number, number],
  defaultText: string,
  description: string,
): GroupsKey => ({ name, scopes, kind: 'duration', min, max, defaultText, description })

const name = (scope: GroupsScope, description: string): GroupsKey => ({
  name: 'name',
  scopes: [scope],
  kind: 'name',
  defaultText: 'required',
  description,
})

const choice = (
  key: string,
  scopes: readonly GroupsScope[],
  choices: readonly string[],
  words: Words,
): GroupsKey => ({ name: key, scopes, kind: 'choice', choices, ...words })

const inherited = ['group', 'unit', 'component'] as const
const counted = [0, 1000] as const
const timed = [1, NUMBER_MAX] as const
const LEASE_MAX_MS = 300_000
const TAKEOVER_DELAY_MAX_MS = 60_000

const fileKeys: readonly GroupsKey[] = [
  duration(
    'lease',
    ['file'],
    [limits.amfLeaseMinMs, LEASE_MAX_MS],
    'half of `token` of network.conf',
    'How long a component may be active without a word of its executive. At most half of `token`.',
  ),
  duration(
    'takeover-delay',
    ['file'],
    [0, TAKEOVER_DELAY_MAX_MS],
    '20',
    'After the loss of a node this long passes before others take over.',
  ),
  choice('no-quorum', ['file'], noQuorumPolicies, {
    defaultText: 'stop',
    description:
      'A part without quorum: `stop` takes assignments away, `freeze` changes none, `ignore` goes on.',
  }),
]

const groupKeys: readonly GroupsKey[] = [
  name('group', 'Name of the service group.'),
  choice('model', ['group'], redundancyModels, {
    defaultText: 'required',
    description: 'How units back each other. `nway` and `nwayactive` are not served by this version.',
  }),
  number(
    'active-units',
    ['group'],
    [1, limits.amfUnits],
    '1; `noredundancy`: all its units',
    'Units active at a time, at most; `2n`: 1. In a classic group also the number of implied instances.',
  ),
  number(
    'backup-units',
    ['group'],
    [0, limits.amfUnits],
    '1; `noredundancy`: 0',
    'Units that stand by at a time, at most.',
  ),
  number(
    'max-active-instances',
    ['group'],
    [1, limits.amfInstances],
    'any number; `noredundancy`: 1',
    'Service instances one unit is active for at a time.',
  ),
  number(
    'max-standby-instances',
    ['group'],
    [1, limits.amfInstances],
    'any number',
    'Service instances one unit stands by for at a time.',
  ),
  number(
    'component-restart-max',
    ['group'],
    counted,
    '2',
    'Restarts of a component within the probation time; at the next error its unit is restarted.',
  ),
  duration(
    'component-restart-probation',
    ['group'],
    timed,
    '100000',
    'Probation time of restarts of components.',
  ),
  number(
    'unit-restart-max',
    ['group'],
    counted,
    '3',
    'Restarts of a unit within the probation time; at the next error it fails over.',
  ),
  duration('unit-restart-probation', ['group'], timed, '20000', 'Probation time of restarts of units.'),
  number(
    'unit-failover-max',
    ['group'],
    counted,
    'never',
    'Failovers of units on one node within the probation time; at the next one the whole node fails over.',
  ),
  duration('unit-failover-probation', ['group'], timed, '2000', 'Probation time of failovers of units.'),
]

const unitKeys: readonly GroupsKey[] = [
  name('unit', 'Name of the service unit, unique among the units of the file.'),
  {
    name: 'node',
    scopes: ['unit'],
    kind: 'name',
    defaultText: 'where its first component registers',
    description: 'Name of the node its components register on.',
  },
]

const componentKeys: readonly GroupsKey[] = [
  name('component', 'Name of the component, unique among the components of the file: what it registers as.'),
  choice('model', ['component'], capabilityModels, {
    defaultText: 'x_active_and_y_standby',
    description: 'What the component can be for its component service instances.',
  }),
  number(
    'max-active-csis',
    ['component'],
    [1, limits.amfInstances],
    'any number, or 1 by `model`',
    'Component service instances it can be active for at a time.',
  ),
  number(
    'max-standby-csis',
    ['component'],
    [1, limits.amfInstances],
    'any number, or 1 by `model`',
    'Component service instances it can stand by for at a time.',
  ),
  duration(
    'healthcheck-interval',
    inherited,
    [0, NUMBER_MAX],
    '100 in a classic group, else 0',
    'Time between two health checks that the executive asks for; 0: it asks for none.',
  ),
  duration(
    'healthcheck-max-duration',
    inherited,
    timed,
    '300',
    'A health check not answered within this time is an error of the component.',
  ),
  duration(
    'callback-timeout',
    inherited,
    timed,
    '5000',
    'Any other callback not answered within this time is an error of the component.',
  ),
  choice(
    'recovery',
    inherited,
    recoveries.filter((recovery) => recovery !== 'no-recommendation'),
    {
      defaultText: '`component-failover`; with `restart-timeout` `component-restart`',
      description: 'What is done about an error for which the reporter recommends nothing.',
    },
  ),
  duration(
    'restart-timeout',
    inherited,
    timed,
    'it is not restarted',
    'Somebody (systemd, a loop of the shell) starts it again: it registers within this time of its end.',
  ),
]

const protectionKeys: readonly GroupsKey[] = [
  name('protection', 'Name of the protection group, unique among protections and csis of the file.'),
  {
    name: 'member',
    scopes: ['protection'],
    kind: 'names',
    defaultText: 'required',
    description: 'A component that can carry it, a line each. In each unit the first one of the unit does.',
  },
]

const instanceKeys: readonly GroupsKey[] = [
  name('service-instance', 'Name of the service instance, unique in the file.'),
  number(
    'standby-assignments',
    ['service-instance'],
    [0, limits.amfUnits],
    '1; 0 without `backup-units`',
    'Standbys wanted.',
  ),
  name('csi', 'Name of the component service instance, unique among protections and csis of the file.'),
  {
    name: 'protection',
    scopes: ['csi'],
    kind: 'name',
    defaultText: 'its name',
    description: 'The protection of its group whose members can carry it. Several csis may use one.',
  },
  {
    name: 'attribute',
    scopes: ['csi'],
    kind: 'attributes',
    defaultText: 'none',
    description: 'Told to the component with the assignment, a line each; a name given again adds a value.',
  },
  number(
    'rank',
    ['unit', 'service-instance', 'csi'],
    [0, NUMBER_MAX],
    '0',
    'Lower ones are preferred, those of the same rank in the order of the file.',
  ),
]

/** Every key of groups.conf, in the order of the documentation. */
export const groupsKeys: readonly GroupsKey[] = [
  ...fileKeys,
  ...groupKeys,
  ...unitKeys,
  ...componentKeys,
  ...protectionKeys,
  ...instanceKeys,
]

const byScope = new Map<GroupsScope, Map<string, GroupsKey>>()
for (const key of groupsKeys) {
  for (const scope of key.scopes) {
    const keys = byScope.get(scope) ?? new Map<string, GroupsKey>()
    byScope.set(scope, keys.set(key.name, key))
  }
}

/** The keys that can stand there, by name. */
export function keysOf(scope: GroupsScope): ReadonlyMap<string, GroupsKey> {
  return byScope.get(scope)!
}

const names = new Set(groupsKeys.map((key) => key.name))

export function isGroupsKey(word: string): boolean {
  return names.has(word)
}

/** What may stand there, in words. */
export function groupsRangeText(key: GroupsKey): string {
  switch (key.kind) {
    case 'number':
    case 'duration':
      return `${key.min}–${key.max}`
    case 'choice':
      return key.choices.join(', ')
    case 'attributes':
      return `NAME:VALUE, ${limits.amfAttributeOctets / 1024} KiB of each csi`
    default:
      return `1–${limits.nameOctets} octets of UTF-8, no control characters`
  }
}
