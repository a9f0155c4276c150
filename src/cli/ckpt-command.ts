import { Args, Command } from '@oclif/core'
import { Ckpt } from '../api/index.js'
import { OneShotCommand } from './client-command.js'

/** A connection to the checkpoint service, for as long as a command runs. */
export interface CkptSession {
  readonly ckpt: Ckpt
  /** Makes a call: waits through ERR_TRY_AGAIN up to --timeout, ends the command when it fails. */
  readonly call: <R>(call: () => Promise<R>) => Promise<R>
}

/** The checkpoint that a command is about. */
export const nameArgument = {
  name: Args.string({ name: 'NAME', description: 'name of the checkpoint', required: true }),
}

/** The checkpoint and the section that a command is about. */
export const sectionArguments = {
  ...nameArgument,
  section: Args.string({
    name: 'SECTION',
    description: 'id of the section; without it the default section, the only one if --max-sections was 1',
  }),
}

/** A one-shot command about checkpoints. */
export abstract class CkptCommand<T extends typeof Command> extends OneShotCommand<T> {
  static override readonly baseFlags = { ...OneShotCommand.baseFlags }

  /** Connect, act, and close the connection whatever happens. */
  protected async withCkpt<R>(action: (session: CkptSession) => Promise<R>): Promise<R> {
    const choice = await this.socketChoice()
    const ckpt = await this.withRetries(choice, () => Ckpt.initialize({ socket: choice.path }), {
      changes: false,
    })
    try {
      return await action({ ckpt, call: (call) => this.withRetries(choice, call) })
    } finally {
      await ckpt.finalize()
    }
  }
}
