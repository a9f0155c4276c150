import { sameRing, type Departed, type Member, type RingId } from '../configuration.js'
import { decideQuorum, type QuorumSettings } from './quorum.js'
import type { QuorumState, View, ViewMember } from './view.js'
import type { Exchange } from './wire.js'

/** A member of the configuration, and what it said of itself. */
export interface Introduction {
  readonly member: Member
  readonly exchange: Exchange
}

export interface ViewsOptions {
  readonly nodeId: number
  readonly bootTimestamp: bigint
  readonly quorum: QuorumSettings
}

/** What this process knows of those it is apart from. */
export interface Apartness {
  /** @param believesRefusals as TotemRing.apartMs */
  apartMs(believesRefusals: boolean): number
  runningMs(): number
}

type Log = (level: 'notice' | 'warning', message: string) => void

/** One life of one node. */
export function memberKey({ nodeId, incarnation }: Pick<Member, 'nodeId' | 'incarnation'>): string {
  return `${nodeId}/${incarnation}`
}

/** Makes views of what members say of themselves, and remembers what this process has to say. */
export class Views {
  private last: View | null = null
  /** Why members of the last view are gone, by member key. */
  private readonly reasons = new Map<string, Departed['reason']>()
  private initialViewNumber = 0
  /** On the clock of `runningMs`: when one outside of the last view can have counted a member of it last. */
  private outsideAtMs = -Infinity
  private votesSeen = 0
  private sawAll = false
  private difference: string | null = null

  constructor(
    private readonly options: ViewsOptions,
    private readonly apartness: Apartness,
    private readonly log: Log,
  ) {}

  noteDepartures(left: readonly Departed[]): void {
    for (const member of left) {
      const key = memberKey(member)
      if (!this.reasons.has(key)) this.reasons.set(key, member.reason)
    }
  }

  /** What this process tells the members of a configuration. */
  introduce(ringId: RingId): Omit<Exchange, 'services'> {
    const { last, initialViewNumber, options } = this
    const { quorum, bootTimestamp } = options
    const votesSeen = Math.max(this.votesSeen, quorum.expectedVotes ?? 0)
    const runningMs = this.apartness.runningMs()
    return {
      ringId,
      bootTimestamp,
      lastView: last && { ringId: last.ringId, initialViewNumber, quorate: last.quorum.quorate },
      quorum: { ...quorum, votesSeen, sawAll: this.sawAll },
      apartMs: this.apartMs(quorum.mode === 'off', runningMs),
      runningMs,
    }
  }

  private apartMs(isQuorumOff: boolean, runningMs: number): number {
    const apartMs = this.apartness.apartMs(isQuorumOff)
    // Of a quorum somebody is always left to tell. Without one those who told may be gone by now.
    return isQuorumOff ? Math.min(apartMs, runningMs - this.outsideAtMs) : apartMs
  }

  /** The view of these members. */
  begin(ringId: RingId, introductions: readonly Introduction[]): View {
    const number = ringId.sequence
    const initial = initialViewNumbers(introductions, number)
    const members = introductions.map(({ member, exchange }, index): ViewMember => {
      return { ...member, bootTimestamp: exchange.bootTimestamp, initialViewNumber: initial[index]! }
    })
    const before = new Set(this.last?.members.map(memberKey))
    const now = new Set(members.map(memberKey))
    const left = (this.last?.members ?? []).filter((member) => !now.has(memberKey(member)))
    const claims = introductions.map(({ member, exchange }) => ({ ...exchange.quorum, name: member.name }))
    const { state, votesSeen, sawAll, difference } = decideQuorum(claims)
    this.votesSeen = votesSeen
    this.sawAll ||= sawAll
    const view: View = {
      number,
      ringId,
      members,
      joined: members.filter((member) => !before.has(memberKey(member))),
      left: left.map((member) => ({ ...member, reason: this.reasons.get(memberKey(member)) ?? 'failed' })),
      quorum: state,
      apartMs: apartMsOf(introductions, state),
    }
    this.tell(view, difference)
    this.reasons.clear()
    this.last = view
    this.outsideAtMs = this.apartness.runningMs() - view.apartMs
    const own = members.findIndex(({ nodeId }) => nodeId === this.options.nodeId)
    this.initialViewNumber = initial[own]!
    return view
  }

  /** What the administrator has to know of quorum: once for each change. */
  private tell(view: View, difference: string | null): void {
    const { quorate, votes, needed, expectedVotes, waitingForAll } = view.quorum
    if (difference !== null && difference !== this.difference) {
      this.log('warning', `quorum settings differ, the strictest hold: ${difference}`)
    }
    this.difference = difference
    if (needed === null || quorate === this.last?.quorum.quorate) return
    const count = `${votes} of ${expectedVotes} votes, ${needed} needed`
    const waiting = waitingForAll ? '; waiting until all have been seen once' : ''
    this.log('notice', `${quorate ? 'quorum reached' : 'no quorum'}: ${count}${waiting}`)
  }
}

function apartMsOf(introductions: readonly Introduction[], quorum: QuorumState): number {
  const { needed, expectedVotes, votes } = quorum
  const exchanges = introductions.map(({ exchange }) => exchange)
  if (needed === null) return Math.min(...exchanges.map(({ apartMs }) => apartMs))
  if (votes >= expectedVotes!) return Infinity
  // A vote of a former life counts: nothing is known of what it was for.
  const durations = exchanges.map(({ apartMs, runningMs }) => Math.min(apartMs, runningMs))
  durations.sort((one, other) => other - one)
  // So many were not there for the others, and all that are left make no quorum.
  return durations[expectedVotes! - needed] ?? durations.at(-1)!
}

/**
 * With which view each member came into the cluster. Where sides come together that were clusters of
 * their own, the quorate one is the cluster, else the larger, else that of the lowest node id.
 */
function initialViewNumbers(introductions: readonly Introduction[], number: number): number[] {
  const sides: Introduction[][] = []
  for (const introduction of introductions) {
    const { lastView } = introduction.exchange
    if (lastView === null) continue
    const side = sides.find(([first]) => sameRing(first!.exchange.lastView!.ringId, lastView.ringId))
    if (side) side.push(introduction)
    else sides.push([introduction])
  }
  const isQuorate = (side: Introduction[]): number => (side[0]!.exchange.lastView!.quorate ? 1 : 0)
  sides.sort((a, b) => isQuorate(b) - isQuorate(a) || b.length - a.length)
  const cluster = sides[0] ?? []
  return introductions.map((introduction) => {
    return cluster.includes(introduction) ? introduction.exchange.lastView!.initialViewNumber : number
  })
}
