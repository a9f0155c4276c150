import { limits } from '../../base/index.js'
import type { Client } from '../front.js'
import type { CpgPort } from './port.js'
import type { Membership } from './wire.js'

/** A message of a local member that was not handed to the ring yet. */
export interface Outgoing {
  readonly payload: Uint8Array
  readonly guarantee: 'agreed' | 'safe'
  /** A batch waits while the group is held, or enough is on its way. */
  readonly isBatch: boolean
  onSent(): void
}

/** A member of a group whose application is connected to this node. */
export class LocalMember {
  /** 'joining' until its own join has come in order; 'leaving' from when it asked to leave, or is gone. */
  state: 'joining' | 'joined' | 'leaving' = 'joining'
  outgoing: Outgoing[] = []
  isGone = false
  /** Called when its join, then when its leave has come in order. */
  onOrdered: () => void = () => undefined
  /** Set while more waits for it than may. */
  stopBeingBehind: (() => void) | null = null

  constructor(
    readonly client: Client,
    readonly subscription: number,
    readonly membership: Membership,
  ) {}

  get isBehind(): boolean {
    return this.stopBeingBehind !== null
  }

  tell(body: unknown): void {
    if (!this.isGone) this.client.event(this.subscription, body)
  }
}

/** The members on this node: by number, by client, and by group. */
export class LocalMembers {
  private readonly byNumber = new Map<number, LocalMember>()
  private readonly byGroup = new Map<string, Set<LocalMember>>()
  private last = 0

  constructor(private readonly port: CpgPort) {}

  get size(): number {
    return this.byNumber.size
  }

  add(client: Client, subscription: number, group: string, pid: number): LocalMember {
    this.last++
    const member = new LocalMember(client, subscription, { number: this.last, pid, group })
    this.byNumber.set(this.last, member)
    return member
  }

  get(number: number): LocalMember | undefined {
    return this.byNumber.get(number)
  }

  ofClient(client: Client): LocalMember[] {
    return [...this.byNumber.values()].filter((member) => member.client === client)
  }

  /** Those that get what is sent to the group. */
  inGroup(group: string): Iterable<LocalMember> {
    return this.byGroup.get(group) ?? []
  }

  all(): Iterable<LocalMember> {
    return this.byNumber.values()
  }

  /** Its join has come in order: from here on it gets what comes. */
  enter(member: LocalMember): void {
    const { group } = member.membership
    const members = this.byGroup.get(group)
    if (members === undefined) this.byGroup.set(group, new Set([member]))
    else members.add(member)
  }

  remove(member: LocalMember): void {
    const { number, group } = member.membership
    this.byNumber.delete(number)
    const members = this.byGroup.get(group)
    if (members?.delete(member) && members.size === 0) this.byGroup.delete(group)
    member.stopBeingBehind?.()
  }

  /**
   * What the others are to know at the beginning of a view: who is a member by what was handed to the ring.
   * Of those who leave that is so while their leave, and what they have sent before, waits here.
   */
  memberships(): Membership[] {
    const members = [...this.byNumber.values()].filter(({ state, outgoing }) => {
      return state === 'joined' || (state === 'leaving' && outgoing.length > 0)
    })
    return members.map(({ membership }) => membership)
  }

  /** Groups of which a member here is behind. */
  held(): string[] {
    return [...this.byGroup.keys()].filter((group) => this.isHeld(group))
  }

  isHeld(group: string): boolean {
    for (const member of this.inGroup(group)) if (member.isBehind) return true
    return false
  }

  /**
   * More waits for this member than may: senders are to wait for it, as long as it reads at all.
   * @param onChange the group may be held now, or not any more
   */
  watch(member: LocalMember, onChange: (group: string) => void): void {
    const { client, membership } = member
    if (member.isBehind || member.isGone || client.waitingOctets <= limits.cpgWaitingOctets) return
    let stopWaiting: () => void
    const wait = (): void => {
      const taken = client.takenOctets
      stopWaiting = this.port.after(limits.cpgStuckMs, () => {
        if (client.takenOctets > taken) wait()
        else this.giveUp(member)
      })
    }
    const stop = (): void => {
      member.stopBeingBehind = null
      stopWaiting()
      onChange(membership.group)
    }
    wait()
    member.stopBeingBehind = stop
    client.whenTaken(limits.cpgWaitingOctets / 4, () => {
      if (member.stopBeingBehind === stop) stop()
    })
    onChange(membership.group)
  }
  private giveUp({ client, membership: { group, pid } }: LocalMember): void {
    const why = `senders have waited ${limits.cpgStuckMs / 1000} s, and it has taken nothing`
    this.port.log('warning', `process ${pid}, a member of group "${group}", is disconnected: ${why}`)
    client.cut('ERR_NO_RESOURCES', `a member of process group "${group}" does not read: ${why}`)
  }
}
