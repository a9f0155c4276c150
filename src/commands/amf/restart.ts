import { adminText, AmfAdminCommand, kindFlag } from '../../cli/amf-command.js'

const kinds = ['unit', 'component'] as const

export default class AmfRestart extends AmfAdminCommand<typeof AmfRestart> {
  static override readonly summary = 'Have a component, or all of a unit, end and come back.'
  static override readonly description =
    'They are told to terminate and have to register again within their restart-timeout of ' +
    'groups.conf; where that is not given nobody brings them back, and this is refused. ' +
    adminText

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> comp_a_in_su_x',
    '<%= config.bin %> <%= command.id %> raidA --kind unit',
  ]

  static override readonly flags = { kind: kindFlag(kinds) }

  protected readonly operation = 'restart'
  protected readonly kinds = kinds
  protected readonly done = 'is restarted'
}
