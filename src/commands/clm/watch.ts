import { ClientCommand } from '../../cli/client-command.js'
import { standardOutput, stopSignal, watchClm } from '../../programs/index.js'

export default class ClmWatch extends ClientCommand<typeof ClmWatch> {
  static override readonly summary = 'Show the members of the cluster, then every change.'
  static override readonly description =
    'A line for each node that joins, leaves (its executive was stopped) or fails (it was killed, hung or ' +
    'cut off). With --json a line for each change, the first one the present view: members are those of ' +
    'the new view, changes who joined or left. When the executive goes, that is said on stderr; when it is ' +
    'back, what changed meanwhile is shown. SIGINT (Ctrl-C) or SIGTERM ends it with exit code 0.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --node node2',
    "<%= config.bin %> <%= command.id %> --json | jq -c '.changes[]'",
  ]

  async run(): Promise<void> {
    const choice = await this.socketChoice()
    try {
      await watchClm(choice.path, this.jsonEnabled(), standardOutput, stopSignal())
    } catch (error) {
      this.failCall(error, choice)
    }
  }
}
