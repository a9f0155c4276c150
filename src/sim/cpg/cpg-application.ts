import { limits } from '../../base/index.js'
import type { Guarantee } from '../../group/index.js'
import type { Client } from '../../services/index.js'
import { makeCpgMessage, packMessages } from './cpg-messages.js'
import type { CpgReplica } from './cpg-replica.js'
import type { CpgMembership, WatchedCpgApplication } from './cpg-watcher.js'

/** A membership with what only its application knows: the number that the service gave it. */
interface OwnMembership extends CpgMembership {
  member: number | null
}

/** A virtual application, connected to the executive of its node, in some groups. */
export class CpgApplication implements Client, WatchedCpgApplication {
  readonly id: number
  isGone = false
  /** Past ones too, by subscription, which is the serial of the membership. */
  private readonly memberships = new Map<number, OwnMembership>()
  private isSlow = false
  private taken = 0
  private waiting: (() => void)[] = []
  isReading = true

  /** @param pid no other application of the run has the same */
  constructor(
    readonly pid: number,
    readonly cpg: CpgReplica,
  ) {
    this.id = pid
  }

  /** Those it can send to, and leave. */
  get joined(): CpgMembership[] {
    return [...this.memberships.values()].filter(({ state }) => state === 'joined')
  }

  isIn(group: string): boolean {
    return [...this.memberships.values()].some((one) => one.group === group && one.state !== 'left')
  }

  /** @param serial no other membership of the run has the same */
  join(group: string, serial: number): CpgMembership {
    const { nodeId } = this.cpg.process.id
    const membership: OwnMembership = {
      ...{ serial, application: this, group, address: { nodeId, pid: this.pid } },
      ...{ state: 'joining', sent: [], member: null },
    }
    this.memberships.set(serial, membership)
    this.cpg.watch.onJoin(membership)
    this.request('join', { group, pid: this.pid, subscription: serial }, (result) => {
      if (result === null) return this.forget(membership)
      membership.member = (result as { readonly member: number }).member
      membership.state = 'joined'
    })
    return membership
  }

  leave(membership: CpgMembership): void {
    const { member } = this.memberships.get(membership.serial)!
    membership.state = 'leaving'
    this.request('leave', { member }, () => this.forget(membership))
  }

  /** Messages of one turn: the service is given them together. */
  multicast(membership: CpgMembership, sizes: readonly number[], guarantee: Guarantee): void {
    const { member } = this.memberships.get(membership.serial)!
    const { serial, sent } = membership
    const messages = sizes.map((octets) => {
      sent.push({ guarantee, octets, outcome: 'open' })
      return makeCpgMessage({ serial, number: sent.length }, octets)
    })
    const own = sent.slice(-sizes.length)
    const params = { member, safe: guarantee === 'safe', messages: packMessages(messages) }
    this.request('multicast', params, (_, isRefused) => {
      for (const message of own) message.outcome = isRefused ? 'refused' : 'taken'
    })
  }

  /** @param onDone with null and true when the service refuses it */
  request(
    method: string,
    params: unknown,
    onDone: (result: unknown, isRefused: boolean) => void = () => undefined,
  ): void {
    this.cpg.service.onRequest({
      client: this,
      method,
      params,
      answer: (result) => onDone(result, false),
      fail: (code) => {
        this.cpg.watch.note(`refused.${code}`)
        onDone(null, true)
      },
    })
  }

  /** The application ends, without a word. */
  end(): void {
    if (this.isGone) return
    this.isGone = true
    this.cpg.watch.onApplicationGone(this)
    this.cpg.service.onClientGone(this)
  }

  /** As if much waited for it: it does other things. */
  stopReading(): void {
    this.isReading = false
  }

  /** It takes a little now and then, and much waits for it all the while. */
  readSlowly(): void {
    this.isReading = false
    this.isSlow = true
  }

  read(): void {
    if (this.isReading) return
    this.isReading = true
    this.isSlow = false
    const { waiting } = this
    this.waiting = []
    if (!this.isGone && !this.cpg.isOver) for (const run of waiting) run()
  }

  event(subscription: number, body: unknown): void {
    this.cpg.watch.onEvent(this.memberships.get(subscription)!, body)
  }

  hold(): boolean {
    return true
  }

  release(): void {
    // What connections hold is counted in the executive.
  }

  /** More at each look, where it reads slowly. */
  get takenOctets(): number {
    return this.isSlow ? ++this.taken : this.taken
  }

  get waitingOctets(): number {
    return this.isReading ? 0 : limits.cpgWaitingOctets + 1
  }

  whenTaken(_octets: number, run: () => void): void {
    if (this.isReading) run()
    else this.waiting.push(run)
  }

  cut(): void {
    this.cpg.watch.note('cut')
    this.cpg.soon(() => this.end())
  }

  private forget(membership: CpgMembership): void {
    membership.state = 'left'
    this.cpg.watch.onLeft(membership)
  }
}
