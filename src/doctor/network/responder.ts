import { limits } from '../../base/index.js'
import { Allowance } from './allowance.js'
import { AnswerBy, decodeProbe, encodeProbe, PROBE_OCTETS, type ProbeRequest } from './probe-frame.js'

export interface ResponderOptions {
  readonly clusterHash: number
  readonly netmtu: number
  readonly mcastPort: number
  /** Another process holds the unicast port of this machine. */
  readonly isPortHeld: boolean
  /** Whether who has this address may ask. */
  readonly serves: (address: string) => boolean
}

export interface Arrival {
  readonly frame: Uint8Array
  readonly address: string
  readonly port: number
  readonly byGroup: boolean
  /** Monotonic, milliseconds, and the wall clock in microseconds, when it came. */
  readonly nowMs: number
  readonly receivedAtUs: number
}

/** What to send. The frame is made by `seal` with the time it is sent at. */
export interface Reply {
  readonly by: AnswerBy
  /** Where an echo or a new flow goes: always the address of who asked. */
  readonly port: number
  readonly octets: number
  readonly seal: (answeredAtUs: number) => Uint8Array
}

/** Why a frame was not answered. */
export type Ignored = 'malformed' | 'not a request' | 'stranger' | 'too many'

interface Asker {
  readonly allowance: Allowance
  requests: number
}

/**
 * What `ais doctor --listen` answers, and what it does not: nothing to who is not of this network, nothing
 * longer than the question, to no other address than that of who asked, and so many a second.
 */
export class Responder {
  readonly ignored: Record<Ignored, number> = { malformed: 0, 'not a request': 0, stranger: 0, 'too many': 0 }
  readonly strangers = new Set<string>()
  readonly #askers = new Map<string, Asker>()
  readonly #answers: Allowance
  readonly #octets: Allowance
  readonly #groupAnswers: Allowance

  constructor(
    private readonly options: ResponderOptions,
    nowMs: number,
  ) {
    this.#answers = new Allowance(limits.doctorAnswersPerSecond, nowMs)
    this.#octets = new Allowance(limits.doctorAnswerOctetsPerSecond, nowMs)
    this.#groupAnswers = new Allowance(limits.doctorGroupAnswersPerSecond, nowMs)
  }

  /** Requests answered for each address. */
  get askers(): ReadonlyMap<string, { readonly requests: number }> {
    return this.#askers
  }

  take(arrival: Arrival): Reply | Ignored {
    const { frame, address } = arrival
    const outcome = this.#judge(arrival)
    if (typeof outcome === 'string') {
      this.ignored[outcome]++
      if (outcome === 'stranger') this.#noteStranger(address)
      return outcome
    }
    const octets = Math.min(frame.length, Math.max(PROBE_OCTETS, outcome.answerOctets))
    const port = outcome.answerBy === AnswerBy.newFlow ? outcome.answerPort : arrival.port
    const { clusterHash, netmtu, isPortHeld } = this.options
    const seal = (answeredAtUs: number): Uint8Array =>
      encodeProbe(
        {
          ...outcome,
          kind: 'answer',
          clusterHash,
          netmtu,
          isPortHeld,
          receivedAtUs: arrival.receivedAtUs,
          answeredAtUs,
          requestOctets: frame.length,
          cameByGroup: arrival.byGroup,
        },
        octets,
      )
    return { by: outcome.answerBy, port, octets, seal }
  }

  #judge(arrival: Arrival): ProbeRequest | Ignored {
    const { frame, address, port, byGroup, nowMs } = arrival
    const probe = decodeProbe(frame)
    if (probe === null) return 'malformed'
    if (probe.kind !== 'request') return 'not a request'
    if (!this.options.serves(address)) return 'stranger'
    if (!this.#isAnswerable(probe, port, byGroup)) return 'malformed'
    const asker = this.#askerAt(address, nowMs)
    const isAllowed =
      asker.allowance.spend(1, nowMs) &&
      this.#answers.spend(1, nowMs) &&
      this.#octets.spend(Math.min(frame.length, Math.max(PROBE_OCTETS, probe.answerOctets)), nowMs) &&
      (probe.answerBy !== AnswerBy.group || this.#groupAnswers.spend(1, nowMs))
    if (!isAllowed) return 'too many'
    asker.requests++
    return probe
  }

  /** An answer by the group to a request by the group would be many for one. */
  #isAnswerable({ answerBy, answerPort }: ProbeRequest, port: number, byGroup: boolean): boolean {
    const { mcastPort } = this.options
    if (answerBy === AnswerBy.group) return !byGroup
    if (answerBy === AnswerBy.newFlow) return answerPort === mcastPort || answerPort === mcastPort - 1
    return port !== 0
  }

  #askerAt(address: string, nowMs: number): Asker {
    let asker = this.#askers.get(address)
    if (asker === undefined) {
      if (this.#askers.size >= limits.doctorAskers) {
        this.#askers.delete(this.#askers.keys().next().value as string)
      }
      asker = { allowance: new Allowance(limits.doctorAnswersPerSecondOfAsker, nowMs), requests: 0 }
      this.#askers.set(address, asker)
    }
    return asker
  }

  #noteStranger(address: string): void {
    if (this.strangers.size < limits.doctorAskers) this.strangers.add(address)
  }
}
