import { TransportError } from '../transport/index.js'
import { InvariantError } from '../base/index.js'
import type { Configuration, GroupListener, ViewLayer } from '../group/index.js'
import type { LogLevel } from '../totem/index.js'
import { digestFiles } from './conf-port.js'
import { ConflictFiles } from './conflict-files.js'
import { configurationDocument, configurationSummary, configurationText } from './configuration-text.js'
import { ExecError } from './exec-error.js'
import { AisFront, IpcServer } from './ipc/index.js'
import { LineOutput } from './line-output.js'
import { Lock } from './lock.js'
import { Logger, type LogFormat } from './logger.js'
import { Node } from './node.js'
import { HeapSlack } from './heap-slack.js'
import { raisePriority } from './priority.js'
import { RingSequenceFile } from './ring-sequence-file.js'
import type { ServiceFront } from '../services/index.js'
import { composeServices, type Services } from './services.js'
import { SandboxFront } from './sandbox-front.js'
import { sandboxLinksHere } from './sandbox-links.js'
import { loadSettings, totemOptionsOf, type Settings } from './settings.js'
import { prepareStateDirectory } from './state-directory.js'

export interface ExecutiveOptions {
  readonly configDir: string
  /** Configurations as JSON, one a line, instead of text. */
  readonly json: boolean
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
  readonly version: string
}

/** How often held-back repeats of log lines are looked through. */
const LOG_FLUSH_INTERVAL_MS = 1000

/** Beyond the token timeout, within which the ring itself leaves. */
const LEAVE_MARGIN_MS = 100

/** For components to take the end of their connection; then it is cut. */
const COMPONENT_GOODBYE_MS = 200

/** For readers of stdout and stderr to take the last lines. */
const OUTPUT_DRAIN_MS = 250

interface Running {
  readonly node: Node
  readonly ipc: IpcServer
  readonly services: Services
}

/** 'stopped' by a signal, as asked; else why it could not start. */
export type ExecutiveOutcome = 'stopped' | ExecError['kind']

/**
 * Run one executive in the foreground until a signal ends it: the log on stderr, configurations on stdout.
 * What keeps it from starting is on stderr too, with what to do about it.
 */
export function runExecutive(options: ExecutiveOptions): Promise<ExecutiveOutcome> {
  return new Executive(options).run()
}

/**
 * Components first: with their connection their lease ends, and the others learn in order that they hold
 * nothing, before this node is gone. All other applications are served until it is, for what they asked
 * for is still brought to an end.
 */
async function leaveInOrder({ node, ipc, services }: Running, tokenTimeoutMs: number): Promise<void> {
  await ipc.end(services.stop(), COMPONENT_GOODBYE_MS)
  await node.leave(tokenTimeoutMs + LEAVE_MARGIN_MS)
  await Promise.all([ipc.close(), node.close()])
}

