import type { Token } from '../wire/token.js'
import { OUTSTANDING_FRAMES_MAX } from './ring-log.js'

/** Rotations without a frame of others, after which what the token says of them is wrong or nothing. */
const IDLE_ROTATIONS = 3

/** Frames all members may be allowed in one rotation, at most. */
const WINDOW_FRAMES_MAX = (OUTSTANDING_FRAMES_MAX * 3) / 4
/** The window grows while rotations are faster than this, and others need not wait long for the token. */
const FAST_ROTATION_MS = 10
/** Rotations slower than this make it smaller. */
const SLOW_ROTATION_MS = 25
/** Shares of a rotation's frames that were lost: up to which the window grows, and from which it shrinks. */
const FEW_LOST = 0.02
const MANY_LOST = 0.05
const GROWTH = 1.25
const DECLINE = 0.8
/** Hundredths: the windows as they are configured. */
export const SCALE_MIN = 100

/** What a ring begins with, and what it falls back to. */
export interface FlowLimits {
  /** Frames all members may multicast in one rotation. */
  readonly windowFrames: number
  /** Frames one member may multicast in one visit. */
  readonly maxMessagesPerVisit: number
  /** Frames of a visit sent after the token. */
  readonly acceleratedWindowFrames: number
}

/**
 * How many frames a visit of the token may multicast (Totem, section 7): the window is shared among
 * the members by what they have waiting, and nobody sends far ahead of the slowest receiver.
 *
 * Where there is more to send than the window holds it grows, as long as the token is quick and little is
 * lost: what a host takes at a time is not known beforehand. All three limits grow alike.
 */
export class FlowControl {
  private lastFrames = 0
  private lastBacklog = 0
  private idleRotations = 0
  private readonly scaleMax: number

  constructor(private readonly flow: FlowLimits) {
    this.scaleMax = Math.max(SCALE_MIN, Math.floor((SCALE_MIN * WINDOW_FRAMES_MAX) / flow.windowFrames))
  }

  /** Frames of a visit that may go out behind the token. */
  accelerated(token: Token): number {
    return this.scaled(this.flow.acceleratedWindowFrames, token)
  }

  /** Learn from a rotation, and tell all by the token: a window of each one's own would not be fair. */
  adapt(token: Token, rotationMs: number): void {
    const share = token.requests.length / Math.max(1, token.rotationFrames)
    let { scale } = token
    if (share > MANY_LOST) scale /= 2
    else if (rotationMs > SLOW_ROTATION_MS) scale *= DECLINE
    else if (token.backlog > 0 && rotationMs < FAST_ROTATION_MS && share <= FEW_LOST) scale *= GROWTH
    token.scale = Math.floor(Math.max(SCALE_MIN, Math.min(this.scaleMax, scale)))
  }

  allowance(token: Token, backlog: number, slowest: number): number {
    const others = Math.max(0, token.rotationFrames - this.lastFrames)
    const othersBacklog = Math.max(0, token.backlog - this.lastBacklog)
    const windowFrames = this.scaled(this.flow.windowFrames, token)
    const maxMessagesPerVisit = this.scaled(this.flow.maxMessagesPerVisit, token)
    const share = Math.ceil((windowFrames * backlog) / Math.max(1, backlog + othersBacklog))
    const ahead = OUTSTANDING_FRAMES_MAX - (token.sequence - slowest)
    return Math.max(0, Math.min(maxMessagesPerVisit, windowFrames - others, share, ahead, backlog))
  }

  /**
   * The sums on the token are only ever corrected part by part: what a forged token added would stay for
   * ever. The representative sets them right once nobody else has sent anything for some rotations.
   */
  correct(token: Token, idle: boolean): void {
    this.idleRotations = idle ? this.idleRotations + 1 : 0
    if (this.idleRotations < IDLE_ROTATIONS) return
    this.idleRotations = 0
    token.rotationFrames = this.lastFrames
    token.backlog = this.lastBacklog
  }

  /** Replace on the token what this member said at its last visit. */
  account(token: Token, frames: number, backlog: number): void {
    token.rotationFrames = Math.max(0, token.rotationFrames - this.lastFrames) + frames
    token.backlog = Math.max(0, token.backlog - this.lastBacklog) + backlog
    this.lastFrames = frames
    this.lastBacklog = backlog
  }

  private scaled(frames: number, { scale }: Token): number {
    return Math.floor((frames * Math.max(SCALE_MIN, Math.min(this.scaleMax, scale))) / SCALE_MIN)
  }
}
