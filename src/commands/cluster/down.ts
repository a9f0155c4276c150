import { Flags } from '@oclif/core'
import { SandboxCommand } from '../../cli/sandbox-command.js'
import { takeDown, type DownResult } from '../../sandbox/index.js'

interface DownDocument extends DownResult {
  readonly dir: string
}

export default class ClusterDown extends SandboxCommand<typeof ClusterDown> {
  static override readonly summary = 'End the sandbox and remove all that was made for it.'
  static override readonly description =
    'Stops all nodes, paused ones too, kills those that do not end in time, and removes their files. ' +
    'If there is no sandbox it says so, and that is no failure. With --json one line: ' +
    '{"dir","existed","ended","killed","directoryKept"}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --dir /tmp/five --json',
  ]

  static override readonly flags = {
    timeout: Flags.integer({
      description: 'seconds for the nodes to end by themselves',
      helpValue: 'SECONDS',
      min: 0,
      max: 86_400,
      default: 5,
    }),
  }

  async run(): Promise<DownDocument> {
    const result = await takeDown(this.directory, this.flags.timeout * 1000, this.progress)
    this.print(result)
    return { dir: this.directory, ...result }
  }

  private print({ existed, ended, killed, directoryKept }: DownResult): void {
    const { directory } = this
    if (!existed) {
      this.log(`there is no sandbox in ${directory}`)
      return
    }
    const count = ended.length === 1 ? '1 node' : `${ended.length} nodes`
    this.log(`the sandbox in ${directory} is gone; ${count} ran`)
    if (killed.length > 0) this.log(`killed, for they did not end by themselves: ${killed.join(', ')}`)
    if (directoryKept) this.log(`${directory} is still there: it was there before, or holds other files`)
  }
}
