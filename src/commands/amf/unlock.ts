import { adminText, AmfAdminCommand, kindFlag } from '../../cli/amf-command.js'

const kinds = ['node', 'group', 'unit', 'service-instance'] as const

export default class AmfUnlock extends AmfAdminCommand<typeof AmfUnlock> {
  static override readonly summary = 'End a lock: it may have assignments again.'
  static override readonly description =
    'What was locked or is shutting down is unlocked; units are in service again and get assignments ' +
    'where some are wanted. Who is active stays so: there is no fail-back. ' +
    adminText

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> raidA',
    '<%= config.bin %> <%= command.id %> node2',
  ]

  static override readonly flags = { kind: kindFlag(kinds) }

  protected readonly operation = 'unlock'
  protected readonly kinds = kinds
  protected readonly done = 'is unlocked'
}
