import { Args, Flags } from '@oclif/core'
import {
  AisError,
  Clm,
  NodeConfigurations,
  TrackFlags,
  type AisErrorName,
  type ClusterNode,
} from '../../api/index.js'
import { OneShotCommand } from '../../cli/client-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { printable } from '../../config/index.js'
import {
  comparisonText,
  diffConfigurations,
  isSameConfiguration,
  type AskNode,
  type ConfigurationComparison,
} from '../../programs/index.js'

/** Errors that are about the node that was asked, and not about the executive that asks it. */
const errorsOfNode: readonly AisErrorName[] = ['ERR_NOT_EXIST', 'ERR_TIMEOUT', 'ERR_NOT_SUPPORTED']

function aboutNode(error: unknown): AisError {
  if (error instanceof AisError && errorsOfNode.includes(error.code)) return error
  throw error
}

interface Answer extends ConfigurationComparison {
  readonly same: boolean
}

export default class ConfigDiff extends OneShotCommand<typeof ConfigDiff> {
  static override readonly summary = 'Compare the configurations that the nodes of the cluster run with.'
  static override readonly description =
    'Every node is asked what it was started with, and what differs in meaning is named, key by key and, ' +
    'for groups.conf, by entity: comments, the form of a file and defaults written out make no ' +
    'difference. What names or places a node (bindnetaddr, nodeid, nodename, statedir, socket) is ' +
    'compared with --all only. A file that has changed since its executive was started is named, too, ' +
    'with what it says now if it is on this machine. Exits with 0 if all is the same, 1 if not, 5 if a ' +
    'node did not answer and the others have the same.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> node1 node2',
    '<%= config.bin %> <%= command.id %> --node node1 --all',
    "<%= config.bin %> <%= command.id %> --json | jq '.differences[].key'",
  ]

  static override readonly args = {
    node: Args.string({
      name: 'NODE',
      description: 'names or ids of nodes to compare [default: all]',
      multiple: true,
    }),
  }

  static override readonly flags = {
    all: Flags.boolean({ description: 'compare what names or places a node, too' }),
  }

  async run(): Promise<Answer> {
    const choice = await this.socketChoice()
    const options = { deadlineMs: performance.now() + this.timeoutMs, changes: false }
    const connect = () => NodeConfigurations.initialize({ socket: choice.path })
    const configurations = await this.withRetries(choice, connect, options)
    try {
      const clm = await this.withRetries(choice, () => Clm.initialize({ socket: choice.path }), options)
      const track = () => clm.clusterTrack(TrackFlags.TRACK_CURRENT)
      const buffer = await this.withRetries(choice, track, options).finally(() => clm.finalize())
      const nodes = this.wanted(buffer!.members)
      const ask: AskNode = (nodeId, groups) => {
        const call = (timeoutMs: number): ReturnType<AskNode> => {
          return configurations.get(nodeId, { groups, timeoutMs }).catch(aboutNode)
        }
        return this.withRetries(choice, call, options)
      }
      const comparison = await diffConfigurations(nodes, ask, this.flags.all)
      return this.tell(comparison)
    } finally {
      await configurations.finalize()
    }
  }

  /** The members that are named, by name or id. */
  private wanted(members: readonly ClusterNode[]): readonly ClusterNode[] {
    const names: readonly string[] = this.args.node ?? []
    const is = (node: ClusterNode, name: string): boolean => {
      return node.nodeName === name || String(node.nodeId) === name
    }
    for (const name of names) {
      if (members.some((node) => is(node, name))) continue
      const known = members.map(({ nodeName }) => printable(nodeName)).join(', ')
      this.fail(`no member of the cluster is called ${printable(name)}; members: ${known}`, exitCodes.failed)
    }
    return names.length === 0 ? members : members.filter((node) => names.some((name) => is(node, name)))
  }

  private tell(comparison: ConfigurationComparison): Answer {
    const same = isSameConfiguration(comparison)
    this.log(comparisonText(comparison))
    const isSilent = comparison.silent.some(({ reason }) => reason === 'unanswered')
    if (!same) process.exitCode = exitCodes.failed
    else if (isSilent) process.exitCode = exitCodes.timedOut
    return { same, ...comparison }
  }
}
