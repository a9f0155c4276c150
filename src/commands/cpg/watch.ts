import { Args } from '@oclif/core'
import { ClientCommand } from '../../cli/client-command.js'
import { standardOutput, stopSignal, watchGroup } from '../../programs/index.js'

export default class CpgWatch extends ClientCommand<typeof CpgWatch> {
  static override readonly summary = 'Join a process group, and show its messages and who is in it.'
  static override readonly description =
    'A line for each message, in the order that all members share, for each change of the members with its ' +
    'reason (join, leave, process-down, node-down, node-up), and for each configuration of the nodes. What ' +
    'is no printable text is shown by its length. With --json one document a line: {"type":"configuration",' +
    '"ringId","members"}, {"type":"membership","members","joined","left"}, {"type":"message","from",' +
    '"guarantee","octets"} with "text", or "base64" where it is none, {"type":"lost"} and ' +
    '{"type":"restored"} when the executive goes and comes back. SIGINT (Ctrl-C) or SIGTERM ends it with ' +
    'exit code 0.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> orders',
    '<%= config.bin %> <%= command.id %> orders --node node2',
    '<%= config.bin %> <%= command.id %> orders --json | jq -r \'select(.type == "message").text\'',
  ]

  static override readonly args = {
    group: Args.string({
      description: 'name of the group, at most 128 octets',
      required: true,
      ignoreStdin: true,
    }),
  }

  async run(): Promise<void> {
    const choice = await this.socketChoice()
    try {
      await watchGroup(choice.path, this.args.group, this.jsonEnabled(), standardOutput, stopSignal())
    } catch (error) {
      this.failCall(error, choice)
    }
  }
}
