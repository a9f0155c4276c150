import type { Member } from '../../group/index.js'
import { sameRing } from '../../group/index.js'
import type { Context } from '../context.js'
import { count } from '../counters.js'
import type { LogLimiter } from '../log-limiter.js'
import { fillEntry } from '../ordering/recovery.js'
import { RingLog } from '../ordering/ring-log.js'
import { encodeJoin, memberOf, type CommitToken, type JoinMessage, type ProcessId } from '../wire/control.js'
import { FrameKind } from '../wire/header.js'
import { CommitRelay, newCommitToken } from './commit-relay.js'
import { Gathering, membershipKey, processKey } from './gathering.js'
import { isLastHolder, type LastHold } from './last-hold.js'
import { Leavers } from './leavers.js'
import { Patience } from './patience.js'
import type { RingSequences } from './ring-sequences.js'

/** A process whose host refused a frame is awaited for this long. */
const SUSPECT_MS = 15
/** Consensus timeouts with everybody heard but not of one mind, before those who differ are given up. */
const PATIENCE_ROUNDS = 3
/** A process counts as heard by us for this long after its last control message. */
const HEARD_MS = 1000

export interface FormingHooks {
  /** The installed ring, if any. */
  current(): RingLog | null
  obligations(): Uint8Array
  /** A new ring is being formed: the present one stands still. */
  entered(): void
  /** All have committed: exchange the messages of the old rings. */
  recover(commit: CommitToken, log: RingLog): void
  /** This process is the representative and all are in recovery: make the first token. */
  begin(): void
  lastHold(): LastHold | null
}

/** Gather and commit: from a lost or unknown ring to one that all its members have agreed to. */
export class Forming {
  state: 'idle' | 'gather' | 'commit' | 'recovery' = 'idle'
  commit: CommitToken | null = null
  log: RingLog | null = null
  private gathering: Gathering
  private readonly leavers = new Leavers()
  private readonly patience: Patience
  private rounds = 0
  private agreed = false
  private lastJoinMs = -Infinity
  private graceUntilMs = 0
  private suspects: ProcessId[] = []
  private lastHop = 0
  private readonly relay: CommitRelay
  private hold: LastHold | null = null

  constructor(
    private readonly context: Context,
    private readonly sequences: RingSequences,
    private readonly limiter: LogLimiter,
    private readonly hooks: FormingHooks,
  ) {
    this.patience = new Patience(context.options.consensusTimeoutMs, context.options.tokenTimeoutMs)
    this.relay = new CommitRelay(context)
    this.gathering = this.newGathering([])
  }

  start(): void {
    // Others may be starting too: the first ring shall have them at once.
    this.graceUntilMs = this.context.nowMs + this.context.options.joinIntervalMs
    this.gather('started')
  }

  /** @param prepare what is known already, before the others are asked */
  gather(reason: string, prepare?: (gathering: Gathering) => unknown): void {
    const { context, hooks } = this
    context.port.log(this.state === 'gather' ? 'debug' : 'info', `gathering: ${reason}`)
    count(context.counters, `gather.${this.state === 'idle' ? 'operational' : this.state}`)
    const members = this.log?.members ?? hooks.current()?.members ?? []
    this.hold = this.holdOfLostRing()
    hooks.entered()
    this.state = 'gather'
    this.commit = this.log = null
    this.rounds = 0
    this.agreed = false
    this.suspects = []
    this.relay.stop()
    context.port.cancelTimer('suspect')
    this.gathering = this.newGathering(members)
    prepare?.(this.gathering)
    context.port.setTimer('consensus', this.patience.timeoutMs(context.nowMs))
    this.sendJoin()
    this.tryForm()
  }

  /** Another process is gathering, and that is a reason to do it too. */
  gatherWith(reason: string, sender: ProcessId, join: JoinMessage): void {
    this.patience.heard(processKey(sender), this.context.nowMs)
    this.gather(reason, (gathering) => gathering.onJoin(sender, join, this.context.nowMs))
  }

