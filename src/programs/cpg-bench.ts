import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AisError, isAisErrorName } from '../api/index.js'
import {
  tasksOf,
  type CpgBenchChoice,
  type CpgBenchReport,
  type CpgBenchRow,
  type CpgBenchTask,
} from './cpg-bench-rows.js'
import type { CpgBenchAnswer, CpgBenchOrder } from './cpg-bench-worker.js'

const workerPath = fileURLToPath(new URL('./cpg-bench-worker.js', import.meta.url))
/** Of /proc/PID/stat, where Linux counts processor time. */
const CLOCK_TICKS = 100
/** What is still on its way when the time of a row is over has to come within so long. */
const PATIENCE_MS = 60_000

export interface CpgBenchOptions extends CpgBenchChoice {
  /** Of all nodes; a member of the first one sends where one does. */
  readonly sockets: readonly string[]
  /** On each node, each a process of its own. */
  readonly members: number
}

export interface CpgBenchResult {
  readonly nodes: number
  /** On each node. */
  readonly members: number
  readonly rows: readonly CpgBenchRow[]
}

/** A member did not get what was sent, or not in the order of the others. */
export class CpgBenchFailure extends Error {}

/**
 * Measure a process group of its own with members on each node.
 * @param say is told which row is being measured
 * @throws AisError as Cpg.initialize and join; CpgBenchFailure
 */
export async function benchGroups(
  options: CpgBenchOptions,
  say: (text: string) => void,
  stopped: AbortSignal,
): Promise<CpgBenchResult> {
  const group = `ais-bench-${process.pid}-${randomBytes(4).toString('hex')}`
  // The first of each node before the second ones.
  const places = Array.from({ length: options.members }, () => options.sockets).flat()
  const workers = places.map((socket, index) => new Worker(socket, group, index))
  const rows: CpgBenchRow[] = []
  try {
    await Promise.all(workers.map((worker) => worker.joined))
    await askAll(workers, { order: 'await', members: workers.length })
    for (const task of tasksOf(options)) {
      if (stopped.aborted) break
      say(`${task.mode}, ${task.senders === '1' ? 'one sender' : 'all send'}, ${task.size} octets`)
      rows.push(await measure(task, workers))
    }
    await askAll(workers, { order: 'end' })
    return { nodes: options.sockets.length, members: options.members, rows }
  } finally {
    for (const worker of workers) worker.kill()
  }
}

async function measure(task: CpgBenchTask, workers: readonly Worker[]): Promise<CpgBenchRow> {
  await askAll(workers, { order: 'prepare', task })
  const senders = task.senders === '1' ? 1 : workers.length
  const before = new Map(workers.map(({ executivePid }) => [executivePid, cpuSecondsOf(executivePid)]))
  const reports = await Promise.all(
    workers.map(async (worker, index) => {
      const timeoutMs = task.durationMs + PATIENCE_MS
      const isSending = index < senders
      return (await worker.ask({ order: 'run', task, isSending, senders }, timeoutMs))!
    }),
  )
  check(task, reports)
  const used = [...before].map(([executivePid, then]) => {
    const now = cpuSecondsOf(executivePid)
    return then === null || now === null ? null : now - then
  })
  return rowOf(task, senders, reports, used.includes(null) ? null : sum(used as number[]))
}

/** @throws CpgBenchFailure */
function check({ mode, size }: CpgBenchTask, reports: readonly CpgBenchReport[]): void {
  const [first] = reports
  for (const { nodeId, gaps, damaged, order, delivered } of reports) {
    const problem =
      gaps > 0
        ? `${gaps} messages came out of turn or did not come`
        : damaged > 0
          ? `${damaged} messages were not what was sent`
          : order !== first!.order || delivered !== first!.delivered
            ? `its messages came in another order than those of node ${first!.nodeId}`
            : null
    if (problem !== null) throw new CpgBenchFailure(`${mode} of ${size} octets, node ${nodeId}: ${problem}`)
  }
}

function rowOf(
  { mode, size, guarantee }: CpgBenchTask,
  senders: number,
  reports: readonly CpgBenchReport[],
  daemonCpuSeconds: number | null,
): CpgBenchRow {
  const isLatency = mode === 'latency'
  const rates = reports.map(({ delivered, elapsedMs }) => (delivered / Math.max(1, elapsedMs)) * 1000)
  const rate = Math.min(...rates)
  const [first] = reports
  const perSender = first!.bySender.map(([, count]) => (count / Math.max(1, first!.elapsedMs)) * 1000)
  const [p50Us, p90Us, p99Us] = reports.find(({ percentilesUs }) => percentilesUs)?.percentilesUs ?? [
    null,
    null,
    null,
  ]
  return {
    mode,
    senders,
    size,
    guarantee,
    messagesPerSecond: isLatency ? null : Math.round(rate),
    megabytesPerSecond: isLatency ? null : rounded((rate * size) / 1e6),
    p50Us,
    p90Us,
    p99Us,
    daemonCpuSeconds: daemonCpuSeconds === null ? null : rounded(daemonCpuSeconds),
    clientCpuSeconds: rounded(sum(reports.map(({ cpuSeconds }) => cpuSeconds))),
    slowestSender: isLatency ? null : Math.round(Math.min(...perSender)),
    fastestSender: isLatency ? null : Math.round(Math.max(...perSender)),
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** @returns null where that process is not to be seen */
function cpuSecondsOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'ascii').split(') ').at(-1)!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS
  } catch {
    return null
  }
}

async function askAll(workers: readonly Worker[], order: CpgBenchOrder): Promise<void> {
  await Promise.all(workers.map((worker) => worker.ask(order, PATIENCE_MS)))
}

/** A process with one member. */
class Worker {
  executivePid = 0
  readonly joined: Promise<void>
  readonly #child: ChildProcess
  #onAnswer: ((answer: CpgBenchAnswer) => void) | undefined
  #words = ''

  constructor(socket: string, group: string, index: number) {
    this.#child = fork(workerPath, [socket, group, String(index)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#words += text))
    this.#child.on('message', (answer: CpgBenchAnswer) => this.#onAnswer?.(answer))
    this.#child.once('exit', () => {
      this.#onAnswer?.({ code: null, problem: `a process of the benchmark ended: ${this.#words.trim()}` })
    })
    this.joined = this.#answered(PATIENCE_MS).then(() => undefined)
    this.joined.catch(() => undefined)
  }

  ask(order: CpgBenchOrder, timeoutMs: number): Promise<CpgBenchReport | null> {
    const answered = this.#answered(timeoutMs)
    this.#child.send(order)
    return answered
  }

  kill(): void {
    this.#onAnswer = undefined
    this.#child.kill('SIGKILL')
  }

  #answered(timeoutMs: number): Promise<CpgBenchReport | null> {
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => {
        reject(new CpgBenchFailure('a member did not get all messages: they stopped coming'))
      }, timeoutMs)
      this.#onAnswer = (answer) => {
        clearTimeout(timeout)
        this.#onAnswer = undefined
        if ('problem' in answer) return reject(failureOf(answer.code, answer.problem))
        this.executivePid = answer.executivePid
        return resolve(answer.report)
      }
    })
  }
}

function failureOf(code: string | null, problem: string): Error {
  return code !== null && isAisErrorName(code) ? new AisError(code, problem) : new CpgBenchFailure(problem)
}
