import {
  ClusterChange,
  TrackFlags,
  type ClusterNode,
  type ClusterNotification,
  type ClusterView,
} from '../../base/index.js'
import type { View, ViewMember } from '../../group/index.js'

/** A node as it goes over the socket: with the life it is in, by which a library tells a restarted one. */
export interface NodeDocument extends ClusterNode {
  readonly incarnation: number
}

export interface NotificationDocument extends ClusterNotification {
  readonly clusterNode: NodeDocument
}

/** A notification buffer as it goes over the socket. */
export interface BufferDocument extends ClusterView {
  /** Who left, then members by node id. A node that was restarted is in it twice: left, then joined. */
  readonly items: readonly NotificationDocument[]
}

/** Whose eyes a view is seen with. */
export interface Observer {
  readonly nodeId: number
  readonly clusterName: string
}

export function nodeDocument(member: ViewMember, clusterName: string, isMember: boolean): NodeDocument {
  const { nodeId, address, name, bootTimestamp, initialViewNumber, incarnation } = member
  return {
    nodeId,
    nodeAddress: address,
    nodeName: name,
    clusterName,
    member: isMember,
    bootTimestamp,
    initialViewNumber,
    incarnation,
  }
}

function viewDocument(view: View, observer: Observer): ClusterView {
  const { quorate, expectedVotes, votes, needed, waitingForAll } = view.quorum
  return {
    viewNumber: view.number,
    ringId: { representative: view.ringId.representative, sequence: view.ringId.sequence },
    quorate,
    quorum: { expectedVotes, votes, needed, waitingForAll },
    localNodeId: observer.nodeId,
    numberOfMembers: view.members.length,
  }
}

/** The members of a view, none of them changed. */
export function currentBuffer(view: View, observer: Observer): BufferDocument {
  const items = view.members.map((member) => ({
    clusterNode: nodeDocument(member, observer.clusterName, true),
    clusterChange: ClusterChange.NODE_NO_CHANGE,
    reason: null,
  }))
  return { ...viewDocument(view, observer), items }
}

/**
 * What changed with a view, for those who asked by `flags` to be told. A node that was killed and restarted
 * since the view before has left and joined: what it held is gone.
 */
export function changesBuffer(view: View, flags: number, observer: Observer): BufferDocument {
  const { clusterName } = observer
  const joined = new Set(view.joined.map(({ nodeId }) => nodeId))
  const isWanted = ({ nodeId }: ViewMember): boolean =>
    (flags & TrackFlags.TRACK_CHANGES) !== 0 || joined.has(nodeId)
  const left = view.left.map((member) => ({
    clusterNode: nodeDocument(member, clusterName, false),
    clusterChange: ClusterChange.NODE_LEFT,
    reason: member.reason,
  }))
  const members = view.members.filter(isWanted).map((member) => ({
    clusterNode: nodeDocument(member, clusterName, true),
    clusterChange: joined.has(member.nodeId) ? ClusterChange.NODE_JOINED : ClusterChange.NODE_NO_CHANGE,
    reason: null,
  }))
  return { ...viewDocument(view, observer), items: [...left, ...members] }
}
