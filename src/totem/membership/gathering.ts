import { limits } from '../../base/index.js'
import type { FailedProcess, JoinMessage, ProcessId } from '../wire/control.js'

/** The last join message of a process in this episode. */
export interface Proposal {
  readonly join: JoinMessage
  readonly incarnation: number
  /** The membership it proposes: see `membershipKey`. */
  readonly key: string
  readonly heardAtMs: number
}

interface Accusation {
  readonly accused: ProcessId
  readonly accuser: number
  readonly sinceMs: number
}

/** Which of two processes that cannot live in one ring is to stay. */
export type Preference = (a: number, b: number) => number

/**
 * The sets of the gather state (Totem, section 5.2): the processes known, those held for failed, and
 * what the others propose. Knows nothing of frames and timers.
 *
 * Where the paper adopts every failure it hears of, here a process that is accused and yet heard
 * is a *conflict*: only one of accuser and accused can be in the ring, and which one is decided by
 * a preference that all share, lest each side of a half-broken link take half of the ring with it.
 */
export class Gathering {
  /** The considered incarnation of each node. */
  private readonly processes = new Map<number, number>()
  private readonly failed = new Map<string, FailedProcess>()
  private readonly proposals = new Map<number, Proposal>()
  private readonly accusations = new Map<number, Accusation>()
  /** Who proposes a ring without this process, and since when. */
  private readonly grudges = new Map<number, number>()
  private roundSinceMs: number
  /** How often accuser and accused both lived. */
  conflicts = 0

  constructor(
    private readonly self: ProcessId,
    members: readonly ProcessId[],
    private readonly prefer: Preference,
    /** An accusation of a process heard shortly before stands if it stays silent for this long. */
    private readonly doubtMs: number,
    nowMs: number,
  ) {
    for (const member of members) this.processes.set(member.nodeId, member.incarnation)
    this.processes.set(self.nodeId, self.incarnation)
    this.roundSinceMs = nowMs
  }

  /** The membership proposed by this process: sorted by node id. */
  alive(): ProcessId[] {
    return this.all().filter((process) => !this.isFailed(process))
  }

  all(): ProcessId[] {
    return [...this.processes]
      .map(([nodeId, incarnation]) => ({ nodeId, incarnation }))
      .sort((a, b) => a.nodeId - b.nodeId)
  }

  failures(): FailedProcess[] {
    return [...this.failed.values()]
  }

  isFailed(process: ProcessId): boolean {
    return this.failed.has(processKey(process))
  }

  /** Considered and not held for failed. */
  includes(process: ProcessId): boolean {
    return this.processes.get(process.nodeId) === process.incarnation && !this.isFailed(process)
  }

  proposalOf(nodeId: number): Proposal | undefined {
    return this.proposals.get(nodeId)
  }

  /** Has said something in this round. */
  heard(nodeId: number): boolean {
    if (nodeId === this.self.nodeId) return true
    const proposal = this.proposals.get(nodeId)
    return (
      proposal !== undefined &&
      proposal.incarnation === this.processes.get(nodeId) &&
      proposal.heardAtMs >= this.roundSinceMs
    )
  }

  /** A second incarnation of a node replaces the first when it is newer, or when the first failed. */
  add(process: ProcessId): void {
    const { nodeId, incarnation } = process
    if (nodeId === this.self.nodeId || this.isFailed(process)) return
    const known = this.processes.get(nodeId)
    if (known === incarnation) return
    if (known === undefined && this.processes.size >= limits.ringMembers) return
    if (known !== undefined && known > incarnation && !this.isFailed({ nodeId, incarnation: known })) return
    this.processes.set(nodeId, incarnation)
    this.proposals.delete(nodeId)
    this.accusations.delete(nodeId)
  }

  /** @returns true when the sets changed: it is to be told to the others */
  onJoin(sender: ProcessId, join: JoinMessage, nowMs: number): boolean {
    const key = membershipKey(aliveOf(join))
    const before = this.key()
    this.add(sender)
    if (this.isFailed(sender) || this.processes.get(sender.nodeId) !== sender.incarnation) {
      return this.key() !== before
    }
    const proposal = { join, incarnation: sender.incarnation, key, heardAtMs: nowMs }
    this.proposals.set(sender.nodeId, proposal)
    this.resolveAccusation(sender)
    this.holdAgainst(sender, join, nowMs)
    if (this.isFailed(sender)) return this.key() !== before
    for (const process of join.processes) this.add(process)
    for (const process of join.failed) this.accuse(sender, process, nowMs)
    return this.key() !== before
  }

