import type { RingLog } from '../ordering/ring-log.js'
import type { Context } from '../context.js'
import { count } from '../counters.js'
import type { LogLimiter } from '../log-limiter.js'
import type { FrameHeader } from '../wire/header.js'

const MUTE_MS = 2000
const DEFENCE_INTERVAL_MS = 1000

/**
 * Two daemons with one node id. The one that is in a ring, or else the older one, goes on; the
 * other stays by itself, says why, and tries again when its twin has not been heard for a while.
 */
export class Twins {
  private defendedAtMs = -Infinity

  constructor(
    private readonly context: Context,
    private readonly limiter: LogLimiter,
  ) {}

  /**
   * A message with our own node id that is not from this process.
   * @param alone this process is in no ring with others
   * @returns true when we are to announce ourselves, so that the twin learns of us
   */
  onOwnNodeId(header: FrameHeader, address: string, alone: boolean): boolean {
    const { context } = this
    const { options, nowMs } = context
    if (address === options.address) {
      count(context.counters, 'refused.stale')
      return false
    }
    this.report(header.sender, options.address, address)
    if (alone && header.incarnation < context.self.incarnation) {
      context.mutedUntilMs = nowMs + MUTE_MS
      return false
    }
    if (nowMs - this.defendedAtMs < DEFENCE_INTERVAL_MS) return false
    this.defendedAtMs = nowMs
    return true
  }

  /** Another address claims the node id of a member: it is not listened to while that member lives. */
  imitates(ring: RingLog | null, header: FrameHeader, address: string): boolean {
    const member = ring?.memberOf(header.sender)
    if (!member || member.address === address) return false
    this.report(header.sender, member.address, address)
    return true
  }

  private report(nodeId: number, kept: string, other: string): void {
    count(this.context.counters, 'duplicateNodeIds')
    const message =
      `node id ${nodeId} is used by two daemons, at ${kept} and at ${other}; ` +
      'give one of them another nodeid in its network.conf'
    this.limiter.log('error', `twin ${nodeId} ${other}`, message, this.context.nowMs)
  }
}
