import { Clm, TrackFlags, type ClusterNotificationBuffer } from '../../api/index.js'
import { OneShotCommand } from '../../cli/client-command.js'
import { textTable } from '../../cli/text-table.js'
import { printable } from '../../config/index.js'
import { instantText, nodesLine, quorumText, type NodesLine } from '../../programs/index.js'

export default class ClmNodes extends OneShotCommand<typeof ClmNodes> {
  static override readonly summary = 'Show the members of the cluster.'
  static override readonly description =
    'The members of the present view, as the executive that is asked sees it (marked with *): id, name and ' +
    'address, when their executives were started, and with which view they came into the cluster. ' +
    'With --json one line: bootTimestamp is a decimal string of nanoseconds since 1970.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --node node2',
    "<%= config.bin %> <%= command.id %> --json | jq -r '.members[].nodeName'",
  ]

  async run(): Promise<NodesLine> {
    const choice = await this.socketChoice()
    const options = { deadlineMs: performance.now() + this.timeoutMs, changes: false }
    const clm = await this.withRetries(choice, () => Clm.initialize({ socket: choice.path }), options)
    try {
      const buffer = await this.withRetries(choice, () => clm.clusterTrack(TrackFlags.TRACK_CURRENT), options)
      this.print(buffer!)
      return nodesLine(buffer!)
    } finally {
      await clm.finalize()
    }
  }

  private print(buffer: ClusterNotificationBuffer): void {
    const { viewNumber, ringId, localNodeId, members } = buffer
    const rows = members.map((node) => [
      node.nodeId === localNodeId ? '*' : '',
      String(node.nodeId),
      printable(node.nodeName),
      printable(node.nodeAddress),
      instantText(node.bootTimestamp),
      String(node.initialViewNumber),
    ])
    const quorum = quorumText(buffer)
    const cluster = printable(members[0]?.clusterName ?? '')
    this.log(`cluster ${cluster}, view ${viewNumber}, ring ${ringId.representative}/${ringId.sequence}`)
    if (quorum !== '') this.log(quorum)
    this.log(textTable(['', 'id', 'name', 'address', 'started', 'since view'], rows))
  }
}
