import type { RemoteInfo, Socket } from 'node:dgram'
import { bindSocket, openGroupSocket, prepareGroupSender } from '../../transport/index.js'
import { isNeighbour, type Place } from './place.js'
import { AnswerBy, wallClockUs } from './probe-frame.js'
import { Responder, type Arrival, type Ignored } from './responder.js'

export interface ListenerEvents {
  /** Somebody asked who has not asked before. */
  readonly onAsker: (address: string) => void
  /** Somebody who is not of this network asked, for the first time. */
  readonly onStranger: (address: string) => void
}

export interface ListenSummary {
  readonly askers: readonly { readonly address: string; readonly requests: number }[]
  readonly ignored: Readonly<Record<Ignored, number>>
}

/**
 * The other side of `ais doctor --peer`: answers probes on the group's port and on both ports of the chosen
 * address, as far as they are free; an executive that runs here keeps its own, and is not disturbed.
 *
 * Who is answered: the network of the chosen interface. With a ttl above 1 the cluster crosses routers, and
 * everybody is.
 */
export class Listener {
  readonly #responder: Responder
  readonly #groupSocket: Socket
  readonly #sender: Socket
  #isClosed = false
  /** By their port. */
  readonly #unicastSockets = new Map<number, Socket>()

  /** @throws TransportError when the group cannot be listened on, or this machine lacks the address */
  constructor(
    private readonly place: Place,
    private readonly events: ListenerEvents,
  ) {
    this.#groupSocket = openGroupSocket({ type: 'udp4', ...place })
    try {
      this.#sender = bindSocket('udp4', place.address, 0, false)
      prepareGroupSender(this.#sender, place)
    } catch (error) {
      this.#groupSocket.close()
      throw error
    }
    for (const port of [place.port - 1, place.port]) this.#openUnicast(port)
    const options = {
      clusterHash: place.clusterHash,
      netmtu: place.netmtu,
      mcastPort: place.port,
      isPortHeld: !this.#unicastSockets.has(place.port - 1),
      serves: (address: string) => place.ttl > 1 || isNeighbour(place, address),
    }
    this.#responder = new Responder(options, performance.now())
    this.#groupSocket.on('message', (frame, from) => this.#onFrame(frame, from, this.#sender, true))
    for (const socket of [this.#groupSocket, this.#sender]) socket.on('error', () => undefined)
  }

  /** The ports of the chosen address that are answered on. */
  get ports(): readonly number[] {
    return [...this.#unicastSockets.keys()]
  }

  get summary(): ListenSummary {
    const askers = [...this.#responder.askers].map(([address, { requests }]) => ({ address, requests }))
    return { askers, ignored: { ...this.#responder.ignored } }
  }

  /** May be called again. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const sockets = [this.#groupSocket, this.#sender, ...this.#unicastSockets.values()]
    await Promise.all(sockets.map((socket) => new Promise<void>((done) => socket.close(() => done()))))
  }

  #openUnicast(port: number): void {
    try {
      const socket = bindSocket('udp4', this.place.address, port, false)
      socket.on('error', () => undefined)
      socket.on('message', (frame, from) => this.#onFrame(frame, from, socket, false))
      this.#unicastSockets.set(port, socket)
    } catch {
      // An executive's, or another listener's.
    }
  }

  #onFrame(frame: Uint8Array, from: RemoteInfo, socket: Socket, byGroup: boolean): void {
    const nowMs = performance.now()
    const { address, port } = from
    const arrival: Arrival = { frame, address, port, byGroup, nowMs, receivedAtUs: wallClockUs() }
    const [askers, strangers] = [this.#responder.askers.size, this.#responder.strangers.size]
    const reply = this.#responder.take(arrival)
    if (this.#responder.strangers.size > strangers) this.events.onStranger(address)
    if (typeof reply === 'string') return
    if (this.#responder.askers.size > askers) this.events.onAsker(address)
    const answer = reply.seal(wallClockUs())
    // What cannot be sent is an answer that is lost: the asker finds out.
    const onSent = (): void => undefined
    if (reply.by === AnswerBy.group) this.#sender.send(answer, this.place.port, this.place.group, onSent)
    else (reply.by === AnswerBy.echo ? socket : this.#sender).send(answer, reply.port, address, onSent)
  }
}
