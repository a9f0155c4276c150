import { Flags } from '@oclif/core'
import { limits } from '../../base/index.js'
import { ClientCommand } from '../../cli/client-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { liveProgress } from '../../cli/list-progress.js'
import { octetsFlag, secondsFlag } from '../../cli/quantity-flags.js'
import {
  guaranteeNames,
  stopSignal,
  stressCheckpoints,
  stressLine,
  stressText,
  type Guarantee,
  type StressLine,
} from '../../programs/index.js'

/** So many differences are told one by one. */
const DIFFERENCES_SHOWN = 20

export default class CkptStress extends ClientCommand<typeof CkptStress> {
  static override readonly summary = 'Write as fast as it goes, then see that every member has it.'
  static override readonly description =
    'The ckptstress of the original package, made useful: each of --writers writes a section of its own ' +
    'over and over, --depth writes under way at a time, for --duration seconds or until --count writes ' +
    'in all are done. Nodes may be killed, paused, cut off and started meanwhile. At the end it waits up ' +
    'to 20 s for members that are restarting; then every member says what it holds, all at the same ' +
    'place in the order of writes, and the content is compared with what the writers know: it has to be ' +
    'the last write that was acknowledged, or a later one whose outcome is not known (ERR_TIMEOUT). Exit ' +
    'code 1 if anything differs. Its checkpoints are removed, also on SIGINT (Ctrl-C), which ends the ' +
    'writing. With --json one line: {"writes","bytes","seconds","writesPerSecond","errors","verified"}, ' +
    'errors being how often calls failed by the name of the error; what differs is told on stderr.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> --duration 10',
    '<%= config.bin %> <%= command.id %> --count 100000 --writers 4 --size 64 --guarantee active',
    '<%= config.bin %> <%= command.id %> --duration 60 --size 64KiB --depth 4 --node node2 --json',
  ]

  static override readonly flags = {
    writers: Flags.integer({
      description: 'how many writers',
      helpValue: 'N',
      min: 1,
      max: 4096,
      default: 40,
    }),
    size: octetsFlag({
      description: 'octets of each write: 64, 64KiB, 1MB',
      helpValue: 'SIZE',
      default: 1000,
    }),
    depth: Flags.integer({
      description: 'writes that each writer has under way',
      helpValue: 'N',
      min: 1,
      max: 1024,
      default: 16,
    }),
    guarantee: Flags.option({ options: guaranteeNames, default: 'all' as Guarantee })({
      description: 'which replicas have a write when it returns',
    }),
    duration: secondsFlag({
      description: 'how long to write',
      helpValue: 'SECONDS',
      exactlyOne: ['duration', 'count'],
    }),
    count: Flags.integer({
      description: 'how many writes in all',
      helpValue: 'N',
      min: 1,
      exactlyOne: ['duration', 'count'],
    }),
  }

  async run(): Promise<StressLine> {
    const { writers, size, depth, guarantee, duration = Infinity, count = Infinity } = this.flags
    const sizeMax = limits.ckptCallOctets - limits.ckptSectionIdOctets
    if (size < 1 || size > sizeMax) this.fail(`--size ${size} is not from 1 to ${sizeMax}`, exitCodes.usage)
    const choice = await this.socketChoice()
    const options = { writers, size, depth, guarantee, durationMs: duration, count, socket: choice.path }
    const stopped = stopSignal()
    try {
      const result = await liveProgress('stress', (say) => stressCheckpoints(options, say, stopped))
      const { differences } = result
      this.log(stressText(options, result))
      for (const difference of differences.slice(0, DIFFERENCES_SHOWN)) this.logToStderr(`  ${difference}`)
      if (differences.length > DIFFERENCES_SHOWN) {
        this.logToStderr(`  and ${differences.length - DIFFERENCES_SHOWN} more`)
      }
      if (differences.length > 0) process.exitCode = exitCodes.failed
      return stressLine(options, result)
    } catch (error) {
      return this.failCall(error, choice)
    }
  }
}
