import type { AisErrorName } from '../../base/index.js'
import type { Client } from '../../services/index.js'
import type { AmfEvent, Sent, WatchedConnection } from './amf-watcher.js'
import type { AmfReplica } from './amf-replica.js'
import type { EventLoop } from './event-loop.js'

/** On its way between two processes of one machine. */
const LATENCY_MS = 0.05

export type Answer =
  { readonly code: null; readonly result: unknown } | { readonly code: AisErrorName; readonly text: string }

interface Clock {
  readonly nowMs: number
  schedule(delayMs: number, run: () => void): void
}

/** What a process of the executive has for connections. */
export interface ConnectedServices {
  readonly amf: AmfReplica
  readonly amfConnections: Set<Connection>
  nextConnection(): number
}

/** The machine both run on. */
export interface ConnectedHost {
  readonly services: ConnectedServices | null
  /** Have something done by the executive that runs now, as soon as it takes it. */
  request(run: () => void): void
}

/** What is at the application's end of a connection. */
export interface Connected {
  onEvent(sent: Sent): void
  onDisconnected(): void
}

/** A connection between a process and the executive of its machine: what is sent arrives in order. */
export class Connection implements Client, WatchedConnection {
  readonly id: number
  brokenMs: number | null = null
  brokenByExecutive = false
  holds = 0

  /** @param services of an executive that runs */
  constructor(
    private readonly clock: Clock,
    private readonly node: ConnectedHost,
    private readonly services: ConnectedServices,
    private readonly loop: EventLoop,
    private readonly end: Connected,
  ) {
    this.id = services.nextConnection()
    services.amfConnections.add(this)
  }

  get amf(): AmfReplica {
    return this.services.amf
  }

  request(method: string, params: unknown, onAnswer: (answer: Answer) => void = () => undefined): void {
    let isAnswered = false
    const settle = (answer: Answer): void => {
      if (isAnswered) this.amf.watch.violate('calls have one answer', `amf.${method} was answered twice`)
      isAnswered = true
      this.toApplication(() => onAnswer(answer))
    }
    this.toExecutive(() =>
      this.amf.service.onRequest({
        client: this,
        method,
        params,
        answer: (result) => settle({ code: null, result }),
        fail: (code, text) => settle({ code, text }),
      }),
    )
  }

  event(_subscription: number, body: unknown): void {
    const view = this.amf.view?.ringId ?? null
    const sent: Sent = { body: body as AmfEvent, atMs: this.clock.nowMs, view }
    this.toApplication(() => this.end.onEvent(sent))
  }

  hold(): boolean {
    this.holds++
    return true
  }

  release(): void {
    this.holds--
  }

  readonly waitingOctets = 0
  readonly takenOctets = 0

  whenTaken(): void {
    // Everything is read at once.
  }

  /** The process is gone, or has closed it. */
  close(): void {
    if (this.brokenMs !== null) return
    this.brokenMs = this.clock.nowMs
    this.services.amfConnections.delete(this)
    this.toExecutive(() => this.amf.service.onClientGone(this))
  }

  /** The executive gives it up. */
  drop(): void {
    if (this.brokenMs !== null) return
    this.cut()
    this.node.request(() => this.amf.service.onClientGone(this))
  }

  /** The executive is gone. */
  cut(): void {
    if (this.brokenMs !== null) return
    this.brokenMs = this.clock.nowMs
    this.brokenByExecutive = true
    this.services.amfConnections.delete(this)
    this.clock.schedule(LATENCY_MS, () => this.loop.post(() => this.end.onDisconnected()))
  }

  private toExecutive(run: () => void): void {
    this.clock.schedule(LATENCY_MS, () => {
      if (this.node.services === this.services) this.node.request(run)
    })
  }

  /** What was sent before the connection broke still arrives. */
  private toApplication(run: () => void): void {
    if (this.brokenMs !== null) return
    this.clock.schedule(LATENCY_MS, () => this.loop.post(run))
  }
}
