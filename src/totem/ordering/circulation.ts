import { invariant, limits } from '../../base/index.js'
import type { Context } from '../context.js'
import { count } from '../counters.js'
import { encodeRingId } from '../wire/control.js'
import { ownFrame, type UnsealedFrame } from '../wire/data-frame.js'
import { FrameKind } from '../wire/header.js'
import { encodeToken, Phase, requestCapacity, type Token } from '../wire/token.js'
import { FlowControl, SCALE_MIN } from './flow-control.js'
import { Receivers } from './receivers.js'
import type { RecoverySource } from './recovery.js'
import { OUTSTANDING_FRAMES_MAX, type RingLog } from './ring-log.js'
import type { SendQueue } from './send-queue.js'

const PROBE_INTERVAL_MS = 10
const RETRANSMIT_MIN_MS = 10
/** Fewer frames than these go out, and are delivered here, before the token. */
const ACCELERATED_FRAMES_MIN = 4
/** A ring is formed anew this long before its sequence numbers end. */
const SEQUENCE_RESERVE = 4096

/** What a visit of the token makes happen outside of the circulation. */
export interface CirculationHooks {
  /** All members have received all frames of their old rings: install the ring. */
  install(): void
  /** Frames became deliverable, or watermarks moved. */
  advance(token: Token): void
  /** This member now owes its companions delivery. */
  oblige(): void
  /** The ring can't go on. */
  giveUp(reason: string, nodeId: number | null): void
  /** End of a visit. */
  visited(token: Token): void
}

/** One ring's token at one member: visits, flow control, hold, retransmission, probes. */
export class Circulation {
  /** Count of the last token sent on. */
  sentCount = 0
  sentAtMs = 0
  phase: number = Phase.recovering
  /** Number of the last frame of this member's own. */
  lastOwnSequence = 0
  /** The token last passed on had nothing left to do: every watermark was at the last message. */
  quiet = false
  /** Of the last token passed on if it was; else -1. */
  private quietSequence = -1
  private lastCount = 0
  /** Of the token as this member last passed it: frames up to here were multicast a rotation ago. */
  private lastSequence: number
  private readonly flow: FlowControl
  private readonly index: number
  private readonly successor: string
  private readonly receivers: Receivers
  private stopped = false
  private held: Token | null = null
  private holdCancelled = false
  private sent: Uint8Array | null = null
  private sentSequence = 0
  private retransmitMs = RETRANSMIT_MIN_MS
  private visitedAtMs: number
  private rotationMs = 0
  private lastRotationMs = 0

  constructor(
    private readonly context: Context,
    readonly log: RingLog,
    private readonly queue: SendQueue,
    private readonly source: RecoverySource | null,
    private readonly hooks: CirculationHooks,
  ) {
    const { nodeId } = context.self
    this.index = log.indexOf(nodeId)
    invariant(this.index >= 0, 'a process circulates the token of a ring it is not in')
    this.successor = log.members[(this.index + 1) % log.members.length]!.address
    this.flow = new FlowControl(context.options)
    this.lastSequence = log.firstSequence
    this.visitedAtMs = context.nowMs
    this.receivers = new Receivers(log.members.length, this.index, context)
  }

  private get alone(): boolean {
    return this.log.members.length === 1
  }

  private get representative(): boolean {
    return this.index === 0
  }

  get predecessorIndex(): number {
    return (this.index + this.log.members.length - 1) % this.log.members.length
  }

  get successorId(): number {
    return this.log.members[(this.index + 1) % this.log.members.length]!.nodeId
  }

  /** The representative makes the ring's first token. */
  begin(): void {
    const { id, firstSequence, members } = this.log
    const entries = members.map(() => ({ received: firstSequence, delivered: firstSequence, phase: 0 }))
    this.visit({
      ringId: id,
      count: 0,
      sequence: firstSequence,
      rotationFrames: 0,
      backlog: 0,
      scale: SCALE_MIN,
      entries,
      requests: [],
    })
  }

  /** @returns false for a token that is not the next one of this ring */
  onToken(token: Token): boolean {
    const fits = token.entries.length === this.log.members.length
    if (!fits || token.count <= this.lastCount || token.sequence < this.lastSequence) return false
    // More than flow control lets anybody number in a rotation.
    if (token.sequence - this.lastSequence > 2 * OUTSTANDING_FRAMES_MAX) return false
    this.lastCount = token.count
    this.sent = null
    this.held = null
    this.context.port.cancelTimer('token-retransmit')
    this.measureRotation()
    this.visit(token)
    return true
  }

  /** A frame of this ring with a number beyond the last token's: somebody has got that token. */
  onEvidence(sequence: number): void {
    if (!this.sent || sequence <= this.sentSequence) return
    this.sent = null
    this.context.port.cancelTimer('token-retransmit')
  }

  /** A message was submitted: an idle ring must not wait for its hold to end. */
  kick(): void {
    if (this.phase !== Phase.operational) return
    if (this.held) {
      this.context.port.setTimer('token-hold', 0)
    } else if (this.quiet && !this.representative) {
      this.quiet = false
      const { outbox } = this.context
      outbox.unicast(this.log.members[0]!.address, FrameKind.cancelHold, encodeRingId(this.log.id))
    }
  }

