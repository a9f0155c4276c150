import { randomBytes } from 'node:crypto'
import { CheckpointOpenFlags, Ckpt, TIME_END, type Checkpoint } from '../api/index.js'
import { oneAtATime, pipelined, type Measured } from './ckpt-bench-loops.js'
import { isAisError, patientCaller } from './ckpt-calls.js'
import { guaranteeFlag, type Guarantee } from './ckpt-text.js'
import { Latencies } from './latencies.js'
import { MemberWatch } from './member-watch.js'

/** What is measured: one writer one at a time or with many under way, writers on all nodes, reads. */
export const benchModes = ['single', 'pipelined', 'all', 'read'] as const
export type BenchMode = (typeof benchModes)[number]

/** Octets of the rows, where nothing else is said. */
export const benchSizes = [1, 64, 1000, 10_000, 64_000, 250_000]

export interface BenchOptions {
  /** Of the node that is asked, then of others that write with mode `all`. */
  readonly sockets: readonly string[]
  readonly modes: readonly BenchMode[]
  readonly guarantees: readonly Guarantee[]
  readonly sizes: readonly number[]
  /** Of each row. */
  readonly durationMs: number
  /** Writes under way of a pipelined writer; fewer of large ones. */
  readonly depth: number
}

/** What `ais ckpt bench --json` prints of each row. */
export interface BenchRow {
  readonly mode: BenchMode
  readonly guarantee: Guarantee
  /** Octets. */
  readonly size: number
  readonly opsPerSecond: number
  readonly megabytesPerSecond: number
  readonly p50Us: number
  readonly p99Us: number
}

export interface BenchResult {
  /** Members of the cluster. */
  readonly nodes: number
  /** Nodes that wrote with mode `all`. */
  readonly writers: number
  readonly rows: readonly BenchRow[]
  /** Of the rows of mode `all`: the operations a second of the node that did fewest. */
  readonly slowest: ReadonlyMap<BenchRow, number>
}

/** Octets that are under way at most, so that rows of large writes measure no queues. */
const UNDER_WAY_OCTETS = 1024 * 1024
const DEPTH_MIN = 4
/** Share of a row's duration that is for warming up. */
const WARM_UP = 0.2
const CALL_TIMEOUT_MS = 20_000
/** Nobody has it open when the program was killed: then it goes by itself. */
const RETENTION_MS = 60_000

/**
 * Measure reads and writes of a checkpoint of its own, which is removed at the end.
 * @param say is told which row is being measured
 * @throws AisError as Ckpt.initialize, and what a call failed with
 */
export async function benchCheckpoints(
  options: BenchOptions,
  say: (text: string) => void,
  stopped: AbortSignal,
): Promise<BenchResult> {
  const bench = new Bench(options)
  try {
    return await bench.run(say, stopped)
  } finally {
    await bench.end()
  }
}

/** One node's connection, and its section of the checkpoint. */
interface BenchWriter {
  readonly checkpoint: Checkpoint
  readonly sectionId: Buffer
}

class Bench {
  readonly #call = patientCaller(CALL_TIMEOUT_MS)
  readonly #connections: Ckpt[] = []
  readonly #names: string[] = []
  #members: MemberWatch | undefined
  readonly #rows: BenchRow[] = []
  readonly #slowest = new Map<BenchRow, number>()

  constructor(private readonly options: BenchOptions) {}

  async run(say: (text: string) => void, stopped: AbortSignal): Promise<BenchResult> {
    const [first, ...others] = this.options.sockets
    this.#connections.push(await Ckpt.initialize({ socket: first }))
    for (const socket of others) {
      const connection = await connectIfThere(socket)
      if (connection !== null) this.#connections.push(connection)
    }
    this.#members = await MemberWatch.begin(first!)
    for (const guarantee of this.options.guarantees) {
      const writers = await this.open(guarantee)
      for (const mode of this.modesOf(guarantee)) {
        for (const size of this.options.sizes) {
          if (stopped.aborted) break
          say(`${mode}, guarantee ${guarantee}, ${size} octets`)
          await this.measure(mode, guarantee, size, writers)
        }
      }
    }
    const { size: nodes } = this.#members.present
    return { nodes, writers: this.#connections.length, rows: this.#rows, slowest: this.#slowest }
  }

  async end(): Promise<void> {
    const [ckpt] = this.#connections
    for (const name of this.#names) {
      await this.#call(() => ckpt!.checkpointUnlink(name)).catch((error: unknown) => {
        if (!isAisError(error)) throw error
      })
    }
    await this.#members?.end()
    await Promise.all(this.#connections.map((connection) => connection.finalize()))
  }

