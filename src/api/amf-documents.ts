import {
  adminStates,
  assignmentStates,
  entityKinds,
  haStates,
  operationalStates,
  presenceStates,
  protectionGroupChanges,
  readinessStates,
  redundancyModels,
  transitions,
  type HaState,
  type ReadinessState,
} from '../base/index.js'
import type {
  AmfComponentStatus,
  AmfDecision,
  AmfExplanation,
  AmfGroupStatus,
  AmfInstanceStatus,
  AmfNodeStatus,
  AmfStatus,
  AmfUnitStatus,
  CsiDescriptor,
  ProtectionGroupBuffer,
  ProtectionGroupMember,
} from './amf-types.js'
import {
  arrayOf,
  bigintOf,
  fieldsOf,
  flagOf,
  numberOf,
  numberOrNull,
  strange,
  textOf,
  textOrNull,
  type Fields,
} from './documents.js'

// Every reader throws AisError ERR_LIBRARY for anything that is not what it reads.

/** What the executive has for a component, on its subscription. */
export type ComponentEvent =
  | { readonly type: 'lease'; readonly sentAtMs: number }
  | {
      readonly type: 'csi-set'
      readonly invocation: number
      readonly haState: HaState
      readonly csiDescriptor: CsiDescriptor
    }
  | {
      readonly type: 'csi-remove'
      readonly invocation: number
      readonly csiName: string
      readonly instance: string
      readonly flags: number
    }
  | { readonly type: 'readiness'; readonly invocation: number; readonly readiness: ReadinessState }
  | { readonly type: 'healthcheck'; readonly invocation: number; readonly key: string }
  | { readonly type: 'terminate'; readonly invocation: number }
  | { readonly type: 'demote'; readonly invocation: number; readonly cause: string }

/** A word of those that there are. */
function wordOf<T extends string>(fields: Fields, name: string, words: readonly T[]): T {
  const found = words.find((word) => word === fields[name])
  if (found === undefined) throw strange(name, fields[name])
  return found
}

function wordOrNull<T extends string>(fields: Fields, name: string, words: readonly T[]): T | null {
  return fields[name] === null ? null : wordOf(fields, name, words)
}

function listOf<T>(fields: Fields, name: string, read: (item: Fields) => T): T[] {
  return arrayOf(fields[name], name).map((item) => read(fieldsOf(item, name)))
}

function textsOf(value: unknown, what: string): string[] {
  return arrayOf(value, what).map((item) => {
    if (typeof item !== 'string') throw strange(what, item)
    return item
  })
}

/** A time, with what it has behind the point. */
function timeOf(fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'number' || !Number.isFinite(value)) throw strange(name, value)
  return value
}

/** The answer to componentRegister: for how long a renewal of the lease is good. */
export function readRegistered(value: unknown): { readonly leaseMs: number } {
  const fields = fieldsOf(value, 'registration')
  const leaseMs = timeOf(fields, 'leaseMs')
  if (leaseMs <= 0) throw strange('leaseMs', leaseMs)
  return { leaseMs }
}

function readAttribute(value: unknown): [string, string[]] {
  const [name, values] = arrayOf(value, 'attribute')
  if (typeof name !== 'string') throw strange('name of an attribute', name)
  return [name, textsOf(values, 'values of an attribute')]
}

function readDescriptor(fields: Fields): CsiDescriptor {
  return {
    flags: numberOf(fields, 'flags'),
    csiName: textOf(fields, 'csi'),
    instance: textOf(fields, 'si'),
    attributes: new Map(arrayOf(fields.attributes, 'attributes').map(readAttribute)),
    epoch: bigintOf(fields, 'epoch'),
    transition: wordOf(fields, 'transition', transitions),
    activeComponent: textOrNull(fields, 'activeComponent'),
    activeNode: textOrNull(fields, 'activeNode'),
    standbyRank: numberOf(fields, 'standbyRank'),
  }
}

export function readComponentEvent(value: unknown): ComponentEvent {
  const fields = fieldsOf(value, 'event for a component')
  if (fields.type === 'lease') return { type: 'lease', sentAtMs: timeOf(fields, 'sentAtMs') }
  const invocation = numberOf(fields, 'invocation')
  switch (fields.type) {
    case 'csi-set': {
      const csiDescriptor = readDescriptor(fields)
      return { type: 'csi-set', invocation, haState: wordOf(fields, 'haState', haStates), csiDescriptor }
    }
    case 'csi-remove': {
      const flags = numberOf(fields, 'flags')
      return {
        type: 'csi-remove',
        invocation,
        csiName: textOf(fields, 'csi'),
        instance: textOf(fields, 'si'),
        flags,
      }
    }
    case 'readiness':
      return { type: 'readiness', invocation, readiness: wordOf(fields, 'readiness', readinessStates) }
    case 'healthcheck':
      return { type: 'healthcheck', invocation, key: textOf(fields, 'key') }
    case 'terminate':
      return { type: 'terminate', invocation }
    case 'demote':
      return { type: 'demote', invocation, cause: textOf(fields, 'cause') }
    default:
      throw strange('type of an event', fields.type)
  }
}

export function readHaState(value: unknown): HaState {
  return wordOf({ haState: value }, 'haState', haStates)
}

export function readReadiness(value: unknown): ReadinessState {
  return wordOf({ readiness: value }, 'readiness', readinessStates)
}

