import type { ClusterNode, ClusterNotification, ClusterNotificationBuffer } from '../api/index.js'
import { printable } from '../config/index.js'
import { changeWord, nodeLine, type NodeLine } from './clm-text.js'
import { followCluster, type ClusterFollower } from './follow-cluster.js'
import { lostText, restoredText, type ProgramOutput } from './program-output.js'

/** What `ais clm test --json` prints for each node. */
export interface StateLine extends NodeLine {
  readonly state: ReturnType<typeof changeWord>
  readonly reason: ClusterNotification['reason']
}

function informationLines(node: ClusterNode): string[] {
  return [
    `node id is ${node.nodeId}`,
    `node address is ${node.nodeAddress}`,
    `node name is ${node.nodeName}`,
    `cluster name is ${node.clusterName}`,
    `member is ${node.member ? 1 : 0}`,
    `boot time is ${node.bootTimestamp} nanoseconds`,
  ]
}

/** What the test program of the original package told of a node, and why it left. */
export function stateText(notification: ClusterNotification): string {
  const { clusterNode, reason } = notification
  const state = changeWord(notification).replace('-', ' ').toUpperCase()
  const why = reason === null ? [] : [`reason is ${reason}`]
  const lines = [...informationLines(clusterNode), ...why].map((line) => `\t${printable(line)}`)
  return [`NODE STATE ${state}.`, 'Node Information', ...lines].join('\n')
}

/**
 * The test program of the original package: the members, then every node that joins or leaves, until
 * `stopped`.
 * @throws AisError as Clm.initialize: there is no executive to begin with
 */
export function testClm(
  socket: string,
  asJson: boolean,
  output: ProgramOutput,
  stopped: AbortSignal,
): Promise<void> {
  const print = ({ items }: ClusterNotificationBuffer): void => {
    for (const item of items) output.line(asJson ? JSON.stringify(stateLine(item)) : stateText(item))
  }
  const follower: ClusterFollower = {
    onCurrent: print,
    onChange: print,
    onLost: (error) => output.note(lostText(error)),
    onRestored: () => output.note(restoredText),
  }
  return followCluster(socket, follower, stopped)
}

function stateLine(item: ClusterNotification): StateLine {
  return { state: changeWord(item), reason: item.reason, ...nodeLine(item.clusterNode) }
}
