import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { textTable } from '../../cli/text-table.js'
import { explain, explainable, explainableLike, type Explained } from '../../config/explain/explain.js'
import { explainedText } from '../../programs/index.js'

interface Explanation {
  readonly explained: readonly Explained[]
}

export default class ConfigExplain extends BaseCommand<typeof ConfigExplain> {
  static override readonly summary = 'Tell the long story of a finding or of a key.'

  static override readonly description =
    'What a code of `ais config validate` means, why it matters, an example that is wrong and one that is ' +
    'right; or what a key of network.conf or groups.conf does, its range, its default, and what others ' +
    'call it. A key that means different things in different blocks is explained for each. Without an ' +
    'argument all codes and keys are listed. With --json one line: {"explained":[…]}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> interface-several',
    '<%= config.bin %> <%= command.id %> token',
    '<%= config.bin %> <%= command.id %> restart-timeout --json',
    '<%= config.bin %> <%= command.id %>',
  ]

  static override readonly args = {
    subject: Args.string({ name: 'CODE|KEY', description: 'a code of a finding, or a key of either file' }),
  }

  async run(): Promise<Explanation> {
    const { subject } = this.args
    if (subject === undefined) return this.list()
    const explained = explain(subject)
    if (explained.length === 0) {
      const like = explainableLike(subject)
      const suggestions = [`${this.config.bin} config explain${like === null ? '' : ` ${like}`}`]
      this.fail(`there is no code and no key "${subject}"`, exitCodes.usage, suggestions)
    }
    this.log(explained.map(explainedText).join('\n\n'))
    return { explained }
  }

  private list(): Explanation {
    const explained = explainable()
    const codes = explained.filter((one) => one.subject === 'code')
    const keys = explained.filter((one) => one.subject === 'key')
    this.log(
      textTable(
        ['code', 'severity', ''],
        codes.map((one) => [one.code, one.severity, one.summary]),
      ),
    )
    const rows = keys.map(({ key, file, scopes, summary }) => {
      return [key, scopes.includes('file') ? file : scopes.join(', '), summary]
    })
    this.log(`\n${textTable(['key', 'where', ''], rows)}`)
    return { explained }
  }
}
