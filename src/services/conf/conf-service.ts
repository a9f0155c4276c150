import { LOCAL_NODE_ID } from '../../base/index.js'
import type { PlainService, View } from '../../group/index.js'
import type { Client, Request, ServiceFront } from '../front.js'
import { shown } from '../shown.js'
import { Answers, isSame } from './answers.js'
import type { ConfPort } from './port.js'
import { Questions } from './questions.js'
import { decodeMessage } from './wire.js'

/**
 * Which configuration each member runs with. It holds no state that members share: a node is asked, and says
 * what it was started with. Members that do not know the question are not disturbed by it.
 */
export class ConfService implements ServiceFront, PlainService {
  readonly id = 12
  readonly name = 'conf'
  private readonly questions: Questions
  private readonly answers: Answers
  private view: View | null = null

  constructor(private readonly port: ConfPort) {
    this.questions = new Questions(port)
    this.answers = new Answers(port)
  }

  /** Nobody waits for an answer of another node. */
  get quiet(): boolean {
    return this.questions.size === 0
  }

  onRequest(request: Request): void {
    const { method, params } = request
    if (method !== 'configurationGet') {
      const message = `conf has no method ${shown(method)}; it has configurationGet`
      request.fail('ERR_NOT_SUPPORTED', message)
    } else if (typeof params !== 'object' || params === null || Array.isArray(params)) {
      request.fail('ERR_INVALID_PARAM', `the parameters of conf.${method} are a map, not ${shown(params)}`)
    } else {
      this.get(request, params as Readonly<Record<string, unknown>>)
    }
  }

  onClientGone(client: Client): void {
    this.questions.onClientGone(client)
  }

  onView(view: View): void {
    this.view = view
    this.answers.onView(view)
    this.questions.onView(view)
  }

  onMessage(from: number, payload: Uint8Array): void {
    const message = decodeMessage(payload)
    if (message === null) return
    if ('question' in message) {
      const { question } = message
      if (question.asker.nodeId === from && isSame(question.asked, this.port)) this.answers.add(question)
      return
    }
    if (from === this.port.nodeId) this.answers.onDelivered(message.answer)
    this.questions.onAnswer(from, message.answer)
  }

  onDrain(): void {
    this.answers.onDrain()
    this.questions.onDrain()
  }

  private get(request: Request, { nodeId, groups }: Readonly<Record<string, unknown>>): void {
    if (typeof nodeId !== 'number' || !Number.isInteger(nodeId) || nodeId < 1 || nodeId > LOCAL_NODE_ID) {
      const expected = `1 to ${LOCAL_NODE_ID - 1}, or ${LOCAL_NODE_ID} for the node this is asked on`
      request.fail('ERR_INVALID_PARAM', `nodeId ${shown(nodeId)} is not ${expected}`)
    } else if (groups !== undefined && typeof groups !== 'boolean') {
      request.fail('ERR_INVALID_PARAM', `groups ${shown(groups)} is neither true nor false`)
    } else if (nodeId === LOCAL_NODE_ID || nodeId === this.port.nodeId) {
      const groupsText = groups === true ? this.port.groupsText : null
      this.answers.describe((configuration) => {
        request.answer({ nodeId: this.port.nodeId, ...configuration, groupsText })
      })
    } else {
      this.askMember(request, nodeId, groups === true)
    }
  }

  private askMember(request: Request, nodeId: number, wantsGroups: boolean): void {
    if (this.view === null) {
      const message = 'this node has just started and does not know the members of its cluster yet; ask again'
      request.fail('ERR_TRY_AGAIN', message)
      return
    }
    const member = this.view.members.find((candidate) => candidate.nodeId === nodeId)
    if (member === undefined) {
      request.fail('ERR_NOT_EXIST', `node ${nodeId} is no member of the cluster`)
      return
    }
    this.questions.ask(request, { nodeId, incarnation: member.incarnation }, wantsGroups)
  }
}
