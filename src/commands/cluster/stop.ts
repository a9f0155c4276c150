import { Flags } from '@oclif/core'
import { nodeArguments, SandboxCommand, type OrderDocument } from '../../cli/sandbox-command.js'
import { stopNodes } from '../../sandbox/index.js'

export default class ClusterStop extends SandboxCommand<typeof ClusterStop> {
  static override readonly summary = 'Stop nodes of the sandbox: they leave the cluster and end.'
  static override readonly description =
    'Sends SIGTERM and waits for the end of the processes. ' +
    'With --json one line: {"dir","nodes":[{"name","nodeId","address","socket","pid","state"}]}, ' +
    'those the order was for.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> node3',
    '<%= config.bin %> <%= command.id %> node2 node3 --json',
  ]

  static override readonly args = nodeArguments

  static override readonly flags = {
    timeout: Flags.integer({
      description: 'seconds for the nodes to end; then exit code 5',
      helpValue: 'SECONDS',
      min: 1,
      max: 86_400,
      default: 30,
    }),
  }

  async run(): Promise<OrderDocument> {
    const { directory, progress } = this
    const timeoutMs = this.flags.timeout * 1000
    const result = await stopNodes({ directory, names: this.args.node, progress, timeoutMs })
    this.printStates(result.presences)
    return this.orderDocument(result)
  }
}
