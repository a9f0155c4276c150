import type { CpgAddress, CpgReason } from '../../base/index.js'
import { processKey } from '../../totem/membership/gathering.js'
import { readCpgMessage, unpackMessages } from '../cpg/cpg-messages.js'
import type { CpgMembership } from '../cpg/cpg-watcher.js'
import type { CpgViews } from './cpg-views.js'
import { ringKey } from '../history.js'

/** What the service tells a member, as it goes over the socket. */
export interface ConfigurationEvent {
  readonly type: 'configuration'
  readonly ringId: { readonly representative: number; readonly sequence: number }
  readonly members: readonly number[]
}

export interface MembershipEvent {
  readonly type: 'membership'
  /** Node id and pid of each. */
  readonly members: readonly number[]
  readonly joined: readonly number[]
  readonly joinedReason: CpgReason
  readonly left: readonly number[]
  readonly leftReason: CpgReason
}

export type MessagesEvent = readonly [nodeId: number, pid: number, isSafe: boolean, messages: Uint8Array]

/** The run around one member. */
export interface MemberWorld {
  membershipOf(serial: number): CpgMembership | undefined
  /** All that an application had in a group, in the order of their joining. */
  membershipsOf(group: string, address: string): readonly CpgMembership[]
  violate(promise: string, message: string): void
  note(what: string): void
}

/** What was delivered from one view to the next. */
export interface Stretch {
  readonly ring: string
  /** It was a member when the view began. */
  readonly isWhole: boolean
  readonly messages: string[]
}

/** Messages of another member, as this one has had them. */
interface Heard {
  /** Number of the last one; 0: from the first on; null: any may be the first. */
  last: number | null
}

/** What one member is told, and whether it may be told that. */
export class WatchedMember {
  /** Sorted texts, as the service said. */
  members = ''
  readonly delivered: string[] = []
  readonly deliveredSet = new Set<string>()
  /** Views that it was told of. */
  readonly rings = new Set<string>()
  stretch: Stretch | null = null
  private addresses: readonly string[] = []
  private isIn = false
  private entered = { ring: '', place: 0 }
  private readonly heard = new Map<string, Heard>()
  /** Highest number, by serial of the sender. */
  private readonly highest = new Map<number, number>()
  /** How often it was told that this application joined. */
  private readonly joins = new Map<string, number>()

  constructor(
    readonly membership: CpgMembership,
    private readonly views: CpgViews,
    private readonly world: MemberWorld,
  ) {}

  /** @returns what was delivered up to this view, when that was seen from its beginning or later on */
  onConfiguration({ ringId, members }: ConfigurationEvent): Stretch | null {
    const { view } = this.views
    const ring = ringKey(ringId)
    if (view === null || ring !== this.views.ring || ring === this.stretch?.ring) {
      this.violate('configuration', `was told of view ${ring} in view ${this.views.ring}`)
    }
    const present = view?.members.map(({ nodeId }) => nodeId).join(' ')
    if (members.join(' ') !== present) {
      this.violate('configuration', `was told that ${ring} has nodes ${members.join(' ')}, not ${present}`)
    }
    const ended = this.stretch
    this.rings.add(ring)
    this.stretch = { ring, isWhole: this.isIn, messages: [] }
    return ended
  }

  /** It was told of that view, and was a member after so many ordered messages of it. */
  wasIn(ring: string, place: number): boolean {
    return this.rings.has(ring) && (this.entered.ring !== ring || this.entered.place <= place)
  }

  onMembership(event: MembershipEvent): void {
    const [members, joined, left] = [event.members, event.joined, event.left].map(textsOf) as [
      string[],
      string[],
      string[],
    ]
    const after = without(this.addresses, left).concat(joined)
    const isFirst = !this.isIn
    if (isFirst) this.enter(event, members)
    else if (sorted(after) !== sorted(members)) {
      const what = `was told of members ${members.join(' ')}, but by the changes they are ${sorted(after)}`
      this.violate('membership', what)
    }
    if (!isSortedByAddress(event.members)) this.violate('membership', `got members that are not sorted`)
    if (joined.length + left.length === 0) this.violate('membership', 'was told of a change without any')
    for (const address of left) {
      if (!this.addresses.includes(address)) {
        this.violate('membership', `was told that ${address} is gone, which was no member`)
      }
      this.onLeft(address, event.leftReason)
    }
    for (const address of joined)
      if (!isFirst || address !== this.own) this.onJoined(address, event.joinedReason)
    this.addresses = members
    this.members = sorted(members)
    const strangers = members.filter((address) => !this.isInView(address))
    if (strangers.length > 0 && this.views.view !== null) {
      this.violate('membership', `has ${strangers.join(' ')} as members, whose nodes are not in its view`)
    }
  }

  onMessages([nodeId, pid, isSafe, octets]: MessagesEvent): void {
    const from = addressText({ nodeId, pid })
    const messages = unpackMessages(octets)
    if (messages === null || messages.length === 0) {
      return this.violate('no invention', `got ${octets.length} octets from ${from} that are no messages`)
    }
    if (messages.length > 1) this.world.note('batch')
    if (isSafe) this.world.note('safe')
    for (const message of messages) this.onMessage(from, isSafe, message)
  }

