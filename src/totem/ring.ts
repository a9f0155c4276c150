import { limits } from '../base/index.js'
import type { GroupListener, GroupMessaging, Guarantee } from '../group/index.js'
import { sameRing } from '../group/index.js'
import type { Context } from './context.js'
import { count, type Counters } from './counters.js'
import { LogLimiter } from './log-limiter.js'
import { Attendance } from './membership/attendance.js'
import { ControlMessages } from './membership/control-messages.js'
import { Forming } from './membership/forming.js'
import type { LastHold } from './membership/last-hold.js'
import { KnownProcesses } from './membership/known-processes.js'
import { Quarantine } from './membership/quarantine.js'
import { RingSequences } from './membership/ring-sequences.js'
import type { TotemOptions } from './options.js'
import { Circulation } from './ordering/circulation.js'
import { Deliveries } from './ordering/deliveries.js'
import { companions, noObligations, oblige, RecoverySource } from './ordering/recovery.js'
import type { RingLog } from './ordering/ring-log.js'
import { SendQueue } from './ordering/send-queue.js'
import { dataFrameOctets, Outbox } from './outbox.js'
import type { TimerName, TotemPort } from './port.js'
import { encodeRingId, type CommitEntry, type CommitToken } from './wire/control.js'
import { innerFrame, isOfRing, readDataFrame, type DataFrame } from './wire/data-frame.js'
import {
  areSeveral,
  frameOctetsAt,
  FrameKind,
  isFrom,
  openFrame,
  type FrameHeader,
  type Refusal,
} from './wire/header.js'
import { decodeToken, Phase, type Token } from './wire/token.js'

export type RingState = 'gather' | 'commit' | 'recovery' | 'operational' | 'left'

/**
 * One process of the Totem single-ring protocol: total order, membership and recovery. Pure:
 * frames, timers and the time come in as calls, all effects go out through the port.
 *
 * Source: Amir, Moser, Melliar-Smith, Agarwal, Ciarfella, "The Totem Single-Ring Ordering and
 * Membership Protocol", ACM TOCS 13(4), 1995; departures are in docs/divergence.md.
 */
export class TotemRing implements GroupMessaging {
  readonly counters: Counters = {}
  private readonly context: Context
  private readonly queue: SendQueue
  private readonly deliveries: Deliveries
  private readonly limiter: LogLimiter
  private sequences!: RingSequences
  private forming!: Forming
  private control!: ControlMessages
  private circulation: Circulation | null = null
  /** Of the ring being formed: who comes along from the present one. */
  private fellows: readonly CommitEntry[] = []
  private source: RecoverySource | null = null
  private obligations: Uint8Array = new Uint8Array(0)
  private leaving = false
  private stopped = false
  private readonly attendance: Attendance

  constructor(
    private readonly options: TotemOptions,
    private readonly port: TotemPort,
    private readonly listener: GroupListener,
  ) {
    const outbox = new Outbox(options, port, this.counters)
    this.context = {
      options,
      self: { nodeId: options.nodeId, incarnation: options.incarnation },
      port,
      outbox,
      counters: this.counters,
      known: new KnownProcesses(),
      quarantine: new Quarantine(),
      nowMs: 0,
      mutedUntilMs: -Infinity,
    }
    this.queue = new SendQueue(dataFrameOctets(options.netmtu))
    this.deliveries = new Deliveries(listener, this.counters)
    this.limiter = new LogLimiter(port)
    this.attendance = new Attendance(this.context, {
      current: () => this.deliveries.current,
      considers: (process) => this.forming.state === 'idle' || this.forming.considers(process),
    })
  }

  /** @param reservedUpTo highest ring sequence number that is durable on disk as reserved by this start */
  start(nowMs: number, reservedUpTo: number): void {
    const { context } = this
    context.nowMs = nowMs
    const current = (): RingLog | null => this.deliveries.current
    this.sequences = new RingSequences(this.port, this.options.incarnation, reservedUpTo)
    this.forming = new Forming(context, this.sequences, this.limiter, {
      current,
      obligations: () => this.obligations,
      entered: () => this.standStill(),
      recover: (commit, log) => this.recover(commit, log),
      begin: () => this.begin(),
      lastHold: () => this.lastHold(),
    })
    this.control = new ControlMessages(context, this.forming, this.sequences, this.limiter, this.attendance, {
      current,
      cancelHold: (ringId) => {
        if (this.circulation && sameRing(this.circulation.log.id, ringId)) this.circulation.onCancelHold()
      },
    })
    this.port.setTimer('merge', this.options.mergeIntervalMs)
    this.forming.start()
  }

