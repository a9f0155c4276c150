import { resolve } from 'node:path'
import { Command, Errors, Flags, type Interfaces } from '@oclif/core'
import { AisError } from '../base/index.js'
import {
  clusterCommand,
  defaultSocketPath,
  findNode,
  loadSandbox,
  SandboxError,
  usualSandboxDirectory,
} from '../sandbox/index.js'
import { BaseCommand } from './base-command.js'
import { exitCodes } from './exit-codes.js'

/** Before a call that was answered ERR_TRY_AGAIN is made again. */
const RETRY_INTERVAL_MS = 50

/** How the socket was chosen, for messages. */
export interface SocketChoice {
  readonly path: string
  /** '--socket', 'node2 of the sandbox in /run/ais/sandbox' … */
  readonly reason: string
}

/**
 * A command that speaks to a running executive: --socket or --node, and what happens when nobody listens.
 */
export abstract class ClientCommand<T extends typeof Command> extends BaseCommand<T> {
  static override readonly baseFlags = {
    ...BaseCommand.baseFlags,
    socket: Flags.string({
      description: 'Unix socket of the executive to talk to [default: $AIS_SOCKET, or that of this node]',
      helpValue: 'PATH',
      helpGroup: 'EXECUTIVE',
      exclusive: ['node'],
    }),
    node: Flags.string({
      description: 'node of a sandbox (ais cluster) to talk to',
      helpValue: 'NAME',
      helpGroup: 'EXECUTIVE',
    }),
    dir: Flags.string({
      description: 'directory of that sandbox [default: $AIS_SANDBOX_DIR, or that of `ais cluster up`]',
      helpValue: 'DIR',
      helpGroup: 'EXECUTIVE',
      dependsOn: ['node'],
    }),
  }

  private get clientFlags(): Interfaces.InferredFlags<typeof ClientCommand.baseFlags> {
    return this.flags as unknown as Interfaces.InferredFlags<typeof ClientCommand.baseFlags>
  }

  /**
   * The socket to connect to: --socket, --node, $AIS_SOCKET, `socket` of the user's settings, or the default.
   * Ends the command when the sandbox of --node is not there or has no such node.
   */
  protected async socketChoice(): Promise<SocketChoice> {
    const { socket, node } = this.clientFlags
    if (socket !== undefined) return { path: resolve(socket), reason: '--socket' }
    if (node !== undefined) return this.nodeSocket(node)
    const fromEnvironment = process.env['AIS_SOCKET']
    if (fromEnvironment !== undefined && fromEnvironment !== '')
      return { path: resolve(fromEnvironment), reason: '$AIS_SOCKET' }
    if (this.settings.socket !== undefined)
      return { path: this.settings.socket, reason: "socket of the user's settings" }
    return { path: defaultSocketPath(), reason: 'the default' }
  }

  /** Sockets of all nodes of the sandbox, if --node names one of it: the chosen one first. */
  protected async sandboxSockets(choice: SocketChoice): Promise<string[]> {
    const { node, dir } = this.clientFlags
    if (node === undefined) return [choice.path]
    const { nodes } = await loadSandbox(sandboxDirectoryOf(dir))
    return [...new Set([choice.path, ...nodes.map(({ socket }) => socket)])]
  }

  /** End the command for what a call failed with: exit code 4 where nobody listens on the socket. */
  protected failCall(error: unknown, choice: SocketChoice): never {
    const systemCode = systemCodeOf(error)
    if (systemCode === 'ENOENT' || systemCode === 'ECONNREFUSED') this.failNoExecutive(choice)
    if (systemCode === 'EACCES' || systemCode === 'EPERM')
      this.fail(`not permitted to connect to ${choice.path} (${choice.reason})`, exitCodes.failed)
    if (!(error instanceof AisError)) throw error
    const exit = error.code === 'ERR_TIMEOUT' ? exitCodes.timedOut : exitCodes.failed
    throw new CallError(error, exit)
  }

  private failNoExecutive({ path, reason }: SocketChoice): never {
    const { node, dir } = this.clientFlags
    const command = (words: string): string => clusterCommand(words, sandboxDirectoryOf(dir))
    const hints =
      node === undefined
        ? ['ais exec', 'ais cluster up, and --node node1']
        : [command(`start ${node}`), command('status')]
    return this.fail(`no executive listens on ${path} (${reason})`, exitCodes.noExecutive, hints)
  }

