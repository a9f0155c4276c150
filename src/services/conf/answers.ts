import { limits } from '../../base/index.js'
import type { View } from '../../group/index.js'
import type { NodeConfiguration } from './node-configuration.js'
import type { ConfPort } from './port.js'
import { encodeAnswer, type Answer, type Process, type Question, type QuestionKey } from './wire.js'

export function isSame(a: Process, b: Process): boolean {
  return a.nodeId === b.nodeId && a.incarnation === b.incarnation
}

function isSameKey(a: QuestionKey, b: QuestionKey): boolean {
  return a.number === b.number && isSame(a.asker, b.asker)
}

/**
 * What others ask of this node: one answer at a time is on its way, so that what is large does not crowd the
 * messages of other services out.
 */
export class Answers {
  private waiting: Question[] = []
  private current: Question | null = null
  /** The files are being looked at for it. */
  private isLooking = false
  /** Made, and there was no room for it. */
  private unsent: Uint8Array | null = null

  constructor(private readonly port: ConfPort) {}

  /** A question to this process came in. */
  add(question: Question): void {
    const isKnown = (other: Question): boolean => isSameKey(question, other)
    if (this.waiting.some(isKnown) || (this.current !== null && isKnown(this.current))) return
    const { nodeId } = question.asker
    const before = this.waiting.filter(({ asker }) => asker.nodeId === nodeId)
    // An executive has no more questions than that: it is an earlier life's that the oldest one is from.
    if (before.length >= limits.confQuestions) this.waiting.splice(this.waiting.indexOf(before[0]!), 1)
    this.waiting.push(question)
    this.next()
  }

  /** What this executive runs with, and its files as they are now. */
  describe(done: (configuration: NodeConfiguration) => void): void {
    const { configuration } = this.port
    this.port.lookAtFiles((digests) => {
      done({
        ...configuration,
        network: { ...configuration.network, digest: digests.network },
        groups: { ...configuration.groups, digest: digests.groups },
      })
    })
  }

  /**
   * Nobody waits for what a process asked that is gone. An answer that was on its way may be lost: whoever
   * waits for it asks again.
   */
  onView(view: View): void {
    const isMember = (process: Process): boolean => view.members.some((member) => isSame(member, process))
    this.waiting = this.waiting.filter(({ asker }) => isMember(asker))
    if (this.current === null || this.isLooking) return
    if (this.unsent !== null && isMember(this.current.asker)) return
    this.unsent = null
    this.current = null
    this.next()
  }

  /** An answer of this process was delivered. */
  onDelivered(answer: Answer): void {
    if (this.current === null || !isSameKey(answer, this.current)) return
    this.current = null
    this.next()
  }

  onDrain(): void {
    if (this.unsent !== null && this.port.send(this.unsent)) this.unsent = null
  }

  private next(): void {
    if (this.current !== null) return
    const question = this.waiting.shift()
    if (question === undefined) return
    this.current = question
    const { asker, number, wantsGroups } = question
    this.isLooking = true
    this.describe((configuration) => {
      this.isLooking = false
      const groupsText = wantsGroups ? this.port.groupsText : null
      this.unsent = encodeAnswer({ asker, number, document: JSON.stringify(configuration), groupsText })
      this.onDrain()
    })
  }
}
