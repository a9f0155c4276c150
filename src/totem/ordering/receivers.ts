import type { Context } from '../context.js'
import type { Token } from '../wire/token.js'

/** Rotations for which a member may fail to receive what the others have, and at least a token timeout. */
const STUCK_ROTATIONS = 50

interface Progress {
  received: number
  rotations: number
  sinceMs: number
}

/** Whether each member of a ring receives what is multicast, as far as the token tells. */
export class Receivers {
  private readonly progress: readonly Progress[]

  /** @param own index of this member, which is not judged */
  constructor(
    count: number,
    private readonly own: number,
    private readonly context: Context,
  ) {
    const sinceMs = context.nowMs
    this.progress = Array.from({ length: count }, () => ({ received: 0, rotations: 0, sinceMs }))
  }

  /**
   * @param sequence frames up to here were multicast a rotation ago
   * @returns index of a member that for long has not received what is there; null: there is none
   */
  stuckOne(token: Token, sequence: number): number | null {
    const { nowMs, options } = this.context
    for (let i = 0; i < token.entries.length; i++) {
      const progress = this.progress[i]!
      const { received } = token.entries[i]!
      if (received > progress.received || received >= sequence || i === this.own) {
        progress.received = received
        progress.rotations = 0
        progress.sinceMs = nowMs
      } else if (
        ++progress.rotations > STUCK_ROTATIONS &&
        nowMs - progress.sinceMs > options.tokenTimeoutMs
      ) {
        return i
      }
    }
    return null
  }
}