  onJoin(sender: ProcessId, join: JoinMessage): void {
    const { context, gathering } = this
    this.patience.heard(processKey(sender), context.nowMs)
    const size = gathering.all().length
    const changed = gathering.onJoin(sender, join, context.nowMs)
    // Who is new must get the time to answer.
    if (gathering.all().length > size) {
      context.port.setTimer('consensus', this.patience.timeoutMs(context.nowMs))
    }
    if (changed) this.sendJoinSoon()
    this.tryForm()
  }

  /** A process says that it leaves; `ring` is the one it is in, with this process. */
  onLeave(process: ProcessId, ring: RingLog | null): void {
    this.leavers.add(process)
    if (this.state === 'gather') {
      if (this.gathering.fail(process, true)) this.sendJoinSoon()
      this.tryForm()
    } else if (ring?.has(process)) {
      const { name, address } = ring.memberOf(process.nodeId)!
      this.gather(`${name} (${address}) leaves`, (gathering) => gathering.fail(process, true))
    }
  }

  /** Await this process for a short time only: its host says that nobody listens there. */
  suspect(process: ProcessId): void {
    if (!this.gathering.includes(process) || this.gathering.heard(process.nodeId)) return
    if (this.suspects.some(({ nodeId }) => nodeId === process.nodeId)) return
    this.suspects.push(process)
    this.context.port.setTimer('suspect', SUSPECT_MS)
  }

  /** Whether this process is still in question for the ring being formed. */
  considers(process: ProcessId): boolean {
    return this.gathering.includes(process)
  }

  /** The members this process would look for a refused address among. */
  candidates(): readonly Member[] {
    return this.log?.members ?? this.hooks.current()?.members ?? []
  }

  onCommit(token: CommitToken): void {
    const index = token.entries.findIndex(
      ({ nodeId, incarnation }) =>
        nodeId === this.context.self.nodeId && incarnation === this.context.self.incarnation,
    )
    if (index < 0 || token.ringId.representative !== token.entries[0]!.nodeId) {
      count(this.context.counters, 'refused.commit')
    } else if (this.state === 'gather') {
      this.onFirstCommit(token, index)
    } else if (this.commit && sameRing(token.ringId, this.commit.ringId) && token.hop > this.lastHop) {
      this.onSecondCommit(token, index)
    } else {
      count(this.context.counters, 'refused.commit')
    }
  }

  onJoinTimer(): void {
    if (this.gathering.settleAccusations(this.context.nowMs)) this.tryForm()
    if (this.state === 'gather') this.sendJoin()
    this.tryForm()
  }

  onJoinSoonTimer(): void {
    if (this.state === 'gather') this.sendJoin()
  }

  onConsensusTimer(): void {
    const { context, gathering } = this
    if (this.state === 'commit') return this.gather('the commit token was lost')
    if (this.state !== 'gather') return
    this.rounds++
    let gone = gathering.consensus() ? [] : gathering.unheard()
    if (gone.length === 0 && this.rounds > PATIENCE_ROUNDS) gone = gathering.disagreeing()
    for (const process of gone) {
      gathering.fail(process, false)
      count(context.counters, 'silent')
      this.patience.gaveUp(processKey(process), context.nowMs)
      const message = `${this.nameOf(process)} is silent: forming a ring without it`
      this.limiter.log('notice', `silent ${process.nodeId}`, message, context.nowMs)
    }
    gathering.newRound(context.nowMs)
    context.port.setTimer('consensus', this.patience.timeoutMs(context.nowMs))
    this.sendJoin()
    this.tryForm()
  }

  onSuspectTimer(): void {
    let changed = false
    for (const process of this.suspects) {
      if (this.gathering.heard(process.nodeId)) continue
      changed = this.gathering.fail(process, false, true) || changed
    }
    this.suspects = []
    if (changed) {
      count(this.context.counters, 'suspectsFailed')
      this.sendJoin()
    }
    this.tryForm()
  }

  onCommitRetransmitTimer(): void {
    this.relay.onTimer()
  }