  private onMessage(from: string, isSafe: boolean, payload: Uint8Array): void {
    const id = readCpgMessage(payload)
    const sender = id === null ? undefined : this.world.membershipOf(id.serial)
    const sent = sender?.sent[id!.number - 1]
    const isTrue =
      sender?.group === this.membership.group &&
      addressText(sender.address) === from &&
      sent?.octets === payload.length &&
      (sent.guarantee === 'safe') === isSafe &&
      sent.outcome !== 'refused'
    if (!isTrue) {
      const what = `got ${payload.length} octets from ${from} that it has not sent like that`
      return this.violate('no invention', what)
    }
    const { serial, number } = id!
    const key = `${serial}.${number}`
    if (this.deliveredSet.has(key)) this.violate('no duplicates', `got ${key} twice`)
    this.checkPlace(sender, number, from, key)
    this.delivered.push(key)
    this.deliveredSet.add(key)
    this.stretch?.messages.push(key)
    if (payload.length > 65_536) this.world.note('large')
    if (sender !== this.membership) this.world.note('delivered')
  }

  /** In the order it was sent, from a member, without a gap while that is one. */
  private checkPlace(sender: CpgMembership, number: number, from: string, key: string): void {
    const { serial, sent } = sender
    const heard = this.heard.get(from)
    if (heard === undefined) this.violate('membership', `got ${key} from ${from}, which is no member`)
    const highest = this.highest.get(serial) ?? 0
    if (number <= highest) this.violate('first in, first out', `got ${key} after number ${highest}`)
    this.highest.set(serial, Math.max(number, highest))
    if (heard === undefined) return
    for (let at = heard.last ?? number; at < number - 1; at++) {
      if (sent[at]!.outcome === 'refused') continue
      this.violate('no gaps', `got ${key} without ${serial}.${at + 1}, though ${from} was a member all along`)
    }
    heard.last = number
  }

  private enter(event: MembershipEvent, members: readonly string[]): void {
    this.isIn = true
    this.entered = { ring: this.views.ring, place: this.views.messages }
    const isOwn = event.joinedReason === 'join' && textsOf(event.joined).join() === this.own
    if (!isOwn || event.left.length > 0 || !members.includes(this.own)) {
      this.violate('membership', 'was told of something else before its own joining')
    }
    if (this.stretch === null)
      this.violate('configuration', 'was told of its joining before any configuration')
    for (const address of members) this.heard.set(address, { last: address === this.own ? 0 : null })
    this.world.note('joined')
  }

  private onJoined(address: string, reason: CpgReason): void {
    const times = (this.joins.get(address) ?? 0) + 1
    this.heard.set(address, { last: reason === 'join' ? 0 : null })
    if (reason === 'join') {
      this.joins.set(address, times)
      this.world.note('join')
      if (this.membershipsOf(address).length >= times) return
      return this.violate('membership', `was told that ${address} joined, which it did not`)
    }
    if (reason !== 'node-up') return this.violate('membership', `was told that ${address} joined: ${reason}`)
    this.world.note('nodeUp')
    const key = this.processOf(address)
    if (key !== undefined && !this.views.trusted.has(key)) return
    this.violate('membership', `was told that the node of ${address} is up, with which it came here`)
  }

  private onLeft(address: string, reason: CpgReason): void {
    this.heard.delete(address)
    const [leaver] = this.membershipsOf(address)
    const isRight: Readonly<Partial<Record<CpgReason, () => boolean>>> = {
      leave: () => this.membershipsOf(address).some(({ state }) => state === 'leaving' || state === 'left'),
      'process-down': () => leaver?.application.isGone === true,
      'node-down': () => {
        const key = this.processOf(address)
        return key !== undefined && (!this.isInView(address) || !this.views.trusted.has(key))
      },
    }
    this.world.note({ leave: 'leave', 'process-down': 'processDown' }[reason as string] ?? 'nodeDown')
    if (isRight[reason]?.() === true) return
    this.violate('membership', `was told that ${address} is no member any more: ${reason}, which is not so`)
  }

  private get own(): string {
    return addressText(this.membership.address)
  }

  /** An application lives in one process. */
  private processOf(address: string): string | undefined {
    const [one] = this.membershipsOf(address)
    return one && processKey(one.application.cpg.process.id)
  }

  private isInView(address: string): boolean {
    const key = this.processOf(address)
    return this.views.view?.members.some((member) => processKey(member) === key) ?? false
  }

  private membershipsOf(address: string): readonly CpgMembership[] {
    return this.world.membershipsOf(this.membership.group, address)
  }

  private violate(promise: string, what: string): void {
    const { group } = this.membership
    this.world.violate(`cpg: ${promise}`, `member ${this.own} of ${group.slice(0, 20)} ${what}`)
  }
}

export function addressText({ nodeId, pid }: CpgAddress): string {
  return `${nodeId}/${pid}`
}

function textsOf(addresses: readonly number[]): string[] {
  const texts: string[] = []
  for (let at = 0; at < addresses.length; at += 2) {
    texts.push(addressText({ nodeId: addresses[at]!, pid: addresses[at + 1]! }))
  }
  return texts
}

function sorted(texts: readonly string[]): string {
  return [...texts].sort().join(' ')
}

/** Each of `some` takes away one. */
function without(texts: readonly string[], some: readonly string[]): string[] {
  const left = [...texts]
  for (const text of some) {
    const at = left.indexOf(text)
    if (at >= 0) left.splice(at, 1)
  }
  return left
}

function isSortedByAddress(addresses: readonly number[]): boolean {
  for (let at = 2; at < addresses.length; at += 2) {
    const byNode = addresses[at]! - addresses[at - 2]!
    if (byNode < 0 || (byNode === 0 && addresses[at + 1]! < addresses[at - 1]!)) return false
  }
  return true
}
