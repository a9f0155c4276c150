import { adminText, AmfAdminCommand, kindFlag } from '../../cli/amf-command.js'

const kinds = ['node', 'unit', 'component'] as const

export default class AmfRepaired extends AmfAdminCommand<typeof AmfRepaired> {
  static override readonly summary = 'Say that what was disabled by errors is well again.'
  static override readonly description =
    'Errors of its components are cleared, and its counters begin anew; what is enabled is left as it ' +
    'is. ' +
    adminText

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> raidA',
    '<%= config.bin %> <%= command.id %> node2',
  ]

  static override readonly flags = { kind: kindFlag(kinds) }

  protected readonly operation = 'repaired'
  protected readonly kinds = kinds
  protected readonly done = 'is repaired'
}
