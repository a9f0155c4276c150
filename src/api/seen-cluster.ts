import {
  ClusterChange,
  TrackFlags,
  type ClusterNode,
  type ClusterNotification,
  type ClusterView,
} from '../base/index.js'
import type { NodeReport, ViewReport } from './clm-documents.js'

/** A view of the cluster, and what of it was asked for (SaClmClusterNotificationBufferT). */
export interface ClusterNotificationBuffer extends ClusterView {
  /**
   * Of a current view: its members. Of a change: who left, then every member with its change
   * (TRACK_CHANGES) or those that joined (TRACK_CHANGES_ONLY), by node id. A node that was killed and
   * started again since the last notification is in it twice: as one that left, then as one that joined.
   */
  readonly items: readonly ClusterNotification[]
  /** All members of the view, by node id, whatever was asked for. */
  readonly members: readonly ClusterNode[]
}

/** What became different between two views. */
export interface ClusterDifference {
  readonly view: ClusterView
  readonly members: readonly ClusterNode[]
  readonly left: readonly ClusterNotification[]
  /** Node ids. */
  readonly joined: ReadonlySet<number>
}

const { NODE_JOINED, NODE_LEFT, NODE_NO_CHANGE } = ClusterChange

/** The cluster as the application has seen it last, which changes are told against. */
export class SeenCluster {
  #view: ClusterView
  #members: Map<number, NodeReport>

  /** @param current all members of a view */
  constructor(current: ViewReport) {
    this.#view = current.view
    this.#members = membersOf(current)
  }

  /** A change the executive told of, in its order. */
  follow(change: ViewReport): ClusterDifference {
    const members = new Map(this.#members)
    const left: ClusterNotification[] = []
    const joined = new Set<number>()
    for (const { clusterNode, incarnation, clusterChange, reason } of change.items) {
      const { nodeId } = clusterNode
      if (clusterChange === NODE_LEFT) {
        members.delete(nodeId)
        left.push({ clusterNode, clusterChange, reason })
      } else {
        members.set(nodeId, { clusterNode, incarnation })
        if (clusterChange === NODE_JOINED) joined.add(nodeId)
      }
    }
    return this.#become(change.view, members, left, joined)
  }

  /**
   * A view that came after one does not know how many others, while nobody told of them.
   * @returns null if there is nothing to tell
   */
  catchUp(current: ViewReport): ClusterDifference | null {
    const members = membersOf(current)
    const stayed = ({ clusterNode, incarnation }: NodeReport, others: Map<number, NodeReport>): boolean =>
      others.get(clusterNode.nodeId)?.incarnation === incarnation
    const gone = [...this.#members.values()].filter((node) => !stayed(node, members))
    const come = [...members.values()].filter((node) => !stayed(node, this.#members))
    const quorateBefore = this.#view.quorate
    const left = gone.map(({ clusterNode }): ClusterNotification => {
      // Nobody heard it say that it leaves.
      return { clusterNode: { ...clusterNode, member: false }, clusterChange: NODE_LEFT, reason: 'failed' }
    })
    const joined = new Set(come.map(({ clusterNode }) => clusterNode.nodeId))
    const difference = this.#become(current.view, members, left, joined)
    const isSame = left.length === 0 && joined.size === 0 && current.view.quorate === quorateBefore
    return isSame ? null : difference
  }

  #become(
    view: ClusterView,
    members: Map<number, NodeReport>,
    left: readonly ClusterNotification[],
    joined: ReadonlySet<number>,
  ): ClusterDifference {
    this.#view = view
    this.#members = members
    return { view, members: nodesOf(members), left, joined }
  }
}

/** The buffer of a current view. */
export function currentBuffer({ view, items }: ViewReport): ClusterNotificationBuffer {
  const notifications = items.map(({ clusterNode, clusterChange, reason }) => {
    return { clusterNode, clusterChange, reason }
  })
  return { ...view, items: notifications, members: items.map(({ clusterNode }) => clusterNode) }
}

/** The buffer of a change, as the flags ask for it. */
export function changesBuffer(difference: ClusterDifference, flags: number): ClusterNotificationBuffer {
  const { view, members, left, joined } = difference
  const all = (flags & TrackFlags.TRACK_CHANGES) !== 0
  const items = members
    .filter(({ nodeId }) => all || joined.has(nodeId))
    .map((clusterNode): ClusterNotification => {
      const clusterChange = joined.has(clusterNode.nodeId) ? NODE_JOINED : NODE_NO_CHANGE
      return { clusterNode, clusterChange, reason: null }
    })
  return { ...view, items: [...left, ...items], members }
}

function membersOf({ items }: ViewReport): Map<number, NodeReport> {
  return new Map(
    items.map(({ clusterNode, incarnation }) => [clusterNode.nodeId, { clusterNode, incarnation }]),
  )
}

function nodesOf(members: ReadonlyMap<number, NodeReport>): ClusterNode[] {
  return [...members.values()].map(({ clusterNode }) => clusterNode).sort((a, b) => a.nodeId - b.nodeId)
}
