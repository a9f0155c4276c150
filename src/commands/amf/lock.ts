import { adminText, AmfAdminCommand, kindFlag } from '../../cli/amf-command.js'

const kinds = ['node', 'group', 'unit', 'service-instance'] as const

export default class AmfLock extends AmfAdminCommand<typeof AmfLock> {
  static override readonly summary = 'Take all assignments away at once, and give none.'
  static override readonly description =
    'A locked unit, or one of a locked group or node, holds no assignment: another unit takes over, ' +
    'after this one has been told quiesced; a locked service-instance is assigned to nobody. ' +
    'Components stay registered. `unlock` ends it. ' +
    adminText

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> raidA',
    '<%= config.bin %> <%= command.id %> raid --kind service-instance',
    '<%= config.bin %> <%= command.id %> node2 --timeout 30',
  ]

  static override readonly flags = { kind: kindFlag(kinds) }

  protected readonly operation = 'lock'
  protected readonly kinds = kinds
  protected readonly done = 'is locked'
}
