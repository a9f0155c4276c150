import {
  AisError,
  ClusterChange,
  type ClusterNode,
  type ClusterNotification,
  type ClusterQuorum,
  type ClusterView,
} from '../base/index.js'

/** A node in one life of its executive, by which a restarted one is told from one that stayed. */
export interface NodeReport {
  readonly clusterNode: ClusterNode
  readonly incarnation: number
}

export interface ChangeReport extends NodeReport, ClusterNotification {}

/** What the executive says of a view: all of its members, or what changed with it. */
export interface ViewReport {
  readonly view: ClusterView
  readonly items: readonly ChangeReport[]
}

/** The executive and this library do not understand each other: one of them has a bug. */
function strange(what: string, value: unknown): AisError {
  const shown = typeof value === 'object' && value !== null ? 'an object' : String(value)
  return new AisError('ERR_LIBRARY', `the executive's ${what} is ${shown}, which this library cannot read`)
}

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw strange(what, value)
}

/** MessagePack may carry a whole number in several forms. */
function numberOf(fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value !== 'number' && typeof value !== 'bigint') throw strange(name, value)
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw strange(name, value)
  return number
}

function bigintOf(fields: Fields, name: string): bigint {
  const value = fields[name]
  if (typeof value === 'bigint') return value
  return BigInt(numberOf(fields, name))
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw strange(name, value)
  return value
}

function flagOf(fields: Fields, name: string): boolean {
  const value = fields[name]
  if (typeof value !== 'boolean') throw strange(name, value)
  return value
}

function numberOrNull(fields: Fields, name: string): number | null {
  return fields[name] === null ? null : numberOf(fields, name)
}

/** @throws AisError ERR_LIBRARY for anything that is no node */
export function readNode(value: unknown): NodeReport {
  const fields = fieldsOf(value, 'clusterNode')
  return {
    incarnation: numberOf(fields, 'incarnation'),
    clusterNode: {
      nodeId: numberOf(fields, 'nodeId'),
      nodeAddress: textOf(fields, 'nodeAddress'),
      nodeName: textOf(fields, 'nodeName'),
      clusterName: textOf(fields, 'clusterName'),
      member: flagOf(fields, 'member'),
      bootTimestamp: bigintOf(fields, 'bootTimestamp'),
      initialViewNumber: numberOf(fields, 'initialViewNumber'),
    },
  }
}

function readChange(value: unknown): ChangeReport {
  const fields = fieldsOf(value, 'notification')
  const clusterChange = Object.values(ClusterChange).find((known) => known === fields.clusterChange)
  if (clusterChange === undefined) throw strange('clusterChange', fields.clusterChange)
  const reason = ([null, 'left', 'failed'] as const).find((known) => known === fields.reason)
  if (reason === undefined) throw strange('reason', fields.reason)
  return { ...readNode(fields.clusterNode), clusterChange, reason }
}

function readQuorum(value: unknown): ClusterQuorum {
  const fields = fieldsOf(value, 'quorum')
  return {
    expectedVotes: numberOrNull(fields, 'expectedVotes'),
    votes: numberOf(fields, 'votes'),
    needed: numberOrNull(fields, 'needed'),
    waitingForAll: flagOf(fields, 'waitingForAll'),
  }
}

/** @throws AisError ERR_LIBRARY for anything that is no notification buffer */
export function readBuffer(value: unknown): ViewReport {
  const fields = fieldsOf(value, 'notification buffer')
  const ringId = fieldsOf(fields.ringId, 'ringId')
  if (!Array.isArray(fields.items)) throw strange('items', fields.items)
  return {
    view: {
      viewNumber: numberOf(fields, 'viewNumber'),
      ringId: {
        representative: numberOf(ringId, 'representative'),
        sequence: numberOf(ringId, 'sequence'),
      },
      quorate: flagOf(fields, 'quorate'),
      quorum: readQuorum(fields.quorum),
      localNodeId: numberOf(fields, 'localNodeId'),
      numberOfMembers: numberOf(fields, 'numberOfMembers'),
    },
    items: fields.items.map(readChange),
  }
}