  private async nodeSocket(name: string): Promise<SocketChoice> {
    const directory = sandboxDirectoryOf(this.clientFlags.dir)
    try {
      const { socket } = findNode(await loadSandbox(directory), name)
      return { path: socket, reason: `${name} of the sandbox in ${directory}` }
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error
      return this.fail(error.message, exitCodes.failed, [...error.suggestions])
    }
  }

  /** Ends at once: an attempt to connect that nobody waits for any more must not keep the command alive. */
  protected override async catch(error: Error): Promise<unknown> {
    await super.catch(error)
    return this.exit(Number(process.exitCode ?? exitCodes.failed))
  }

  /** With the standard's name of the error, where it has one. */
  protected override toErrorJson(error: unknown): unknown {
    const json = super.toErrorJson(error)
    if (!(error instanceof CallError)) return json
    const { error: fields } = json as { error: Record<string, unknown> }
    return { error: { code: error.aisError.code, ...fields } }
  }
}

export interface CallOptions {
  /** When to give up; --timeout from now if not told. For calls that share their time. */
  readonly deadlineMs?: number
  /** It may change something, so without an answer it is not known whether it did. */
  readonly changes?: boolean
}

/** A command that asks, answers and ends: within --timeout. */
export abstract class OneShotCommand<T extends typeof Command> extends ClientCommand<T> {
  static override readonly baseFlags = {
    ...ClientCommand.baseFlags,
    timeout: Flags.integer({
      description: 'seconds to wait while the cluster is changing; then exit code 5',
      helpValue: 'SECONDS',
      helpGroup: 'EXECUTIVE',
      min: 1,
      max: 86_400,
      default: 10,
    }),
  }

  protected get timeoutMs(): number {
    const { timeout } = this.flags as unknown as { readonly timeout: number }
    return timeout * 1000
  }

  /**
   * Make a call until it is answered with anything but ERR_TRY_AGAIN, for --timeout at most. Ends the command
   * when it fails: 5 timed out, 4 no executive, else 1 with the standard's name of the error.
   * @param call gets the milliseconds that are left
   */
  protected async withRetries<R>(
    choice: SocketChoice,
    call: (remainingMs: number) => Promise<R>,
    { deadlineMs = performance.now() + this.timeoutMs, changes = true }: CallOptions = {},
  ): Promise<R> {
    for (;;) {
      try {
        return await this.beforeDeadline(call, deadlineMs, changes)
      } catch (error) {
        if (error instanceof Errors.CLIError) throw error
        const mayTryAgain = error instanceof AisError && error.code === 'ERR_TRY_AGAIN'
        if (!mayTryAgain || systemCodeOf(error) !== undefined) return this.failCall(error, choice)
        if (performance.now() + RETRY_INTERVAL_MS > deadlineMs) throw new CallError(error, exitCodes.timedOut)
      }
      await new Promise((done) => setTimeout(done, RETRY_INTERVAL_MS))
    }
  }

  private async beforeDeadline<R>(
    call: (remainingMs: number) => Promise<R>,
    deadlineMs: number,
    changes: boolean,
  ): Promise<R> {
    const remainingMs = Math.max(1, deadlineMs - performance.now())
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const unknown = changes ? ': whether it was done is not known' : ''
      const message = `no answer within ${this.timeoutMs / 1000} s${unknown}`
      timer = setTimeout(() => reject(new AisError('ERR_TIMEOUT', message)), remainingMs)
    })
    try {
      return await Promise.race([call(remainingMs), late])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** What a call of the API failed with, as the end of a command. */
class CallError extends Errors.CLIError {
  constructor(
    readonly aisError: AisError,
    exit: number,
  ) {
    super(aisError.message, { exit })
  }
}

/** Where the sandbox is: the flag, $AIS_SANDBOX_DIR, or the user's runtime directory. */
export function sandboxDirectoryOf(flag: string | undefined): string {
  return flag === undefined ? usualSandboxDirectory() : resolve(flag)
}

/** What the system answered to the attempt to connect, however deep among the causes it is. */
function systemCodeOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException
    if (syscall === 'connect' && code !== undefined) return code
  }
  return undefined
}
