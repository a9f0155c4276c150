import {
  ClusterChange,
  type ClusterNode,
  type ClusterNotification,
  type ClusterNotificationBuffer,
} from '../api/index.js'

/** The words of --json for what became of a node. */
export type ChangeWord = 'no-change' | 'joined' | 'left'

const words: Readonly<Record<ClusterChange, ChangeWord>> = {
  [ClusterChange.NODE_NO_CHANGE]: 'no-change',
  [ClusterChange.NODE_JOINED]: 'joined',
  [ClusterChange.NODE_LEFT]: 'left',
}

const NS_PER_MS = 1_000_000n

/** A node as --json prints it: nanoseconds are more than a number of JSON holds. */
export interface NodeLine extends Omit<ClusterNode, 'bootTimestamp'> {
  readonly bootTimestamp: string
}

export interface ChangeLine {
  readonly nodeId: number
  readonly nodeName: string
  readonly nodeAddress: string
  readonly change: ChangeWord
  readonly reason: 'left' | 'failed' | null
}

/** What `ais clm nodes --json` prints. */
export interface NodesLine {
  readonly viewNumber: number
  readonly ringId: ClusterNotificationBuffer['ringId']
  readonly clusterName: string
  readonly localNodeId: number
  readonly quorate: boolean
  readonly members: readonly NodeLine[]
}

/** What `ais clm watch --json` prints for each change. */
export interface TrackLine {
  readonly event: 'track'
  readonly viewNumber: number
  readonly members: readonly NodeLine[]
  readonly changes: readonly ChangeLine[]
}

export function changeWord({ clusterChange }: ClusterNotification): ChangeWord {
  return words[clusterChange]
}

/** An instant as people read it. @param timestamp nanoseconds since 1970 */
export function instantText(timestamp: bigint): string {
  const date = new Date(Number(timestamp / NS_PER_MS))
  return Number.isNaN(date.getTime()) ? `${timestamp} ns` : date.toISOString()
}

export function nodeLine(node: ClusterNode): NodeLine {
  return { ...node, bootTimestamp: String(node.bootTimestamp) }
}

export function nodesLine(buffer: ClusterNotificationBuffer): NodesLine {
  const { viewNumber, ringId, localNodeId, quorate, members } = buffer
  const clusterName = members[0]?.clusterName ?? ''
  return { viewNumber, ringId, clusterName, localNodeId, quorate, members: members.map(nodeLine) }
}

export function trackLine({ viewNumber, members, items }: ClusterNotificationBuffer): TrackLine {
  const changes = items.map((item): ChangeLine => {
    const { nodeId, nodeName, nodeAddress } = item.clusterNode
    return { nodeId, nodeName, nodeAddress, change: changeWord(item), reason: item.reason }
  })
  return { event: 'track', viewNumber, members: members.map(nodeLine), changes }
}

/** "3 of 5 votes, 3 needed", and what else there is to know; empty where the quorum is off. */
export function quorumText({ quorate, quorum }: ClusterNotificationBuffer): string {
  const { votes, expectedVotes, needed, waitingForAll } = quorum
  if (needed === null) return ''
  const waiting = waitingForAll ? ', waiting until all have been seen once' : ''
  const count = `${votes} of ${expectedVotes} votes, ${needed} needed`
  return `${quorate ? 'quorate' : 'NOT quorate'}: ${count}${waiting}`
}
