import { limits } from '../../base/index.js'
import type { Context } from '../context.js'
import { count } from '../counters.js'
import type { RingLog } from '../ordering/ring-log.js'
import { encodeAnswer, encodeQuery, type AnswerMessage, type ProcessId } from '../wire/control.js'
import { FrameKind, type FrameHeader } from '../wire/header.js'
import { KnownProcesses } from './known-processes.js'
import { Meetings } from './meetings.js'

/** Between two queries of this process, and between two answers to one other: more is no use to anybody. */
const INTERVAL_MS = 10
/** Queries whose answers still count. */
const QUERIES = 8

/** What is known of one process. */
interface Witness {
  readonly incarnation: number
  /** It certainly ran at this time or later. */
  ranAtMs: number
  /** When it was last answered. */
  answeredAtMs: number
}

export interface AttendanceHooks {
  /** The installed ring, if any. */
  current(): RingLog | null
  /** Not held for failed here. */
  considers(process: ProcessId): boolean
}

/**
 * Who of the ring is certainly there. Only what went to a process and came back proves that, and as of the
 * time when it went: a frame that merely arrives may have waited here as long as this process did not run,
 * may be a repetition by the network, and data frames are sent again by others than those who made them.
 * The token proves it of all members with each rotation; while there is none, answers to queries do.
 */
export class Attendance {
  /** A member of the present configuration forms a ring without this process. */
  isExcluded = false
  /** Their queries alone: one that overtakes a join message does not make that a replay. */
  private readonly askers = new KnownProcesses()
  private readonly witnesses = new Map<number, Witness>()
  /** The ring whose token came last, and when it came; all its members ran at `rotationAtMs` or later. */
  private ring: RingLog | null = null
  private visitAtMs = -Infinity
  private rotationAtMs = -Infinity
  /** When the last token of an installed ring came, and when the last one that was not long in coming. */
  private tokenAtMs = -Infinity
  private currentAtMs = -Infinity
  /** The last sign of the present ring: its token, or that it was installed. */
  private silentSinceMs = -Infinity
  /** Until the last token of each ring that is not `ring` any more, and the last answer to each process. */
  private readonly meetings = new Meetings()
  private queries = 0
  private readonly askedAtMs: number[] = new Array<number>(QUERIES).fill(-Infinity)

  constructor(
    private readonly context: Context,
    private readonly hooks: AttendanceHooks,
  ) {}

  /** @param log the ring of the token, which was news */
  onToken(log: RingLog, isOperational: boolean): void {
    const { nowMs } = this.context
    if (log === this.ring) this.rotationAtMs = this.visitAtMs
    else this.beginRing(log)
    this.visitAtMs = nowMs
    // While a ring is being formed this process may still be behind what others did without it.
    if (!isOperational) return
    this.silentSinceMs = nowMs
    if (nowMs - this.tokenAtMs < this.context.options.tokenTimeoutMs / 2) this.currentAtMs = nowMs
    this.tokenAtMs = nowMs
  }

  /**
   * @param log in place of the present ring, which is still there
   * @param leavers who said that they end
   * @param refused whose hosts say that they have ended
   */
  onInstalled(log: RingLog, leavers: readonly ProcessId[], refused: readonly ProcessId[]): void {
    // A ring of one has no token.
    if (this.ring !== log) {
      this.beginRing(log)
      this.visitAtMs = -Infinity
    }
    for (const { nodeId } of leavers) this.meetings.onLeft(nodeId)
    for (const { nodeId } of refused) this.meetings.onRefused(nodeId)
    this.isExcluded = false
    this.silentSinceMs = this.context.nowMs
    for (const nodeId of this.witnesses.keys()) {
      if (log.indexOf(nodeId) < 0) this.witnesses.delete(nodeId)
    }
  }

  isCurrent(nowMs: number): boolean {
    if (this.hooks.current()?.members.length === 1) return true
    return nowMs - this.currentAtMs < this.context.options.tokenTimeoutMs / 2
  }

  silentMs(nowMs: number): number {
    return this.hooks.current()?.members.length === 1 ? 0 : nowMs - this.silentSinceMs
  }

  heardWithin(nowMs: number, windowMs: number): number[] {
    const { nodeId: self } = this.context.self
    const members = this.hooks.current()?.members ?? []
    return members
      .filter((member) => member.nodeId === self || nowMs - this.ranAtMs(member) <= windowMs)
      .map(({ nodeId }) => nodeId)
  }

