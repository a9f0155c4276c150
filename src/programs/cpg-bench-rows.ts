/** What is measured: how many messages arrive, or how long one takes at a time. */
export const cpgBenchModes = ['throughput', 'latency'] as const
export type CpgBenchMode = (typeof cpgBenchModes)[number]

/** Who sends: the first node alone, or all of them. */
export const cpgBenchSenders = ['1', 'all'] as const
export type CpgBenchSenders = (typeof cpgBenchSenders)[number]

export type CpgBenchGuarantee = 'agreed' | 'safe'

/** Octets of the rows, where nothing else is said; of latency the first three. */
export const cpgBenchSizes = [64, 1000, 10_000, 64_000, 250_000]
const LATENCY_SIZES = 3

/** In front of the pattern of a message: member, row, kind and number, four octets each. */
export const BENCH_HEADER_OCTETS = 16

/** What `ais cpg bench --json` prints of each row. */
export interface CpgBenchRow {
  readonly mode: CpgBenchMode
  readonly senders: number
  /** Octets. */
  readonly size: number
  readonly guarantee: CpgBenchGuarantee
  /** Delivered and checked at the member that got them slowest; null of latency. */
  readonly messagesPerSecond: number | null
  readonly megabytesPerSecond: number | null
  /** From multicast to the sender's own delivery; null of throughput. */
  readonly p50Us: number | null
  readonly p90Us: number | null
  readonly p99Us: number | null
  /** Of all executives; null: their processes are not to be seen from here. */
  readonly daemonCpuSeconds: number | null
  readonly clientCpuSeconds: number
  /** Messages a second of the sender that was served least, and most; null of latency. */
  readonly slowestSender: number | null
  readonly fastestSender: number | null
}

/** One row as it is to be measured. */
export interface CpgBenchTask {
  readonly row: number
  readonly mode: CpgBenchMode
  readonly senders: CpgBenchSenders
  readonly size: number
  readonly guarantee: CpgBenchGuarantee
  readonly durationMs: number
}

export interface CpgBenchChoice {
  readonly modes: readonly CpgBenchMode[]
  readonly senders: readonly CpgBenchSenders[]
  /** undefined: those that go with the mode. */
  readonly sizes: readonly number[] | undefined
  readonly guarantee: CpgBenchGuarantee
  readonly durationMs: number
}

export function tasksOf({ modes, senders, sizes, guarantee, durationMs }: CpgBenchChoice): CpgBenchTask[] {
  const rows = modes.flatMap((mode) => {
    const ofMode = sizes ?? (mode === 'latency' ? cpgBenchSizes.slice(0, LATENCY_SIZES) : cpgBenchSizes)
    const sending: readonly CpgBenchSenders[] = mode === 'latency' ? ['1'] : senders
    return sending.flatMap((who) => ofMode.map((size) => ({ mode, senders: who, size })))
  })
  return rows.map((row, index) => ({ row: index, ...row, guarantee, durationMs }))
}

/** What one member has to tell of a row. */
export interface CpgBenchReport {
  readonly nodeId: number
  /** Own messages, all of which have come back. */
  readonly sent: number
  readonly delivered: number
  /** Between the first and the last delivery. */
  readonly elapsedMs: number
  /** Messages that came out of turn, and that were not what was sent. */
  readonly gaps: number
  readonly damaged: number
  /** Of the order of all messages: the same at all members. */
  readonly order: number
  readonly cpuSeconds: number
  /** By member: messages of it that were delivered. */
  readonly bySender: readonly (readonly [number, number])[]
  /** p50, p90 and p99; null: it measured no latency. */
  readonly percentilesUs: readonly [number, number, number] | null
}
