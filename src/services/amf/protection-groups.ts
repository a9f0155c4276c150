import {
  areTrackFlags,
  asksForChanges,
  TrackFlags,
  type HaState,
  type ReadinessState,
} from '../../base/index.js'
import type { Client, Request } from '../front.js'
import { shown } from '../shown.js'
import type { Machine } from './machine.js'
import { CallRefusal, nameOf, subscriptionOf, type Params } from './params.js'

type Change = 'no-change' | 'added' | 'removed' | 'state-change'

interface Member {
  readonly component: string
  /** null: it is none any more. */
  readonly haState: HaState | null
  readonly readiness: ReadinessState
  /** Among the standbys, 0 the first; 0 for other states. */
  readonly rank: number
}

interface Tracking {
  readonly client: Client
  readonly subscription: number
  readonly csi: string
  flags: number
}

/**
 * Protection groups: the components that have a component service instance assigned, and those who follow
 * what becomes of them (saAmfProtectionGroupTrack).
 */
export class ProtectionGroups {
  private trackings: Tracking[] = []
  /** As it was told last, of those that are followed. */
  private readonly known = new Map<string, readonly Member[]>()

  readonly methods = {
    protectionGroupTrack: (request: Request, params: Params) => this.track(request, params),
    protectionGroupTrackStop: (request: Request, params: Params) => this.stop(request, params),
  }

  constructor(private readonly machine: Machine) {}

  onClientGone(client: Client): void {
    this.keep((tracking) => tracking.client !== client)
  }

  /** The state may be another one now: tell what changed. */
  review(): void {
    for (const [csi, before] of [...this.known]) {
      const now = this.membersOf(csi)
      const changes = changesOf(before, now)
      if (changes.every(({ change }) => change === 'no-change')) continue
      this.known.set(csi, now)
      for (const tracking of this.trackings.filter((one) => one.csi === csi)) {
        const isWhole = (tracking.flags & TrackFlags.TRACK_CHANGES) !== 0
        const members = changes.filter(({ change }) => isWhole || change !== 'no-change')
        tracking.client.event(tracking.subscription, { csi, members, numberOfMembers: now.length })
      }
    }
  }

  private track(request: Request, params: Params): void {
    const { client } = request
    const csi = this.csiOf(params)
    const { flags } = params
    if (typeof flags !== 'number' || !areTrackFlags(flags)) {
      const expected = '1 (current), 2 (changes), 4 (changes only), or 1 added to one of the others'
      throw new CallRefusal('ERR_BAD_FLAGS', `flags ${shown(flags)} are not ${expected}`)
    }
    const members = this.membersOf(csi)
    if (asksForChanges(flags)) this.begin(client, csi, subscriptionOf(params['subscription']), flags, members)
    const isCurrent = (flags & TrackFlags.TRACK_CURRENT) !== 0
    request.answer(isCurrent ? members.map((member) => ({ ...member, change: 'no-change' })) : null)
  }

  private begin(
    client: Client,
    csi: string,
    subscription: number,
    flags: number,
    members: readonly Member[],
  ): void {
    const known = this.trackings.find(isThat(client, csi, subscription))
    if (known !== undefined) {
      known.flags = flags
      return
    }
    if (!client.hold()) {
      const text = 'the connection has too much open: stop a tracking that is not needed'
      throw new CallRefusal('ERR_NO_RESOURCES', text)
    }
    if (!this.known.has(csi)) this.known.set(csi, members)
    this.trackings.push({ client, csi, subscription, flags })
  }

  private stop(request: Request, params: Params): void {
    const { client } = request
    const csi = this.csiOf(params)
    const subscription = subscriptionOf(params['subscription'])
    const isIt = isThat(client, csi, subscription)
    if (!this.trackings.some(isIt)) {
      const text = `protection group ${csi} is not tracked by subscription ${subscription}`
      throw new CallRefusal('ERR_NOT_EXIST', text)
    }
    this.keep((tracking) => !isIt(tracking))
    client.release()
    request.answer(null)
  }

  private keep(isKept: (tracking: Tracking) => boolean): void {
    this.trackings = this.trackings.filter(isKept)
    for (const csi of [...this.known.keys()]) {
      if (!this.trackings.some((tracking) => tracking.csi === csi)) this.known.delete(csi)
    }
  }

  private csiOf(params: Params): string {
    const csi = nameOf(params['csi'], 'csi')
    if (this.machine.model?.csis.has(csi) === true) return csi
    throw new CallRefusal('ERR_NOT_EXIST', `there is no protection group ${csi} in groups.conf`)
  }

  private membersOf(csi: string): Member[] {
    const { state, model } = this.machine
    const found = model?.csis.get(csi)
    const standby = state.instances.get(found?.instance.config.name ?? '')?.standby ?? []
    return (found?.config.members ?? []).flatMap((name) => {
      const component = state.components.get(name)
      const haState = component?.csis.get(csi)?.haState
      if (component === undefined || haState === undefined) return []
      const unit = model?.components.get(name)?.unit.config.name ?? ''
      const rank = haState === 'standby' ? Math.max(0, standby.indexOf(unit)) : 0
      return [{ component: name, haState, readiness: component.readiness, rank }]
    })
  }
}

function isThat(client: Client, csi: string, subscription: number): (tracking: Tracking) => boolean {
  return (one) => one.client === client && one.csi === csi && one.subscription === subscription
}

/** Members now, each with what became of it, then those that are none any more. */
function changesOf(
  before: readonly Member[],
  now: readonly Member[],
): (Member & { readonly change: Change })[] {
  const old = new Map(before.map((member) => [member.component, member]))
  const present = now.map((member) => {
    const known = old.get(member.component)
    old.delete(member.component)
    return { ...member, change: known === undefined ? 'added' : differs(known, member) } as const
  })
  const gone = [...old.values()].map((member) => ({ ...member, haState: null, change: 'removed' }) as const)
  return [...present, ...gone]
}

function differs(one: Member, other: Member): Change {
  const { haState, readiness, rank } = one
  const isSame = haState === other.haState && readiness === other.readiness && rank === other.rank
  return isSame ? 'no-change' : 'state-change'
}
