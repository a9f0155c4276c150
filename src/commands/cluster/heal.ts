import { SandboxCommand } from '../../cli/sandbox-command.js'
import { heal, type SplitResult } from '../../sandbox/index.js'

interface HealDocument extends SplitResult {
  readonly dir: string
}

export default class ClusterHeal extends SandboxCommand<typeof ClusterHeal> {
  static override readonly summary = 'Make all links between nodes of the sandbox whole again.'
  static override readonly description =
    'Returns when every running node has confirmed; the sides then find together by themselves. With ' +
    '--json one line: {"dir","partition","confirmed","pending"}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --dir /tmp/five --json',
  ]

  async run(): Promise<HealDocument> {
    const result = await heal(this.directory, this.progress)
    this.log('all links are whole')
    for (const name of result.pending) this.log(`${name} does not run now: it hears all as soon as it does`)
    return { dir: this.directory, ...result }
  }
}
