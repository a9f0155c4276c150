import { nodeArguments, SandboxCommand, type OrderDocument } from '../../cli/sandbox-command.js'
import { killNodes } from '../../sandbox/index.js'

export default class ClusterKill extends SandboxCommand<typeof ClusterKill> {
  static override readonly summary = 'Kill nodes of the sandbox at once, as if their machines lost power.'
  static override readonly description =
    'Sends SIGKILL and waits until the processes are gone. Paused nodes can be killed too. With ' +
    '--json one line: {"dir","nodes":[{"name","nodeId","address","socket","pid","state"}]}, those the ' +
    'order was for.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> node3',
    '<%= config.bin %> <%= command.id %> node2 node3 --json',
  ]

  static override readonly args = nodeArguments

  async run(): Promise<OrderDocument> {
    const { directory, progress } = this
    const result = await killNodes({ directory, names: this.args.node, progress })
    this.printStates(result.presences)
    return this.orderDocument(result)
  }
}
