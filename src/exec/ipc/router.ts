import type { Client, ServiceFront } from '../../services/index.js'
import { ClientRequest } from './client-request.js'
import type { Session } from './session.js'

/** Leads requests to the services: 'clm.clusterNodeGet' to the front that is called 'clm'. */
export class Router {
  readonly #fronts = new Map<string, ServiceFront>()

  constructor(fronts: readonly ServiceFront[]) {
    for (const front of fronts) this.#fronts.set(front.name, front)
  }

  route(session: Session, id: number, octets: number, method: string, params: unknown): void {
    const dot = method.indexOf('.')
    const front = dot < 0 ? undefined : this.#fronts.get(method.slice(0, dot))
    const name = method.slice(dot + 1)
    const request = new ClientRequest(session, id, octets, front === undefined ? method : name, params)
    if (front !== undefined) front.onRequest(request)
    else request.fail('ERR_NOT_SUPPORTED', this.#unknown(method))
  }

  onClientGone(client: Client): void {
    for (const front of this.#fronts.values()) front.onClientGone(client)
  }

  #unknown(method: string): string {
    const services = [...this.#fronts.keys()].join(', ')
    return `no service has the method ${JSON.stringify(method)}; services of this executive: ${services}`
  }
}
