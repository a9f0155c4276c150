import { AmfCommand, componentArgument } from '../../cli/amf-command.js'
import { shellWord } from '../../cli/amf-entities.js'

interface ClearDocument {
  readonly component: string
}

export default class AmfClear extends AmfCommand<typeof AmfClear> {
  static override readonly summary = 'Take the error of a component back: its unit may be in service again.'
  static override readonly description =
    'As an application does when what it reported is over (saAmfComponentErrorClear). The unit stands by ' +
    'then, or becomes active if nobody else is. Of a component that has no error nothing is changed. With ' +
    '--json one line: {"component"}.'

  static override readonly examples = ['<%= config.bin %> <%= command.id %> comp_a_in_su_x']

  static override readonly args = componentArgument

  async run(): Promise<ClearDocument> {
    return this.withAmf(async (session) => {
      const { entity } = await this.find(session, this.args.component, ['component'])
      await session.call(() => session.amf.errorClear(entity.name))
      this.log(`the error of ${shellWord(entity.name)} is cleared`)
      return { component: entity.name }
    })
  }
}
