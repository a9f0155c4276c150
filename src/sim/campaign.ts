import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { count, type Counters } from '../totem/counters.js'
import { runSeed, type RunResult } from './run.js'

export interface CampaignOptions {
  readonly seed: number
  readonly runs: number
  readonly nodes: number | null
  readonly steps: number
  /** Threads to run seeds in. */
  readonly jobs: number
  /** End at the first broken promise. */
  readonly stopAtFirst?: boolean
}

export interface CampaignResult {
  readonly runs: number
  readonly failed: readonly RunResult[]
  readonly counters: Counters
  readonly messages: number
  readonly configurations: number
  readonly virtualMs: number
  /** The slowest of all. */
  readonly convergenceMs: number
}

/** Run seeds `seed` to `seed + runs - 1`, and add up what they counted. */
export async function runCampaign(
  options: CampaignOptions,
  onRun: (done: number) => void = () => undefined,
): Promise<CampaignResult> {
  const jobs = Math.min(options.jobs, options.runs)
  let done = 0
  const tally = (): void => onRun(++done)
  const results =
    jobs > 1
      ? (
          await Promise.all(Array.from({ length: jobs }, (_, job) => inThread(options, jobs, job, tally)))
        ).flat()
      : runStripe(options, 1, 0, tally)
  return addUp(results.sort((a, b) => a.seed - b.seed))
}

function runStripe(options: CampaignOptions, stride: number, from: number, onRun: () => void): RunResult[] {
  const results: RunResult[] = []
  for (let run = from; run < options.runs; run += stride) {
    const { nodes, steps } = options
    const result = runSeed({ seed: options.seed + run, nodes, steps })
    results.push(result)
    onRun()
    if (options.stopAtFirst && result.violations.length > 0) break
  }
  return results
}

function inThread(
  options: CampaignOptions,
  stride: number,
  from: number,
  onRun: () => void,
): Promise<RunResult[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { options, stride, from } })
    worker.on('message', (message: RunResult[] | 'run') => {
      if (message === 'run') onRun()
      else resolve(message)
    })
    worker.on('error', reject)
  })
}

function addUp(results: readonly RunResult[]): CampaignResult {
  const counters: Counters = {}
  for (const result of results) {
    for (const [name, value] of Object.entries(result.counters)) count(counters, name, value)
  }
  const sum = (of: (result: RunResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0)
  return {
    runs: results.length,
    failed: results.filter(({ violations }) => violations.length > 0),
    counters,
    messages: sum(({ messages }) => messages),
    configurations: sum(({ configurations }) => configurations),
    virtualMs: sum(({ virtualMs }) => virtualMs),
    convergenceMs: Math.max(0, ...results.map(({ convergenceMs }) => convergenceMs)),
  }
}

const port = parentPort
if (!isMainThread && port) {
  const { options, stride, from } = workerData as { options: CampaignOptions; stride: number; from: number }
  port.postMessage(runStripe(options, stride, from, () => port.postMessage('run')))
}