  /**
   * Whoever counts this process as one that runs, by its token or its answer, has that from before this
   * time: so it is no matter which of the two heard the other last.
   */
  apartMs(nowMs: number, believesRefusals: boolean): number {
    const members = this.hooks.current()
    const isMember = (nodeId: number): boolean => (members?.indexOf(nodeId) ?? -1) >= 0
    const isRingMine = this.ring?.members.every(({ nodeId }) => isMember(nodeId)) ?? true
    const lastMs = this.meetings.lastMs(isMember, believesRefusals)
    return nowMs - Math.max(lastMs, isRingMine ? -Infinity : this.visitAtMs)
  }

  ask(): void {
    const { nowMs, mutedUntilMs, outbox, counters } = this.context
    const members = this.hooks.current()?.members ?? []
    if (members.length < 2 || nowMs < mutedUntilMs) return
    if (nowMs - this.askedAtMs[this.queries % QUERIES]! < INTERVAL_MS) return
    this.queries++
    this.askedAtMs[this.queries % QUERIES] = nowMs
    count(counters, 'queries')
    outbox.multicast(FrameKind.query, encodeQuery(this.queries))
  }

  /**
   * Only who is to stay is answered, at the address that the ring has of it: nobody can have others sent
   * anything.
   */
  onQuery(header: FrameHeader, number: number): void {
    const { nowMs, mutedUntilMs, outbox, counters } = this.context
    const asker = { nodeId: header.sender, incarnation: header.incarnation }
    const ring = this.hooks.current()
    if (nowMs < mutedUntilMs || !ring?.has(asker) || !this.hooks.considers(asker)) {
      return count(counters, 'refused.query')
    }
    if (!this.askers.take(header, nowMs)) return count(counters, 'refused.replay')
    const witness = this.witness(asker)
    if (nowMs - witness.answeredAtMs < INTERVAL_MS) return count(counters, 'refused.query')
    witness.answeredAtMs = nowMs
    this.meet(asker, nowMs)
    const { address } = ring.memberOf(asker.nodeId)!
    outbox.unicast(address, FrameKind.answer, encodeAnswer({ asker, number }))
  }

  onAnswer(header: FrameHeader, { asker, number }: AnswerMessage): void {
    const { self, counters } = this.context
    const sender = { nodeId: header.sender, incarnation: header.incarnation }
    const isOurs = asker.nodeId === self.nodeId && asker.incarnation === self.incarnation
    const isLate = number > this.queries || number <= this.queries - QUERIES
    if (!isOurs || isLate || !this.hooks.current()?.has(sender)) return count(counters, 'refused.answer')
    const witness = this.witness(sender)
    witness.ranAtMs = Math.max(witness.ranAtMs, this.askedAtMs[number % QUERIES]!)
    return count(counters, 'answers')
  }

  private meet({ nodeId }: ProcessId, atMs: number): void {
    // Nothing that is granted on the strength of a meeting lasts longer.
    this.meetings.note(nodeId, atMs, this.context.nowMs - 2 * this.context.options.tokenTimeoutMs)
  }

  private noteMeetings(): void {
    for (const member of this.ring?.members ?? []) {
      if (member.nodeId !== this.context.self.nodeId) this.meet(member, this.visitAtMs)
    }
  }

  private beginRing(log: RingLog): void {
    this.noteMeetings()
    for (const member of this.ring?.members ?? []) {
      if (!this.hooks.current()?.has(member) && !log.has(member)) continue
      const witness = this.witness(member)
      witness.ranAtMs = Math.max(witness.ranAtMs, this.rotationAtMs)
    }
    this.ring = log
    this.rotationAtMs = -Infinity
  }

  private ranAtMs(process: ProcessId): number {
    const known = this.witnesses.get(process.nodeId)
    const ranAtMs = known?.incarnation === process.incarnation ? known.ranAtMs : -Infinity
    return this.ring?.has(process) === true ? Math.max(ranAtMs, this.rotationAtMs) : ranAtMs
  }

  private witness({ nodeId, incarnation }: ProcessId): Witness {
    const known = this.witnesses.get(nodeId)
    if (known?.incarnation === incarnation) return known
    const witness = { incarnation, ranAtMs: -Infinity, answeredAtMs: -Infinity }
    if (known === undefined && this.witnesses.size >= 2 * limits.ringMembers) return witness
    this.witnesses.set(nodeId, witness)
    return witness
  }
}
