import {
  ClusterChange,
  type ClusterNode,
  type ClusterNotification,
  type ClusterQuorum,
  type ClusterView,
} from '../base/index.js'
import { bigintOf, fieldsOf, flagOf, numberOf, numberOrNull, strange, textOf } from './documents.js'

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