  /** What the process does at present. */
  get state(): RingState {
    if (this.stopped) return 'left'
    return this.forming.state === 'idle' ? 'operational' : this.forming.state
  }

  /** Operational, with nothing to send and everything delivered everywhere, as far as the last token told. */
  get quiet(): boolean {
    return this.state === 'operational' && this.queue.length === 0 && this.circulation!.quiet
  }

  /**
   * The ring is known to be alive, with this process in it: what the others have delivered as stable has been
   * delivered here. After a time without tokens the next one does not count: this process may not have run,
   * and that token may have waited for it as long. The second one shows that the others have gone on with it.
   */
  isCurrent(nowMs: number): boolean {
    return this.attendance.isCurrent(nowMs)
  }

  /** A member of the present configuration forms a ring without us; until the next regular configuration. */
  get isExcluded(): boolean {
    return this.attendance.isExcluded
  }

  /** How long ago the last token of the present ring came; 0 in a ring of one, Infinity before the first. */
  silentMs(nowMs: number): number {
    return this.attendance.silentMs(nowMs)
  }

  /** Members of the present configuration, by node id, that certainly ran within this time; and ourselves. */
  heardWithin(nowMs: number, windowMs: number): number[] {
    return this.attendance.heardWithin(nowMs, windowMs)
  }

  /**
   * For how long nobody who is no member can have learned that this process runs; Infinity: nobody has
   * lately, or whoever had said that it leaves. A process knows of no time before its own start.
   *
   * @param believesRefusals one whose host says that it is gone does not count: almost always that is true
   */
  apartMs(nowMs: number, believesRefusals: boolean): number {
    return this.attendance.apartMs(nowMs, believesRefusals)
  }

  /** Ask all members whether they are there: for `heardWithin` while no token comes. Every 10 ms at most. */
  askPresence(nowMs: number): void {
    this.context.nowMs = nowMs
    if (!this.stopped) this.attendance.ask()
  }

  multicast(payload: Uint8Array, guarantee: Guarantee): boolean {
    if (payload.length > limits.messageOctets) {
      throw new RangeError(`a message of ${payload.length} octets; the most is ${limits.messageOctets}`)
    }
    if (this.leaving || this.stopped || !this.queue.push(payload, guarantee)) return false
    this.circulation?.kick()
    return true
  }

  /** Leave once what was accepted has been received by all, after a token timeout at the latest. */
  leave(): void {
    if (this.leaving || this.stopped) return
    this.leaving = true
    if (this.state !== 'operational') return this.depart()
    this.port.setTimer('leave', this.options.tokenTimeoutMs)
    this.departIfDone()
  }

  /** @param octets one frame, or several of one sender that came together */
  onFrame(octets: Uint8Array, nowMs: number): void {
    const { context } = this
    context.nowMs = nowMs
    if (isFrom(octets, context.self.nodeId, context.self.incarnation)) return
    if (!areSeveral(octets)) return this.onOneFrame(octets)
    for (let at = 0; at < octets.length;) {
      const end = at + frameOctetsAt(octets, at)
      this.onOneFrame(octets.subarray(at, end))
      at = end
    }
  }

  private onOneFrame(frame: Uint8Array): void {
    if (this.stopped) return
    const { context } = this
    if (frame.length > context.outbox.frameOctetsMax) return count(this.counters, 'refused.size')
    const header = openFrame(frame, context.outbox.origin.clusterHash, this.port.checksum)
    if (typeof header === 'string') return this.onRefusedFrame(header)
    if (header.kind === FrameKind.data) this.onData(header, frame)
    else if (header.kind === FrameKind.token) this.onToken(header, frame)
    else this.control.onFrame(header, frame)
  }

