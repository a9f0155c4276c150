import { Args, Flags } from '@oclif/core'
import { basename } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { BaseCommand } from '../../cli/base-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import {
  chooseInterface,
  formatDiagnostic,
  listInterfaces,
  loadGroupsFile,
  loadGroupsOctets,
  loadNetworkFile,
  loadNetworkOctets,
  type Diagnostic,
  type InterfaceChoice,
  type Loaded,
  type LoadedNetworkConfig,
} from '../../config/index.js'

type FileType = 'network' | 'groups'

interface Validation {
  readonly file: string
  readonly type: FileType
  readonly valid: boolean
  readonly diagnostics: readonly Diagnostic[]
  /** With --here: the choice on this machine, null if there is none. */
  readonly interface?: InterfaceChoice | null
}

export default class ConfigValidate extends BaseCommand<typeof ConfigValidate> {
  static override readonly summary = 'Check a configuration file and report every mistake at once.'

  static override readonly description =
    'Each finding names line, column and what was expected; docs/configuration.md explains every code.\n' +
    'Exits with 0 if the file is good (warnings alone do not spoil it), 3 if it is not.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> /etc/ais/network.conf',
    '<%= config.bin %> <%= command.id %> /etc/ais/network.conf --here',
    '<%= config.bin %> <%= command.id %> /etc/ais/groups.conf',
    '<%= config.bin %> <%= command.id %> --type network --json draft.conf',
    'cat draft.conf | <%= config.bin %> <%= command.id %> --type network -',
  ]

  static override readonly args = {
    file: Args.string({ name: 'FILE', description: 'file to check; - for standard input', required: true }),
  }

  static override readonly flags = {
    type: Flags.string({
      description: 'kind of the file, where its name does not say it',
      options: ['network', 'groups'],
    }),
    here: Flags.boolean({ description: "check against this machine's interfaces as well" }),
  }

  override async run(): Promise<Validation> {
    const { file } = this.args
    const validation = await this.validate(file, this.kindOf(file))
    this.print(validation)
    if (!validation.valid) process.exitCode = exitCodes.configuration
    return validation
  }

  private async validate(file: string, type: FileType): Promise<Validation> {
    const octets = file === '-' ? await buffer(process.stdin) : null
    if (type === 'groups') {
      if (this.flags.here)
        this.fail('--here is for a network.conf: groups.conf names no interface', exitCodes.usage)
      return summarize(
        file,
        type,
        octets === null ? await loadGroupsFile(file) : loadGroupsOctets(file, octets),
      )
    }
    const loaded = octets === null ? await loadNetworkFile(file) : loadNetworkOctets(file, octets)
    return this.flags.here ? checkHere(file, loaded) : summarize(file, type, loaded)
  }

  private kindOf(file: string): FileType {
    if (this.flags.type !== undefined) return this.flags.type as FileType
    const name = basename(file).toLowerCase()
    const kinds = (['network', 'groups'] as const).filter((kind) => name.includes(kind))
    if (kinds.length === 1) return kinds[0]
    const message = `the name of ${file} does not say whether it is a network.conf or a groups.conf`
    return this.fail(message, exitCodes.usage, ['--type network'])
  }

  private print(validation: Validation): void {
    const { file, diagnostics, valid } = validation
    for (const diagnostic of diagnostics) this.log(formatDiagnostic(file, diagnostic))
    if (validation.interface) this.log(validation.interface.reason)
    const count = (severity: string): number =>
      diagnostics.filter((found) => found.severity === severity).length
    const counted = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
    const found = [counted(count('error'), 'error'), counted(count('warning'), 'warning')].join(', ')
    this.log(`${file}: ${valid ? 'valid' : 'not valid'}${diagnostics.length > 0 ? ` (${found})` : ''}`)
  }
}

function summarize(file: string, type: FileType, loaded: Loaded<unknown>): Validation {
  return { file, type, valid: loaded.ok, diagnostics: loaded.diagnostics }
}

function checkHere(file: string, loaded: LoadedNetworkConfig): Validation {
  const validation = summarize(file, 'network', loaded)
  if (!loaded.ok) return { ...validation, interface: null }
  const result = chooseInterface(loaded.config, listInterfaces())
  if (result.ok) return { ...validation, interface: result.choice }
  return {
    ...validation,
    valid: false,
    diagnostics: [...loaded.diagnostics, result.diagnostic],
    interface: null,
  }
}