  /** Reads wait for nobody: they are measured once. */
  private modesOf(guarantee: Guarantee): BenchMode[] {
    return this.options.modes.filter((mode) => mode !== 'read' || guarantee === this.options.guarantees[0])
  }

  private async open(guarantee: Guarantee): Promise<BenchWriter[]> {
    const name = `ais-bench-${process.pid}-${randomBytes(4).toString('hex')}`
    const maxSectionSize = Math.max(...this.options.sizes)
    const maxSections = Math.max(2, this.#connections.length)
    const attributes = {
      creationFlags: guaranteeFlag(guarantee),
      checkpointSize: maxSections * maxSectionSize,
      retentionDurationMs: RETENTION_MS,
      maxSections,
      maxSectionSize,
      maxSectionIdSize: 32,
    }
    this.#names.push(name)
    const writers: BenchWriter[] = []
    const { CHECKPOINT_READ, CHECKPOINT_WRITE, CHECKPOINT_CREATE } = CheckpointOpenFlags
    const flags = CHECKPOINT_READ | CHECKPOINT_WRITE | CHECKPOINT_CREATE
    for (const [index, ckpt] of this.#connections.entries()) {
      const checkpoint = await this.#call(() => ckpt.checkpointOpen(name, attributes, flags))
      const sectionId = Buffer.from(`node-${index}`)
      await this.#call(() => checkpoint.sectionCreate(sectionId, TIME_END, new Uint8Array(0)))
      writers.push({ checkpoint, sectionId })
    }
    return writers
  }

  private async measure(
    mode: BenchMode,
    guarantee: Guarantee,
    size: number,
    writers: readonly BenchWriter[],
  ): Promise<void> {
    const taking = mode === 'all' ? writers : writers.slice(0, 1)
    const data = Buffer.alloc(size, 0x5a)
    for (const { checkpoint, sectionId } of taking) {
      await this.#call(() => checkpoint.sectionOverwrite(sectionId, data))
    }
    const { durationMs } = this.options
    const run = (forMs: number, latencies: Latencies): Promise<Measured[]> =>
      Promise.all(taking.map((writer) => this.loop(mode, writer, data, forMs, latencies)))
    await run(durationMs * WARM_UP, new Latencies())
    const latencies = new Latencies()
    const measured = await run(durationMs, latencies)
    const rates = measured.map(({ count, ms }) => (count / ms) * 1000)
    const opsPerSecond = Math.round(rates.reduce((sum, rate) => sum + rate, 0))
    const row: BenchRow = {
      mode,
      guarantee,
      size,
      opsPerSecond,
      megabytesPerSecond: Math.round((opsPerSecond * size) / 1e4) / 100,
      p50Us: latencies.percentileUs(0.5),
      p99Us: latencies.percentileUs(0.99),
    }
    this.#rows.push(row)
    if (mode === 'all') this.#slowest.set(row, Math.round(Math.min(...rates)))
  }

  private loop(
    mode: BenchMode,
    { checkpoint, sectionId }: BenchWriter,
    data: Buffer,
    durationMs: number,
    latencies: Latencies,
  ): Promise<Measured> {
    const reading = [{ sectionId }]
    if (mode === 'read') return oneAtATime(() => checkpoint.checkpointRead(reading), durationMs, latencies)
    const writing = [{ sectionId, data }]
    const write = (): Promise<void> => checkpoint.checkpointWrite(writing)
    if (mode === 'single') return oneAtATime(write, durationMs, latencies)
    return pipelined(write, depthOf(data.length, this.options.depth), durationMs, latencies)
  }
}

/** As many as are wanted, and as octets allow. */
export function depthOf(size: number, depth: number): number {
  const fitting = Math.max(DEPTH_MIN, Math.floor(UNDER_WAY_OCTETS / size))
  return Math.min(depth, fitting)
}

/** A node of a sandbox that is down takes no part. */
async function connectIfThere(socket: string): Promise<Ckpt | null> {
  try {
    return await Ckpt.initialize({ socket })
  } catch (error) {
    if (isAisError(error, 'ERR_TRY_AGAIN')) return null
    throw error
  }
}
