import { nodeArguments, SandboxCommand, type OrderDocument } from '../../cli/sandbox-command.js'
import { resumeNodes } from '../../sandbox/index.js'

export default class ClusterResume extends SandboxCommand<typeof ClusterResume> {
  static override readonly summary = 'Let paused nodes of the sandbox go on.'
  static override readonly description =
    'Sends SIGCONT, and waits until the nodes answer. A partition made or healed meanwhile holds for ' +
    'them before they hear anybody. With --json one line: ' +
    '{"dir","nodes":[{"name","nodeId","address","socket","pid","state"}]}, those the order was for.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> node3',
    '<%= config.bin %> <%= command.id %> node2 node3 --json',
  ]

  static override readonly args = nodeArguments

  async run(): Promise<OrderDocument> {
    const { directory, progress } = this
    const result = await resumeNodes({ directory, names: this.args.node, progress })
    this.printStates(result.presences)
    return this.orderDocument(result)
  }
}
