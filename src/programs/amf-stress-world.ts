import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readSync, watch, writeSync, type FSWatcher } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  loadSandbox,
  reached,
  signal,
  startNodes,
  type Progress,
  type SandboxNode,
} from '../sandbox/index.js'
import type { StressComponent, StressModel } from './amf-stress-groups.js'
import { StressLedger } from './amf-stress-ledger.js'
import { entryLine, LineCutter, readEntry, type StressEntry } from './amf-stress-log.js'

const componentPath = fileURLToPath(new URL('./amf-stress-component.js', import.meta.url))

/** What is asked for and does not come about is given up after this. */
const PATIENCE_MS = 30_000
const READ_OCTETS = 1 << 16
/** Of what a component said before it ended by itself. */
const LAST_WORDS = 2000

/** It did not come to what it has to come to. */
export class StressFailure extends Error {}

/** A component's process while it runs. */
interface Running {
  readonly child: ChildProcess
  readonly pid: number
  isEnding: boolean
}

/** The components of a stress run, their processes, and the log that all of them write. */
export class StressWorld {
  readonly ledger: StressLedger
  readonly entries: StressEntry[] = []
  readonly #running = new Map<string, Running>()
  readonly #log: number
  readonly #cutter = new LineCutter()
  readonly #watcher: FSWatcher
  readonly #onEntry = new Set<() => void>()
  readonly #octets = Buffer.alloc(READ_OCTETS)
  #offset = 0
  #error: Error | undefined

  constructor(
    readonly model: StressModel,
    readonly directory: string,
    private readonly logPath: string,
    private readonly progress: Progress,
    readonly stopped: AbortSignal,
  ) {
    this.ledger = new StressLedger(model)
    this.#log = openSync(logPath, 'a+', 0o600)
    this.#watcher = watch(logPath, () => this.read())
  }

  async nodes(): Promise<readonly SandboxNode[]> {
    return (await loadSandbox(this.directory)).nodes
  }

  componentsOf(unit: string): StressComponent[] {
    return this.model.components.filter((component) => component.unit === unit)
  }

  /** Start the process of a component, which registers itself. */
  async start({ name, node }: StressComponent): Promise<void> {
    const { socket } = (await this.nodes())[node]
    this.stopped.throwIfAborted()
    const child = spawn(process.execPath, [componentPath, socket, name, this.logPath], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    let words = ''
    child
      .stderr!.setEncoding('utf8')
      .on('data', (text: string) => (words = (words + text).slice(-LAST_WORDS)))
    child.once('error', (error) => this.fail(error))
    const running = { child, pid: child.pid ?? 0, isEnding: false }
    this.#running.set(name, running)
    child.once('close', () => {
      if (!running.isEnding) this.fail(new StressFailure(`${name} ended by itself: ${words.trim()}`))
    })
  }

  /** kill -9. @returns when, before that was done */
  async kill(component: string): Promise<bigint> {
    const running = this.#running.get(component)!
    running.isEnding = true
    const gone = new Promise((resolve) => running.child.once('exit', resolve))
    const beforeNs = process.hrtime.bigint()
    running.child.kill('SIGKILL')
    this.note(component, 'killed')
    this.#running.delete(component)
    await gone
    return beforeNs
  }

  /** SIGSTOP. @returns when, before that was done */
  stop(component: string): bigint {
    const beforeNs = process.hrtime.bigint()
    this.#running.get(component)!.child.kill('SIGSTOP')
    this.note(component, 'stopped')
    return beforeNs
  }

  continue(component: string): void {
    this.note(component, 'continued')
    this.#running.get(component)!.child.kill('SIGCONT')
  }

  /** kill -9 of a node's executive. @returns when, before that was done */
  async killDaemon(node: number): Promise<bigint> {
    const { pid, startTime, name } = (await this.nodes())[node]
    if (pid === null || startTime === null) throw new StressFailure(`${name} does not run`)
    const beforeNs = process.hrtime.bigint()
    signal({ pid, startTime }, 'SIGKILL')
    return beforeNs
  }

  async startDaemon(node: number): Promise<void> {
    const { pid, startTime, name } = (await this.nodes())[node]
    // One that has much in memory takes a while to be gone.
    const isGone = pid === null || startTime === null || reached({ pid, startTime }, 'gone', PATIENCE_MS)
    if (!(await isGone)) throw new StressFailure(`${name} is not gone after it was killed`)
    const { directory, progress } = this
    await startNodes({ directory, names: [name], timeoutMs: PATIENCE_MS, progress })
  }

  /**
   * Wait for entries of the log until it is so.
   * @throws StressFailure after 30 s; what `stopped` was aborted with
   */
  async until(what: string, isSo: () => boolean): Promise<void> {
    if (this.#error === undefined && !this.stopped.aborted && isSo()) return
    await new Promise<void>((resolve, reject) => {
      const end = (act: () => void): void => {
        clearTimeout(timer)
        this.#onEntry.delete(look)
        this.stopped.removeEventListener('abort', look)
        act()
      }
      const look = (): void => {
        const error = this.#error ?? (this.stopped.aborted ? (this.stopped.reason as Error) : undefined)
        if (error !== undefined) end(() => reject(error))
        else if (isSo()) end(resolve)
      }
      const late = (): void => {
        const message = `${what}: not within ${PATIENCE_MS / 1000} s; ${this.ledger.missing.join(', ')}`
        end(() => reject(new StressFailure(message)))
      }
      const timer = setTimeout(late, PATIENCE_MS)
      this.#onEntry.add(look)
      this.stopped.addEventListener('abort', look)
      look()
    })
  }

  /** End all processes, and read what they wrote. */
  async end(): Promise<void> {
    const ends = [...this.#running.values()].map(
      (running) =>
        new Promise<void>((resolve) => {
          running.isEnding = true
          if (running.child.exitCode !== null || running.child.signalCode !== null) return resolve()
          running.child.once('exit', () => resolve())
          running.child.kill('SIGKILL')
        }),
    )
    await Promise.all(ends)
    this.#watcher.close()
    this.read()
    closeSync(this.#log)
  }

  private note(component: string, what: StressEntry['what']): void {
    const { pid } = this.#running.get(component)!
    writeSync(this.#log, entryLine({ pid, component, what }))
  }

  private read(): void {
    for (;;) {
      const count = readSync(this.#log, this.#octets, 0, READ_OCTETS, this.#offset)
      if (count === 0) break
      this.#offset += count
      for (const line of this.#cutter.take(this.#octets.toString('latin1', 0, count))) {
        const entry = readEntry(line)
        this.entries.push(entry)
        this.ledger.apply(entry)
      }
    }
    for (const look of [...this.#onEntry]) look()
  }

  private fail(error: Error): void {
    this.#error ??= error
    for (const look of [...this.#onEntry]) look()
  }
}
