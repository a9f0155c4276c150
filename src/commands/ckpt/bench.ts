import { Flags } from '@oclif/core'
import { resolve } from 'node:path'
import { limits } from '../../base/index.js'
import { ClientCommand } from '../../cli/client-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { liveProgress } from '../../cli/list-progress.js'
import { octetsFlag, secondsFlag } from '../../cli/quantity-flags.js'
import { textTable } from '../../cli/text-table.js'
import {
  benchCheckpoints,
  benchModes,
  benchSizes,
  stopSignal,
  type BenchResult,
  type BenchRow,
  type Guarantee,
} from '../../programs/index.js'

interface BenchDocument {
  readonly nodes: number
  readonly rows: readonly BenchRow[]
}

const guarantees: readonly Guarantee[] = ['all', 'active']

export default class CkptBench extends ClientCommand<typeof CkptBench> {
  static override readonly summary = 'Measure reads and writes of checkpoints: a table.'
  static override readonly description =
    'Modes: single, one writer that makes one write at a time; pipelined, one writer with --depth writes ' +
    'under way (fewer of large ones: 1 MiB at a time); all, such writers on all nodes; read, one reader ' +
    'that makes one read at a time. All of them with the guarantees all and active, which reads do not ' +
    'depend on, and with 1, 64, 1000, 10,000, 64,000 and 250,000 octets. Which nodes there are for mode ' +
    'all is known for the nodes of a sandbox (--node) and those given with --also; else the one node ' +
    'that is asked writes. The checkpoints are its own and are removed. With --json one line: {"nodes",' +
    '"rows":[{"mode","guarantee","size","opsPerSecond","megabytesPerSecond","p50Us","p99Us"}]}; a ' +
    'megabyte has 1,000,000 octets.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> --node node1',
    '<%= config.bin %> <%= command.id %> --mode single --mode pipelined --size 64 --guarantee all',
    "<%= config.bin %> <%= command.id %> --duration 5 --json | jq -c '.rows[]'",
  ]

  static override readonly flags = {
    mode: Flags.option({ options: benchModes, multiple: true, multipleNonGreedy: true })({
      description: 'only this mode; may be given several times',
    }),
    guarantee: Flags.option({ options: guarantees, multiple: true, multipleNonGreedy: true })({
      description: 'only this guarantee; may be given several times',
    }),
    size: octetsFlag({
      description: 'only writes and reads of so many octets; may be given several times',
      helpValue: 'SIZE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    duration: secondsFlag({
      description: 'how long to measure each row',
      helpValue: 'SECONDS',
      default: 1000,
      defaultHelp: async () => '1',
    }),
    depth: Flags.integer({
      description: 'writes under way of a pipelined writer',
      helpValue: 'N',
      min: 1,
      max: 1024,
      default: 64,
    }),
    also: Flags.string({
      description: 'socket of another node for mode all; may be given several times',
      helpValue: 'PATH',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
  }

  async run(): Promise<BenchDocument> {
    const { mode, guarantee, size = benchSizes, duration, depth, also } = this.flags
    const sizeMax = limits.ckptCallOctets - limits.ckptSectionIdOctets
    const wrong = size.find((octets) => octets < 1 || octets > sizeMax)
    if (wrong !== undefined) this.fail(`--size ${wrong} is not from 1 to ${sizeMax}`, exitCodes.usage)
    const choice = await this.socketChoice()
    const sandbox = await this.sandboxSockets(choice)
    const options = {
      sockets: [...new Set([...sandbox, ...also.map((path) => resolve(path))])],
      modes: mode ?? benchModes,
      guarantees: guarantee ?? guarantees,
      sizes: size,
      durationMs: duration,
      depth,
    }
    const stopped = stopSignal()
    try {
      const result = await liveProgress('bench', (say) => benchCheckpoints(options, say, stopped))
      this.print(result)
      if (stopped.aborted) process.exitCode = exitCodes.failed
      return { nodes: result.nodes, rows: result.rows }
    } catch (error) {
      return this.failCall(error, choice)
    }
  }

  private print({ nodes, writers, rows, slowest }: BenchResult): void {
    const columns = ['mode', 'guarantee', 'octets', 'ops/s', 'MB/s', 'p50 µs', 'p99 µs', 'slowest node']
    const count = (value: number): string => value.toLocaleString('en')
    const cells = rows.map((row) => [
      row.mode,
      row.guarantee,
      count(row.size),
      count(row.opsPerSecond),
      row.megabytesPerSecond.toFixed(2),
      count(Math.round(row.p50Us)),
      count(Math.round(row.p99Us)),
      slowest.has(row) ? `${count(slowest.get(row)!)} ops/s` : '',
    ])
    this.log(`${nodes === 1 ? '1 member' : `${nodes} members`}; mode all: writers on ${writers}`)
    this.log(textTable(columns, cells))
  }
}
