import type { RingId } from '../../group/index.js'
import type { Context } from '../context.js'
import { count } from '../counters.js'
import { encodeCommit, type CommitToken, type JoinMessage, type ProcessId } from '../wire/control.js'
import { FrameKind } from '../wire/header.js'

const RETRANSMIT_MS = 10

/** Sends the commit token on, and again until there is a sign that it arrived. */
export class CommitRelay {
  sentAtMs = 0
  private frames: Uint8Array[] = []
  private to = ''

  constructor(private readonly context: Context) {}

  /** @param index place of this process among the token's entries */
  forward(token: CommitToken, index: number): void {
    token.hop++
    this.sentAtMs = this.context.nowMs
    this.to = token.entries[(index + 1) % token.entries.length]!.address
    this.frames = this.context.outbox.cut(FrameKind.commit, encodeCommit(token))
    this.send()
  }

  onTimer(): void {
    if (this.frames.length === 0) return
    count(this.context.counters, 'commitTokensRetransmitted')
    this.send()
  }

  /** The next process has got it, or nobody needs it any more. */
  stop(): void {
    this.frames = []
    this.context.port.cancelTimer('commit-retransmit')
  }

  private send(): void {
    this.context.port.setTimer('commit-retransmit', RETRANSMIT_MS)
    for (const frame of this.frames) this.context.port.unicast(this.to, frame)
  }
}

/** A commit token that nobody has filled in yet. `proposals`: the joins of `processes`, without our own. */
export function newCommitToken(
  context: Context,
  ringId: RingId,
  processes: readonly ProcessId[],
  proposals: readonly (JoinMessage | undefined)[],
  leavers: readonly ProcessId[],
): CommitToken {
  const { options } = context
  const entries = processes.map((process, index) => ({
    ...process,
    address: proposals[index]?.address ?? options.address,
    name: proposals[index]?.name ?? options.nodeName,
    filled: false,
    oldRing: { representative: 0, sequence: 0 },
    oldReceived: 0,
    oldHighest: 0,
    oldSafe: 0,
    obligations: new Uint8Array(0),
  }))
  return { ringId, hop: 0, firstSequence: options.firstSequence ?? 0, entries, leavers }
}
