import type { AisErrorName } from '../base/index.js'

/** One connected application. */
export interface Client {
  /** Never used again while the executive runs. */
  readonly id: number
  /**
   * Tell the application something it asked to be told. Comes in order with the answers. A client that
   * does not read is disconnected when too much waits for it.
   * @param subscription number that the application chose when it asked, unique within its connection
   */
  event(subscription: number, body: unknown): void
  /**
   * The application has opened something that lives as long as its connection: a track, a handle. As long
   * as it
   * holds anything its connection is not given up for the sake of others.
   * @returns false: it holds too much already, and its request is to fail with ERR_NO_RESOURCES
   */
  hold(): boolean
  /** One of them is closed. Not needed when the connection is gone. */
  release(): void
  /** Octets that wait for the application to read them. */
  readonly waitingOctets: number
  /** Octets that it has taken since it connected: as long as they become more it reads. */
  readonly takenOctets: number
  /** Call `run` once, when at most so many wait; never when the connection ends before. */
  whenTaken(octets: number, run: () => void): void
  /** End the connection: others are not to wait for this application. */
  cut(code: AisErrorName, message: string): void
}

/** One call of an application. Exactly one of answer and fail is called, once, at any later time. */
export interface Request {
  readonly client: Client
  /** Without the service's name: 'clusterNodeGet'. */
  readonly method: string
  /** As the application sent it: anything. */
  readonly params: unknown
  /** @param result plain data: numbers, strings, bigints below 2^64, octets, arrays, objects, null */
  answer(result: unknown): void
  /** @param message for people: what is wrong, with the value, and what to do */
  fail(code: AisErrorName, message: string): void
}

/** The side of a service that faces the applications of its own node. */
export interface ServiceFront {
  /** First part of its methods' names: 'clm'. */
  readonly name: string
  onRequest(request: Request): void
  /** The connection is gone, and all that the application had open with it. */
  onClientGone(client: Client): void
}
