import { octetsText } from '../config/index.js'
import type { StressOptions, StressResult } from './ckpt-stress.js'

/** What `ais ckpt stress --json` prints. */
export interface StressLine {
  readonly writes: number
  /** Octets of all writes together. */
  readonly bytes: number
  readonly seconds: number
  readonly writesPerSecond: number
  readonly errors: Readonly<Record<string, number>>
  readonly verified: boolean
}

export function stressLine({ size }: StressOptions, result: StressResult): StressLine {
  const { writes, seconds, errors, differences } = result
  return {
    writes,
    bytes: writes * size,
    seconds: Math.round(seconds * 1000) / 1000,
    writesPerSecond: Math.round(writes / seconds),
    errors,
    verified: differences.length === 0,
  }
}

/** The same for people; what differs follows it. */
export function stressText(options: StressOptions, result: StressResult): string {
  const { writers, size, depth, guarantee } = options
  const { writes, seconds, errors, differences, members, missing } = result
  const count = (value: number): string => Math.round(value).toLocaleString('en')
  const rate = `${count(writes / seconds)} writes/s, ${((writes * size) / seconds / 1e6).toFixed(1)} MB/s`
  const lines = [
    `${writers} writers, ${octetsText(size)}, ${depth} under way each, guarantee ${guarantee}`,
    `${count(writes)} writes in ${seconds.toFixed(1)} s: ${rate}`,
  ]
  const failed = Object.entries(errors).map(([code, times]) => `${code} ${count(times)}`)
  lines.push(`errors: ${failed.length === 0 ? 'none' : failed.join(', ')}`)
  if (missing.length > 0) lines.push(`did not come back, and was not compared: ${missing.join(', ')}`)
  const who = members === 1 ? 'the one member has' : `${members} members have the same, and it is`
  lines.push(differences.length === 0 ? `verified: ${who} what was written` : 'NOT verified:')
  return lines.join('\n')
}
