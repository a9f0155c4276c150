import { AisError, limits, type CpgAddress } from '../base/index.js'
import { CpgBatch, LENGTH_OCTETS } from './cpg-batch.js'
import { eachMessage, readConfiguration, readMembership } from './cpg-documents.js'
import type { CpgCallbacks, CpgGuarantee } from './cpg-types.js'
import type { Connection } from './connection.js'
import { arrayOf, fieldsOf, numberOf, strange, wholeNumber } from './documents.js'
import { DEFAULT_TIMEOUT_MS, type ServiceConnection } from './service-object.js'

/** What of a connection CPG uses. */
export type CpgConnection = ServiceConnection & Pick<Connection, 'hello' | 'unsubscribe'>

/** Whose group it is. */
export interface GroupOwner {
  readonly connection: CpgConnection
  onLeft(group: CpgGroup): void
}

/** Octets and messages of one group under way, from which on a sender had better wait. */
const FULL_OCTETS = 1024 * 1024
const FULL_MESSAGES = 16_384

/** Messages of one turn: what they share is the answer to the request they leave with. */
interface Gathering {
  readonly guarantee: CpgGuarantee
  readonly sent: Promise<void>
  readonly settle: (outcome: Promise<unknown>) => void
  messages: number
}

/** A process group that the application is in: `cpg.join`. */
export class CpgGroup {
  /** As last told by a `membership`. */
  members: readonly CpgAddress[] = []
  readonly #subscription: number
  /** null: not a member at an executive. */
  #member: number | null = null
  #isOver = false
  #isLeaving = false
  #gathering: Gathering | null = null
  readonly #batch = new CpgBatch()
  #messages = 0
  #octets = 0
  #onDrain: (() => void)[] = []
  /** Of whom the last message was. */
  #from: CpgAddress = { nodeId: 0, pid: 0 }
  #guarantee: CpgGuarantee = 'agreed'

  /** Applications call `cpg.join`. */
  constructor(
    private readonly owner: GroupOwner,
    readonly name: string,
    private readonly callbacks: CpgCallbacks,
  ) {
    this.#subscription = owner.connection.subscribe((body) => this.#onEvent(body))
  }

  /** This member, as the others see it. */
  get self(): CpgAddress {
    return { nodeId: this.owner.connection.hello.nodeId, pid: process.pid }
  }

