import { Flags } from '@oclif/core'
import { limits } from '../../base/index.js'
import { SandboxCommand, type NodeDocument } from '../../cli/sandbox-command.js'
import {
  bringUp,
  clusterCommand,
  parseAdded,
  readGroupsFile,
  SandboxError,
  type SandboxState,
} from '../../sandbox/index.js'

interface UpDocument {
  readonly dir: string
  readonly nodes: readonly NodeDocument[]
}

export default class ClusterUp extends SandboxCommand<typeof ClusterUp> {
  static override readonly summary = 'Start a cluster on this machine: a sandbox to try things out.'
  static override readonly description =
    'Starts executives node1, node2 … on 127.0.0.1, .2 …, with real multicast on the loopback ' +
    'interface, and waits until every node sees all. No root is needed. Each sandbox finds ports of ' +
    'its own, so several run side by side in directories of their own. If it fails or is interrupted, ' +
    'nothing is left behind. What an interrupted sandbox left in the directory is removed first, and ' +
    'one whose nodes are all down. The directory holds a directory a node, with its network.conf, ' +
    'its groups.conf, its log and its state; other commands find the node by --node NAME. Without ' +
    '--dir and $AIS_SANDBOX_DIR the directory is /run/ais/sandbox for root, else ' +
    '$XDG_RUNTIME_DIR/ais/sandbox or /tmp/ais-UID/sandbox. More than 16 nodes get longer times ' +
    '(token, consensus, join), unless --conf sets them. With --json one line, once every node sees all: ' +
    '{"dir","nodes":[{"name","nodeId","address","socket","pid"}]}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --nodes 5 --dir /tmp/five',
    '<%= config.bin %> <%= command.id %> --conf quorum=majority --conf token=500',
    '<%= config.bin %> <%= command.id %> --groups groups.conf',
    "<%= config.bin %> <%= command.id %> --json | jq -r '.nodes[].socket'",
  ]

  static override readonly flags = {
    nodes: Flags.integer({
      description: 'how many nodes',
      helpValue: 'N',
      min: 1,
      max: limits.sandboxNodes,
      default: 3,
    }),
    conf: Flags.string({
      description:
        'a key for the network.conf of every node; expected-votes is set where quorum=majority needs it',
      helpValue: 'KEY=VALUE',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    groups: Flags.string({
      description:
        'the groups.conf of every node [default: that of the package, with the units of `ais amf test`]',
      helpValue: 'FILE',
    }),
    timeout: Flags.integer({
      description: 'seconds for the nodes to find each other; then exit code 5',
      helpValue: 'SECONDS',
      min: 1,
      max: 86_400,
      default: 120,
    }),
  }

  async run(): Promise<UpDocument> {
    const { nodes: count, conf, groups, timeout } = this.flags
    const interruption = new AbortController()
    const interrupt = (signal: NodeJS.Signals): void => {
      interruption.abort(new SandboxError(`interrupted by ${signal}: no sandbox is left`))
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
    const state = await bringUp({
      directory: this.directory,
      count,
      added: conf.map(parseAdded),
      groups: await readGroupsFile(groups),
      timeoutMs: timeout * 1000,
      signal: interruption.signal,
      progress: this.progress,
    })
    this.print(state)
    const nodes = state.nodes.map(({ name, nodeId, address, socket, pid }) => {
      return { name, nodeId, address, socket, pid }
    })
    return { dir: this.directory, nodes }
  }

  private print({ nodes, mcastPort }: SandboxState): void {
    const count = nodes.length === 1 ? '1 node is' : `${nodes.length} nodes are`
    this.log(`${count} up, multicast on port ${mcastPort}; files in ${this.directory}`)
    for (const { name, address, pid } of nodes)
      this.log(`  ${name.padEnd(7)} ${address.padEnd(11)} pid ${pid}`)
    const command = (words: string): string => `\`${clusterCommand(words, this.directory)}\``
    this.log(`See ${command('status')}; end it with ${command('down')}.`)
  }
}
