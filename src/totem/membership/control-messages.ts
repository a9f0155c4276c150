import type { RingId } from '../../group/index.js'
import { sameRing } from '../../group/index.js'
import type { Context } from '../context.js'
import { count } from '../counters.js'
import type { LogLimiter } from '../log-limiter.js'
import type { RingLog } from '../ordering/ring-log.js'
import {
  decodeAnswer,
  decodeCommit,
  decodeJoin,
  decodePresence,
  decodeQuery,
  decodeRingId,
  encodePresence,
  type JoinMessage,
  type PresenceMessage,
  type ProcessId,
} from '../wire/control.js'
import { FrameKind, type FrameHeader } from '../wire/header.js'
import { ControlAssembler } from '../wire/parts.js'
import type { Attendance } from './attendance.js'
import type { Forming } from './forming.js'
import { aliveOf, membershipKey } from './gathering.js'
import type { RingSequences } from './ring-sequences.js'
import { Twins } from './twins.js'

const HEARD_MS = 1000

export interface ControlHooks {
  current(): RingLog | null
  cancelHold(ringId: RingId): void
}

/** What a process makes of the control messages of others: which are news, and when to form a new ring. */
export class ControlMessages {
  private readonly assembler = new ControlAssembler()
  private readonly twins: Twins

  constructor(
    private readonly context: Context,
    private readonly forming: Forming,
    private readonly sequences: RingSequences,
    private readonly limiter: LogLimiter,
    private readonly attendance: Attendance,
    private readonly hooks: ControlHooks,
  ) {
    this.twins = new Twins(context, limiter)
  }

  /** A frame that is neither data nor token. */
  onFrame(header: FrameHeader, frame: Uint8Array): void {
    const body = this.assembler.take(header, frame)
    if (body === null) return
    if (body === 'malformed' || !this.dispatch(header, body))
      count(this.context.counters, 'refused.malformed')
  }

  /** Tell those outside that this ring is there. */
  announce(): void {
    const { context } = this
    const { options, nowMs } = context
    const ring = this.hooks.current()
    if (!ring || nowMs < context.mutedUntilMs) return
    const presence = {
      address: options.address,
      name: options.nodeName,
      ringId: ring.id,
      heard: context.known.heard(nowMs, HEARD_MS),
    }
    context.outbox.multicast(FrameKind.presence, encodePresence(presence))
  }

  /** @returns false for a malformed body */
  private dispatch(header: FrameHeader, body: Uint8Array): boolean {
    switch (header.kind) {
      case FrameKind.join:
        return decoded(decodeJoin(body), (join) => this.onJoin(header, join))
      case FrameKind.presence:
        return decoded(decodePresence(body), (presence) => this.onPresence(header, presence))
      case FrameKind.leave:
        return decoded(decodeRingId(body), (ringId) => this.onLeave(header, ringId))
      case FrameKind.commit:
        return decoded(decodeCommit(body), (token) => {
          if (this.sequences.believable(token.ringId.sequence, this.context.nowMs))
            this.forming.onCommit(token)
          else count(this.context.counters, 'refused.sequence')
        })
      case FrameKind.cancelHold:
        return decoded(decodeRingId(body), (ringId) => this.hooks.cancelHold(ringId))
      case FrameKind.query:
        return decoded(decodeQuery(body), (number) => this.attendance.onQuery(header, number))
      case FrameKind.answer:
        return decoded(decodeAnswer(body), (answer) => this.attendance.onAnswer(header, answer))
      default:
        count(this.context.counters, 'probes')
        return decodeRingId(body) !== null
    }
  }

  /** @returns false for what is not to be listened to */
  private admit(header: FrameHeader, address: string): boolean {
    const { context, forming } = this
    const ring = this.hooks.current()
    if (header.sender === context.self.nodeId) {
      const alone = forming.state !== 'idle' || ring!.members.length === 1
      if (this.twins.onOwnNodeId(header, address, alone)) this.announce()
      return false
    }
    if (!context.known.take(header, context.nowMs)) {
      count(context.counters, 'refused.replay')
      return false
    }
    if (context.nowMs < context.mutedUntilMs) return false
    const index = ring?.indexOf(header.sender) ?? -1
    const member = ring?.members[index]
    if (member?.incarnation === header.incarnation) ring!.heardAtMs[index] = context.nowMs
    const living = member && (forming.state === 'idle' || forming.considers(member)) ? ring : null
    return !this.twins.imitates(living, header, address)
  }

