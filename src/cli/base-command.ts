import { Command, type Interfaces } from '@oclif/core'
import { formatDiagnostic, loadUserSettings, type UserSettings } from '../config/index.js'
import { exitCodes, type ExitCode } from './exit-codes.js'

export type CommandFlags<T extends typeof Command> = Interfaces.InferredFlags<
  (typeof BaseCommand)['baseFlags'] & T['flags']
>
export type CommandArgs<T extends typeof Command> = Interfaces.InferredArgs<T['args']>

/** The error as oclif throws it: its own classes and any other. */
interface ThrownError extends Error {
  readonly exitCode?: number
  readonly oclif?: { readonly exit?: number | false }
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

  override async init(): Promise<void> {
    await super.init()
    const { args, flags } = await this.parse({
      flags: this.ctor.flags,
      baseFlags: (super.ctor as typeof BaseCommand).baseFlags,
      enableJsonFlag: this.ctor.enableJsonFlag,
      args: this.ctor.args,
      strict: this.ctor.strict,
    })
    this.flags = flags as CommandFlags<T>
    this.args = args as CommandArgs<T>
    const loaded = await loadUserSettings(process.cwd())
    if (!loaded.ok) {
      const texts = loaded.diagnostics.map((diagnostic) => formatDiagnostic(loaded.path, diagnostic))
      this.fail(texts.join('\n'), exitCodes.configuration)
    }
    this.settings = loaded.settings
    for (const notice of loaded.notices) this.warn(notice)
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

  protected override async catch(error: ThrownError): Promise<unknown> {
    // With --json oclif looks at exitCode alone and would answer 1 to everything.
    const exit = error.oclif?.exit ?? error.exitCode
    if (this.jsonEnabled()) process.exitCode = typeof exit === 'number' ? exit : exitCodes.failed
    return super.catch(error)
  }

  /** The message and the exit code; not the inside of oclif's error objects. */
  protected override toErrorJson(error: unknown): unknown {
    const message = error instanceof Error ? error.message : String(error)
    return { error: { message, exitCode: process.exitCode ?? exitCodes.failed } }
  }
}
