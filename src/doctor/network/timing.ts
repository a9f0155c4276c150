import { setTimeout as delay } from 'node:timers/promises'
import { fail, ok, warn, type Details, type Finding } from './finding.js'
import type { Place } from './place.js'
import type { Answer, Prober } from './prober.js'
import type { PeerReach } from './reach.js'

/** Requests by unicast, and as many by the group, one of each in an interval. */
export const PROBES = 100
const INTERVAL_MS = 10
const ANSWER_TIMEOUT_MS = 2000

/** More of them lost is a network that a ring does not work on. */
const LOSS_MAX = 0.05
/** A round trip of that share of the token timeout: a token that visits all members is late. */
const ROUND_TRIP_SHARE_MAX = 0.1
/** Expiry times of sections are by the wall clock of the node that looks. */
const CLOCK_DIFFERENCE_MAX_MS = 500
/** What Date steps by. */
const CLOCK_STEP_MS = 1

export interface RoundTrips {
  readonly sent: number
  readonly answered: number
  readonly medianMs: number | null
  readonly p99Ms: number | null
  readonly maxMs: number | null
}

export interface ClockDifference {
  /** The peer's clock less ours. */
  readonly differenceMs: number
  /** It is wrong by as much at most. */
  readonly uncertaintyMs: number
}

export interface PeerTiming {
  readonly peer: string
  readonly unicast: RoundTrips
  /** null: nothing passes by the group anyhow. */
  readonly group: RoundTrips | null
  readonly clock: ClockDifference | null
}

/** Takes PROBES * INTERVAL_MS, and longer where the last ones are lost. */
export async function measureTiming(place: Place, reach: PeerReach, prober: Prober): Promise<PeerTiming> {
  const { peer } = reach
  const port = reach.viaPort ?? place.port - 1
  const question = { port, expected: [peer], timeoutMs: ANSWER_TIMEOUT_MS }
  const hasGroup = reach.group.out > 0
  const asked: Promise<readonly Answer[]>[] = []
  const askedGroup: Promise<readonly Answer[]>[] = []
  for (let count = 0; count < PROBES; count++) {
    asked.push(prober.ask({ ...question, to: peer }))
    if (hasGroup) askedGroup.push(prober.ask({ ...question, to: null }))
    await delay(INTERVAL_MS)
  }
  const answersOf = async (all: readonly Promise<readonly Answer[]>[]): Promise<readonly Answer[]> =>
    (await Promise.all(all)).flat().filter(({ from }) => from === peer)
  const [unicast, group] = [await answersOf(asked), await answersOf(askedGroup)]
  return {
    peer,
    unicast: summarise(asked.length, unicast),
    group: hasGroup ? summarise(askedGroup.length, group) : null,
    clock: clockDifference([...unicast, ...group]),
  }
}

export function summarise(sent: number, answers: readonly Pick<Answer, 'roundTripMs'>[]): RoundTrips {
  const sorted = answers.map(({ roundTripMs }) => roundTripMs).sort((a, b) => a - b)
  const at = (share: number): number | null =>
    sorted.length === 0
      ? null
      : rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!)
  return { sent, answered: sorted.length, medianMs: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/**
 * By four timestamps, as NTP does: the difference is between those that a request and an answer without any
 * delay would give. The exchange that took least time says it best.
 */
export function clockDifference(
  answers: readonly Pick<Answer, 'probe' | 'arrivedAtUs' | 'roundTripMs'>[],
): ClockDifference | null {
  let best: ClockDifference | null = null
  for (const { probe, arrivedAtUs, roundTripMs } of answers) {
    const there = probe.receivedAtUs - probe.askedAtUs
    const back = probe.answeredAtUs - arrivedAtUs
    const stayedMs = (probe.answeredAtUs - probe.receivedAtUs) / 1000
    const uncertaintyMs = rounded(Math.max(0, roundTripMs - Math.max(0, stayedMs)) / 2 + CLOCK_STEP_MS)
    if (best === null || uncertaintyMs < best.uncertaintyMs) {
      best = { differenceMs: rounded((there + back) / 2000), uncertaintyMs }
    }
  }
  return best
}

const lostOf = ({ sent, answered }: RoundTrips): number => sent - answered
const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`

export function judgeLoss(timing: PeerTiming): Finding {
  const { peer, unicast, group } = timing
  const shares = [unicast, ...(group === null ? [] : [group])].map((trips) => lostOf(trips) / trips.sent)
  const worst = Math.max(...shares)
  const details: Details = {
    peer,
    unicastSent: unicast.sent,
    unicastLost: lostOf(unicast),
    groupSent: group?.sent ?? null,
    groupLost: group === null ? null : lostOf(group),
  }
  const counted = (trips: RoundTrips, way: string): string => `${lostOf(trips)} of ${trips.sent} by ${way}`
  const counts = [counted(unicast, 'unicast'), ...(group === null ? [] : [counted(group, 'multicast')])]
  const message = `lost on the way to ${peer} and back: ${counts.join(', ')}`
  if (worst === 0) return ok(message, details)
  const remedy = 'see the counters of cards and switches (ip -s link), duplex, and whether the line is full'
  const all = `${message} (${percent(worst)})`
  return worst > LOSS_MAX ? fail(all, remedy, details) : warn(all, remedy, details)
}

export function judgeRoundTrip(place: Pick<Place, 'tokenTimeoutMs'>, timing: PeerTiming): Finding {
  const { peer, unicast, group } = timing
  const details: Details = {
    peer,
    unicastMedianMs: unicast.medianMs,
    unicastP99Ms: unicast.p99Ms,
    unicastMaxMs: unicast.maxMs,
    groupMedianMs: group?.medianMs ?? null,
    groupP99Ms: group?.p99Ms ?? null,
    groupMaxMs: group?.maxMs ?? null,
    tokenMs: place.tokenTimeoutMs,
  }
  const { medianMs, p99Ms, maxMs } = unicast
  if (medianMs === null || p99Ms === null || maxMs === null) {
    return fail(`no round trip to ${peer} was completed`, 'see the loss', details)
  }
  const byGroup =
    group === null || group.medianMs === null ? '' : `; by multicast ${group.medianMs} ms, ${group.p99Ms} ms`
  const message = `round trip to ${peer}: median ${medianMs} ms, 99 % within ${p99Ms} ms${byGroup}`
  if (p99Ms <= place.tokenTimeoutMs * ROUND_TRIP_SHARE_MAX) return ok(message, details)
  const token = Math.ceil(p99Ms / ROUND_TRIP_SHARE_MAX / 100) * 100
  const remedy = `write token: ${token} on all nodes, or find what delays frames: machines, network`
  return warn(`${message}: much for a token timeout of ${place.tokenTimeoutMs} ms`, remedy, details)
}

export function judgeClock(timing: PeerTiming): Finding {
  const { peer, clock } = timing
  if (clock === null) return fail(`the clock of ${peer} could not be compared`, 'see the loss', { peer })
  const { differenceMs, uncertaintyMs } = clock
  const details: Details = { peer, differenceMs, uncertaintyMs }
  const side = differenceMs < 0 ? 'behind' : 'ahead of'
  const size = `${Math.abs(differenceMs).toFixed(1)} ms (± ${uncertaintyMs.toFixed(1)} ms)`
  const message = `the clock of ${peer} is ${size} ${side} this one`
  if (Math.abs(differenceMs) - uncertaintyMs <= CLOCK_DIFFERENCE_MAX_MS) return ok(message, details)
  const remedy = 'keep the clocks together: timedatectl set-ntp true, or chrony, on every node'
  return warn(`${message}: sections expire by the clock of each node`, remedy, details)
}
