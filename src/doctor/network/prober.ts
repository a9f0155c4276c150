import type { RemoteInfo, Socket } from 'node:dgram'
import { randomBytes } from 'node:crypto'
import { bindSocket, openGroupSocket, prepareGroupSender, UdpChannel } from '../../transport/index.js'
import type { Place } from './place.js'
import {
  AnswerBy,
  decodeProbe,
  encodeProbe,
  PROBE_OCTETS,
  wallClockUs,
  type ProbeAnswer,
} from './probe-frame.js'

/** One request, and for how long answers to it are awaited. */
export interface Question {
  /** null: all that listen on the group. */
  readonly to: string | null
  /** Of the address; of no meaning for the group. */
  readonly port: number
  /** Octets of the request, and of the answer that is wanted: PROBE_OCTETS if not given. */
  readonly octets?: number
  readonly answerOctets?: number
  readonly answerBy?: AnswerBy
  /** Who is to answer; once all have, the rest of the time is not waited for. */
  readonly expected: readonly string[]
  readonly timeoutMs: number
}

export interface Answer {
  readonly from: string
  readonly probe: ProbeAnswer
  /** As many octets of it arrived. */
  readonly octets: number
  readonly roundTripMs: number
  /** Wall clock, microseconds. */
  readonly arrivedAtUs: number
}

interface Pending {
  readonly question: Question
  readonly sentAtMs: number
  readonly answers: Answer[]
  /** It came back by the group to who sent it. */
  isHeard: boolean
  readonly finish: () => void
}

/**
 * Asks listening doctors, by sockets opened as the executive opens its own, and beside them: nothing is bound
 * that an executive which runs here needs, and its ring sees no more than frames that are not its own.
 */
export class Prober {
  /** Sends to the group, and takes what is echoed to that. */
  readonly #asker: Socket
  readonly #groupSocket: Socket
  /** Takes what comes as the executive's unicast would, where one of the two ports is free. */
  readonly #back: { readonly socket: Socket; readonly port: number } | null
  readonly #channels = new Map<string, UdpChannel>()
  readonly #session = randomBytes(4).readUInt32LE()
  readonly #pending = new Map<number, Pending>()
  /** The last error of sending, for each destination. */
  readonly #errors = new Map<string, NodeJS.ErrnoException>()
  #lastNumber = 0

  /** @throws TransportError when the group cannot be listened on */
  constructor(private readonly place: Place) {
    this.#groupSocket = openGroupSocket({ type: 'udp4', ...place })
    try {
      this.#asker = bindSocket('udp4', place.address, 0, false)
      prepareGroupSender(this.#asker, place)
    } catch (error) {
      this.#groupSocket.close()
      throw error
    }
    this.#back = openFirst(place.address, [place.port - 1, place.port])
    for (const socket of [this.#groupSocket, this.#asker, this.#back?.socket]) {
      socket?.on('error', (error) => this.#onError('group', error))
      socket?.on('message', (frame, from) => this.#onFrame(frame, from))
    }
  }

  /** Where answers by a new flow are taken; null: both ports are held by others. */
  get backPort(): number | null {
    return this.#back?.port ?? null
  }

  /** Why the last request to that port, or to the group, did not get there, as far as this system knows. */
  errorOf(to: string | null, port: number): NodeJS.ErrnoException | null {
    return this.#errors.get(destinationOf(to, port)) ?? null
  }

  /** @returns the answers that came in time, in their order; none where the destination refused */
  async ask(question: Question): Promise<readonly Answer[]> {
    return (await this.#ask(question)).answers
  }

  /** Multicast to ourselves. @returns whether it came back */
  async hearsItself(timeoutMs: number): Promise<boolean> {
    const { address } = this.place
    const pending = await this.#ask({ to: null, port: this.place.port, expected: [address], timeoutMs })
    return pending.isHeard
  }

  async close(): Promise<void> {
    for (const { finish } of [...this.#pending.values()]) finish()
    for (const channel of this.#channels.values()) channel.close()
    const sockets = [this.#groupSocket, this.#asker, ...(this.#back === null ? [] : [this.#back.socket])]
    await Promise.all(sockets.map((socket) => new Promise<void>((done) => socket.close(() => done()))))
  }

  #ask(question: Question): Promise<Pending> {
    const number = (this.#lastNumber = (this.#lastNumber + 1) >>> 0)
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish(), question.timeoutMs)
      const finish = (): void => {
        clearTimeout(timer)
        this.#pending.delete(number)
        resolve(pending)
      }
      const sentAtMs = performance.now()
      const pending: Pending = { question, sentAtMs, answers: [], isHeard: false, finish }
      this.#pending.set(number, pending)
      this.#send(question, this.#encode(question, number))
    })
  }

  #encode(question: Question, number: number): Uint8Array {
    const { octets = PROBE_OCTETS, answerOctets = PROBE_OCTETS, answerBy = AnswerBy.echo } = question
    const { clusterHash, netmtu } = this.place
    const fields = { clusterHash, netmtu, session: this.#session, number, answerBy, answerOctets }
    const request = { ...fields, kind: 'request' as const, answerPort: this.#back?.port ?? 0 }
    return encodeProbe({ ...request, askedAtUs: wallClockUs() }, octets)
  }

  #send({ to, port }: Question, frame: Uint8Array): void {
    if (to === null) {
      const { group } = this.place
      this.#asker.send(frame, this.place.port, group, (error) => {
        if (error !== null) this.#onError('group', error)
      })
      return
    }
    const destination = destinationOf(to, port)
    let channel = this.#channels.get(destination)
    if (channel === undefined) {
      channel = new UdpChannel({
        type: 'udp4',
        ownAddress: this.place.address,
        address: to,
        port,
        prepare: (socket) => socket.on('message', (echo, from) => this.#onFrame(echo, from)),
        onError: (error) => this.#onError(destination, error),
      })
      this.#channels.set(destination, channel)
    }
    channel.send(frame)
  }

  /** Who refuses a request will not answer it. */
  #onError(destination: string, error: NodeJS.ErrnoException): void {
    this.#errors.set(destination, error)
    for (const { question, finish } of [...this.#pending.values()]) {
      if (destinationOf(question.to, question.port) === destination) finish()
    }
  }

  #onFrame(frame: Uint8Array, from: RemoteInfo): void {
    const nowMs = performance.now()
    const arrivedAtUs = wallClockUs()
    const probe = decodeProbe(frame)
    if (probe === null || probe.session !== this.#session) return
    const pending = this.#pending.get(probe.number)
    if (pending === undefined) return
    const { question, answers, sentAtMs } = pending
    if (probe.kind === 'request') {
      pending.isHeard = true
      if (question.expected.includes(this.place.address)) pending.finish()
      return
    }
    if (question.to !== null && from.address !== question.to) return
    if (answers.some((known) => known.from === from.address)) return
    const roundTripMs = nowMs - sentAtMs
    answers.push({ from: from.address, probe, octets: frame.length, roundTripMs, arrivedAtUs })
    if (question.expected.every((address) => answers.some((known) => known.from === address)))
      pending.finish()
  }
}

function destinationOf(to: string | null, port: number): string {
  return to === null ? 'group' : `${to}:${port}`
}

function openFirst(
  address: string,
  ports: readonly number[],
): { readonly socket: Socket; readonly port: number } | null {
  for (const port of ports) {
    try {
      return { socket: bindSocket('udp4', address, port, false), port }
    } catch {
      // Held by an executive that runs here: the next one will do as well.
    }
  }
  return null
}
