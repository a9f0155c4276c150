import { NodeOrderCommand, orderJsonText } from '../../cli/sandbox-command.js'
import { pauseNodes, type OrderOptions, type OrderResult } from '../../sandbox/index.js'

export default class ClusterPause extends NodeOrderCommand<typeof ClusterPause> {
  static override readonly summary = 'Pause nodes of the sandbox, as if their machines were suspended.'
  static override readonly description =
    'Sends SIGSTOP. The others give a paused node up after the token timeout, and take it back when it ' +
    'is resumed. ' +
    orderJsonText

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> node3',
    '<%= config.bin %> <%= command.id %> node2 node3 --json',
  ]

  protected override order(options: OrderOptions): Promise<OrderResult> {
    return pauseNodes(options)
  }
}
