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
  private factor = 1
  private readonly factorMax: number
  /** At the last visit the window held back what there was to send. */
  private isLimited = false

  constructor(private readonly flow: FlowLimits) {
    this.factorMax = Math.max(1, WINDOW_FRAMES_MAX / flow.windowFrames)
  }

  /** Frames of a visit that may go out behind the token. */
  get accelerated(): number {
    return Math.floor(this.flow.acceleratedWindowFrames * this.factor)
  }

  /**
   * Learn from a rotation.
   * @param lost frames that members lack
   * @param frames multicast in it by all members
   */
  adapt(rotationMs: number, lost: number, frames: number): void {
    const share = lost / Math.max(1, frames)
    if (share > MANY_LOST) this.factor = Math.max(1, this.factor / 2)
    else if (rotationMs > SLOW_ROTATION_MS) this.factor = Math.max(1, this.factor * DECLINE)
    else if (this.isLimited && rotationMs < FAST_ROTATION_MS && share <= FEW_LOST) {
      this.factor = Math.min(this.factorMax, this.factor * GROWTH)
    }
  }

  allowance(token: Token, backlog: number, slowest: number): number {
    const others = Math.max(0, token.rotationFrames - this.lastFrames)
    const othersBacklog = Math.max(0, token.backlog - this.lastBacklog)
    const windowFrames = Math.floor(this.flow.windowFrames * this.factor)
    const maxMessagesPerVisit = Math.floor(this.flow.maxMessagesPerVisit * this.factor)
    const share = Math.ceil((windowFrames * backlog) / Math.max(1, backlog + othersBacklog))
    const ahead = OUTSTANDING_FRAMES_MAX - (token.sequence - slowest)
    const allowed = Math.max(0, Math.min(maxMessagesPerVisit, windowFrames - others, share, ahead, backlog))
    this.isLimited = allowed < backlog
    return allowed
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
}