  /** @throws AisError as the executive answers */
  async enter(): Promise<void> {
    const { connection } = this.owner
    const params = { group: this.name, pid: process.pid, subscription: this.#subscription }
    const answer = await connection.call('cpg.join', params)
    this.#member = numberOf(fieldsOf(answer, 'membership'), 'member')
  }

  /**
   * Send a message to all members, this one included (cpg_mcast_joined). Messages of one turn of the event
   * loop leave together, and share one promise; there is no need to await each.
   * @param payload at most 1,000,000 octets; it may be written to again at once
   * @returns resolves when the executive has handed it to the ring: who awaits it is never too fast. Where
   * nobody looks at a rejection it is no unhandled one
   * @throws AisError ERR_TOO_BIG: the payload is too large; ERR_INVALID_PARAM: it is no octets, or the
   * guarantee is none; ERR_TRY_AGAIN: not sent, there is no executive at present; ERR_TIMEOUT: the executive
   * went away, the outcome is unknown; ERR_BAD_HANDLE: after `leave` or `finalize`
   */
  multicast(payload: Uint8Array, guarantee: CpgGuarantee = 'agreed'): Promise<void> {
    const problem = this.#refusal(payload, guarantee)
    if (problem !== undefined) return Promise.reject(problem)
    let gathering = this.#gathering
    if (gathering === null || gathering.guarantee !== guarantee || !this.#batch.add(payload)) {
      if (gathering === null) process.nextTick(this.#flush)
      else this.#send(gathering)
      gathering = this.#gathering = gather(guarantee)
      this.#batch.add(payload)
    }
    gathering.messages++
    this.#messages++
    this.#octets += payload.length
    return gathering.sent
  }

  /** So much is under way that a sender had better wait for `drain`. */
  get isFull(): boolean {
    return this.#octets >= FULL_OCTETS || this.#messages >= FULL_MESSAGES
  }

  /** Resolves when at most half of that is under way. */
  drain(): Promise<void> {
    if (this.#hasRoom) return Promise.resolve()
    return new Promise((resolve) => this.#onDrain.push(resolve))
  }

  /**
   * Leave the group (cpg_leave). Nothing more is told when it has resolved.
   * @throws AisError ERR_TRY_AGAIN, ERR_TIMEOUT: the executive is gone, and the group with it;
   * ERR_BAD_HANDLE: after `leave` or `finalize`
   */
  async leave(): Promise<void> {
    if (this.#isOver || this.#isLeaving) throw this.#over('leave')
    this.#flush()
    this.#isLeaving = true
    try {
      const { connection } = this.owner
      if (this.#member !== null) {
        await connection.call('cpg.leave', { member: this.#member }, DEFAULT_TIMEOUT_MS)
      }
    } finally {
      this.owner.onLeft(this)
      this.close()
    }
  }

  /** Nothing more is told, and nothing is sent. */
  close(): void {
    this.#isOver = true
    this.owner.connection.unsubscribe(this.#subscription)
    this.#drained()
  }

  /** The executive is gone. */
  onLost(error: AisError): void {
    this.#member = null
    if (this.#gathering !== null) this.#send(this.#gathering)
    this.#gathering = null
    this.#tell(() => this.callbacks.lost?.(error))
  }

  onRestored(): void {
    this.#tell(() => this.callbacks.restored?.())
  }

  get #hasRoom(): boolean {
    return this.#octets <= FULL_OCTETS / 2 && this.#messages <= FULL_MESSAGES / 2
  }

  #flush = (): void => {
    const gathering = this.#gathering
    if (gathering === null) return
    this.#gathering = null
    this.#send(gathering)
  }

  #send({ guarantee, messages, settle }: Gathering): void {
    const octets = this.#batch.take()
    const outcome = this.#call(guarantee === 'safe', octets)
    settle(outcome)
    const payloads = octets.length - limits.cpgRoomOctets - LENGTH_OCTETS * messages
    const done = (): void => {
      this.#messages -= messages
      this.#octets -= payloads
      if (this.#onDrain.length > 0 && this.#hasRoom) this.#drained()
    }
    outcome.then(done, done)
  }

  #call(safe: boolean, messages: Uint8Array): Promise<unknown> {
    const { connection } = this.owner
    if (this.#member === null && connection.isOpen) {
      const message = `multicast was not sent: not in group "${this.name}" at this executive yet`
      return Promise.reject(new AisError('ERR_TRY_AGAIN', message))
    }
    return connection.call('cpg.multicast', { member: this.#member, safe, messages })
  }

  #drained(): void {
    for (const resolve of this.#onDrain.splice(0)) resolve()
  }

  #refusal(payload: unknown, guarantee: unknown): AisError | undefined {
    if (this.#isOver || this.#isLeaving) return this.#over('multicast')
    if (!(payload instanceof Uint8Array)) {
      return new AisError('ERR_INVALID_PARAM', 'multicast: the payload is no Uint8Array')
    }
    if (payload.length > limits.cpgMessageOctets) {
      const most = `at most ${limits.cpgMessageOctets} are possible`
      return new AisError('ERR_TOO_BIG', `multicast: a message of ${payload.length} octets; ${most}`)
    }
    if (guarantee === 'agreed' || guarantee === 'safe') return undefined
    const message = `multicast: guarantee ${String(guarantee)} is neither 'agreed' nor 'safe'`
    return new AisError('ERR_INVALID_PARAM', message)
  }

  #over(call: string): AisError {
    return new AisError('ERR_BAD_HANDLE', `${call}: the application has left group "${this.name}"`)
  }

  #onEvent(body: unknown): void {
    if (this.#isOver) return
    if (Array.isArray(body)) return this.#onMessages(body)
    const fields = fieldsOf(body, 'event of a group')
    if (fields.type === 'configuration') {
      const configuration = readConfiguration(fields)
      return this.#tell(() => this.callbacks.configuration?.(configuration))
    }
    if (fields.type !== 'membership') throw strange('type of an event', fields.type)
    const change = readMembership(fields)
    this.members = change.members
    return this.#tell(() => this.callbacks.membership?.(change))
  }

  #onMessages(body: readonly unknown[]): void {
    const [nodeId, pid, isSafe, octets] = arrayOf(body, 'messages')
    if (!(octets instanceof Uint8Array)) throw strange('messages', octets)
    if (this.#from.nodeId !== nodeId || this.#from.pid !== pid) {
      this.#from = { nodeId: wholeNumber(nodeId, 'node id'), pid: wholeNumber(pid, 'pid') }
    }
    this.#guarantee = isSafe === true ? 'safe' : 'agreed'
    eachMessage(octets, this.#deliver)
  }

  #deliver = (payload: Uint8Array): void => {
    // In the middle of a batch the application may leave.
    if (this.#isOver) return
    try {
      this.callbacks.deliver?.(payload, this.#from, this.#guarantee)
    } catch (error) {
      rethrowLater(error)
    }
  }

  #tell(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      rethrowLater(error)
    }
  }
}

function rethrowLater(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}

function gather(guarantee: CpgGuarantee): Gathering {
  let settle: Gathering['settle'] = () => undefined
  const sent = new Promise<void>((resolve) => {
    settle = (outcome) => resolve(outcome.then(() => undefined))
  })
  sent.catch(() => undefined)
  return { guarantee, sent, settle, messages: 0 }
}
