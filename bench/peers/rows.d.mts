/** One measured row; `error` instead of figures where it failed. */
export interface Row {
  readonly mode: 'throughput' | 'latency'
  readonly senders: 1 | 'all'
  readonly size: number
  readonly messagesPerSecond?: number
  readonly megabytesPerSecond?: number
  readonly p50Us?: number
  readonly p90Us?: number
  readonly p99Us?: number
  readonly daemonCpuSeconds?: number
  readonly clientCpuSeconds?: number
  readonly error?: string
}

/** The rows of one system in one round; the variant of our own system is called 'ais'. */
export interface Run {
  readonly round: number
  readonly system: 'corosync' | 'ais'
  readonly variant: string
  readonly rows: readonly Row[]
}

export interface Figure {
  readonly variant?: string
  readonly value?: number
  readonly least?: number
  readonly greatest?: number
  readonly runs?: number
  readonly daemonCpuSeconds?: number
  readonly clientCpuSeconds?: number
}

export interface ComparedRow {
  readonly name: string
  readonly unit: string
  readonly size: number
  readonly corosync: Figure
  readonly ours: Figure
  readonly goal: { readonly atLeast?: number; readonly atMost?: number; readonly ours?: number }
  readonly ratio?: number
  readonly isMet?: boolean
}

export const SIZES: readonly number[]
export const LATENCY_SIZES: readonly number[]
export function throughputGoal(size: number): number
export function median(values: readonly number[]): number | undefined
export function combineClients(outputs: readonly string[]): Partial<Row> & { slowestToFastest?: number }
export function compare(runs: readonly Run[]): ComparedRow[]
export function failures(runs: readonly Run[]): string[]
