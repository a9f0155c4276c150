import { isAisError } from './ckpt-calls.js'
import type { Latencies } from './latencies.js'

/** Before an operation is made again that was to be tried again. */
const RETRY_INTERVAL_MS = 5

/** How many operations were done, in how many milliseconds. */
export interface Measured {
  readonly count: number
  readonly ms: number
}

/** One operation after the other, each when the one before is done. */
export async function oneAtATime(
  operation: () => Promise<unknown>,
  durationMs: number,
  latencies: Latencies,
): Promise<Measured> {
  const beganMs = performance.now()
  const endMs = beganMs + durationMs
  let count = 0
  let nowMs = beganMs
  while (nowMs < endMs) {
    const isDone = await done(operation)
    const afterMs = performance.now()
    if (isDone) {
      count++
      latencies.add(afterMs - nowMs)
    } else await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS))
    nowMs = performance.now()
  }
  return { count, ms: nowMs - beganMs }
}

async function done(operation: () => Promise<unknown>): Promise<boolean> {
  try {
    await operation()
    return true
  } catch (error) {
    if (isAisError(error, 'ERR_TRY_AGAIN')) return false
    throw error
  }
}

/** So many operations under way at a time. */
export function pipelined(
  operation: () => Promise<unknown>,
  depth: number,
  durationMs: number,
  latencies: Latencies,
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const beganMs = performance.now()
    const endMs = beganMs + durationMs
    let underWay = 0
    let count = 0
    const slot = (): void => {
      underWay++
      const startedMs = performance.now()
      operation().then(
        () => {
          underWay--
          count++
          const nowMs = performance.now()
          latencies.add(nowMs - startedMs)
          if (nowMs < endMs) slot()
          else if (underWay === 0) resolve({ count, ms: nowMs - beganMs })
        },
        (error: unknown) => {
          if (!isAisError(error, 'ERR_TRY_AGAIN')) return reject(error as Error)
          setTimeout(() => {
            underWay--
            const nowMs = performance.now()
            if (nowMs < endMs) slot()
            else if (underWay === 0) resolve({ count, ms: nowMs - beganMs })
          }, RETRY_INTERVAL_MS)
        },
      )
    }
    for (let index = 0; index < depth; index++) slot()
  })
}
