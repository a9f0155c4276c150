import { adminText, AmfAdminCommand, kindFlag } from '../../cli/amf-command.js'

const kinds = ['node', 'group', 'unit'] as const

export default class AmfUnlockIn extends AmfAdminCommand<typeof AmfUnlockIn> {
  static override readonly summary = 'Let the components of a unit register again after lock-in.'
  static override readonly description =
    'It is locked then as after `lock`, and `unlock` gives it assignments. ' + adminText

  static override readonly examples = ['<%= config.bin %> <%= command.id %> raidA']

  static override readonly flags = { kind: kindFlag(kinds) }

  protected readonly operation = 'unlock-in'
  protected readonly kinds = kinds
  protected readonly done = 'is locked; its components may register'
}
