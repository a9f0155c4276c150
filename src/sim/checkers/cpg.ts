import type { Configuration, View } from '../../group/index.js'
import { Kind } from '../../services/cpg/wire.js'
import { MESSAGE_HEADER_OCTETS } from '../../group/index.js'
import { count, type Counters } from '../../totem/counters.js'
import type { CpgMembership, CpgWatcher, WatchedCpg, WatchedCpgApplication } from '../cpg/cpg-watcher.js'
import type { History, ProcessHistory } from '../history.js'
import {
  addressText,
  WatchedMember,
  type ConfigurationEvent,
  type MembershipEvent,
  type MemberWorld,
  type MessagesEvent,
} from './cpg-member.js'
import { CpgOrder } from './cpg-order.js'
import { CpgViews } from './cpg-views.js'

/** A safe message that was delivered while its ring was whole: who is in that view has it, or will. */
interface SafeDelivery {
  readonly message: string
  readonly group: string
  readonly ring: string
  /** Ordered messages of the view before it. */
  readonly place: number
}

/**
 * Sees all process groups of a run at once: what their applications ask, what they are answered, and what
 * they are told. Of the octets on the ring it reads no more than who has announced himself.
 */
export class CpgWatch implements CpgWatcher, MemberWorld {
  /** Hears what members are told. */
  onTold: (membership: CpgMembership, body: unknown) => void = () => undefined
  private readonly living = new Map<WatchedCpg, CpgViews>()
  private readonly views = new Map<ProcessHistory, CpgViews>()
  private readonly announcements = new Map<string, string>()
  private readonly ways = new Map<WatchedCpg, readonly string[] | null>()
  private readonly memberships = new Map<number, WatchedMember>()
  private readonly byProcess = new Map<WatchedCpg, readonly WatchedMember[]>()
  private readonly byAddress = new Map<string, CpgMembership[]>()
  private readonly sequences = new Map<WatchedCpgApplication, string[]>()
  private readonly order: CpgOrder
  private readonly safe: SafeDelivery[] = []
  /** Who is in a group, by view, place in it, and group. */
  private readonly agreed = new Map<string, string>()

  constructor(
    private readonly history: History,
    private readonly counters: Counters,
  ) {
    this.order = new CpgOrder((promise, message) => this.violate(`cpg: ${promise}`, message))
  }

  begin(cpg: WatchedCpg): void {
    const views = new CpgViews(cpg.process, this.views, this.announcements, (what) => this.note(what))
    this.living.set(cpg, views)
    this.views.set(cpg.process, views)
  }

  end(cpg: WatchedCpg): void {
    this.living.delete(cpg)
  }

  note(what: string): void {
    count(this.counters, `cpg.${what}`)
  }

  violate(promise: string, message: string): void {
    this.history.violate(promise, message)
  }

  onConfiguration(cpg: WatchedCpg, configuration: Configuration): void {
    this.living.get(cpg)!.onConfiguration(configuration)
  }

  onView(cpg: WatchedCpg, view: View): void {
    this.ways.set(cpg, this.living.get(cpg)!.onView(view))
  }

  onSent(cpg: WatchedCpg, payload: Uint8Array): void {
    this.living.get(cpg)!.onSent(payload)
    if (payload[MESSAGE_HEADER_OCTETS] === Kind.hold) this.note('hold')
  }

  /** Whoever has heard all announcements, and the same number of messages since, has the same members. */
  onOrdered(cpg: WatchedCpg, from: number, payload: Uint8Array): void {
    const views = this.living.get(cpg)!
    views.onOrdered(from, payload)
    if (!views.isSettled) return
    for (const { membership, members } of this.membersOf(cpg)) {
      if (members === '') continue
      const place = `${views.ring} ${views.messages} ${membership.group}`
      const known = this.agreed.get(place)
      if (known === undefined) this.agreed.set(place, members)
      else if (known !== members) {
        const who = `${cpg.process.name}/${membership.application.pid}`
        this.violate('cpg: membership', `${who} has the members ${members} at ${place}, another ${known}`)
      }
    }
  }

  onJoin(membership: CpgMembership): void {
    const { application, serial, group, address } = membership
    if (!this.sequences.has(application)) this.sequences.set(application, this.order.begin())
    const views = this.living.get(application.cpg)!
    const member = new WatchedMember(membership, views, this)
    this.memberships.set(serial, member)
    const local = this.byProcess.get(application.cpg) ?? []
    this.byProcess.set(application.cpg, [...local, member])
    const key = `${group} ${addressText(address)}`
    const all = this.byAddress.get(key) ?? []
    all.push(membership)
    this.byAddress.set(key, all)
  }

