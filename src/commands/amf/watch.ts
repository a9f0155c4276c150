import { ClientCommand } from '../../cli/client-command.js'
import { standardOutput, stopSignal, watchAmf } from '../../programs/index.js'

export default class AmfWatch extends ClientCommand<typeof AmfWatch> {
  static override readonly summary = 'Show every decision of AMF as it is made.'
  static override readonly description =
    'A line for each change: when, on which node, what it is about, what became of it and why, as in ' +
    '`ais amf explain`. With --json a line for each: {"sequence","atMs","node","kind","name","what",' +
    '"text"}. When the executive goes, that is said on stderr, and it goes on when the executive is back. ' +
    'SIGINT (Ctrl-C) or SIGTERM ends it with exit code 0.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --node node2',
    '<%= config.bin %> <%= command.id %> --json | jq -c \'select(.kind == "unit")\'',
  ]

  async run(): Promise<void> {
    const choice = await this.socketChoice()
    try {
      await watchAmf(choice.path, this.jsonEnabled(), standardOutput, stopSignal())
    } catch (error) {
      this.failCall(error, choice)
    }
  }
}
