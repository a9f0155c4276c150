import chalk from 'chalk'
import type { ClusterNotification, ClusterNotificationBuffer } from '../api/index.js'
import { printable } from '../config/index.js'
import { changeWord, quorumText, trackLine } from './clm-text.js'
import { followCluster, type ClusterFollower } from './follow-cluster.js'
import { lostText, restoredText, type ProgramOutput } from './program-output.js'

const said = {
  'no-change': 'is a member',
  joined: chalk.green('joined'),
  left: chalk.yellow('left'),
  failed: chalk.red('failed'),
}

function itemText(item: ClusterNotification): string {
  const { nodeName, nodeId, nodeAddress } = item.clusterNode
  return `${printable(`${nodeName} (${nodeId}, ${nodeAddress})`)} ${said[item.reason ?? changeWord(item)]}`
}

/** A line for each node, and one where the quorum came or went. */
class ChangePrinter {
  #quorate: boolean | null = null

  constructor(private readonly output: ProgramOutput) {}

  print(buffer: ClusterNotificationBuffer): void {
    const { viewNumber, items, quorate } = buffer
    const quorum = quorumText(buffer)
    const facts = items.map(itemText)
    if (quorum !== '' && quorate !== this.#quorate) facts.push(quorum)
    this.#quorate = quorate
    const prefix = `${new Date().toISOString()} view ${viewNumber}`
    for (const fact of facts) this.output.line(`${prefix}: ${fact}`)
  }
}

/**
 * The members, then every change, until `stopped`.
 * @throws AisError as Clm.initialize: there is no executive to begin with
 */
export function watchClm(
  socket: string,
  asJson: boolean,
  output: ProgramOutput,
  stopped: AbortSignal,
): Promise<void> {
  const printer = new ChangePrinter(output)
  const print = (buffer: ClusterNotificationBuffer): void => {
    if (asJson) output.line(JSON.stringify(trackLine(buffer)))
    else printer.print(buffer)
  }
  const follower: ClusterFollower = {
    onCurrent: print,
    onChange: print,
    onLost: (error) => output.note(lostText(error)),
    onRestored: () => output.note(restoredText),
  }
  return followCluster(socket, follower, stopped)
}