  private onJoin(header: FrameHeader, join: JoinMessage): void {
    if (!this.admit(header, join.address)) return
    if (!this.sequences.believable(join.ringSequence, this.context.nowMs)) {
      return count(this.context.counters, 'refused.sequence')
    }
    const sender = { nodeId: header.sender, incarnation: header.incarnation }
    this.noteDeafness(sender, join)
    this.noteExclusion(sender, join)
    const { forming } = this
    if (forming.state === 'idle') {
      const reason = this.reasonToGather(sender, join, this.hooks.current()!)
      if (reason) forming.gatherWith(reason, sender, join)
    } else if (forming.state !== 'gather') {
      if (!this.abandons(sender, join, forming.log!)) return count(this.context.counters, 'refused.busy')
      forming.gatherWith(`${join.name} (${join.address}) gave up the ring being formed`, sender, join)
    } else {
      forming.onJoin(sender, join)
    }
  }

  private reasonToGather(sender: ProcessId, join: JoinMessage, ring: RingLog): string | null {
    const { context } = this
    const who = `${join.name} (${join.address})`
    const member = ring.memberOf(sender.nodeId)
    if (!member) {
      // It is forming a ring, but one without us.
      if (this.accusesUs(join)) return null
      const { quarantine, nowMs } = context
      const hearsUs = join.heard.includes(context.self.nodeId)
      const admitted = hearsUs
        ? quarantine.admits(sender.nodeId, nowMs)
        : !quarantine.blocks(sender.nodeId, false, nowMs)
      if (admitted) return `${who} appeared`
      count(context.counters, 'quarantined')
      return null
    }
    if (sender.incarnation > member.incarnation) return `${who} was started anew`
    if (sender.incarnation === member.incarnation && join.ringSequence >= ring.id.sequence) {
      return `${who} is forming a new ring`
    }
    count(context.counters, 'refused.stale')
    return null
  }

  /**
   * A member of the ring being formed that has tried it and speaks of another, is another life of it, or
   * has changed its mind before the commit token reached it and will refuse that.
   */
  private abandons(sender: ProcessId, join: JoinMessage, log: RingLog): boolean {
    const member = log.memberOf(sender.nodeId)
    if (!member) return false
    if (member.incarnation !== sender.incarnation) return sender.incarnation > member.incarnation
    if (join.ringSequence >= log.id.sequence) return true
    return this.forming.state === 'commit' && membershipKey(aliveOf(join)) !== membershipKey(log.members)
  }

  private onPresence(header: FrameHeader, presence: PresenceMessage): void {
    if (!this.admit(header, presence.address) || this.forming.state !== 'idle') return
    const { context } = this
    const ring = this.hooks.current()!
    const who = `${presence.name} (${presence.address})`
    const member = ring.memberOf(header.sender)
    if (member && member.incarnation >= header.incarnation) {
      const moved = member.incarnation === header.incarnation && presence.ringId.sequence > ring.id.sequence
      if (moved) this.forming.gather(`${who} is in another ring`)
      return
    }
    if (
      context.quarantine.blocks(header.sender, presence.heard.includes(context.self.nodeId), context.nowMs)
    ) {
      return count(context.counters, 'quarantined')
    }
    const sender = { nodeId: header.sender, incarnation: header.incarnation }
    this.forming.gather(`${who} has a ring of its own`, (gathering) => gathering.add(sender))
  }

  private onLeave(header: FrameHeader, ringId: RingId): void {
    if (header.sender === this.context.self.nodeId) return
    if (!this.context.known.take(header, this.context.nowMs))
      return count(this.context.counters, 'refused.replay')
    const process = { nodeId: header.sender, incarnation: header.incarnation }
    const { forming } = this
    const ring = forming.log ?? this.hooks.current()
    const stale = forming.state === 'idle' && !sameRing(ring!.id, ringId)
    if (!stale) forming.onLeave(process, ring)
  }

  private accusesUs(join: JoinMessage): boolean {
    const { nodeId, incarnation } = this.context.self
    return join.failed.some((failed) => failed.nodeId === nodeId && failed.incarnation === incarnation)
  }

  /** A member says that it goes on without us. What it said before this ring came about is past. */
  private noteExclusion(sender: ProcessId, join: JoinMessage): void {
    const ring = this.hooks.current()
    if (!ring?.has(sender) || join.ringSequence < ring.id.sequence || !this.accusesUs(join)) return
    this.attendance.isExcluded = true
  }

  /** Who says that it does not hear us, while we hear it: a link that works in one direction only. */
  private noteDeafness(sender: ProcessId, join: JoinMessage): void {
    const { self, nowMs } = this.context
    if (!this.accusesUs(join) || join.heard.includes(self.nodeId)) return
    const message = `${join.name} (${join.address}) says it does not hear us, while we hear it`
    this.limiter.log('warning', `deaf ${sender.nodeId}`, message, nowMs)
  }
}

function decoded<T>(message: T | null, handle: (message: T) => void): boolean {
  if (message === null) return false
  handle(message)
  return true
}
