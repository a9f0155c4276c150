import { limits } from '../../base/index.js'

interface Meeting {
  atMs: number
  /** Its host has said since that it is gone. */
  isRefused: boolean
}

/**
 * When other processes may last have learned that this one runs, by node id. What they then hold themselves
 * entitled to, with this one counted, has its end some time after that.
 */
export class Meetings {
  private readonly meetings = new Map<number, Meeting>()

  /** @param forgetMs older ones are nobody's concern */
  note(nodeId: number, atMs: number, forgetMs: number): void {
    const lastMs = this.meetings.get(nodeId)?.atMs ?? -Infinity
    this.meetings.delete(nodeId)
    this.meetings.set(nodeId, { atMs: Math.max(atMs, lastMs), isRefused: false })
    for (const [other, { atMs: otherMs }] of this.meetings) {
      if (otherMs < forgetMs || this.meetings.size > 2 * limits.ringMembers) this.meetings.delete(other)
    }
  }

  /** It said itself that it ends. */
  onLeft(nodeId: number): void {
    this.meetings.delete(nodeId)
  }

  onRefused(nodeId: number): void {
    const meeting = this.meetings.get(nodeId)
    if (meeting) meeting.isRefused = true
  }

  /** @returns the last one with any that is none of these; -Infinity: there is none */
  lastMs(isMember: (nodeId: number) => boolean, believesRefusals: boolean): number {
    let lastMs = -Infinity
    for (const [nodeId, { atMs, isRefused }] of this.meetings) {
      if (!isMember(nodeId) && !(isRefused && believesRefusals)) lastMs = Math.max(lastMs, atMs)
    }
    return lastMs
  }
}
