import { Amf } from '../../../src/api/index.js'
import type { AmfConnection } from '../../../src/api/amf-subscription.js'
import type { EventListener } from '../../../src/api/connection.js'
import { AisError, type AisErrorName, type HaState } from '../../../src/base/index.js'
import { overSocket, settle, type AskedCall } from './ckpt-executive.js'

export const LEASE_MS = 500

type Params = Readonly<Record<string, unknown>>

/**
 * An executive's AMF as a connection sees it, without a socket: it answers what the test says. What it is
 * asked and what it says goes through the encoding of the socket. Its clock is that of the leases.
 */
export class AmfExecutive {
  /** What was asked, in order. */
  asked: AskedCall[] = []
  readonly unsubscribed: number[] = []
  nowMs = 1000
  #answers = new Map<string, (params: Params) => unknown>()
  readonly #listeners: EventListener[] = []
  readonly #pending = new Set<(error: AisError) => void>()
  #isOpen = true

  readonly connection: AmfConnection

  constructor() {
    const isOpen = (): boolean => this.#isOpen
    this.connection = {
      owner: undefined,
      get isOpen() {
        return isOpen()
      },
      subscribe: (listener) => this.#listeners.push(listener),
      unsubscribe: (subscription) => void this.unsubscribed.push(subscription),
      call: (method, params, timeoutMs) => this.#call(method, params, timeoutMs),
      close: () => this.#lose('the connection was closed'),
    }
    this.answer('componentRegister', () => ({ leaseMs: LEASE_MS, nodeName: 'n', incarnation: 1 }))
  }

  answer(method: string, answer: (params: Params) => unknown): void {
    this.#answers.set(`amf.${method}`, answer)
  }

  fail(method: string, code: AisErrorName): void {
    this.answer(method, () => {
      throw new AisError(code, `${method} fails`)
    })
  }

  calls(method: string): Params[] {
    return this.asked.filter((call) => call.method === `amf.${method}`).map(({ params }) => params as Params)
  }

  /** Everything that was asked since the last time, in short. */
  heard(): string[] {
    const heard = this.asked.map(({ method, params }) => {
      const { component, subscription, ...rest } = params as Params
      void [component, subscription]
      return [method.replace('amf.', ''), ...Object.values(rest).map(String)].join(' ')
    })
    this.asked = []
    return heard
  }

  /** On the subscription with which the component was registered last. */
  event(component: string, ...bodies: object[]): void {
    const registered = this.#registrations(component).at(-1)!
    this.events(registered.subscription as number, ...bodies)
  }

  /** What comes in one go. */
  events(subscription: number, ...bodies: object[]): void {
    this.connection.owner?.onInput?.()
    for (const body of bodies) {
      if (!this.unsubscribed.includes(subscription)) this.#listeners[subscription - 1]!(overSocket(body))
    }
  }

  renew(component: string, sentAtMs = this.nowMs): void {
    this.event(component, { type: 'lease', sentAtMs })
  }

  kill(): void {
    this.#lose('the executive went away')
    this.connection.owner?.onLost(new AisError('ERR_TRY_AGAIN', 'gone'))
  }

  restart(): void {
    this.#isOpen = true
    this.connection.owner?.onRestored({} as never)
  }

  #allRegistrations: Params[] = []

  #registrations(component: string): Params[] {
    return this.#allRegistrations.filter((params) => params.component === component)
  }

  #lose(why: string): void {
    this.#isOpen = false
    const pending = [...this.#pending]
    this.#pending.clear()
    for (const reject of pending) reject(new AisError('ERR_TIMEOUT', why))
  }

  #call(method: string, params: unknown, timeoutMs: number | undefined): Promise<unknown> {
    if (!this.#isOpen) return Promise.reject(new AisError('ERR_TRY_AGAIN', `${method} was not sent`))
    const sent = overSocket(params) as Params
    this.asked.push({ method, params: sent, timeoutMs })
    if (method === 'amf.componentRegister') this.#allRegistrations.push(sent)
    return new Promise((resolve, reject) => {
      this.#pending.add(reject)
      const answer = async (): Promise<unknown> => this.#answers.get(method)?.(sent) ?? null
      answer().then(
        (result) => this.#pending.delete(reject) && resolve(overSocket(result)),
        (error: unknown) => this.#pending.delete(reject) && reject(error as AisError),
      )
    })
  }
}

/** As it comes over the socket. */
export function csiSet(invocation: number, haState: HaState, csi = 'pgA', epoch = 4096n): object {
  return {
    type: 'csi-set',
    invocation,
    si: 'raid-1',
    csi,
    haState,
    flags: 1,
    epoch,
    transition: 'new-assignment',
    activeComponent: null,
    activeNode: null,
    standbyRank: 0,
    attributes: [['path', ['/a', '/b']]],
  }
}

export function csiRemove(invocation: number, csi = 'pgA'): object {
  return { type: 'csi-remove', invocation, si: 'raid-1', csi, flags: 2 }
}

export interface Application {
  readonly amf: Amf
  readonly executive: AmfExecutive
  /** What it was told since the last time. */
  told(): string[]
  /** The number of the last callback. */
  last(): number
}

/** An application that listens to all but health checks, and answers nothing by itself. */
export function application(): Application {
  const executive = new AmfExecutive()
  const version = { releaseCode: 'B', majorVersion: 1, minorVersion: 1 }
  const amf = new Amf(executive.connection, version, () => executive.nowMs)
  const told: string[] = []
  let last = 0
  const tell = (text: string, invocation = last): void => {
    told.push(text)
    last = invocation
  }
  amf.on('csiSet', ({ invocation, haState, csiDescriptor: { csiName } }) =>
    tell(`csiSet ${csiName} ${haState}`, invocation),
  )
  amf.on('csiRemove', ({ invocation, csiName }) => tell(`csiRemove ${csiName}`, invocation))
  amf.on('componentTerminate', ({ invocation }) => tell('terminate', invocation))
  amf.on('readiness', ({ invocation, readiness }) => tell(readiness, invocation))
  amf.on('lapsed', ({ why, csis }) => tell(`lapsed ${why} ${csis.join(' ')}`))
  amf.on('dropped', (name, { code }) => tell(`dropped ${name} ${code}`))
  amf.on('lost', () => tell('lost'))
  amf.on('restored', () => tell('restored'))
  return {
    amf,
    executive,
    told: () => told.splice(0),
    last: () => last,
  }
}

/** One with a component under a live lease. */
export async function registered(name = 'a'): Promise<Application> {
  const app = application()
  await app.amf.componentRegister(name)
  await settle()
  app.executive.renew(name)
  app.executive.heard()
  return app
}