  onTimer(timer: TimerName, nowMs: number): void {
    if (this.stopped) return
    this.context.nowMs = nowMs
    const { forming, circulation } = this
    switch (timer) {
      case 'token-loss':
        return this.onTokenLoss()
      case 'token-retransmit':
        return circulation?.onRetransmitTimer()
      case 'token-hold':
        return circulation?.onHoldTimer()
      case 'probe':
        return circulation?.onProbeTimer()
      case 'join':
        return forming.onJoinTimer()
      case 'join-soon':
        return forming.onJoinSoonTimer()
      case 'consensus':
        return forming.onConsensusTimer()
      case 'suspect':
        return forming.onSuspectTimer()
      case 'commit-retransmit':
        return forming.onCommitRetransmitTimer()
      case 'merge':
        return this.onMergeTimer()
      case 'leave':
        return this.depart()
    }
  }

  /** The host at this address says that nobody listens there. */
  onRefused(address: string, nowMs: number): void {
    if (this.stopped) return
    this.context.nowMs = nowMs
    const member = this.forming.candidates().find((candidate) => candidate.address === address)
    if (!member || member.nodeId === this.options.nodeId) return
    count(this.counters, 'refusals')
    if (this.forming.state !== 'gather') {
      this.forming.gather(`nobody listens at ${member.name} (${address}) any more`)
    }
    this.forming.suspect(member)
  }

  /** Ring sequence numbers up to `sequence` are durable now. */
  onReserved(sequence: number, nowMs: number): void {
    this.context.nowMs = nowMs
    this.sequences.onReserved(sequence)
    if (!this.stopped) this.forming.onReserved()
  }

  private onRefusedFrame(reason: Refusal): void {
    count(this.counters, `refused.${reason}`)
    const { nowMs } = this.context
    if (reason === 'cluster') {
      const ours = this.options.clusterName
      const message = `frames of another cluster than "${ours}" arrive on its address and port`
      this.limiter.log('warning', reason, message, nowMs)
    } else if (reason === 'version') {
      this.limiter.log('warning', reason, 'frames of another protocol version arrive', nowMs)
    }
  }

  private onData(header: FrameHeader, octets: Uint8Array): void {
    const frame = readDataFrame(octets, header.sender, header.incarnation, header.flags)
    if (!frame) return count(this.counters, 'refused.malformed')
    const log = this.logOf(frame)
    if (!log) return count(this.counters, 'refused.ring')
    const index = log.indexOf(frame.sender)
    if (log.members[index]?.incarnation !== frame.incarnation) return count(this.counters, 'refused.sender')
    log.heardAtMs[index] = this.context.nowMs
    if (!log.store(frame)) return count(this.counters, 'framesDuplicate')
    if (log === this.circulation?.log) {
      this.circulation.onEvidence(frame.sequence)
      if (frame.recovery) this.onRecoveryFrame(frame)
    }
    if (log === this.forming.log) this.forming.onEvidence()
    else this.deliveries.proceed(log)
  }

  /** The ring a data frame belongs to: the one in formation, or the present one unless it is frozen. */
  private logOf(frame: DataFrame): RingLog | null {
    const { state, log } = this.forming
    const frozen = state === 'commit' || state === 'recovery'
    const candidate = frozen ? log : this.deliveries.current
    return candidate && isOfRing(frame, candidate.id) ? candidate : null
  }

  /** A frame of an old ring, sent again on the one being formed. */
  private onRecoveryFrame(frame: DataFrame): void {
    const old = this.deliveries.current
    if (!old || this.state !== 'recovery') return
    const inner = innerFrame(frame, this.context.outbox.origin.clusterHash, this.port.checksum)
    if (!inner || !isOfRing(inner, old.id)) return
    if (old.memberOf(inner.sender)?.incarnation !== inner.incarnation) return
    if (old.store(inner)) count(this.counters, 'framesRecovered')
    this.source?.markSeen(inner.sequence)
  }

  private onToken(header: FrameHeader, frame: Uint8Array): void {
    const { circulation } = this
    const token = decodeToken(frame)
    if (!token) return count(this.counters, 'refused.malformed')
    if (!circulation || !sameRing(circulation.log.id, token.ringId))
      return count(this.counters, 'refused.ring')
    const before = circulation.predecessorIndex
    const predecessor = circulation.log.members[before]!
    if (predecessor.nodeId !== header.sender || predecessor.incarnation !== header.incarnation) {
      return count(this.counters, 'refused.sender')
    }
    circulation.log.heardAtMs[before] = this.context.nowMs
    if (this.forming.state === 'recovery') this.forming.onEvidence()
    if (!circulation.onToken(token)) return count(this.counters, 'tokensDuplicate')
    this.attendance.onToken(circulation.log, this.state === 'operational')
    return count(this.counters, 'tokens')
  }

