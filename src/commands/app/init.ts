import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { AppError, appSteps, renderApp, type RenderedApp } from '../../programs/index.js'

export default class AppInit extends BaseCommand<typeof AppInit> {
  static override readonly summary = 'Begin an application: a small component that fails over.'
  static override readonly description =
    'Writes a TypeScript project into DIR: a component that counts in a checkpoint while it is active and ' +
    'carries on where another one stopped, the groups.conf for two of them, and a README. A directory that ' +
    'is not empty is left as it is, unless --force is given. With --json one line: ' +
    '{"directory","name","files":[...]}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> counter',
    '<%= config.bin %> <%= command.id %> ./work --name payments',
  ]

  static override readonly args = {
    dir: Args.string({ name: 'DIR', description: 'directory to write into', required: true }),
  }

  static override readonly flags = {
    name: Flags.string({
      description: 'name of application, group and checkpoint [default: the last part of DIR]',
      helpValue: 'NAME',
    }),
    force: Flags.boolean({
      description: 'write into a directory that is not empty, over files of these names',
    }),
  }

  async run(): Promise<RenderedApp> {
    const { name, force: isForced } = this.flags
    try {
      const app = await renderApp({ directory: this.args.dir, name, isForced })
      this.log(`${app.directory}: ${app.files.join(', ')}`)
      this.log(appSteps(app, this.args.dir).join('\n'))
      return app
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return this.fail(error.message, error.isUsage ? exitCodes.usage : exitCodes.failed, [
        ...error.suggestions,
      ])
    }
  }
}
