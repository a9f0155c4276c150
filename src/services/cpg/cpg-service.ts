import { limits, type CpgReason } from '../../base/index.js'
import type { View, ViewedService } from '../../group/index.js'
import type { Client, Request, ServiceFront } from '../front.js'
import { shown } from '../shown.js'
import { configurationEvent, membershipEvent, messagesEvent } from './events.js'
import { KnownMembers, type KnownMember } from './known-members.js'
import { LocalMembers, type LocalMember } from './local-members.js'
import { readJoin, readMulticast } from './params.js'
import type { CpgPort } from './port.js'
import { Sending } from './sending.js'
import {
  decodeMessage,
  encodeAnnouncement,
  encodeBatch,
  encodeHold,
  encodeJoin,
  encodeLeave,
  Kind,
  type Batch,
} from './wire.js'

type Params = Readonly<Record<string, unknown>>

/**
 * Closed process groups: the ordered messages of the ring for applications. What a node knows of groups it
 * has from ordered messages alone, and at the beginning of a view every node says what of it still holds for
 * its own members: there is no state to be transferred, and nothing that could be in conflict.
 *
 * Source: the interface of corosync's libcpg (cpg_overview(8)); virtual synchrony as in Moser et al., 1994,
 * from view to view.
 */
export class CpgService implements ServiceFront, ViewedService {
  readonly id = 13
  readonly name = 'cpg'
  readonly isViewed = true
  private readonly known = new KnownMembers()
  private readonly local: LocalMembers
  private readonly sending: Sending
  /** Groups of which all have been told that they are held here. */
  private readonly told = new Set<string>()
  private view: View | null = null

  private readonly methods: Readonly<Record<string, (request: Request, params: Params) => void>> = {
    join: (request, params) => this.join(request, params),
    leave: (request, params) => this.leave(request, params),
    multicast: (request, params) => this.multicast(request, params),
  }

  constructor(private readonly port: CpgPort) {
    this.local = new LocalMembers(port)
    this.sending = new Sending(port, (group) => this.known.isHeld(group))
  }

  /** Nothing of this node waits or is on its way. */
  get quiet(): boolean {
    return this.sending.quiet
  }

  onRequest(request: Request): void {
    const { method, params } = request
    if (!Object.hasOwn(this.methods, method)) {
      const known = Object.keys(this.methods).join(', ')
      request.fail('ERR_NOT_SUPPORTED', `cpg has no method ${shown(method)}; it has ${known}`)
    } else if (typeof params !== 'object' || params === null || Array.isArray(params)) {
      request.fail('ERR_INVALID_PARAM', `the parameters of cpg.${method} are a map, not ${shown(params)}`)
    } else {
      this.methods[method]!(request, params as Params)
    }
  }

  onClientGone(client: Client): void {
    for (const member of this.local.ofClient(client)) {
      member.isGone = true
      member.stopBeingBehind?.()
      this.depart(member, true)
    }
  }

  onView(view: View, companions: ReadonlySet<number>): void {
    this.view = view
    this.sending.nodes = view.members.length
    for (const member of this.local.all()) {
      if (member.state !== 'joining') member.tell(configurationEvent(view))
    }
    for (const [group, { left }] of this.known.onView(companions)) this.tell(group, [], left, 'node-down')
    const [memberships, held] = [this.local.memberships(), this.local.held()]
    this.sending.sendControl(encodeAnnouncement({ view: view.number, memberships, held }))
  }

  onMessage(from: number, payload: Uint8Array): void {
    const message = decodeMessage(payload)
    if (message === null) return
    switch (message.kind) {
      case Kind.join:
        return this.onJoin(from, this.known.join(from, message.membership))
      case Kind.leave:
        return this.onLeave(from, message.number, message.isDown)
      case Kind.announcement: {
        // Made for an earlier view, and on its way since: another one follows.
        if (message.announcement.view !== this.view?.number) return
        for (const [group, change] of this.known.announce(from, message.announcement)) {
          this.tell(group, change.joined, change.left, 'node-up')
        }
        return this.sending.pump()
      }
      case Kind.hold:
        this.known.hold(from, message.group, message.isHeld)
        return this.sending.pump()
      case Kind.batch:
        this.deliver(from, message.batch)
        if (from === this.port.nodeId) this.sending.onBatch(payload.length)
    }
  }

  onDrain(): void {
    this.sending.pump()
  }

  private onJoin(from: number, member: KnownMember | undefined): void {
    if (member === undefined) return
    const own = from === this.port.nodeId ? this.local.get(member.number) : undefined
    if (own !== undefined) this.enter(own)
    this.tell(member.group, [member], [], 'join')
    own?.onOrdered()
  }