  onEvent(membership: CpgMembership, body: unknown): void {
    const { application, state, serial } = membership
    this.onTold(membership, body)
    if (application.isGone || state === 'left') {
      this.violate('cpg: membership', `${addressText(membership.address)} is told something after its end`)
    }
    const member = this.memberships.get(serial)!
    if (Array.isArray(body)) return this.onMessages(member, body as unknown as MessagesEvent)
    const event = body as ConfigurationEvent | MembershipEvent
    if (event.type === 'membership') return member.onMembership(event)
    const stretch = member.onConfiguration(event)
    const way = this.ways.get(application.cpg)
    if (stretch !== null && way) this.order.onStretch(member, stretch, way)
  }

  onLeft({ serial, state }: CpgMembership): void {
    const member = this.memberships.get(serial)!
    if (state === 'left') this.checkSelfDelivery(member)
  }

  onApplicationGone(): void {
    this.note('applicationGone')
  }

  membershipOf(serial: number): CpgMembership | undefined {
    return this.memberships.get(serial)?.membership
  }

  membershipsOf(group: string, address: string): readonly CpgMembership[] {
    return this.byAddress.get(`${group} ${address}`) ?? []
  }

  /** One of these messages, by serial and number, has come to this application. */
  hasDelivered(application: WatchedCpgApplication, messages: readonly string[]): boolean {
    const delivered = this.sequences.get(application) ?? []
    return messages.some((message) => delivered.includes(message))
  }

  /** Everything that was asked has been done. */
  get quiet(): boolean {
    for (const cpg of this.living.keys()) if (!cpg.quiet) return false
    return this.present().every(({ membership: { state, sent, application } }) => {
      const isAnswered = sent.every(({ outcome }) => outcome !== 'open')
      return state !== 'joining' && state !== 'leaving' && isAnswered && application.isReading
    })
  }

  /** All is quiet and one ring: everyone knows of everyone, and has what was sent to all. */
  checkQuiet(): void {
    const present = this.present()
    for (const member of present) {
      const { group, state, address } = member.membership
      const fellows = present.filter(({ membership }) => membership.group === group)
      const truth = fellows.map(({ membership }) => addressText(membership.address)).sort()
      if (state !== 'joined') {
        this.violate('cpg: answers', `${addressText(address)} of ${group} is ${state} at rest`)
      } else if (member.members !== truth.join(' ')) {
        const what = `${addressText(address)} of ${group} has the members ${member.members} at rest`
        this.violate('cpg: membership', `${what}, not ${truth.join(' ')}`)
      }
      this.checkSelfDelivery(member)
    }
  }

  /** What can only be seen when all is over. */
  checkEnd(): void {
    this.order.check()
    const present = this.present()
    for (const { message, group, ring, place } of this.safe) {
      for (const member of present) {
        const { membership, deliveredSet } = member
        if (membership.group !== group || !member.wasIn(ring, place) || deliveredSet.has(message)) continue
        const who = addressText(membership.address)
        this.violate('cpg: safe delivery', `safe ${message} was delivered in ${ring}, and not to ${who}`)
      }
    }
  }

  private onMessages(member: WatchedMember, event: MessagesEvent): void {
    const before = member.delivered.length
    member.onMessages(event)
    const { application, group } = member.membership
    const messages = member.delivered.slice(before)
    this.sequences.get(application)!.push(...messages)
    const views = this.living.get(application.cpg)!
    if (!event[2] || application.cpg.process.inTransition || views.view === null) return
    const { ring, messages: place } = views
    for (const message of messages) this.safe.push({ message, group, ring, place })
  }

  private checkSelfDelivery({ membership, deliveredSet }: WatchedMember): void {
    const { serial, sent, address } = membership
    sent.forEach(({ outcome }, index) => {
      if (outcome !== 'taken' || deliveredSet.has(`${serial}.${index + 1}`)) return
      this.violate(
        'cpg: self-delivery',
        `${addressText(address)} sent ${serial}.${index + 1} and never got it`,
      )
    })
  }

  /** Members whose process and application live. */
  private present(): WatchedMember[] {
    return [...this.living.keys()].flatMap((cpg) => this.membersOf(cpg))
  }

  private membersOf(cpg: WatchedCpg): WatchedMember[] {
    const members = this.byProcess.get(cpg) ?? []
    return members.filter(({ membership: { application, state } }) => state !== 'left' && !application.isGone)
  }
}