  private onTokenLoss(): void {
    const { circulation, context } = this
    if (!circulation) return
    count(this.counters, 'tokensLost')
    const { members, heardAtMs } = circulation.log
    const index = circulation.predecessorIndex
    const { name, address } = members[index]!
    const sinceMs = Math.round(context.nowMs - heardAtMs[index]!)
    const due = `it was due from ${name} (${address}), last heard ${sinceMs} ms ago`
    this.forming.gather(`no token for ${this.options.tokenTimeoutMs} ms: ${due}`)
  }

  private onMergeTimer(): void {
    const { context } = this
    this.port.setTimer('merge', this.options.mergeIntervalMs)
    if (this.state !== 'operational') return
    const representative = this.deliveries.current!.members[0]!.nodeId === this.options.nodeId
    if (representative || context.quarantine.active(context.nowMs)) this.control.announce()
  }

  private standStill(): void {
    this.circulation?.stop()
    this.circulation = null
    this.fellows = []
    this.source = null
  }

  private lastHold(): LastHold | null {
    const { circulation } = this
    // Sent on lately: it is under way, not lost.
    if (!circulation || circulation.sentCount === 0) return null
    if (this.context.nowMs - circulation.sentAtMs < this.options.tokenTimeoutMs / 2) return null
    return { count: circulation.sentCount, successor: circulation.successorId }
  }

  private recover(commit: CommitToken, log: RingLog): void {
    const old = this.deliveries.current
    this.fellows = old ? companions(old, commit) : []
    this.source = old && this.fellows.length > 1 ? new RecoverySource(old, this.fellows) : null
    this.circulation = new Circulation(this.context, log, this.queue, this.source, {
      install: () => this.install(commit, log),
      advance: (token) => this.advance(log, token),
      oblige: () => {
        if (old) oblige(this.obligations, old, this.fellows)
      },
      giveUp: (reason, nodeId) => this.giveUp(log, reason, nodeId),
      visited: () => this.visited(),
    })
    if (log.members.length > 1) this.port.setTimer('token-loss', this.options.tokenTimeoutMs)
  }

  private begin(): void {
    this.circulation!.begin()
  }

  private install(commit: CommitToken, log: RingLog): void {
    this.obligations = noObligations(log.members)
    this.queue.restartPartial()
    this.source = null
    const refused = this.forming.refused()
    this.forming.done()
    const names = log.members.map(({ name, address }) => `${name} (${address})`).join(', ')
    this.port.log('notice', `ring ${log.id.representative}:${log.id.sequence} formed: ${names}`)
    this.attendance.onInstalled(log, commit.leavers, refused)
    this.deliveries.install(log, commit)
  }

  private advance(log: RingLog, token: Token): void {
    log.markSafe(Math.min(...token.entries.map(({ received }) => received)))
    if (this.circulation?.phase !== Phase.operational) return
    this.deliveries.proceed(log)
    this.deliveries.stabilize(log, token)
  }

  private giveUp(log: RingLog, reason: string, nodeId: number | null): void {
    const member = nodeId === null ? null : log.memberOf(nodeId)!
    count(this.counters, member ? 'receiversGivenUp' : 'ringsUsedUp')
    if (member) this.context.quarantine.strike(member.nodeId, this.context.nowMs)
    this.forming.gather(reason, (gathering) => member && gathering.fail(member, false))
  }

  private visited(): void {
    if (this.queue.drained()) this.listener.onDrain()
    if (this.leaving) this.departIfDone()
  }

  private departIfDone(): void {
    const { circulation } = this
    if (!circulation || circulation.phase !== Phase.operational || this.queue.length > 0) return
    if (circulation.log.safe >= circulation.lastOwnSequence) this.depart()
  }

  private depart(): void {
    if (this.stopped) return
    this.stopped = true
    const ring = this.deliveries.current
    if (ring) {
      const body = encodeRingId(ring.id)
      // Twice: whoever misses both still finds out by the silence.
      for (let i = 0; i < 2; i++) this.context.outbox.multicast(FrameKind.leave, body)
    }
    this.standStill()
    this.forming.stop()
    this.port.cancelTimer('merge')
    this.port.cancelTimer('leave')
    this.port.left()
  }
}
