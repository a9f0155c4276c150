import { ClientCommand } from '../../cli/client-command.js'
import { standardOutput, stopSignal, testClm } from '../../programs/index.js'

export default class ClmTest extends ClientCommand<typeof ClmTest> {
  static override readonly summary = 'The test program of the original package: nodes as they join and leave.'
  static override readonly description =
    'Prints all that CLM knows of each member (id, address, name, cluster, whether it is a member, boot ' +
    'time) with its state, then the same of each node that joins or leaves. When the executive goes, that ' +
    'is said on stderr, and it goes on when the executive is back. SIGINT (Ctrl-C) or SIGTERM ends it with ' +
    'exit code 0.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --node node1',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<void> {
    const choice = await this.socketChoice()
    try {
      await testClm(choice.path, this.jsonEnabled(), standardOutput, stopSignal())
    } catch (error) {
      this.failCall(error, choice)
    }
  }
}