class Executive {
  readonly #stderr = new LineOutput(process.stderr.fd)
  readonly #stdout = new LineOutput(process.stdout.fd, (cause) => {
    this.#log('notice', `stdout is closed (${cause}): configurations are no longer printed`)
  })
  readonly #logger: Logger
  #configurations = 0

  constructor(private readonly options: ExecutiveOptions) {
    this.#logger = new Logger({
      level: options.logLevel,
      format: options.logFormat,
      write: (line) => this.#stderr.write(line),
      wallMs: () => Date.now(),
    })
  }

  async run(): Promise<ExecutiveOutcome> {
    const flush = setInterval(() => this.#logger.flush(), LOG_FLUSH_INTERVAL_MS)
    const slack = new HeapSlack()
    const stopped = this.#catchSignals()
    process.on('uncaughtException', (error) => this.#crash(error))
    try {
      this.#log('notice', `ais ${this.options.version} starts, pid ${process.pid}, node ${process.version}`)
      const priority = raisePriority()
      if (priority !== null) this.#log('info', `runs before other processes of this node (nice ${priority})`)
      await this.#runLocked(stopped)
      return 'stopped'
    } catch (error) {
      if (!(error instanceof ExecError)) throw error
      this.#report(error)
      return error.kind
    } finally {
      clearInterval(flush)
      slack.stop()
      this.#logger.flush(true)
      await Promise.all([this.#stdout.close(OUTPUT_DRAIN_MS), this.#stderr.close(OUTPUT_DRAIN_MS)])
    }
  }

  async #runLocked(stopped: Promise<NodeJS.Signals>): Promise<void> {
    const settings = await loadSettings(this.options.configDir)
    this.#logSettings(settings)
    prepareStateDirectory(settings.stateDirectory)
    const lock = await Lock.acquire(settings.stateDirectory)
    try {
      const { node, ipc, services } = await this.#startNode(settings)
      const signal = await stopped
      this.#log('notice', `${signal}: leaving the cluster`)
      await leaveInOrder({ node, ipc, services }, settings.config.tokenTimeoutMs)
      this.#logSummary(node)
    } finally {
      await lock.release()
    }
  }

  async #startNode(settings: Settings): Promise<Running> {
    const startDigests = await digestFiles(settings)
    const file = new RingSequenceFile(settings.stateDirectory, () => Date.now())
    const reservation = await file.reserveFirst()
    if (reservation.isNew) {
      this.#log('notice', `${file.path} is new: ring sequences begin at the wall clock, ${reservation.first}`)
    }
    const { config, choice } = settings
    const totem = totemOptionsOf(settings, reservation.first)
    const conflicts = await ConflictFiles.open(settings.stateDirectory, (level, message) => {
      this.#logger.log(level, 'ckpt', message)
    })
    const links = sandboxLinksHere((message) => this.#log('error', message))
    let layer: ViewLayer | undefined
    try {
      const node = new Node(
        {
          totem,
          links,
          udp: {
            address: choice.address,
            group: config.mcastAddress,
            port: config.mcastPort,
            ttl: config.ttl,
          },
          reservedUpTo: reservation.reservedUpTo,
          reserve: (sequence, onReserved) =>
            file.reserve(sequence, onReserved, (message) => this.#log('error', message)),
          log: (level, subsystem, message) => this.#logger.log(level, subsystem, message),
        },
        this.#listener(() => layer!),
      )
      const services = composeServices({
        settings,
        incarnation: totem.incarnation,
        node,
        conflicts,
        logger: this.#logger,
        version: this.options.version,
        startDigests,
      })
      layer = services.layer
      const fronts: ServiceFront[] = [new AisFront(), ...services.fronts]
      if (links !== undefined) fronts.push(new SandboxFront(links, (message) => this.#log('notice', message)))
      const ipc = await this.#listenForApplications(settings, node, fronts)
      node.start()
      return { node, ipc, services }
    } catch (error) {
      if (error instanceof TransportError) throw new ExecError('failed', error.message, error.hint)
      throw error
    }
  }

  /** Before the node takes part: a second executive at this socket must not disturb the ring. */
  async #listenForApplications(
    settings: Settings,
    node: Node,
    fronts: readonly ServiceFront[],
  ): Promise<IpcServer> {
    const { nodeId, nodeName, socketPath, config } = settings
    const { clusterName } = config
    try {
      const ipc = await IpcServer.start({
        path: socketPath,
        node: { software: this.options.version, nodeId, nodeName, clusterName },
        fronts,
        log: (level, message) => this.#logger.log(level, 'ipc', message),
      })
      this.#logger.log('info', 'ipc', `applications connect to ${socketPath}`)
      return ipc
    } catch (error) {
      await node.close()
      throw error
    }
  }

  /** Findings about files keep their own form, PATH:LINE:COL: for people and editors. */
  #report({ kind, message, hint }: ExecError): void {
    if (kind === 'configuration' && this.options.logFormat === 'text') this.#stderr.write(`${message}\n`)
    else this.#log('error', message)
    if (hint !== undefined) this.#log('error', `what to do: ${hint}`)
  }

  #listener(layer: () => ViewLayer): GroupListener {
    return {
      onConfiguration: (configuration) => {
        this.#onConfiguration(configuration)
        layer().onConfiguration(configuration)
      },
      onDeliver: (from, payload, position) => layer().onDeliver(from, payload, position),
      onStable: (ringId, position) => layer().onStable(ringId, position),
      onDrain: () => layer().onDrain(),
    }
  }

  #onConfiguration(configuration: Configuration): void {
    this.#configurations++
    this.#stdout.write(
      this.options.json
        ? `${JSON.stringify(configurationDocument(configuration))}\n`
        : configurationText(configuration),
    )
    this.#log('info', configurationSummary(configuration))
  }

  /** Resolves at the first signal that asks to end; the second one ends at once. */
  #catchSignals(): Promise<NodeJS.Signals> {
    return new Promise((resolve) => {
      let isStopping = false
      const onSignal = (signal: NodeJS.Signals): void => {
        if (!isStopping) {
          isStopping = true
          resolve(signal)
          return
        }
        this.#log('notice', `${signal} again: ending at once`)
        this.#endNow(0)
      }
      process.on('SIGTERM', onSignal)
      process.on('SIGINT', onSignal)
      process.on('SIGHUP', onSignal)
    })
  }

  /** A bug of ours: a daemon that has lost its footing stops rather than order messages wrongly. */
  #crash(error: Error): void {
    const where = (error.stack ?? '')
      .split('\n')
      .filter((line) => line.startsWith('    at '))
      .slice(0, 4)
      .map((line) => line.trim().replace(/\(?file:\/\/\S*\/dist\//, '('))
    const kind = error instanceof InvariantError ? 'a broken invariant' : 'an internal error'
    this.#log(
      'error',
      `stopping because of ${kind}, please report it: ${error.message} [${where.join(', ')}]`,
    )
    this.#endNow(1)
  }

  #endNow(exitCode: number): never {
    this.#logger.flush(true)
    this.#stdout.flushSync()
    this.#stderr.flushSync()
    process.exit(exitCode)
  }

  #logSettings(settings: Settings): void {
    const { path, config, choice, nodeId, nodeName, stateDirectory, warnings } = settings
    for (const warning of warnings) this.#logger.log('warning', 'config', warning)
    if (settings.notice !== null) this.#logger.log('notice', 'config', settings.notice)
    const { interface: name, address, reason } = choice
    this.#logger.log('info', 'config', `${path}: cluster ${config.clusterName}, state in ${stateDirectory}`)
    this.#logger.log('notice', 'config', `interface ${name}, address ${address}: ${reason}`)
    this.#logger.log('info', 'config', `node ${nodeName}, id ${nodeId}`)
  }

  #logSummary(node: Node): void {
    const { framesReceived, framesMulticast, framesUnicast, sendErrors } = node.transport.counters
    const { pauses, longestPauseMs } = node.timers.pauses
    const sent = framesMulticast + framesUnicast
    const traffic = `${framesReceived} frames received, ${sent} sent, ${sendErrors} errors`
    const paused = `${pauses} pauses, the longest ${Math.round(longestPauseMs)} ms`
    this.#log('info', `ran through ${this.#configurations} configurations; ${traffic}; ${paused}`)
    this.#logger.log('debug', 'totem', `counters: ${JSON.stringify(node.ring.counters)}`)
  }

  #log(level: LogLevel, message: string): void {
    this.#logger.log(level, 'exec', message)
  }
}
