import { Args, Flags } from '@oclif/core'
import { supportsColor } from 'chalk'
import { basename } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { BaseCommand } from '../../cli/base-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { replaceFile } from '../../cli/replace-file.js'
import { textDiff } from '../../cli/text-diff.js'
import {
  repaired,
  subjectOf,
  subjectsIn,
  validationsOf,
  type FileType,
  type Repaired,
  type Subject,
  type Validation,
} from '../../cli/validation.js'
import { formatDiagnostic, sarifLog } from '../../config/index.js'
import { configDirectoryOf } from '../../exec/index.js'

/** With --fix: what was made of a file, or would be. */
interface Fixed {
  readonly fixes: readonly string[]
  readonly diff: string
}

type Answer = Validation & Partial<Fixed>

interface Answers {
  readonly valid: boolean
  readonly files: readonly Answer[]
}

const formats = ['text', 'json', 'sarif'] as const

const counted = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

const severe = ({ diagnostics }: Validation, wanted: string): number =>
  diagnostics.filter(({ severity }) => severity === wanted).length

export default class ConfigValidate extends BaseCommand<typeof ConfigValidate> {
  static override readonly summary = 'Check configuration files and report every mistake at once.'

  static override readonly description =
    'Each finding names line, column and what was expected; docs/configuration.md explains every code.\n' +
    'Without FILE the files are those that `ais exec` would read, from the same directory.\n' +
    'A network.conf and a groups.conf together are checked against each other as well.\n' +
    'Exits with 0 if all is good (warnings alone spoil it with --strict only), 3 if it is not.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> /etc/ais/network.conf --here',
    '<%= config.bin %> <%= command.id %> network.yaml groups.json --strict',
    '<%= config.bin %> <%= command.id %> groups.conf --fix --dry-run',
    '<%= config.bin %> <%= command.id %> --format sarif > findings.sarif',
    'cat draft.conf | <%= config.bin %> <%= command.id %> --type network -',
  ]

  static override readonly strict = false

  static override readonly args = {
    file: Args.string({ name: 'FILE', description: 'files to check; - for standard input' }),
  }

  static override readonly flags = {
    type: Flags.string({
      description: 'kind of the files, where their names do not say it',
      options: ['network', 'groups'],
    }),
    'config-dir': Flags.string({
      description: 'without FILE: directory with the files, as of ais exec',
      helpValue: 'DIR',
    }),
    here: Flags.boolean({ description: "check against this machine's interfaces as well" }),
    strict: Flags.boolean({ description: 'warnings are refused like errors' }),
    fix: Flags.boolean({ description: 'mend in the files what is beyond doubt, and show what changed' }),
    'dry-run': Flags.boolean({ description: 'with --fix: only show it', dependsOn: ['fix'] }),
    format: Flags.option({ options: formats })({ description: 'form of the answer (default text)' }),
  }

  override jsonEnabled(): boolean {
    const { format } = this.flags ?? {}
    return format === undefined ? super.jsonEnabled() : format === 'json'
  }

  override async run(): Promise<Answer | Answers | undefined> {
    const files = await this.files()
    const subjects = files.length === 0 ? await this.found() : await this.named(files)
    const repairs = this.flags.fix ? subjects.map(repaired) : null
    if (repairs !== null && !this.flags['dry-run']) await this.write(repairs)
    // What was only shown has mended nothing.
    const checked =
      repairs === null || this.flags['dry-run'] ? subjects : repairs.map(({ subject }) => subject)
    const validations = validationsOf(checked, { isHere: this.flags.here, isOptional: files.length === 0 })
    const answers = validations.map((validation, index): Answer => {
      const repair = repairs?.[index]
      return repair === undefined ? validation : { ...validation, ...this.fixedBy(repair) }
    })
    for (const answer of answers) this.print(answer)
    const isRefused = answers.some((answer) => this.isRefused(answer))
    if (isRefused) process.exitCode = exitCodes.configuration
    if (this.flags.format === 'sarif') return this.printSarif(answers)
    const valid = answers.every((answer) => answer.valid)
    return files.length === 1 ? answers[0] : { valid, files: answers }
  }

  private async files(): Promise<string[]> {
    const { argv } = await this.parse(ConfigValidate)
    const files = argv as string[]
    if (files.length > 0 && this.flags['config-dir'] !== undefined) {
      this.fail('--config-dir is for a check without FILE', exitCodes.usage)
    }
    const twice = files.find((file, index) => files.indexOf(file) !== index)
    if (twice !== undefined) this.fail(`${twice} is given twice`, exitCodes.usage)
    return files
  }

  private async found(): Promise<Subject[]> {
    const choices = [this.flags['config-dir'], process.env['AIS_CONFIG_DIR'], this.settings.configDir]
    return subjectsIn(configDirectoryOf(choices))
  }

  private async named(files: readonly string[]): Promise<Subject[]> {
    const types = files.map((file) => this.typeOf(file))
    if (this.flags.here && !types.includes('network')) {
      this.fail('--here is for a network.conf: groups.conf names no interface', exitCodes.usage)
    }
    if (this.flags.fix && !this.flags['dry-run'] && files.includes('-')) {
      this.fail('standard input cannot be mended', exitCodes.usage, ['--fix --dry-run'])
    }
    const octets = files.includes('-') ? await buffer(process.stdin) : null
    return Promise.all(
      files.map((file, index) => subjectOf(file, types[index], file === '-' ? octets : null)),
    )
  }

  private typeOf(file: string): FileType {
    if (this.flags.type !== undefined) return this.flags.type as FileType
    const name = basename(file).toLowerCase()
    const types = (['network', 'groups'] as const).filter((type) => name.includes(type))
    if (types.length === 1) return types[0]
    const message = `the name of ${file} does not say whether it is a network.conf or a groups.conf`
    return this.fail(message, exitCodes.usage, ['--type network'])
  }

  private async write(repairs: readonly Repaired[]): Promise<void> {
    for (const { subject, before, after } of repairs) {
      if (before === null || after === null || before === after) continue
      const { path } = subject.examined
      try {
        await replaceFile(path, before, after)
      } catch (error) {
        this.fail(`${path} cannot be mended: ${(error as Error).message}`, exitCodes.failed)
      }
    }
  }

  private fixedBy({ subject, before, after, fixes }: Repaired): Fixed {
    const useColour = this.flags.format !== 'sarif' && !this.jsonEnabled() && supportsColor !== false
    const diff = textDiff(subject.examined.path, before ?? '', after ?? '', useColour)
    return { fixes: fixes.map(({ title }) => title), diff }
  }

  private isRefused(answer: Answer): boolean {
    return !answer.valid || (this.flags.strict && severe(answer, 'warning') > 0)
  }

  private print(answer: Answer): void {
    if (this.flags.format === 'sarif') return
    const { file, diagnostics, valid, diff = '', fixes = [] } = answer
    if (diff !== '') {
      this.log(diff.trimEnd())
      const number = `${fixes.length} fix${fixes.length === 1 ? '' : 'es'}`
      this.log(`${file}: ${number}${this.flags['dry-run'] ? ' to be made' : ' made'}`)
    }
    for (const diagnostic of diagnostics) this.log(formatDiagnostic(file, diagnostic))
    if (answer.interface) this.log(answer.interface.reason)
    const found = [
      counted(severe(answer, 'error'), 'error'),
      counted(severe(answer, 'warning'), 'warning'),
    ].join(', ')
    const verdict = valid && this.isRefused(answer) ? 'refused by --strict' : valid ? 'valid' : 'not valid'
    const { notice } = answer
    if (notice === undefined) this.log(`${file}: ${verdict}${diagnostics.length > 0 ? ` (${found})` : ''}`)
    else this.log(`${file}: ${notice}`)
  }

  private printSarif(answers: readonly Answer[]): undefined {
    const files = answers.map(({ file, diagnostics }) => ({ path: file, diagnostics }))
    this.log(JSON.stringify(sarifLog(files, this.config.version), null, 2))
    return undefined
  }
}
