import { Flags } from '@oclif/core'
import { resolve } from 'node:path'
import { limits } from '../../base/index.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { liveProgress } from '../../cli/list-progress.js'
import { octetsFlag, secondsFlag } from '../../cli/quantity-flags.js'
import { SandboxCommand } from '../../cli/sandbox-command.js'
import {
  amfStressLine,
  amfStressText,
  failureKinds,
  isPassed,
  stopSignal,
  stressAmf,
  type AmfStressLine,
  type FailureKind,
} from '../../programs/index.js'
import { parseAdded } from '../../sandbox/index.js'

const usualKinds: readonly FailureKind[] = ['component-killed', 'component-stopped', 'daemon-killed']

export default class AmfStress extends SandboxCommand<typeof AmfStress> {
  static override readonly summary = 'Fail components and executives under load, and time the failovers.'
  static override readonly description =
    'Brings up a cluster of its own on this machine with components in an nplusm group over all nodes and ' +
    '2n groups of two, all of them processes of their own, and writes checkpoints meanwhile. Then, in ' +
    'turn: a component of an active unit is killed (SIGKILL); one is stopped (SIGSTOP), and goes on after ' +
    'the failover; the executive of the node of an active unit is killed; with --kind link-cut the links ' +
    'of that node are cut (then with quorum=majority). Each time it is measured how long it takes until ' +
    'all of another unit was told to be active; then what was failed is brought back. Every component ' +
    'notes in one log when it was told what, by the clock that all processes of the machine share; in the ' +
    'end the notes are merged. Exit code 1 if two units were ever active for one service instance, or ' +
    'nobody took over. The time in which a process was stopped, or got no processor, is left out and told ' +
    'apart: it can do nothing then, and storage refuses it by its fencing token. Nothing is left behind, ' +
    'also on SIGINT (Ctrl-C), which ends it early. With --json one line: {"kills","p50Ms","p99Ms",' +
    '"maxMs","overlaps","maxOverlapMs","overlapsAsleep","falseAlarms","kinds","notActive","writes",' +
    '"duringTransfer","failure"}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --kills 200 --json',
    '<%= config.bin %> <%= command.id %> --duration 60 --nodes 2 --kind component-killed',
    '<%= config.bin %> <%= command.id %> --kind link-cut --kills 10 --log changes.log',
  ]

  static override readonly flags = {
    kills: Flags.integer({
      description: 'how many failures; without --duration 20',
      helpValue: 'N',
      min: 1,
      max: 1_000_000,
    }),
    duration: secondsFlag({ description: 'for how long to begin another one', helpValue: 'SECONDS' }),
    nodes: Flags.integer({
      description: 'nodes of the cluster',
      helpValue: 'N',
      min: 2,
      max: limits.sandboxNodes,
      default: 3,
    }),
    kind: Flags.option({ options: failureKinds, multiple: true, multipleNonGreedy: true })({
      description: `what is done, in turn; [default: ${usualKinds.join(', ')}]`,
    }),
    transfer: octetsFlag({
      description:
        'keep a checkpoint of so many octets, and restart another executive before each failure: it gets ' +
        'the checkpoint from the others meanwhile',
      helpValue: 'SIZE',
    }),
    conf: Flags.string({
      description: 'a key for the network.conf of every node',
      helpValue: 'KEY=VALUE',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    dir: Flags.string({
      description: 'directory of the cluster [default: one for temporary files]',
      helpValue: 'DIR',
    }),
    log: Flags.string({ description: 'keep the log of all state changes in this file', helpValue: 'FILE' }),
  }

  async run(): Promise<AmfStressLine> {
    const { nodes, conf, log, dir } = this.flags
    const {
      kind: kinds = usualKinds,
      duration: durationMs = Infinity,
      transfer: transferOctets = 0,
    } = this.flags
    if (kinds.includes('link-cut') && nodes < 3)
      this.fail('--kind link-cut needs 3 nodes: of two, neither side has a quorum', exitCodes.usage)
    if (transferOctets > 0 && nodes < 3)
      this.fail('--transfer needs 3 nodes: one gets the checkpoint, two fail over', exitCodes.usage)
    const kills = this.flags.kills ?? (durationMs === Infinity ? 20 : Infinity)
    const stopped = stopSignal()
    const options = {
      kills,
      durationMs,
      nodes,
      kinds,
      transferOctets,
      added: conf.map(parseAdded),
      directory: dir === undefined ? null : resolve(dir),
      logPath: log === undefined ? null : resolve(log),
      progress: this.progress,
      stopped,
    }
    const outcome = await liveProgress('failures', (say) => stressAmf(options, say))
    this.log(amfStressText(outcome))
    if (!isPassed(outcome)) process.exitCode = exitCodes.failed
    return amfStressLine(outcome)
  }
}
