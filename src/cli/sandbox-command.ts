import { Args, Command, Flags, type Interfaces } from '@oclif/core'
import {
  SandboxConfigurationError,
  SandboxError,
  type OrderOptions,
  type OrderResult,
  type Presence,
} from '../sandbox/index.js'
import { BaseCommand } from './base-command.js'
import { sandboxDirectoryOf } from './client-command.js'
import { exitCodes, type ExitCode } from './exit-codes.js'
import { ListProgress } from './list-progress.js'

const exitCodeOf: Record<SandboxError['kind'], ExitCode> = {
  failed: exitCodes.failed,
  usage: exitCodes.usage,
  'timed-out': exitCodes.timedOut,
}

/** A node as the commands about sandboxes print it. */
export interface NodeDocument {
  readonly name: string
  readonly nodeId: number
  readonly address: string
  readonly socket: string
  readonly pid: number | null
}

export interface NodeStateDocument extends NodeDocument {
  readonly state: Presence['state']
}

/** What an order to some nodes answers. */
export interface OrderDocument {
  readonly dir: string
  readonly nodes: readonly NodeStateDocument[]
}

/** What orders to nodes answer with --json, for their descriptions. */
export const orderJsonText =
  'With --json one line: {"dir","nodes":[{"name","nodeId","address","socket","pid","state"}]}, those the ' +
  'order was for.'

/** A command about a sandbox, the cluster on this machine. */
export abstract class SandboxCommand<T extends typeof Command> extends BaseCommand<T> {
  static override readonly baseFlags = {
    ...BaseCommand.baseFlags,
    dir: Flags.string({
      description: 'directory of the sandbox [default: $AIS_SANDBOX_DIR, or one for this user]',
      helpValue: 'DIR',
    }),
  }

  protected readonly progress = new ListProgress()

  protected get directory(): string {
    const { dir } = this.flags as unknown as Interfaces.InferredFlags<typeof SandboxCommand.baseFlags>
    return sandboxDirectoryOf(dir)
  }

  protected override async catch(error: Error): Promise<unknown> {
    return super.catch(error instanceof SandboxError ? this.translated(error) : error)
  }

  private translated(error: SandboxError): Error {
    try {
      if (error instanceof SandboxConfigurationError) this.failConfiguration(error.source, error.diagnostics)
      return this.fail(error.message, exitCodeOf[error.kind], [...error.suggestions])
    } catch (ending) {
      return ending as Error
    }
  }
}

/** An order to some nodes of a sandbox; then what became of them. */
export abstract class NodeOrderCommand<T extends typeof Command> extends SandboxCommand<T> {
  static override readonly args = {
    node: Args.string({
      name: 'NODE',
      description: 'node of the sandbox: node1',
      required: true,
      multiple: true,
    }),
  }

  /** Give the order, and wait until it is carried out. */
  protected abstract order(options: OrderOptions): Promise<OrderResult>

  async run(): Promise<OrderDocument> {
    const { directory, progress } = this
    const { node: names } = this.args as unknown as Interfaces.InferredArgs<typeof NodeOrderCommand.args>
    const { presences } = await this.order({ directory, names, progress })
    for (const { node, state, identity } of presences) {
      this.log(`${node.name} is ${state}${identity === null ? '' : ` (pid ${identity.pid})`}`)
    }
    return { dir: directory, nodes: presences.map(nodeStateDocument) }
  }
}

/** --timeout of a command about a sandbox, in seconds. @param what is waited for */
export function timeoutFlag(what: string, defaultSeconds: number): Interfaces.OptionFlag<number> {
  return Flags.integer({
    description: `seconds for ${what}; then exit code 5`,
    helpValue: 'SECONDS',
    min: 1,
    max: 86_400,
    default: defaultSeconds,
  })
}

export function nodeStateDocument({ node, state, identity }: Presence): NodeStateDocument {
  const { name, nodeId, address, socket } = node
  return { name, nodeId, address, socket, pid: identity?.pid ?? null, state }
}
