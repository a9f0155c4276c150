// What is measured, what of it was aimed at, and the arithmetic: pure, so that tests need no cluster.

export const SIZES = [64, 1000, 10_000, 64_000, 250_000]
export const LATENCY_SIZES = [64, 1000, 10_000]

/** When all send, at least this share of what one sender alone reaches: less is a collapse. */
const COLLAPSE_SHARE = 0.5
const LARGE_SIZES = [64_000, 250_000]

/** How many times corosync's best a throughput is to be. */
export function throughputGoal(size) {
  if (size < 1000) return 3
  return size < 10_000 ? 2 : 1.5
}

/** The middle one of them, or the mean of the two in the middle; undefined of none. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle]
  return sorted.length === 0 ? undefined : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * One row out of what the clients of corosync printed, one JSON line each.
 * @throws Error when a client saw a gap or a damaged message, or two of them another order
 */
export function combineClients(outputs) {
  const clients = outputs.map((output) => JSON.parse(output))
  const damaged = clients.find(({ gaps, damaged }) => gaps > 0 || damaged > 0)
  if (damaged) throw new Error(`node ${damaged.node}: ${damaged.gaps} gaps, ${damaged.damaged} damaged`)
  if (new Set(clients.map(({ order, delivered }) => `${order} ${delivered}`)).size > 1) {
    throw new Error('the members saw different orders')
  }
  const row = { clientCpuSeconds: Number(sum(clients.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2)) }
  const timed = clients.find(({ p50Us }) => p50Us !== undefined)
  if (timed) return { ...row, p50Us: timed.p50Us, p90Us: timed.p90Us, p99Us: timed.p99Us }
  const least = (key) => Math.min(...clients.map((client) => client[key]))
  const sent = clients.map((client) => client.sent).filter((count) => count > 0)
  return {
    ...row,
    messagesPerSecond: least('messagesPerSecond'),
    megabytesPerSecond: least('megabytesPerSecond'),
    slowestToFastest: Math.min(...sent) / Math.max(...sent),
  }
}

/**
 * The table: of each row the median of the runs of each variant, and ours beside the best of the others.
 * @param runs of all rounds: {system: 'corosync' | 'ais', variant, rows: [...]}; a failed row has `error`
 */
export function compare(runs) {
  const figures = new Figures(runs)
  return [
    ...[1, 'all'].flatMap((senders) => SIZES.map((size) => throughputRow(figures, senders, size))),
    ...LARGE_SIZES.map((size) => collapseRow(figures, size)),
    ...LATENCY_SIZES.flatMap((size) => ['p50Us', 'p99Us'].map((key) => latencyRow(figures, size, key))),
  ].filter(({ ours, corosync }) => ours.value !== undefined || corosync.value !== undefined)
}

/** Every measured row that failed, as text: they are in no median. */
export function failures(runs) {
  return runs.flatMap(({ round, variant, rows }) =>
    rows
      .filter(({ error }) => error !== undefined)
      .map(({ mode, senders, size, error }) => {
        return `round ${round}, ${variant}, ${mode}, ${sendersText(senders)}, ${size} B: ${error}`
      }),
  )
}

class Figures {
  constructor(runs) {
    this.runs = runs
    this.variants = [...new Set(runs.filter((run) => run.system === 'corosync').map((run) => run.variant))]
  }

  /** The median of a variant, with the least and the greatest of its runs. */
  of(variant, mode, senders, size, key) {
    const rows = this.runs
      .filter((run) => run.variant === variant)
      .flatMap((run) => run.rows)
      .filter((row) => row.mode === mode && row.senders === senders && row.size === size && !row.error)
    const values = rows.map((row) => row[key])
    return {
      variant,
      value: median(values),
      least: Math.min(...values),
      greatest: Math.max(...values),
      runs: values.length,
      daemonCpuSeconds: median(rows.map((row) => row.daemonCpuSeconds)),
      clientCpuSeconds: median(rows.map((row) => row.clientCpuSeconds)),
    }
  }

  /** Of corosync's variants that which has the best median. */
  best(mode, senders, size, key, isBetter) {
    const all = this.variants.map((variant) => this.of(variant, mode, senders, size, key))
    const some = all.filter(({ value }) => value !== undefined)
    return some.reduce((best, next) => (isBetter(next.value, best.value) ? next : best), some[0] ?? {})
  }
}

function throughputRow(figures, senders, size) {
  const what = ['throughput', senders, size, 'messagesPerSecond']
  const goal = throughputGoal(size)
  const name = `throughput, ${sendersText(senders)}, ${size} B`
  return rated({
    name,
    unit: 'messages/s',
    corosync: figures.best(...what, (a, b) => a > b),
    ours: figures.of('ais', ...what),
    goal: { atLeast: goal },
    size,
  })
}

function latencyRow(figures, size, key) {
  const what = ['latency', 1, size, key]
  return rated({
    name: `latency ${key.slice(0, 3)}, ${size} B`,
    unit: 'µs',
    corosync: figures.best(...what, (a, b) => a < b),
    ours: figures.of('ais', ...what),
    goal: { atMost: 1 },
    size,
  })
}

/** What all together reach of what one alone does, at the variant that is best when all send. */
function collapseRow(figures, size) {
  const share = (variant) => {
    const [all, one] = ['all', 1].map((senders) =>
      figures.of(variant, 'throughput', senders, size, 'messagesPerSecond'),
    )
    const value = all.value === undefined || one.value === undefined ? undefined : all.value / one.value
    return { variant, value, runs: Math.min(all.runs, one.runs) }
  }
  const { variant } = figures.best('throughput', 'all', size, 'messagesPerSecond', (a, b) => a > b)
  const ours = share('ais')
  return {
    name: `all against one sender, ${size} B`,
    unit: 'times',
    corosync: variant === undefined ? {} : share(variant),
    ours,
    goal: { ours: COLLAPSE_SHARE },
    isMet: ours.value === undefined ? undefined : ours.value >= COLLAPSE_SHARE,
    size,
  }
}

function rated(row) {
  const { corosync, ours, goal } = row
  if (corosync.value === undefined || ours.value === undefined) return row
  const ratio = ours.value / corosync.value
  return { ...row, ratio, isMet: goal.atLeast === undefined ? ratio <= goal.atMost : ratio >= goal.atLeast }
}

function sendersText(senders) {
  return senders === 1 ? 'one sender' : 'all send'
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0)
}
