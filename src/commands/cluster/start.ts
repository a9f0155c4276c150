import { NodeOrderCommand, orderJsonText, timeoutFlag } from '../../cli/sandbox-command.js'
import { startNodes, type OrderOptions, type OrderResult } from '../../sandbox/index.js'

export default class ClusterStart extends NodeOrderCommand<typeof ClusterStart> {
  static override readonly summary = 'Start nodes of the sandbox that were stopped or killed.'
  static override readonly description =
    'Waits until they, and the running nodes they are connected with, see each other. A node started ' +
    'during a partition is on its side of it from the first. ' +
    orderJsonText

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> node3',
    '<%= config.bin %> <%= command.id %> node2 node3 --json',
  ]

  static override readonly flags = { timeout: timeoutFlag('the nodes to see each other', 60) }

  protected override order(options: OrderOptions): Promise<OrderResult> {
    return startNodes({ ...options, timeoutMs: this.flags.timeout * 1000 })
  }
}
