import { Command, Errors, settings as oclifSettings, type Interfaces } from '@oclif/core'
import { formatDiagnostic, loadUserSettings, type Diagnostic, type UserSettings } from '../config/index.js'
import { exitCodes, type ExitCode } from './exit-codes.js'

export type CommandFlags<T extends typeof Command> = Interfaces.InferredFlags<
  (typeof BaseCommand)['baseFlags'] & T['flags']
>
export type CommandArgs<T extends typeof Command> = Interfaces.InferredArgs<T['args']>

/** The error as oclif throws it: its own classes and any other. */
interface ThrownError extends Error {
  readonly exitCode?: number
  oclif?: { readonly exit?: number | false }

  readonly suggestions?: readonly string[]
}

/** A configuration that cannot be used: all that was found in it. */
class ConfigurationError extends Errors.CLIError {
  constructor(
    readonly path: string,
    readonly diagnostics: readonly Diagnostic[],
  ) {
    const texts = diagnostics.map((diagnostic) => formatDiagnostic(path, diagnostic))
    super(texts.join('\n'), { exit: exitCodes.configuration })
  }
}

/**
 * What all commands share: --json with one document a line, exit codes, the user's own settings.
 * It lives outside commands/, where oclif would list it as a command.
 */
export abstract class BaseCommand<T extends typeof Command> extends Command {
  static override readonly enableJsonFlag = true
  static override readonly baseFlags = {}

  protected flags!: CommandFlags<T>
  protected args!: CommandArgs<T>
  /** From `.aisrc` or `ais.config.*`; below flags and environment. */
  protected settings: UserSettings = {}
  /** The file they are from; null: there is none. */
  protected settingsPath: string | null = null

  override async init(): Promise<void> {
    await super.init()
    const { args, flags } = await this.parsedAsUsage({
      flags: this.ctor.flags,
      baseFlags: (super.ctor as typeof BaseCommand).baseFlags,
      enableJsonFlag: this.ctor.enableJsonFlag,
      args: this.ctor.args,
      strict: this.ctor.strict,
    })
    this.flags = flags as CommandFlags<T>
    this.args = args as CommandArgs<T>
    const loaded = await loadUserSettings(process.cwd())
    if (!loaded.ok) this.failConfiguration(loaded.path, loaded.diagnostics)
    this.settings = loaded.settings
    this.settingsPath = loaded.path
    for (const notice of loaded.notices) this.warn(notice)
  }

  /** Some of oclif's errors about the command line do not say that they are: a flag given twice. */
  private async parsedAsUsage(
    options: Parameters<Command['parse']>[0],
  ): Promise<Awaited<ReturnType<Command['parse']>>> {
    try {
      return await this.parse(options)
    } catch (error) {
      // Node would warn of a command that was not parsed.
      this.parsed = true
      throw error instanceof Errors.CLIError ? Object.assign(error, { parse: {} }) : error
    }
  }

  override jsonEnabled(): boolean {
    return super.jsonEnabled() || (this.ctor.enableJsonFlag && this.settings.output === 'json')
  }

  /** Each document on exactly one line: what reads it can read line by line. */
  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json)}\n`)
  }

  /** End the command with a message for people. */
  protected fail(message: string, exit: ExitCode, suggestions: string[] = []): never {
    this.error(message, { exit, ...(suggestions.length > 0 ? { suggestions } : {}) })
  }

  /** End the command with the findings about a configuration, exit code 3. */
  protected failConfiguration(path: string, diagnostics: readonly Diagnostic[]): never {
    throw new ConfigurationError(path, diagnostics)
  }

  protected override async catch(error: ThrownError): Promise<unknown> {
    const isUsage = 'parse' in error
    const code = isUsage ? exitCodes.usage : (error.oclif?.exit ?? error.exitCode)
    const exit = typeof code === 'number' ? code : exitCodes.failed
    // Some of oclif's usage errors answer 1.
    if (isUsage) error.oclif = { ...error.oclif, exit }
    // With --json oclif looks at exitCode alone and would answer 1 to everything.
    if (this.jsonEnabled()) process.exitCode = exit
    const isOurs = !isUsage && !(error instanceof Errors.ExitError) && !oclifSettings.debug
    if (this.jsonEnabled() || !isOurs) return super.catch(error)
    // oclif would wrap the message at 80 columns, paths and carets included.
    const prefix = error instanceof ConfigurationError ? '' : `${this.config.bin}: `
    const hints = (error.suggestions ?? []).map((suggestion) => `Try: ${suggestion}\n`)
    process.stderr.write(`${prefix}${error.message}\n${hints.join('')}`)
    return this.exit(exit)
  }

  /** The message and the exit code; not the inside of oclif's error objects. */
  protected override toErrorJson(error: unknown): unknown {
    const message = error instanceof Error ? error.message : String(error)
    const exitCode = process.exitCode ?? exitCodes.failed
    if (!(error instanceof ConfigurationError)) return { error: { message, exitCode } }
    const { path, diagnostics } = error
    return { error: { message: `${path} cannot be used`, exitCode, file: path, diagnostics } }
  }
}