function readMember(fields: Fields): ProtectionGroupMember {
  return {
    component: textOf(fields, 'component'),
    haState: wordOrNull(fields, 'haState', haStates),
    readiness: wordOf(fields, 'readiness', readinessStates),
    rank: numberOf(fields, 'rank'),
    change: wordOf(fields, 'change', protectionGroupChanges),
  }
}

/** The answer to protectionGroupTrack with TRACK_CURRENT. */
export function readMembers(value: unknown): ProtectionGroupMember[] {
  return listOf({ members: value }, 'members', readMember)
}

export function readProtectionGroup(value: unknown): ProtectionGroupBuffer {
  const fields = fieldsOf(value, 'protection group')
  return {
    csiName: textOf(fields, 'csi'),
    members: readMembers(fields.members),
    numberOfMembers: numberOf(fields, 'numberOfMembers'),
  }
}

function readComponentStatus(fields: Fields): AmfComponentStatus {
  return {
    name: textOf(fields, 'name'),
    node: textOrNull(fields, 'node'),
    operational: wordOf(fields, 'operational', operationalStates),
    presence: wordOf(fields, 'presence', presenceStates),
    readiness: wordOf(fields, 'readiness', readinessStates),
    csis: listOf(fields, 'csis', (held) => {
      return { csi: textOf(held, 'csi'), haState: wordOf(held, 'haState', haStates) }
    }),
    error: textOrNull(fields, 'error'),
  }
}

function readUnitStatus(fields: Fields): AmfUnitStatus {
  return {
    name: textOf(fields, 'name'),
    node: textOrNull(fields, 'node'),
    admin: wordOf(fields, 'admin', adminStates),
    operational: wordOf(fields, 'operational', operationalStates),
    presence: wordOf(fields, 'presence', presenceStates),
    readiness: wordOf(fields, 'readiness', readinessStates),
    haStates: listOf(fields, 'haStates', (held) => {
      return { si: textOf(held, 'si'), haState: wordOf(held, 'haState', haStates) }
    }),
    components: listOf(fields, 'components', readComponentStatus),
  }
}

function readInstanceStatus(fields: Fields): AmfInstanceStatus {
  return {
    name: textOf(fields, 'name'),
    admin: wordOf(fields, 'admin', adminStates),
    assignment: wordOf(fields, 'assignment', assignmentStates),
    active: textsOf(fields.active, 'active'),
    standby: textsOf(fields.standby, 'standby'),
  }
}

function readGroupStatus(fields: Fields): AmfGroupStatus {
  return {
    name: textOf(fields, 'name'),
    model: wordOf(fields, 'model', redundancyModels),
    admin: wordOf(fields, 'admin', adminStates),
    units: listOf(fields, 'units', readUnitStatus),
    serviceInstances: listOf(fields, 'serviceInstances', readInstanceStatus),
    protectionGroups: listOf(fields, 'protectionGroups', (group) => ({
      csi: textOf(group, 'csi'),
      members: listOf(group, 'members', (member) => ({
        component: textOf(member, 'component'),
        readiness: wordOf(member, 'readiness', readinessStates),
        haState: wordOrNull(member, 'haState', haStates),
      })),
    })),
  }
}

function readNodeStatus(fields: Fields): AmfNodeStatus {
  return {
    name: textOf(fields, 'name'),
    nodeId: numberOrNull(fields, 'nodeId'),
    admin: wordOf(fields, 'admin', adminStates),
    operational: wordOf(fields, 'operational', operationalStates),
    participates: flagOf(fields, 'participates'),
    digest: textOrNull(fields, 'digest'),
  }
}

export function readStatus(value: unknown): AmfStatus {
  const fields = fieldsOf(value, 'status')
  const quorum = fieldsOf(fields.quorum, 'quorum')
  return {
    groups: listOf(fields, 'groups', readGroupStatus),
    quorum: {
      quorate: flagOf(quorum, 'quorate'),
      votes: numberOf(quorum, 'votes'),
      expected: numberOrNull(quorum, 'expected'),
    },
    settled: flagOf(fields, 'settled'),
    nodes: listOf(fields, 'nodes', readNodeStatus),
    configuration: textOf(fields, 'configuration'),
  }
}

export function readDecision(value: unknown): AmfDecision {
  const fields = fieldsOf(value, 'decision')
  return {
    sequence: numberOf(fields, 'sequence'),
    atMs: timeOf(fields, 'atMs'),
    node: textOf(fields, 'node'),
    kind: wordOf(fields, 'kind', entityKinds),
    name: textOf(fields, 'name'),
    what: textOf(fields, 'what'),
    text: textOf(fields, 'text'),
  }
}

export function readExplanation(value: unknown): AmfExplanation {
  const fields = fieldsOf(value, 'explanation')
  const entity = fieldsOf(fields.entity, 'entity')
  const states: AmfExplanation['states'] = Object.fromEntries(
    Object.entries(fieldsOf(fields.states, 'states')).map(([name, state]) => {
      const isPlain = state === null || ['string', 'number', 'boolean'].includes(typeof state)
      if (!isPlain) throw strange(name, state)
      return [name, state as string | number | boolean | null]
    }),
  )
  return {
    entity: { kind: wordOf(entity, 'kind', entityKinds), name: textOf(entity, 'name') },
    states,
    decisions: arrayOf(fields.decisions, 'decisions').map(readDecision),
  }
}
