import { NodeOrderCommand, orderJsonText } from '../../cli/sandbox-command.js'
import { resumeNodes, type OrderOptions, type OrderResult } from '../../sandbox/index.js'

export default class ClusterResume extends NodeOrderCommand<typeof ClusterResume> {
  static override readonly summary = 'Let paused nodes of the sandbox go on.'
  static override readonly description =
    'Sends SIGCONT, and waits until the nodes answer. A partition made or healed meanwhile holds for ' +
    'them before they hear anybody. ' +
    orderJsonText

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> node3',
    '<%= config.bin %> <%= command.id %> node2 node3 --json',
  ]

  protected override order(options: OrderOptions): Promise<OrderResult> {
    return resumeNodes(options)
  }
}
