import { Flags } from '@oclif/core'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { limits } from '../../base/index.js'
import { ClientCommand } from '../../cli/client-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { liveProgress, ListProgress } from '../../cli/list-progress.js'
import { octetsFlag, secondsFlag } from '../../cli/quantity-flags.js'
import { textTable } from '../../cli/text-table.js'
import {
  benchGroups,
  CpgBenchFailure,
  cpgBenchModes,
  cpgBenchSenders,
  stopSignal,
  withSandbox,
  type CpgBenchResult,
} from '../../programs/index.js'

const guarantees = ['agreed', 'safe'] as const
/** What a message needs to say which it is. */
const SIZE_MIN = 16
/** Processes that this command starts for one node, at most. */
const MEMBERS_MAX = 64

export default class CpgBench extends ClientCommand<typeof CpgBench> {
  static override readonly summary = 'Measure the messages of process groups: a table.'
  static override readonly description =
    'A member on each node (or --members of them), a process of its own, joins one group. Throughput: one ' +
    'of them sends, or all do, as fast as flow control lets them; counted is what is delivered at the ' +
    'member that gets it slowest, after all have checked number, sender and content of every message, and ' +
    'that they got all in one order. Latency: the first one sends one message at a time until it has it ' +
    'back. Which nodes there are is known for those of a sandbox (--node), one made for this (--sandbox), ' +
    'and those given with --nodes; else there is one. With --json one line: {"nodes","members","rows":[' +
    '{"mode","senders","size","guarantee","messagesPerSecond","megabytesPerSecond","p50Us","p90Us","p99Us",' +
    '"daemonCpuSeconds","clientCpuSeconds","slowestSender","fastestSender"}]}; a megabyte has 1,000,000 ' +
    'octets, what was not measured is null. Exit code 1 when a message is missing, damaged or out of turn.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> --sandbox 3',
    '<%= config.bin %> <%= command.id %> --node node1 --senders all --size 64 --size 1000',
    '<%= config.bin %> <%= command.id %> --sandbox 2 --members 8 --size 64',
    '<%= config.bin %> <%= command.id %> --nodes /run/a/ais.sock,/run/b/ais.sock --duration 5 --json',
  ]

  static override readonly flags = {
    mode: Flags.option({ options: cpgBenchModes, multiple: true, multipleNonGreedy: true })({
      description: 'only this mode; may be given several times',
    }),
    senders: Flags.option({ options: cpgBenchSenders, multiple: true, multipleNonGreedy: true })({
      description: 'only with so many senders; may be given several times',
    }),
    size: octetsFlag({
      description: 'only messages of so many octets; may be given several times, or as a list with commas',
      helpValue: 'SIZE',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
    }),
    duration: secondsFlag({
      description: 'how long to send in each row',
      helpValue: 'SECONDS',
      default: 2000,
      defaultHelp: async () => '2',
    }),
    guarantee: Flags.option({ options: guarantees })({
      description: 'agreed: delivered in its turn; safe: once every node is known to have it',
      default: 'agreed',
    }),
    sandbox: Flags.integer({
      description: 'start a cluster of so many nodes on this machine, and remove it afterwards',
      helpValue: 'N',
      min: 1,
      max: limits.sandboxNodes,
      exclusive: ['node', 'nodes', 'socket'],
    }),
    members: Flags.integer({
      description: 'members on each node',
      helpValue: 'M',
      min: 1,
      max: MEMBERS_MAX,
      default: 1,
    }),
    nodes: Flags.string({
      description: 'sockets of the nodes, with commas between them',
      helpValue: 'SOCKET,SOCKET',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      exclusive: ['node', 'socket'],
    }),
  }

  async run(): Promise<CpgBenchResult> {
    const { size } = this.flags
    const wrong = size?.find((octets) => octets < SIZE_MIN || octets > limits.cpgMessageOctets)
    if (wrong !== undefined) {
      this.fail(`--size ${wrong} is not from ${SIZE_MIN} to ${limits.cpgMessageOctets}`, exitCodes.usage)
    }
    const { sandbox } = this.flags
    if (sandbox === undefined) return this.measure(await this.socketsOf(), await this.socketChoice())
    const directory = await mkdtemp(join(tmpdir(), 'ais-bench-'))
    try {
      return await withSandbox(directory, sandbox, new ListProgress(), stopSignal(), async (sockets) => {
        return this.measure(sockets, { path: sockets[0]!, reason: '--sandbox' })
      })
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }

  private async socketsOf(): Promise<readonly string[]> {
    const { nodes } = this.flags
    if (nodes !== undefined) return [...new Set(nodes.map((path) => resolve(path)))]
    return this.sandboxSockets(await this.socketChoice())
  }

  private async measure(
    sockets: readonly string[],
    choice: { readonly path: string; readonly reason: string },
  ): Promise<CpgBenchResult> {
    const { mode, senders, size, duration, guarantee, members } = this.flags
    const options = {
      sockets,
      members,
      modes: mode ?? cpgBenchModes,
      senders: senders ?? cpgBenchSenders,
      sizes: size,
      guarantee,
      durationMs: duration,
    }
    const stopped = stopSignal()
    try {
      const result = await liveProgress('bench', (say) => benchGroups(options, say, stopped))
      this.print(result)
      if (stopped.aborted) process.exitCode = exitCodes.failed
      return result
    } catch (error) {
      if (error instanceof CpgBenchFailure) this.fail(error.message, exitCodes.failed)
      return this.failCall(error, choice)
    }
  }

  private print({ nodes, members, rows }: CpgBenchResult): void {
    const columns = ['mode', 'senders', 'octets', 'msg/s', 'MB/s', 'p50 µs', 'p90 µs', 'p99 µs']
    const cpu = ['CPU s: executives', 'clients', 'slowest sender', 'fastest']
    const count = (value: number | null): string => value?.toLocaleString('en') ?? ''
    const cells = rows.map((row) => [
      `${row.mode} (${row.guarantee})`,
      count(row.senders),
      count(row.size),
      count(row.messagesPerSecond),
      row.megabytesPerSecond?.toFixed(2) ?? '',
      count(row.p50Us),
      count(row.p90Us),
      count(row.p99Us),
      count(row.daemonCpuSeconds),
      count(row.clientCpuSeconds),
      count(row.slowestSender),
      count(row.fastestSender),
    ])
    this.log(`${nodes} node${nodes === 1 ? '' : 's'}, ${members} member${members === 1 ? '' : 's'} on each`)
    this.log(textTable([...columns, ...cpu], cells))
  }
}
