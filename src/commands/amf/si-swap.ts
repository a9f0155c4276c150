import { adminText, AmfAdminCommand } from '../../cli/amf-command.js'

const kinds = ['service-instance'] as const

export default class AmfSiSwap extends AmfAdminCommand<typeof AmfSiSwap> {
  static override readonly summary = 'Let active and standby of a service instance change places.'
  static override readonly description =
    'The active unit is told quiesced, then the standby becomes active, then the other stands by: for ' +
    'a 2n group all service instances change over together, for nplusm all that the two units have. ' +
    adminText

  static override readonly examples = ['<%= config.bin %> <%= command.id %> raid']

  static override readonly flags = {}

  protected readonly operation = 'si-swap'
  protected readonly kinds = kinds
  protected readonly done = 'is swapped'
}