  private enter(member: LocalMember): void {
    if (member.state === 'joining') member.state = 'joined'
    this.local.enter(member)
    if (this.view !== null) member.tell(configurationEvent(this.view))
  }

  private onLeave(from: number, number: number, isDown: boolean): void {
    const member = this.known.leave(from, number)
    if (member !== undefined) this.tell(member.group, [], [member], isDown ? 'process-down' : 'leave')
    const own = from === this.port.nodeId ? this.local.get(number) : undefined
    if (own === undefined) return
    this.local.remove(own)
    own.onOrdered()
  }

  private deliver(from: number, { membership, isSafe, messages }: Batch): void {
    const { number, group } = membership
    // Its node has not announced it yet in this view: that it sends says the same.
    if (this.known.find(from, number) === undefined) {
      this.tell(group, [this.known.join(from, membership)!], [], 'node-up')
    }
    const body = messagesEvent(from, membership.pid, isSafe, messages)
    for (const member of this.local.inGroup(group)) {
      member.tell(body)
      this.local.watch(member, (held) => this.onBehind(held))
    }
  }

  private tell(
    group: string,
    joined: readonly KnownMember[],
    left: readonly KnownMember[],
    reason: CpgReason,
  ): void {
    // Gone while its node was out of sight, and nobody can say why.
    const leftReason = reason === 'node-up' ? 'node-down' : reason
    let body: unknown
    for (const member of this.local.inGroup(group)) {
      body ??= membershipEvent(this.known.membersOf(group), joined, reason, left, leftReason)
      member.tell(body)
    }
  }

  /** A member has fallen behind, or has caught up: the others are told if that is news. */
  private onBehind(group: string): void {
    const isHeld = this.local.isHeld(group)
    if (isHeld === this.told.has(group)) return
    if (isHeld) this.told.add(group)
    else this.told.delete(group)
    this.sending.sendControl(encodeHold(group, isHeld))
  }

  private join(request: Request, params: Params): void {
    const join = readJoin(request, params)
    if (join === undefined) return
    const { client } = request
    const { group, pid, subscription } = join
    if (this.local.ofClient(client).some((member) => member.membership.group === group)) {
      return request.fail('ERR_EXIST', `this connection is in process group "${group}" already`)
    }
    if (this.local.size >= limits.cpgMemberships) {
      const many = `${limits.cpgMemberships} memberships of groups are open on this node`
      return request.fail('ERR_NO_RESOURCES', `${many}: leave one that is not needed`)
    }
    if (!client.hold()) {
      const message = 'the connection has too much open: leave a group that is not needed'
      return request.fail('ERR_NO_RESOURCES', message)
    }
    const member = this.local.add(client, subscription, group, pid)
    const { number } = member.membership
    member.onOrdered = () => request.answer({ member: number, nodeId: this.port.nodeId })
    const payload = encodeJoin(member.membership)
    this.sending.send(member, { payload, guarantee: 'agreed', isBatch: false, onSent: () => undefined })
  }

  private leave(request: Request, { member: number }: Params): void {
    const member = this.memberOf(request, number)
    if (member === undefined) return
    member.onOrdered = () => {
      request.client.release()
      request.answer(null)
    }
    this.depart(member, false)
  }

  private depart(member: LocalMember, isDown: boolean): void {
    if (isDown) {
      member.onOrdered = () => undefined
      const hasJoined = member.state !== 'joining' || member.outgoing.length === 0
      this.sending.drop(member)
      if (!hasJoined) return this.local.remove(member)
    }
    member.state = 'leaving'
    const payload = encodeLeave(member.membership.number, isDown)
    this.sending.send(member, { payload, guarantee: 'agreed', isBatch: false, onSent: () => undefined })
  }

  private multicast(request: Request, { member: number, safe, messages }: Params): void {
    const member = this.memberOf(request, number)
    const params = member && readMulticast(request, safe, messages)
    if (params === undefined) return
    const { guarantee } = params
    const isSafe = guarantee === 'safe'
    const payload = encodeBatch(params.octets, member!.membership, isSafe)
    const onSent = (): void => request.answer(null)
    this.sending.send(member!, { payload, guarantee, isBatch: true, onSent })
  }

  /** The member with that number, if it is this client's. Fails the request else. */
  private memberOf(request: Request, number: unknown): LocalMember | undefined {
    const member = typeof number === 'number' ? this.local.get(number) : undefined
    if (member?.client === request.client && member.state === 'joined') return member
    request.fail('ERR_BAD_HANDLE', `member ${shown(number)} is no membership of this connection`)
    return undefined
  }
}
