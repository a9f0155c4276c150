import { nodeArguments, SandboxCommand, type OrderDocument } from '../../cli/sandbox-command.js'
import { pauseNodes } from '../../sandbox/index.js'

export default class ClusterPause extends SandboxCommand<typeof ClusterPause> {
  static override readonly summary = 'Pause nodes of the sandbox, as if their machines were suspended.'
  static override readonly description =
    'Sends SIGSTOP. The others give a paused node up after the token timeout, and take it back when ' +
    'it is resumed. With --json one line: ' +
    '{"dir","nodes":[{"name","nodeId","address","socket","pid","state"}]}, those the order was for.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> node3',
    '<%= config.bin %> <%= command.id %> node2 node3 --json',
  ]

  static override readonly args = nodeArguments

  async run(): Promise<OrderDocument> {
    const { directory, progress } = this
    const result = await pauseNodes({ directory, names: this.args.node, progress })
    this.printStates(result.presences)
    return this.orderDocument(result)
  }
}
