import { NodeOrderCommand, orderJsonText, timeoutFlag } from '../../cli/sandbox-command.js'
import { stopNodes, type OrderOptions, type OrderResult } from '../../sandbox/index.js'

export default class ClusterStop extends NodeOrderCommand<typeof ClusterStop> {
  static override readonly summary = 'Stop nodes of the sandbox: they leave the cluster and end.'
  static override readonly description =
    'Sends SIGTERM and waits for the end of the processes. ' + orderJsonText

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> node3',
    '<%= config.bin %> <%= command.id %> node2 node3 --json',
  ]

  static override readonly flags = { timeout: timeoutFlag('the nodes to end', 30) }

  protected override order(options: OrderOptions): Promise<OrderResult> {
    return stopNodes({ ...options, timeoutMs: this.flags.timeout * 1000 })
  }
}
