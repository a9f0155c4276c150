import { adminText, AmfAdminCommand, kindFlag } from '../../cli/amf-command.js'

const kinds = ['node', 'group', 'unit'] as const

export default class AmfLockIn extends AmfAdminCommand<typeof AmfLockIn> {
  static override readonly summary = 'End the components of a locked unit, and let none register.'
  static override readonly description =
    'It has to be locked before. Its components are told to terminate, and may not register until ' +
    '`unlock-in` (lock for instantiation). ' +
    adminText

  static override readonly examples = ['<%= config.bin %> <%= command.id %> raidA']

  static override readonly flags = { kind: kindFlag(kinds) }

  protected readonly operation = 'lock-in'
  protected readonly kinds = kinds
  protected readonly done = 'is locked, and its components are to end'
}