  onReserved(): void {
    this.tryForm()
  }

  /** Somebody has got what we sent last. */
  onEvidence(): void {
    this.relay.stop()
  }

  /** Who did not merely fall silent: their hosts say that they have ended. */
  refused(): readonly ProcessId[] {
    return this.gathering.failures().filter(({ refused }) => refused === true)
  }

  /** The ring is installed. */
  done(): void {
    const { port, quarantine, nowMs } = this.context
    for (const timer of ['join', 'join-soon', 'consensus', 'suspect'] as const) port.cancelTimer(timer)
    this.onEvidence()
    count(this.context.counters, 'conflicts', this.gathering.conflicts)
    const former = this.hooks.current()
    for (const process of this.gathering.all()) {
      const { nodeId } = process
      if (this.log!.indexOf(nodeId) >= 0) quarantine.together(nodeId, nowMs)
      // A member that fell silent is no failed attempt; a stranger that did not come along is.
      else if (this.gathering.proposalOf(nodeId) || !former?.has(process)) quarantine.strike(nodeId, nowMs)
    }
    this.leavers.clear()
    this.state = 'idle'
    this.commit = this.log = null
  }

  stop(): void {
    for (const timer of ['join', 'join-soon', 'consensus', 'suspect', 'commit-retransmit'] as const) {
      this.context.port.cancelTimer(timer)
    }
    this.state = 'idle'
  }

  private newGathering(members: readonly ProcessId[]): Gathering {
    const { self, options, nowMs } = this.context
    const prefer = (a: number, b: number): number => {
      const ring = this.hooks.current()
      const inRing = (nodeId: number): boolean => (ring?.indexOf(nodeId) ?? -1) >= 0
      if (inRing(a) !== inRing(b)) return inRing(a) ? a : b
      return Math.min(a, b)
    }
    return new Gathering(self, members, prefer, 1.5 * options.joinIntervalMs, nowMs)
  }

  private sendJoin(): void {
    const { context, gathering } = this
    const { options, outbox, port, nowMs } = context
    this.lastJoinMs = nowMs
    port.cancelTimer('join-soon')
    port.setTimer('join', options.joinIntervalMs)
    const join = {
      address: options.address,
      name: options.nodeName,
      ringSequence: this.sequences.highest,
      tokenCount: this.hold?.count ?? 0,
      processes: gathering.all(),
      failed: gathering.failures(),
      heard: context.known.heard(nowMs, HEARD_MS),
    }
    if (nowMs >= context.mutedUntilMs) outbox.multicast(FrameKind.join, encodeJoin(join))
  }

  /** The sets changed. In a large group many changes come at once: they go out together. */
  private sendJoinSoon(): void {
    const delayMs = Math.max(1, this.gathering.alive().length / 8)
    const sinceMs = this.context.nowMs - this.lastJoinMs
    if (sinceMs >= delayMs) this.sendJoin()
    else this.context.port.setTimer('join-soon', delayMs - sinceMs)
  }

  private tryForm(): void {
    if (this.state !== 'gather') return
    const agreed = this.gathering.consensus()
    const news = agreed && !this.agreed
    this.agreed = agreed
    if (!agreed) return
    const alive = this.gathering.alive()
    if (alive.length === 1 && this.context.nowMs < this.graceUntilMs) return
    if (this.blameLastHop()) return
    if (alive[0]!.nodeId === this.context.self.nodeId) this.createCommit(alive)
    else if (news) this.context.port.setTimer('consensus', this.patience.timeoutMs(this.context.nowMs))
  }

  /**
   * The same processes form a ring again after its token was lost: if this process was the last to
   * send the token on, then the way to its successor is suspect, though multicast gets through.
   * @returns true when that has kept the successor out
   */
  private blameLastHop(): boolean {
    const { hold, gathering, context } = this
    if (!hold) return false
    this.hold = null
    const { self, nowMs, quarantine } = context
    const successor = gathering.alive().find(({ nodeId }) => nodeId === hold.successor)
    if (!successor || successor.nodeId === self.nodeId) return false
    if (!isLastHolder(hold, gathering, self.nodeId, this.sequences.highest)) return false
    // Once may have been chance.
    if (quarantine.strike(successor.nodeId, nowMs) < 2) return false
    context.port.log('warning', `unicast frames do not get through to ${this.nameOf(successor)}`)
    gathering.fail(successor, false)
    count(context.counters, 'hopsBlamed')
    this.sendJoin()
    return true
  }

