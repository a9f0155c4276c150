import { adminText, AmfAdminCommand, kindFlag } from '../../cli/amf-command.js'

const kinds = ['node', 'group', 'unit', 'service-instance'] as const

export default class AmfShutdown extends AmfAdminCommand<typeof AmfShutdown> {
  static override readonly summary = 'Take assignments away when their work is done, then lock.'
  static override readonly description =
    'Active components are told quiescing: they take no new work, finish what they have, and say so; ' +
    'then all is as after `lock`. `lock` meanwhile ends the waiting. ' +
    adminText

  static override readonly examples = ['<%= config.bin %> <%= command.id %> raidA --timeout 60']

  static override readonly flags = { kind: kindFlag(kinds) }

  protected readonly operation = 'shutdown'
  protected readonly kinds = kinds
  protected readonly done = 'is shut down'
}
