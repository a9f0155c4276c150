import type { Token } from '../wire/token.js'
import { OUTSTANDING_FRAMES_MAX } from './ring-log.js'

/** Rotations without a frame of others, after which what the token says of them is wrong or nothing. */
const IDLE_ROTATIONS = 3

export interface FlowLimits {
  /** Frames all members may multicast in one rotation. */
  readonly windowFrames: number
  /** Frames one member may multicast in one visit. */
  readonly maxMessagesPerVisit: number
}

/**
 * How many frames a visit of the token may multicast (Totem, section 7): the window is shared among
 * the members by what they have waiting, and nobody sends far ahead of the slowest receiver.
 */
export class FlowControl {
  private lastFrames = 0
  private lastBacklog = 0
  private idleRotations = 0

  constructor(private readonly flow: FlowLimits) {}

  allowance(token: Token, backlog: number, slowest: number): number {
    const others = Math.max(0, token.rotationFrames - this.lastFrames)
    const othersBacklog = Math.max(0, token.backlog - this.lastBacklog)
    const { windowFrames, maxMessagesPerVisit } = this.flow
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
}
