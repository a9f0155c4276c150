import { Flags } from '@oclif/core'
import { CkptCommand, nameArgument } from '../../cli/ckpt-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { durationFlag, octetsFlag } from '../../cli/quantity-flags.js'
import { durationText, octetsText } from '../../config/index.js'
import {
  checkpointDetailLine,
  createCheckpoint,
  guaranteeFlag,
  guaranteeNames,
  type CheckpointDetailLine,
  type Guarantee,
} from '../../programs/index.js'

export default class CkptCreate extends CkptCommand<typeof CkptCreate> {
  static override readonly summary = 'Create a checkpoint.'
  static override readonly description =
    'It holds --max-sections sections of --max-section-size each; with --max-sections 1 it has one ' +
    'section from the first, the default section. When nobody has it open it stays for --retention: from ' +
    'the end of this command on. --guarantee says what a write waits for: all replicas, or the active ' +
    'one (weak: a write that fails may have been made in part). A name that is taken is exit code 1. ' +
    'With --json one line: what `ais ckpt show --json` prints.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> orders',
    '<%= config.bin %> <%= command.id %> orders --max-sections 1000 --max-section-size 64KiB',
    '<%= config.bin %> <%= command.id %> leases --max-sections 1 --retention 10m --guarantee active',
  ]

  static override readonly args = nameArgument

  static override readonly flags = {
    'max-sections': Flags.integer({
      description: 'how many sections it can have',
      helpValue: 'N',
      min: 1,
      default: 64,
    }),
    'max-section-size': octetsFlag({
      description: 'octets that a section can have: 64, 64KiB, 1MiB, 1MB',
      helpValue: 'SIZE',
      default: 1024 * 1024,
      defaultHelp: async () => '1MiB',
    }),
    'max-section-id-size': Flags.integer({
      description: "octets that a section's id can have",
      helpValue: 'N',
      min: 0,
      default: 255,
    }),
    retention: durationFlag({
      description: 'how long it stays when nobody has it open: 500ms, 30s, 10m, 1h, forever',
      helpValue: 'DURATION',
      default: Infinity,
      defaultHelp: async () => 'forever',
    }),
    guarantee: Flags.option({ options: guaranteeNames, default: 'all' as Guarantee })({
      description: 'which replicas have a write when it returns',
    }),
  }

  async run(): Promise<CheckpointDetailLine> {
    const { name } = this.args
    const { guarantee, retention } = this.flags
    const maxSections = this.flags['max-sections']
    const maxSectionSize = this.flags['max-section-size']
    const attributes = {
      creationFlags: guaranteeFlag(guarantee),
      checkpointSize: maxSections * maxSectionSize,
      retentionDurationMs: retention,
      maxSections,
      maxSectionSize,
      maxSectionIdSize: this.flags['max-section-id-size'],
    }
    return this.withCkpt(async ({ ckpt, call }) => {
      const summary = await createCheckpoint(ckpt, name, attributes, call)
      if (summary === null) return this.fail(`there is a checkpoint ${name} already`, exitCodes.failed)
      const sections = maxSections === 1 ? '1 section' : `${maxSections} sections`
      const room = `${sections} of ${octetsText(maxSectionSize)}`
      this.log(`${name} is there: ${room}, retention ${durationText(retention)}`)
      return checkpointDetailLine(summary)
    })
  }
}
