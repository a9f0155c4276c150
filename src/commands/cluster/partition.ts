import { Args } from '@oclif/core'
import { SandboxCommand } from '../../cli/sandbox-command.js'
import { partition, sidesText, type SplitResult } from '../../sandbox/index.js'

interface PartitionDocument extends SplitResult {
  readonly dir: string
}

export default class ClusterPartition extends SandboxCommand<typeof ClusterPartition> {
  static override readonly summary = 'Cut the links between nodes of the sandbox.'
  static override readonly description =
    'SIDES are names of nodes with commas between them, and a slash between two sides; nodes that are ' +
    'not named are a side of their own. The daemons drop what comes from other sides before they look ' +
    'at it, and send nothing there, as if cables were cut: they find out after the token timeout. ' +
    'Returns when every running node has confirmed. Nodes that are paused or down carry it out when ' +
    'they are resumed or started, before they hear anybody. Another partition replaces this one; `<%= ' +
    'config.bin %> cluster heal` ends it. With --json one line: ' +
    '{"dir","partition","confirmed","pending"}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> node1,node2 / node3',
    '<%= config.bin %> <%= command.id %> node3',
    '<%= config.bin %> <%= command.id %> node1,node2/node3,node4/node5 --json',
  ]

  static override readonly args = {
    sides: Args.string({
      name: 'SIDES',
      description: 'sides that are not to hear each other: node1,node2 / node3',
      required: true,
      multiple: true,
    }),
  }

  async run(): Promise<PartitionDocument> {
    const result = await partition(this.directory, this.args.sides, this.progress)
    this.log(`partition: ${sidesText(result.partition ?? [])}`)
    for (const name of result.pending) this.log(`${name} does not run now: it is cut off as soon as it does`)
    return { dir: this.directory, ...result }
  }
}
