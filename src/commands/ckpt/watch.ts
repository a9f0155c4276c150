import { nameArgument } from '../../cli/ckpt-command.js'
import { ClientCommand } from '../../cli/client-command.js'
import { standardOutput, stopSignal, watchCheckpoint } from '../../programs/index.js'

export default class CkptWatch extends ClientCommand<typeof CkptWatch> {
  static override readonly summary = 'Show every change of a checkpoint.'
  static override readonly description =
    'A line for each section that is created, written, overwritten, deleted, expires or gets another ' +
    'expiration time, and for what becomes of the checkpoint. With --json a line for each: ' +
    '{"event":"change","name","change","section","sectionHex","dataOffset","dataSize"}. It has the ' +
    'checkpoint open meanwhile, so retention does not begin. When the executive goes, that is said on ' +
    'stderr; when it is back the change "replaced" says that others may have been missed. SIGINT ' +
    '(Ctrl-C) or SIGTERM ends it with exit code 0.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> orders',
    '<%= config.bin %> <%= command.id %> orders --json | jq -c \'select(.change == "expired")\'',
  ]

  static override readonly args = nameArgument

  async run(): Promise<void> {
    const choice = await this.socketChoice()
    try {
      await watchCheckpoint(choice.path, this.args.name, this.jsonEnabled(), standardOutput, stopSignal())
    } catch (error) {
      this.failCall(error, choice)
    }
  }
}
