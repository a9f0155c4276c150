import { Args, Command, Flags, type Interfaces } from '@oclif/core'
import { SandboxConfigurationError, SandboxError, type OrderResult, type Presence } from '../sandbox/index.js'
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

/** The nodes an order is for, as arguments. */
export const nodeArguments = {
  node: Args.string({
    name: 'NODE',
    description: 'node of the sandbox: node1',
    required: true,
    multiple: true,
  }),
}

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

  protected orderDocument({ presences }: OrderResult): OrderDocument {
    return { dir: this.directory, nodes: presences.map(nodeStateDocument) }
  }

  /** What became of the nodes, for people. */
  protected printStates(presences: readonly Presence[]): void {
    for (const { node, state, identity } of presences) {
      this.log(`${node.name} is ${state}${identity === null ? '' : ` (pid ${identity.pid})`}`)
    }
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

export function nodeStateDocument({ node, state, identity }: Presence): NodeStateDocument {
  const { name, nodeId, address, socket } = node
  return { name, nodeId, address, socket, pid: identity?.pid ?? null, state }
}