  private holdOfLostRing(): LastHold | null {
    if (this.state === 'gather') return this.hold
    const { nowMs, options, self } = this.context
    const ring = this.log ?? this.hooks.current()
    if (!ring) return null
    const hold = this.hooks.lastHold()
    if (hold) return { count: 2 * ring.members.length + hold.count, successor: hold.successor }
    // Sent on lately: it is under way, not lost.
    if (!this.commit || nowMs - this.relay.sentAtMs < options.consensusTimeoutMs / 2) return null
    const next = ring.members[(ring.indexOf(self.nodeId) + 1) % ring.members.length]!
    return { count: this.lastHop + 1, successor: next.nodeId }
  }

  private createCommit(alive: readonly ProcessId[]): void {
    const { self } = this.context
    const proposals = alive.map(({ nodeId }) => this.gathering.proposalOf(nodeId)?.join)
    const sequence = Math.max(this.sequences.highest, ...proposals.map((join) => join?.ringSequence ?? 0)) + 1
    if (!this.sequences.use(sequence)) return
    const ringId = { representative: self.nodeId, sequence }
    const leavers = this.leavers.and(this.gathering.failures())
    const token = newCommitToken(this.context, ringId, alive, proposals, leavers)
    this.enterCommit(token, 0)
  }

  /** The commit token comes round for the first time: is it the ring we agreed on? */
  private onFirstCommit(token: CommitToken, index: number): void {
    const agreed = membershipKey(this.gathering.alive()) === membershipKey(token.entries)
    // Not on disk yet: the next retransmission of the token will find it there.
    if (!agreed || !this.sequences.use(token.ringId.sequence)) {
      count(this.context.counters, 'refused.commit')
      return
    }
    this.enterCommit(token, index)
  }

  private enterCommit(token: CommitToken, index: number): void {
    const { hooks, context } = this
    context.port.cancelTimer('join')
    context.port.cancelTimer('join-soon')
    context.port.cancelTimer('suspect')
    this.state = 'commit'
    fillEntry(token.entries[index]!, hooks.current(), hooks.obligations())
    this.commit = token
    this.log = new RingLog(token.ringId, token.entries.map(memberOf), token.firstSequence, context.nowMs)
    this.lastHop = token.hop
    if (token.entries.length === 1) return this.enterRecovery(token, true)
    context.port.setTimer('consensus', this.patience.timeoutMs(context.nowMs))
    this.relay.forward(token, index)
  }

  /** Second time: all is known of all. Third time, at the representative: all know it. */
  private onSecondCommit(token: CommitToken, index: number): void {
    if (token.entries.length !== this.log!.members.length || !token.entries.every(({ filled }) => filled)) {
      count(this.context.counters, 'refused.commit')
      return
    }
    this.lastHop = token.hop
    this.onEvidence()
    if (this.state === 'commit') {
      this.enterRecovery(token, false)
      this.relay.forward(token, index)
    } else if (index === 0) {
      this.hooks.begin()
    }
  }

  private enterRecovery(token: CommitToken, begin: boolean): void {
    this.context.port.cancelTimer('consensus')
    this.state = 'recovery'
    this.commit = token
    this.hooks.recover(token, this.log!)
    if (begin) this.hooks.begin()
  }

  private nameOf(process: ProcessId): string {
    const join = this.gathering.proposalOf(process.nodeId)?.join
    const member = this.hooks.current()?.memberOf(process.nodeId)
    const known = join ?? member
    return known ? `${known.name} (${known.address})` : `node ${process.nodeId}`
  }
}
