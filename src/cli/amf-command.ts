import { Args, Command, Flags } from '@oclif/core'
import { Amf, type AmfStatus } from '../api/index.js'
import { entityKinds, type AdminOperation, type EntityKind } from '../base/index.js'
import { chooseEntity, entitiesOf, shellWord, type EntityName } from './amf-entities.js'
import { OneShotCommand } from './client-command.js'
import { exitCodes } from './exit-codes.js'

/** A connection to the service, for as long as a command runs. */
export interface AmfSession {
  readonly amf: Amf
  /** Makes a call: waits through ERR_TRY_AGAIN up to --timeout, ends the command when it fails. */
  readonly call: <R>(call: (remainingMs: number) => Promise<R>) => Promise<R>
}

/** What an operation of the administrator answers with --json. */
export interface OperationDocument {
  readonly operation: AdminOperation
  readonly entity: EntityName
}

export const entityArgument = {
  entity: Args.string({
    name: 'ENTITY',
    description: 'its name, as `ais amf status` has it',
    required: true,
  }),
}

export const componentArgument = {
  component: Args.string({ name: 'COMPONENT', description: 'name of the component', required: true }),
}

/** --kind, of those that a command can be about. */
export function kindFlag(kinds: readonly EntityKind[] = entityKinds) {
  return Flags.option({ options: kinds, helpValue: 'KIND' })({
    description: `what ENTITY is, where several have that name: ${kinds.join(', ')}`,
  })
}

/** A one-shot command about AMF. */
export abstract class AmfCommand<T extends typeof Command> extends OneShotCommand<T> {
  static override readonly baseFlags = { ...OneShotCommand.baseFlags }

  /** Connect, act, and close the connection whatever happens. */
  protected async withAmf<R>(action: (session: AmfSession) => Promise<R>): Promise<R> {
    const choice = await this.socketChoice()
    const amf = await this.withRetries(choice, () => Amf.initialize({ socket: choice.path }))
    try {
      return await action({ amf, call: (call) => this.withRetries(choice, call) })
    } finally {
      await amf.finalize()
    }
  }

  /** The state of AMF, and the entity in it that is meant; ends the command where none is. */
  protected async find(
    { amf, call }: AmfSession,
    name: string,
    kinds: readonly EntityKind[],
  ): Promise<{ readonly entity: EntityName; readonly status: AmfStatus }> {
    const status = await call(() => amf.status())
    const command = `${this.config.bin} ${(this.id ?? '').split(':').join(' ')}`
    const choice = chooseEntity(entitiesOf(status), name, kinds, command)
    if ('entity' in choice) return { entity: choice.entity, status }
    return this.fail(choice.problem, exitCodes.failed, [...choice.suggestions])
  }
}

/** An operation of the administrator; it waits until what it led to has come about. */
export abstract class AmfAdminCommand<T extends typeof Command> extends AmfCommand<T> {
  static override readonly args = entityArgument

  protected abstract readonly operation: AdminOperation
  /** What it is for. */
  protected abstract readonly kinds: readonly EntityKind[]
  /** 'raidA is locked': what is said of the entity when it was done. */
  protected abstract readonly done: string

  async run(): Promise<OperationDocument> {
    const { operation, kinds } = this
    const { entity: name } = this.args as unknown as { readonly entity: string }
    const { kind } = this.flags as unknown as { readonly kind?: EntityKind }
    return this.withAmf(async (session) => {
      const { entity } = await this.find(session, name, kind === undefined ? kinds : [kind])
      const { amf, call } = session
      await call((remainingMs) => amf.adminOperation(operation, entity.name, entity.kind, remainingMs))
      this.log(`${entity.kind} ${shellWord(entity.name)} ${this.done}`)
      return { operation, entity }
    })
  }
}

/** With what descriptions of such operations end. */
export const adminText =
  'It returns once all that follows from it has come about, and exits 5 where that takes longer than ' +
  '--timeout: then it goes on by itself. What is in that state already is left as it is. With --json one ' +
  'line: {"operation","entity":{"kind","name"}}.'
