import { NodeOrderCommand, orderJsonText } from '../../cli/sandbox-command.js'
import { killNodes, type OrderOptions, type OrderResult } from '../../sandbox/index.js'

export default class ClusterKill extends NodeOrderCommand<typeof ClusterKill> {
  static override readonly summary = 'Kill nodes of the sandbox at once, as if their machines lost power.'
  static override readonly description =
    'Sends SIGKILL and waits until the processes are gone. Paused nodes can be killed too. ' + orderJsonText

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> node3',
    '<%= config.bin %> <%= command.id %> node2 node3 --json',
  ]

  protected override order(options: OrderOptions): Promise<OrderResult> {
    return killNodes(options)
  }
}