  /**
   * @param refused its host says that nobody listens there any more
   * @returns true when the sets changed
   */
  fail(process: ProcessId, left: boolean, refused = false): boolean {
    if (process.nodeId === this.self.nodeId || this.processes.get(process.nodeId) !== process.incarnation) {
      return false
    }
    const known = this.failed.get(processKey(process))
    if (known && (known.left || (!left && (known.refused === true || !refused)))) return false
    const { nodeId, incarnation } = process
    const failed = { nodeId, incarnation, left }
    this.failed.set(processKey(process), refused && !left ? { ...failed, refused } : failed)
    this.forgetFailures(process.nodeId)
    return !known
  }

  /** Of each node the last two failures are kept: more lives of one node in one episode are made up. */
  private forgetFailures(nodeId: number): void {
    const keys = [...this.failed].filter(([, failed]) => failed.nodeId === nodeId).map(([key]) => key)
    for (const key of keys.slice(0, -2)) this.failed.delete(key)
  }

  /** Accusations that stayed unanswered for long enough stand. @returns true when the sets changed */
  settleAccusations(nowMs: number): boolean {
    let changed = false
    for (const [nodeId, { accused, sinceMs }] of this.accusations) {
      if (nowMs - sinceMs < this.doubtMs) continue
      this.accusations.delete(nodeId)
      changed = this.fail(accused, false) || changed
    }
    return changed
  }

  /** Every process proposed here proposes the same membership. */
  consensus(): boolean {
    const alive = this.alive()
    const key = membershipKey(alive)
    return alive.every((process) => {
      if (process.nodeId === this.self.nodeId) return true
      const proposal = this.proposals.get(process.nodeId)
      return this.heard(process.nodeId) && proposal?.key === key
    })
  }

  unheard(): ProcessId[] {
    return this.alive().filter(({ nodeId }) => !this.heard(nodeId))
  }

  /** Heard, but proposing another membership. */
  disagreeing(): ProcessId[] {
    const key = membershipKey(this.alive())
    return this.alive().filter(
      ({ nodeId }) => nodeId !== this.self.nodeId && this.proposals.get(nodeId)?.key !== key,
    )
  }

  /** Everybody has to speak again to count as heard. */
  newRound(nowMs: number): void {
    this.roundSinceMs = nowMs
    this.accusations.clear()
  }

  private key(): string {
    return membershipKey(this.alive())
  }

  /**
   * The sender proposes a ring without this process. It may speak of the past: of an attempt that ended
   * while this process was paused. Only when it goes on like that can they not be in one ring.
   */
  private holdAgainst(sender: ProcessId, join: JoinMessage, nowMs: number): void {
    const { nodeId, incarnation } = this.self
    const excluded = join.failed.some(
      (failed) => failed.nodeId === nodeId && failed.incarnation === incarnation,
    )
    const sinceMs = this.grudges.get(sender.nodeId)
    if (!excluded) this.grudges.delete(sender.nodeId)
    else if (sinceMs === undefined) this.grudges.set(sender.nodeId, nowMs)
    else if (nowMs - sinceMs >= this.doubtMs) this.fail(sender, false)
  }

  private accuse(accuser: ProcessId, accused: FailedProcess, nowMs: number): void {
    if (accused.nodeId === this.self.nodeId) return
    if (this.isFailed(accused)) {
      this.fail(accused, accused.left, accused.refused)
      return
    }
    if (accused.left || !this.heard(accused.nodeId)) {
      this.fail(accused, accused.left, accused.refused)
    } else if (!this.accusations.has(accused.nodeId) && this.includes(accused)) {
      this.accusations.set(accused.nodeId, { accused, accuser: accuser.nodeId, sinceMs: nowMs })
    }
  }

  /** The accused spoke: it lives, so accuser and accused cannot both be in the ring. */
  private resolveAccusation(sender: ProcessId): void {
    const accusation = this.accusations.get(sender.nodeId)
    if (!accusation) return
    this.accusations.delete(sender.nodeId)
    const incarnation = this.processes.get(accusation.accuser)
    if (incarnation === undefined) return
    this.conflicts++
    const accuser = { nodeId: accusation.accuser, incarnation }
    const stays = this.prefer(accuser.nodeId, sender.nodeId)
    this.fail(stays === sender.nodeId ? accuser : sender, false)
  }
}

export function processKey(process: ProcessId): string {
  return `${process.nodeId}:${process.incarnation}`
}

export function membershipKey(processes: readonly ProcessId[]): string {
  return processes.map(processKey).join(' ')
}

/** The membership that a join message proposes. */
export function aliveOf(join: JoinMessage): ProcessId[] {
  const failed = new Set(join.failed.map(processKey))
  return join.processes
    .filter((process) => !failed.has(processKey(process)))
    .sort((a, b) => a.nodeId - b.nodeId)
}
