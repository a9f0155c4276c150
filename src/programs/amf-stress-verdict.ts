import type { StressModel } from './amf-stress-groups.js'
import type { StressEntry } from './amf-stress-log.js'

/** Two components of different units were active for one service instance at the same time. */
export interface Overlap {
  readonly instance: string
  readonly components: readonly [string, string]
  readonly fromNs: bigint
  readonly ms: number
}

export interface StressVerdict {
  readonly overlaps: readonly Overlap[]
  /** Overlaps while one of the two processes did not run: it can do nothing, and can know nothing. */
  readonly asleep: readonly Overlap[]
  /** How often a component was taken for failed that was not: it did not answer in time. */
  readonly falseAlarms: number
  /** Instances that had not exactly one active unit, whole, in the end. */
  readonly notActive: readonly string[]
}

/** From being told to be active until it was told otherwise, or was killed. */
interface Span {
  readonly component: string
  readonly unit: string
  readonly pid: number
  readonly fromNs: bigint
  /** null: to the end of the log. */
  readonly untilNs: bigint | null
  /** When its process is known not to have run. */
  readonly asleep: readonly (readonly [bigint, bigint])[]
}

/** A loop that did not turn for so long did not run: others may take over meanwhile (takeoverDelayMs). */
const ASLEEP_NS = 20_000_000n
/** For a process to be given a processor again after SIGCONT. */
const WAKING_NS = 250_000_000n
const NS_PER_MS = 1_000_000

/** Was ever more than one unit active for one service instance? Merges what all components say. */
export function verdictOf(entries: readonly StressEntry[], model: StressModel): StressVerdict {
  const sorted = [...entries].sort((a, b) => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0))
  const endNs = (sorted.at(-1)?.atNs ?? 0n) + 1n
  const spans = spansOf(sorted, model)
  const pairs = model.instances.flatMap(({ name, csis }) => {
    const own = csis.flatMap((csi) => spans.get(csi) ?? [])
    return pairsOf(own).flatMap(([a, b]) => overlapsOf(name, a, b, endNs))
  })
  const notActive = model.instances.filter(({ csis }) => {
    const open = csis.map((csi) => (spans.get(csi) ?? []).filter(({ untilNs }) => untilNs === null))
    const units = new Set(open.flat().map(({ unit }) => unit))
    return units.size !== 1 || open.some((of) => of.length !== 1)
  })
  return {
    overlaps: pairs.filter(({ isAsleep }) => !isAsleep).map(({ overlap }) => overlap),
    asleep: pairs.filter(({ isAsleep }) => isAsleep).map(({ overlap }) => overlap),
    falseAlarms: falseAlarmsOf(sorted),
    notActive: notActive.map(({ name }) => name),
  }
}

function falseAlarmsOf(entries: readonly StressEntry[]): number {
  const stopped = new Set(entries.filter(({ what }) => what === 'stopped').map(({ pid }) => pid))
  return entries.filter(({ what, pid }) => what === 'demoted' && !stopped.has(pid)).length
}

/** The spans of each CSI. */
function spansOf(entries: readonly StressEntry[], model: StressModel): Map<string, Span[]> {
  const unitOf = new Map(model.components.map(({ name, unit }) => [name, unit]))
  const sleeps = sleepsOf(entries)
  const spans = new Map<string, Span[]>()
  const open = new Map<string, StressEntry>()
  const close = (key: string, untilNs: bigint | null): void => {
    const begin = open.get(key)
    open.delete(key)
    if (begin === undefined || begin.csi === null) return
    const { component, pid, atNs: fromNs } = begin
    const asleep = sleeps.get(pid) ?? []
    const span = { component, unit: unitOf.get(component) ?? component, pid, fromNs, untilNs, asleep }
    spans.set(begin.csi, [...(spans.get(begin.csi) ?? []), span])
  }
  for (const entry of entries) {
    const { what, pid, csi } = entry
    if (what === 'killed') {
      for (const key of [...open.keys()]) if (key.startsWith(`${pid} `)) close(key, entry.atNs)
    }
    if (csi === null) continue
    const key = `${pid} ${csi}`
    if (what !== 'active') close(key, entry.atNs)
    else if (!open.has(key)) open.set(key, entry)
  }
  for (const key of [...open.keys()]) close(key, null)
  return spans
}

/** When each process is known not to have run. */
function sleepsOf(entries: readonly StressEntry[]): Map<number, (readonly [bigint, bigint])[]> {
  const sleeps = new Map<number, (readonly [bigint, bigint])[]>()
  const stops = new Map<number, bigint>()
  const waking = new Map<number, bigint>()
  const add = (pid: number, from: bigint, until: bigint): void => {
    if (until > from) sleeps.set(pid, [...(sleeps.get(pid) ?? []), [from, until]])
  }
  for (const { what, pid, atNs, turnedNs } of entries) {
    if (what === 'stopped') stops.set(pid, atNs)
    else if (what === 'continued') waking.set(pid, atNs)
    else if (what === 'killed') {
      add(pid, stops.get(pid) ?? atNs, atNs)
      stops.delete(pid)
    } else {
      const from = stops.get(pid)
      const awake = waking.get(pid)
      // Until it says something, but not for ever: it has to be told before it does anything else.
      if (from !== undefined && awake !== undefined) {
        add(pid, from, atNs < awake + WAKING_NS ? atNs : awake + WAKING_NS)
        stops.delete(pid)
      }
      waking.delete(pid)
      if (atNs - turnedNs > ASLEEP_NS) add(pid, turnedNs, atNs)
    }
  }
  for (const [pid, from] of stops) add(pid, from, (entries.at(-1)?.atNs ?? from) + 1n)
  return sleeps
}

function pairsOf(spans: readonly Span[]): (readonly [Span, Span])[] {
  const pairs: (readonly [Span, Span])[] = []
  const sorted = [...spans].sort((a, b) => (a.fromNs < b.fromNs ? -1 : 1))
  sorted.forEach((span, index) => {
    for (const later of sorted.slice(index + 1)) {
      if (span.untilNs !== null && later.fromNs >= span.untilNs) break
      if (later.unit !== span.unit) pairs.push([span, later])
    }
  })
  return pairs
}

/** The overlap of two spans, cut at the times when one of them did not run. */
function overlapsOf(
  instance: string,
  a: Span,
  b: Span,
  endNs: bigint,
): { readonly overlap: Overlap; readonly isAsleep: boolean }[] {
  const from = a.fromNs > b.fromNs ? a.fromNs : b.fromNs
  const until = [a.untilNs ?? endNs, b.untilNs ?? endNs].reduce((x, y) => (x < y ? x : y))
  if (until <= from) return []
  const sleeps = [...a.asleep, ...b.asleep]
  const inside = sleeps.flat().filter((atNs) => atNs > from && atNs < until)
  const cuts = [from, ...inside.sort((x, y) => (x < y ? -1 : 1)), until]
  return cuts.slice(1).flatMap((end, index) => {
    const begin = cuts[index]
    if (end === begin) return []
    const isAsleep = sleeps.some(([asleepNs, awakeNs]) => asleepNs <= begin && end <= awakeNs)
    const ms = Number(end - begin) / NS_PER_MS
    const components = [a.component, b.component] as const
    return [{ overlap: { instance, components, fromNs: begin, ms }, isAsleep }]
  })
}
