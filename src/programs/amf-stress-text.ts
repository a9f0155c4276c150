import chalk from 'chalk'
import type { FailureKind } from './amf-stress-failures.js'
import type { StressOutcome } from './amf-stress.js'
import type { Overlap } from './amf-stress-verdict.js'

export interface FailoverTimes {
  readonly kills: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** What `ais amf stress --json` prints. */
export interface AmfStressLine extends FailoverTimes {
  readonly overlaps: number
  readonly maxOverlapMs: number
  /** Overlaps while one of the two processes did not run; not counted above. */
  readonly overlapsAsleep: number
  /** Components taken for failed that merely got no processor in time. */
  readonly falseAlarms: number
  readonly kinds: Readonly<Partial<Record<FailureKind, FailoverTimes>>>
  /** Service instances without an active unit in the end. */
  readonly notActive: readonly string[]
  readonly writes: number
  /** Failovers that were over before the checkpoint was there; null: none was on its way. */
  readonly duringTransfer: number | null
  readonly failure: string | null
}

/** Overlaps told one by one. */
const OVERLAPS_SHOWN = 20

export function isPassed({ overlaps, notActive, failure }: StressOutcome): boolean {
  return overlaps.length === 0 && notActive.length === 0 && failure === null
}

export function amfStressLine(outcome: StressOutcome): AmfStressLine {
  const { failovers, overlaps, asleep, falseAlarms, notActive, writes, failure } = outcome
  const kinds = [...new Set(failovers.map(({ kind }) => kind))]
  const ofKind = (kind: FailureKind): number[] =>
    failovers.filter((failover) => failover.kind === kind).map(({ ms }) => ms)
  return {
    ...timesOf(failovers.map(({ ms }) => ms)),
    overlaps: overlaps.length,
    maxOverlapMs: rounded(Math.max(0, ...overlaps.map(({ ms }) => ms))),
    overlapsAsleep: asleep.length,
    falseAlarms,
    kinds: Object.fromEntries(kinds.map((kind) => [kind, timesOf(ofKind(kind))])),
    notActive,
    writes,
    duringTransfer: duringTransferOf(failovers),
    failure,
  }
}

function duringTransferOf(failovers: StressOutcome['failovers']): number | null {
  if (failovers.every(({ isDuring }) => isDuring === null)) return null
  return failovers.filter(({ isDuring }) => isDuring).length
}

export function timesOf(values: readonly number[]): FailoverTimes {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { kills: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}

export function amfStressText(outcome: StressOutcome): string {
  const { kinds, writes } = amfStressLine(outcome)
  const rowOf = (what: string, cells: readonly string[]): string =>
    what.padEnd(18) + cells.map((cell, index) => cell.padStart(index === 0 ? 6 : 9)).join('')
  const rows = Object.entries(kinds).map(([kind, { kills, p50Ms, p99Ms, maxMs }]) =>
    rowOf(kind, [String(kills), ...[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1))]),
  )
  const head = rowOf('failover, ms', ['count', 'p50', 'p99', 'max'])
  const during = duringTransferOf(outcome.failovers)
  const transferred = during === null ? [] : [`${during} of them while a checkpoint was transferred`]
  return [
    head,
    ...rows,
    ...transferred,
    `${writes} checkpoint writes meanwhile`,
    ...verdictLines(outcome),
  ].join('\n')
}

function verdictLines({ overlaps, asleep, falseAlarms, notActive, failure }: StressOutcome): string[] {
  const lines = overlaps.slice(0, OVERLAPS_SHOWN).map((overlap) => chalk.red(overlapText(overlap)))
  if (overlaps.length > OVERLAPS_SHOWN) lines.push(`and ${overlaps.length - OVERLAPS_SHOWN} more`)
  if (overlaps.length === 0) lines.push(chalk.green('never two active for one service instance'))
  if (asleep.length > 0) {
    const longest = Math.max(...asleep.map(({ ms }) => ms)).toFixed(1)
    lines.push(`${asleep.length} overlaps of a process that did not run at that time, ${longest} ms at most`)
  }
  if (falseAlarms > 0) lines.push(`${falseAlarms} components were taken for failed that were only late`)
  if (notActive.length > 0) lines.push(chalk.red(`nobody is active for ${notActive.join(', ')}`))
  if (failure !== null) lines.push(chalk.red(failure))
  return lines
}

function overlapText({ instance, components, ms }: Overlap): string {
  return `${components.join(' and ')} were both active for ${instance} for ${ms.toFixed(3)} ms`
}
