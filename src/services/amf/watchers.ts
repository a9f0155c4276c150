import { limits } from '../../base/index.js'
import type { Client, Request } from '../front.js'
import { decisionDocument } from './explanation.js'
import { CallRefusal, subscriptionOf, type Params } from './params.js'
import type { Decision } from './state.js'

interface Watcher {
  readonly client: Client
  readonly subscription: number
}

/** Applications that follow the decisions of AMF as they are made. */
export class Watchers {
  private watchers: Watcher[] = []

  readonly methods = {
    watch: (request: Request, params: Params) => this.watch(request, params),
    watchStop: (request: Request, params: Params) => this.stop(request, params),
  }

  tell(decision: Decision): void {
    if (this.watchers.length === 0) return
    const body = decisionDocument(decision)
    // A list of its own: telling a client may end its connection.
    for (const { client, subscription } of [...this.watchers]) client.event(subscription, body)
  }

  onClientGone(client: Client): void {
    this.watchers = this.watchers.filter((watcher) => watcher.client !== client)
  }

  private watch(request: Request, params: Params): void {
    const { client } = request
    const subscription = subscriptionOf(params['subscription'])
    if (!this.has(client, subscription)) {
      if (this.watchers.length >= limits.amfWatchers || !client.hold()) {
        const text = `at most ${limits.amfWatchers} applications of a node follow decisions; stop one of them`
        throw new CallRefusal('ERR_NO_RESOURCES', text)
      }
      this.watchers.push({ client, subscription })
    }
    request.answer(null)
  }

  private stop(request: Request, params: Params): void {
    const { client } = request
    const subscription = subscriptionOf(params['subscription'])
    if (!this.has(client, subscription)) {
      throw new CallRefusal('ERR_NOT_EXIST', `no decisions are followed by subscription ${subscription}`)
    }
    this.watchers = this.watchers.filter((one) => one.client !== client || one.subscription !== subscription)
    client.release()
    request.answer(null)
  }

  private has(client: Client, subscription: number): boolean {
    return this.watchers.some((one) => one.client === client && one.subscription === subscription)
  }
}
