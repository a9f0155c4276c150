import { Flags } from '@oclif/core'
import { nodeArguments, SandboxCommand, type OrderDocument } from '../../cli/sandbox-command.js'
import { startNodes } from '../../sandbox/index.js'

export default class ClusterStart extends SandboxCommand<typeof ClusterStart> {
  static override readonly summary = 'Start nodes of the sandbox that were stopped or killed.'
  static override readonly description =
    'Waits until they, and the running nodes they are connected with, see each other. A node started ' +
    'during a partition is on its side of it from the first. With --json one line: ' +
    '{"dir","nodes":[{"name","nodeId","address","socket","pid","state"}]}, those the order was for.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> node3',
    '<%= config.bin %> <%= command.id %> node2 node3 --json',
  ]

  static override readonly args = nodeArguments

  static override readonly flags = {
    timeout: Flags.integer({
      description: 'seconds for the nodes to see each other; then exit code 5',
      helpValue: 'SECONDS',
      min: 1,
      max: 86_400,
      default: 60,
    }),
  }

  async run(): Promise<OrderDocument> {
    const { directory, progress } = this
    const timeoutMs = this.flags.timeout * 1000
    const result = await startNodes({ directory, names: this.args.node, progress, timeoutMs })
    this.printStates(result.presences)
    return this.orderDocument(result)
  }
}