  onCancelHold(): void {
    if (this.held) this.onHoldTimer()
    else this.holdCancelled = true
  }

  onHoldTimer(): void {
    const token = this.held
    if (!token) return
    this.held = null
    this.holdCancelled = true
    this.visit(token)
  }

  onRetransmitTimer(): void {
    if (!this.sent) return
    count(this.context.counters, 'tokensRetransmitted')
    this.toSuccessor(this.sent)
    this.retransmitMs = Math.min(this.retransmitMs * 2, this.context.options.retransmitMaxMs)
    this.context.port.setTimer('token-retransmit', this.retransmitMs)
  }

  onProbeTimer(): void {
    for (const frame of this.context.outbox.cut(FrameKind.probe, encodeRingId(this.log.id))) {
      this.toSuccessor(frame)
    }
  }

  stop(): void {
    this.stopped = true
    this.held = this.sent = null
    const { port } = this.context
    for (const timer of ['token-loss', 'token-retransmit', 'token-hold', 'probe'] as const) {
      port.cancelTimer(timer)
    }
  }

  private visit(token: Token): void {
    const entry = token.entries[this.index]!
    entry.received = this.log.received
    if (!this.checkReceivers(token)) return
    this.proceed(token)
    const idle = token.sequence === this.lastSequence && token.requests.length === 0
    if (this.representative) {
      this.flow.adapt(token, this.lastRotationMs)
      this.flow.correct(token, idle)
    }
    const resent = this.resend(token)
    this.hooks.advance(token)
    if (this.stopped) return
    const backlog = this.waiting()
    const slowest = Math.min(...token.entries.map((other) => other.received))
    const frames = this.collect(token, this.flow.allowance(token, backlog, slowest))
    if (this.stopped) return
    this.flow.account(token, frames.length + resent, this.waiting())
    this.request(token)
    if (this.phase === Phase.recovering && this.waiting() === 0) this.phase = Phase.sent
    this.acknowledgeRecovery(token)
    entry.received = this.log.received
    entry.delivered = this.log.delivered
    entry.phase = this.phase
    // Of a few none goes out behind the token: it costs the others nothing to wait for them, and what comes
    // behind it is told as received a rotation later.
    const isMany = frames.length >= ACCELERATED_FRAMES_MIN
    const isAccelerated = isMany && this.phase === Phase.operational
    const first = frames.length - (isAccelerated ? Math.min(frames.length, this.flow.accelerated(token)) : 0)
    const { port } = this.context
    if (first > 0) port.multicastAll(first === frames.length ? frames : frames.slice(0, first))
    this.lastSequence = token.sequence
    this.pass(token)
    if (first < frames.length) port.multicastAll(frames.slice(first))
    // What takes its time here is no reason for the others to wait.
    if (isMany) this.hooks.advance(token)
    if (this.stopped) return
    this.hooks.visited(token)
  }

  /** How far the members are with the recovery: may make this one install the ring. */
  private proceed(token: Token): void {
    if (this.phase !== Phase.received) return
    if (token.entries.some((entry) => entry.phase < Phase.received)) return
    this.phase = Phase.operational
    token.entries[this.index]!.phase = Phase.operational
    this.hooks.install()
  }

  /**
   * Only once all have sent everything does having received everything mean something; and who says
   * so may be relied on by others to deliver, whether or not it sees the ring installed itself.
   */
  private acknowledgeRecovery(token: Token): void {
    if (this.phase !== Phase.sent || this.log.received !== token.sequence) return
    const others = token.entries.every((entry, index) => index === this.index || entry.phase >= Phase.sent)
    if (!others) return
    this.phase = Phase.received
    this.hooks.oblige()
  }

  private waiting(): number {
    if (this.phase === Phase.operational) return this.queue.frames
    return this.source?.frames ?? 0
  }

  /** Number and seal new frames; they count as received here from now on. */
  private collect(token: Token, allowance: number): Uint8Array[] {
    const frames: Uint8Array[] = []
    while (frames.length < allowance && this.waiting() > 0) {
      token.sequence++
      const unsealed = this.nextFrame(token.sequence)
      const { octets } = unsealed
      this.context.outbox.seal(octets, FrameKind.data, unsealed.flags)
      if (!this.log.store(ownFrame(unsealed, this.log.id, this.context.self, token.sequence))) {
        this.hooks.giveUp(
          `a frame was here under number ${token.sequence} before its time: it was forged`,
          null,
        )
        return frames
      }
      frames.push(octets)
      this.lastOwnSequence = token.sequence
    }
    count(this.context.counters, 'framesSent', frames.length)
    token.entries[this.index]!.received = this.log.received
    if (frames.length > 0 && frames.length < ACCELERATED_FRAMES_MIN) this.hooks.advance(token)
    return frames
  }

