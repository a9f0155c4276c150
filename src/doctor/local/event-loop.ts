import { availableParallelism, loadavg } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { Check } from '../check.js'
import { fail, ok, warn, type Finding } from '../network/finding.js'

/** How long it is watched. */
const WATCH_MS = 1000
const RESOLUTION_MS = 2
const TOKEN_DEFAULT_MS = 1000

export interface LoopObservation {
  readonly p99Ms: number
  readonly maxMs: number
  readonly cpus: number
  /** Processes that want to run, over the last minute. */
  readonly load: number
}

/**
 * The token passes through the event loop of every member: while one of them is late the whole ring waits,
 * and if it waits as long as `token` says the member counts as lost.
 */
export function judgeEventLoop(seen: LoopObservation, tokenMs: number): Finding {
  const { cpus, load } = seen
  const [p99Ms, maxMs] = [seen.p99Ms, seen.maxMs].map((ms) => Math.round(ms * 10) / 10)
  const details = { p99Ms, maxMs, tokenMs, cpus, load: Math.round(load * 100) / 100 }
  const machine = `${cpus} processors, load ${details.load}`
  const found = `a timer is late by ${p99Ms} ms (99 %), ${maxMs} ms at most; ${machine}`
  const remedy = `run less here, or write a longer token than ${tokenMs} ms`
  if (maxMs >= tokenMs)
    return fail(`${found}: as long as the token timeout of ${tokenMs} ms`, remedy, details)
  if (maxMs >= tokenMs / 4) {
    return warn(`${found}: more than a quarter of the token timeout of ${tokenMs} ms`, remedy, details)
  }
  return ok(`${found}; the token timeout is ${tokenMs} ms`, details)
}

async function observe(): Promise<LoopObservation> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  await delay(WATCH_MS)
  histogram.disable()
  const lateMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
  return {
    p99Ms: lateMs(histogram.percentile(99)),
    maxMs: lateMs(histogram.max),
    cpus: availableParallelism(),
    load: loadavg()[0],
  }
}

const subject = { id: 'event-loop', title: 'event-loop delay' }

/** Does this machine let a process run when it is due? */
export const eventLoop: Check = {
  ...subject,
  run: async ({ network }) => {
    const tokenMs = network.ok ? network.config.tokenTimeoutMs : TOKEN_DEFAULT_MS
    return { ...subject, ...judgeEventLoop(await observe(), tokenMs) }
  },
}
