import type { CkptConnection } from '../../../src/api/checkpoint-handle.js'
import type { EventListener } from '../../../src/api/connection.js'
import { AisError, type AisErrorName } from '../../../src/base/index.js'
import { FrameWriter, MessageKind, MessageReader, writeBody } from '../../../src/ipc/index.js'

export const attributes = {
  creationFlags: 1,
  checkpointSize: 4_000_000,
  retentionDurationMs: Infinity,
  maxSections: 4,
  maxSectionSize: 1_000_000,
  maxSectionIdSize: 16,
}

/** As they come over the socket. */
export const wireAttributes = { ...attributes, retentionDurationMs: null }

export const status = {
  name: 'c',
  ...wireAttributes,
  numberOfSections: 2,
  memoryUsed: 30,
  openers: 3,
  activeReplica: null,
  replicas: [1, 2],
  unlinked: false,
}

export interface AskedCall {
  readonly method: string
  readonly params: unknown
  readonly timeoutMs: number | undefined
}

type Answer = (params: never) => unknown

/** What becomes of a value on its way over the socket. */
export function overSocket(value: unknown): unknown {
  const writer = new FrameWriter()
  writeBody(writer, MessageKind.answer, 1, value)
  const [{ block, octets }] = writer.take(Infinity)
  const reader = new MessageReader()
  if (!reader.read(Buffer.from(block.subarray(0, octets)), 4, octets)) throw new Error(reader.problem)
  return reader.body
}

/**
 * An executive's CKPT as a connection sees it, without a socket: it answers what the test says. What it is
 * asked and what it says goes through the encoding of the socket.
 */
export class CkptExecutive {
  /** What was asked, in order. */
  readonly asked: AskedCall[] = []
  /** Subscriptions given up. */
  readonly unsubscribed: number[] = []
  isFull = false
  drains = 0
  #answers = new Map<string, Answer>()
  readonly #listeners: EventListener[] = []
  readonly #pending = new Set<(error: AisError) => void>()
  #isOpen = true
  #lastHandle = 0

  readonly connection: CkptConnection

  constructor() {
    const isFull = (): boolean => this.isFull
    const isOpen = (): boolean => this.#isOpen
    this.connection = {
      owner: undefined,
      get isOpen() {
        return isOpen()
      },
      get isFull() {
        return isFull()
      },
      drain: async () => void this.drains++,
      subscribe: (listener) => this.#listeners.push(listener) - 1,
      unsubscribe: (subscription) => void this.unsubscribed.push(subscription),
      call: (method, params, timeoutMs) => this.#call(method, params, timeoutMs),
      close: () => this.#lose('the connection was closed'),
    }
    this.answer('checkpointOpen', () => ({ handle: ++this.#lastHandle, attributes: wireAttributes }))
  }

  /** From now on the method gives this; a function that throws makes it fail, a promise makes it wait. */
  answer(method: string, answer: Answer): void {
    this.#answers.set(`ckpt.${method}`, answer)
  }

  fail(method: string, code: AisErrorName): void {
    this.answer(method, () => {
      throw new AisError(code, `${method} fails`)
    })
  }

  /** The method is answered when the test says so. */
  hold(method: string): (result?: unknown) => void {
    let release: (result: unknown) => void
    const held = new Promise((resolve) => (release = resolve))
    this.answer(method, () => held)
    return (result = null) => release(result)
  }

  /** Of one method; without, all. */
  calls(method?: string): AskedCall[] {
    return this.asked.filter((call) => method === undefined || call.method === `ckpt.${method}`)
  }

  get last(): AskedCall {
    return this.asked.at(-1)!
  }

  event(subscription: number, body: unknown): void {
    if (!this.unsubscribed.includes(subscription)) this.#listeners[subscription]!(overSocket(body))
  }

  kill(): void {
    this.#lose('the executive went away')
    this.connection.owner?.onLost(new AisError('ERR_TRY_AGAIN', 'gone'))
  }

  restart(): void {
    this.#isOpen = true
    this.connection.owner?.onRestored({} as never)
  }

  #lose(why: string): void {
    this.#isOpen = false
    const pending = [...this.#pending]
    this.#pending.clear()
    for (const reject of pending) reject(new AisError('ERR_TIMEOUT', why))
  }

  #call(method: string, params: unknown, timeoutMs: number | undefined): Promise<unknown> {
    if (!this.#isOpen) return Promise.reject(new AisError('ERR_TRY_AGAIN', `${method} was not sent`))
    if (this.isFull) return Promise.reject(new AisError('ERR_TRY_AGAIN', `${method}: too much waits`))
    this.asked.push({ method, params: overSocket(params), timeoutMs })
    return new Promise((resolve, reject) => {
      this.#pending.add(reject)
      const settle = async (): Promise<unknown> => this.#answers.get(method)?.(overSocket(params) as never)
      settle().then(
        (result) => this.#pending.delete(reject) && resolve(overSocket(result)),
        (error: unknown) => this.#pending.delete(reject) && reject(error as AisError),
      )
    })
  }
}

/** Until everything that follows from what has happened has happened. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** The name of what a call fails with, or its result. */
export async function outcome(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: unknown) => (error as AisError).code)
}
