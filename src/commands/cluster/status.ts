import { Flags } from '@oclif/core'
import { nodeStateDocument, SandboxCommand, type NodeStateDocument } from '../../cli/sandbox-command.js'
import { textTable } from '../../cli/text-table.js'
import {
  sidesText,
  statusOf,
  type NodeStatus,
  type SandboxState,
  type SandboxStatus,
  type Sides,
} from '../../sandbox/index.js'

interface NodeStatusDocument extends NodeStateDocument {
  /** Names of the members that it sees; null: it does not run or does not answer. */
  readonly members: readonly string[] | null
  readonly viewNumber: number | null
  readonly quorate: boolean | null
  /** Whether its daemon has cut the links that the partition wants cut; null: not known. */
  readonly followsPartition: boolean | null
}

interface StatusDocument {
  readonly dir: string
  readonly phase: SandboxState['phase']
  readonly clusterName: string
  readonly mcastPort: number
  readonly partition: Sides | null
  readonly nodes: readonly NodeStatusDocument[]
}

export default class ClusterStatus extends SandboxCommand<typeof ClusterStatus> {
  static override readonly summary = 'Show the nodes of the sandbox, and which members each of them sees.'
  static override readonly description =
    'State is up, paused or down. With --json one line; per node name, nodeId, address, socket, pid, ' +
    'state, and as far as it answers members (names), viewNumber, quorate and followsPartition: ' +
    'whether it has cut the links that the partition wants cut.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    "<%= config.bin %> <%= command.id %> --json | jq '.nodes[] | {name, state, members}'",
  ]

  static override readonly flags = {
    timeout: Flags.integer({
      description: 'seconds for a node to answer',
      helpValue: 'SECONDS',
      min: 1,
      max: 86_400,
      default: 2,
    }),
  }

  async run(): Promise<StatusDocument> {
    const status = await statusOf(this.directory, this.flags.timeout * 1000)
    const { phase, clusterName, mcastPort, partition } = status.state
    this.print(status)
    const nodes = status.nodes.map(nodeStatusDocument)
    return { dir: this.directory, phase, clusterName, mcastPort, partition, nodes }
  }

  private print({ state, nodes }: SandboxStatus): void {
    const { phase, partition } = state
    const rows = nodes.map((found) => {
      const { node, identity, seen } = found
      const cells = [node.name, String(node.nodeId), node.address, String(identity?.pid ?? '-'), found.state]
      return [...cells, seen?.members.join(',') ?? '-', quorateText(found)]
    })
    this.log(textTable(['name', 'id', 'address', 'pid', 'state', 'sees', 'quorate'], rows))
    if (partition !== null) this.log(`partition: ${sidesText(partition)}`)
    for (const { node, followsPartition } of nodes) {
      if (followsPartition === false) this.log(`${node.name} does not follow it: give the order again`)
    }
    if (phase !== 'up') this.log(`the sandbox is ${phase}`)
  }
}

function quorateText({ seen }: NodeStatus): string {
  if (seen === null) return '-'
  return seen.quorate ? 'yes' : 'no'
}

function nodeStatusDocument(status: NodeStatus): NodeStatusDocument {
  const { seen, followsPartition } = status
  return {
    ...nodeStateDocument(status),
    members: seen?.members ?? null,
    viewNumber: seen?.viewNumber ?? null,
    quorate: seen?.quorate ?? null,
    followsPartition,
  }
}
