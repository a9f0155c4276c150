import { limits } from '../../base/index.js'
import type { View } from '../../group/index.js'
import type { Client, Request } from '../front.js'
import { isSame } from './answers.js'
import { readNodeConfiguration } from './node-configuration.js'
import type { ConfPort } from './port.js'
import { encodeQuestion, type Answer, type Process, type Question } from './wire.js'

interface Asked {
  readonly request: Request
  readonly question: Question
  /** The engine has taken it since the last view began. */
  isSent: boolean
  readonly stopWaiting: () => void
}

/** What applications of this node want to know of other members. */
export class Questions {
  private readonly asked = new Map<number, Asked>()
  private last = 0

  constructor(private readonly port: ConfPort) {}

  get size(): number {
    return this.asked.size
  }

  ask(request: Request, asked: Process, wantsGroups: boolean): void {
    if (this.asked.size >= limits.confQuestions) {
      request.fail('ERR_TRY_AGAIN', `${limits.confQuestions} nodes are being asked already; ask again`)
      return
    }
    this.last = (this.last + 1) % 2 ** 32
    const number = this.last
    const { nodeId, incarnation } = this.port
    const question: Question = { asker: { nodeId, incarnation }, number, asked, wantsGroups }
    const stopWaiting = this.port.after(limits.confAnswerMs, () => this.onLate(number))
    this.asked.set(number, { request, question, isSent: false, stopWaiting })
    this.send()
  }

  /** Whoever is not there any more is not waited for; the others are asked again, for it may be lost. */
  onView(view: View): void {
    for (const [number, asked] of [...this.asked]) {
      const { nodeId } = asked.question.asked
      const member = view.members.find((candidate) => candidate.nodeId === nodeId)
      asked.isSent = false
      if (member === undefined) {
        this.take(number)?.fail('ERR_NOT_EXIST', `node ${nodeId} has left the cluster before it answered`)
      } else if (!isSame(member, asked.question.asked)) {
        this.take(number)?.fail('ERR_TRY_AGAIN', `node ${nodeId} was started again; ask again`)
      }
    }
    this.send()
  }

  onClientGone(client: Client): void {
    for (const [number, { request }] of [...this.asked]) if (request.client === client) this.take(number)
  }

  /** @param from node id of who says it */
  onAnswer(from: number, { asker, number, document, groupsText }: Answer): void {
    const asked = isSame(asker, this.port) ? this.asked.get(number) : undefined
    if (asked === undefined || asked.question.asked.nodeId !== from) return
    this.take(number)
    const configuration = readNodeConfiguration(document)
    if (configuration !== null) {
      asked.request.answer({ nodeId: from, ...configuration, groupsText })
      return
    }
    const message = `node ${from} answered what this version cannot read`
    asked.request.fail('ERR_NOT_SUPPORTED', message)
  }

  onDrain(): void {
    this.send()
  }

  private send(): void {
    for (const asked of this.asked.values()) {
      if (asked.isSent) continue
      if (!this.port.send(encodeQuestion(asked.question))) return
      asked.isSent = true
    }
  }

  private onLate(number: number): void {
    const nodeId = this.asked.get(number)?.question.asked.nodeId
    const within = `within ${limits.confAnswerMs / 1000} s`
    const why = `node ${nodeId} has not answered ${within}: its version may not know the question`
    this.take(number)?.fail('ERR_TIMEOUT', why)
  }

  private take(number: number): Request | undefined {
    const asked = this.asked.get(number)
    if (asked === undefined) return undefined
    this.asked.delete(number)
    asked.stopWaiting()
    return asked.request
  }
}
