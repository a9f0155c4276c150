import { Flags } from '@oclif/core'
import { recoveries, type Recovery } from '../../base/index.js'
import { AmfCommand, componentArgument } from '../../cli/amf-command.js'
import { shellWord } from '../../cli/amf-entities.js'

interface ReportDocument {
  readonly component: string
  readonly recovery: Recovery
  readonly text: string
}

export default class AmfReport extends AmfCommand<typeof AmfReport> {
  static override readonly summary =
    'Report an error of a component: its unit fails over, or it is restarted.'
  static override readonly description =
    'As an application does that finds an error in itself or another (saAmfComponentErrorReport). What is ' +
    'done about it is what groups.conf says, or --recovery; a component that nobody brings back (no ' +
    'restart-timeout) cannot be restarted, and its unit fails over. `ais amf clear` takes the report ' +
    'back. With --json one line: {"component","recovery","text"}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> comp_a_in_su_x',
    '<%= config.bin %> <%= command.id %> comp_a_in_su_x --recovery node-switchover --text "fan is loud"',
  ]

  static override readonly args = componentArgument

  static override readonly flags = {
    recovery: Flags.option({ options: recoveries, default: 'no-recommendation' as Recovery })({
      description: 'what is to be done about it; no-recommendation: what is configured',
    }),
    text: Flags.string({
      description: 'why, for the log and `ais amf explain`',
      helpValue: 'TEXT',
      default: 'reported by the administrator',
    }),
  }

  async run(): Promise<ReportDocument> {
    const { recovery, text } = this.flags
    return this.withAmf(async (session) => {
      const { entity } = await this.find(session, this.args.component, ['component'])
      await session.call(() => session.amf.errorReport(entity.name, recovery, text))
      this.log(
        `an error of ${shellWord(entity.name)} was reported; see \`ais amf explain\` for what was done`,
      )
      return { component: entity.name, recovery, text }
    })
  }
}