  private nextFrame(sequence: number): UnsealedFrame {
    if (this.phase === Phase.operational) return this.queue.nextFrame(this.log.id, sequence)
    return this.source!.nextFrame(this.log.id, sequence)
  }

  /** Multicast again what others lack. */
  private resend(token: Token): number {
    if (token.requests.length === 0) return 0
    const open: number[] = []
    const frames: Uint8Array[] = []
    const slowest = Math.min(...token.entries.map(({ received }) => received))
    for (const sequence of new Set(token.requests)) {
      // Nobody needs it any more, or nobody can have it: an honest token holds no such request.
      if (sequence <= slowest || sequence > token.sequence) continue
      const frame =
        frames.length < this.context.options.maxMessagesPerVisit ? this.log.get(sequence) : undefined
      if (frame) {
        frames.push(frame.octets)
      } else {
        open.push(sequence)
      }
    }
    token.requests = open
    if (frames.length > 0) this.context.port.multicastAll(frames)
    count(this.context.counters, 'framesRetransmitted', frames.length)
    return frames.length
  }

  private request(token: Token): void {
    const limit = this.lastSequence
    const capacity = requestCapacity(token.entries.length, this.context.outbox.frameOctets)
    if (token.requests.length > capacity) token.requests.length = capacity
    const room = capacity - token.requests.length
    if (this.log.received >= limit || room === 0) return
    // Frames numbered in this rotation may still be under way, those of the last one are lost.
    const known = new Set(token.requests)
    const missing = this.log.missing(limit, room).filter((sequence) => !known.has(sequence))
    count(this.context.counters, 'framesRequested', missing.length)
    token.requests.push(...missing)
  }

  /** Fail-to-receive: a member that for long has not received what is there cannot stay. */
  private checkReceivers(token: Token): boolean {
    const stuck = this.receivers.stuckOne(token, this.lastSequence)
    if (stuck !== null) {
      const member = this.log.members[stuck]!
      const why = `${member.name} (${member.address}) does not receive what is multicast`
      this.hooks.giveUp(why, member.nodeId)
      return false
    }
    if (this.log.highest > token.sequence) {
      this.hooks.giveUp(
        `there is a frame with number ${this.log.highest}, which no token has given: forged`,
        null,
      )
      return false
    }
    if (token.sequence > limits.messageSequenceMax - SEQUENCE_RESERVE) {
      this.hooks.giveUp('the sequence numbers of the ring are used up', null)
      return false
    }
    return true
  }

  private pass(token: Token): void {
    const { port, options } = this.context
    // Only when the last rotation was quiet as well, and since then nobody has sent anything, has everybody
    // seen that the token may be held.
    const wasQuiet = this.quietSequence === token.sequence
    this.quiet = this.isQuiet(token)
    this.quietSequence = this.quiet ? token.sequence : -1
    if (this.alone) {
      this.held = token
      // What this visit sent is stable only with the next one.
      const isTold = this.quiet && this.log.stable >= token.sequence
      if (!isTold || this.phase !== Phase.operational) port.setTimer('token-hold', 0)
      return
    }
    port.setTimer('token-loss', options.tokenTimeoutMs)
    if (this.representative && this.quiet && wasQuiet && !this.holdCancelled && options.holdMs > 0) {
      this.held = token
      count(this.context.counters, 'tokenHolds')
      port.setTimer('token-hold', options.holdMs)
      return
    }
    this.holdCancelled = false
    token.count++
    this.send(token)
  }

  private send(token: Token): void {
    const frame = encodeToken(token)
    this.context.outbox.seal(frame, FrameKind.token)
    this.sent = frame
    this.sentCount = token.count
    this.sentAtMs = this.context.nowMs
    this.sentSequence = token.sequence
    this.lastCount = token.count
    this.retransmitMs = this.retransmitDelay()
    this.context.port.setTimer('token-retransmit', this.retransmitMs)
    this.toSuccessor(frame)
  }

  private toSuccessor(frame: Uint8Array): void {
    this.context.port.setTimer('probe', PROBE_INTERVAL_MS)
    this.context.port.unicast(this.successor, frame)
  }

  /** Twice a rotation, and the hold that an idle ring adds. */
  private retransmitDelay(): number {
    const { holdMs, retransmitMaxMs } = this.context.options
    return Math.min(Math.max(RETRANSMIT_MIN_MS, 2 * (this.rotationMs + holdMs)), retransmitMaxMs)
  }

  private measureRotation(): void {
    const { nowMs } = this.context
    this.lastRotationMs = nowMs - this.visitedAtMs
    this.rotationMs += (this.lastRotationMs - this.rotationMs) / 8
    this.visitedAtMs = nowMs
  }

  /** Nothing to send, nothing missing, and every watermark at the last message. */
  private isQuiet(token: Token): boolean {
    const { sequence } = token
    return (
      token.backlog === 0 &&
      token.requests.length === 0 &&
      this.queue.length === 0 &&
      token.entries.every(
        ({ phase, received, delivered }) =>
          phase === Phase.operational && received === sequence && delivered === sequence,
      )
    )
  }
}
