import type { EventEmitter } from 'node:events'
import { AisError } from '../base/index.js'
import { Connection } from './connection.js'
import { negotiateVersion, type Version } from './version.js'

// What `Clm` and `Ckpt` have in common: how they begin, what they check, how they tell, how they end.

/** How to reach the executive, and what is expected of it. */
export interface ServiceOptions {
  /** Path of the executive's socket; else `$AIS_SOCKET`, else where an executive listens by default. */
  readonly socket?: string | undefined
  /** Version of the interface the application was written for; B.1.1 if not given. */
  readonly version?: Version
}

/** What of a connection every service uses. */
export type ServiceConnection = Pick<Connection, 'call' | 'close' | 'isOpen' | 'owner' | 'subscribe'>

/** For the executive to answer; one that is stopped does not. */
export const DEFAULT_TIMEOUT_MS = 10_000

/** Between attempts to open again what was open, at an executive that has just started. */
export const RETRY_FIRST_MS = 20
export const RETRY_MAX_MS = 500

/** What a timer of Node.js can hold. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1
const INVOCATION_MAX = 2n ** 64n - 1n

const versions: readonly Version[] = [
  { releaseCode: 'B', majorVersion: 1, minorVersion: 1 },
  { releaseCode: 'A', majorVersion: 1, minorVersion: 1 },
]

/**
 * Connect to the executive, after the version was found to be served.
 * @throws AisError as Connection.open does, and ERR_VERSION
 */
export async function connect(
  service: string,
  { socket, version }: ServiceOptions,
): Promise<{ readonly connection: Connection; readonly version: Version }> {
  const served = negotiateVersion(service, version === undefined ? versions[0] : version, versions)
  return { connection: await Connection.open({ socket }), version: served }
}

/** @param least the smallest good one @throws AisError ERR_INVALID_PARAM */
export function checkInvocation(call: string, invocation: unknown, least: 0 | 1): void {
  const isWhole = typeof invocation === 'bigint' || Number.isSafeInteger(invocation)
  if (isWhole && (invocation as bigint) >= least && (invocation as bigint) <= INVOCATION_MAX) return
  const expected = `a whole number from ${least} to 2^64 - 1`
  throw new AisError('ERR_INVALID_PARAM', `${call}: invocation ${String(invocation)} is not ${expected}`)
}

/** @returns milliseconds for a timer; 0 stands for the default @throws AisError ERR_INVALID_PARAM */
export function checkedTimeoutMs(call: string, timeoutMs: unknown): number {
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
    const message = `${call}: timeoutMs ${String(timeoutMs)} is no time in milliseconds`
    throw new AisError('ERR_INVALID_PARAM', message)
  }
  return timeoutMs === 0 ? DEFAULT_TIMEOUT_MS : Math.min(Math.ceil(timeoutMs), TIMEOUT_MAX_MS)
}

/** @throws AisError ERR_INIT: nobody would get what this call makes the library tell */
export function checkListener(call: string, emitter: EventEmitter, event: string, what: string): void {
  if (emitter.listenerCount(event) > 0) return
  const message = `${call}: nobody listens for the ${what}; call on('${event}', listener) first`
  throw new AisError('ERR_INIT', message)
}

/** A listener that throws must not keep the rest of the library from its work. */
export function tellSafely(emitter: EventEmitter, event: string, told: readonly unknown[]): void {
  try {
    emitter.emit(event, ...told)
  } catch (error) {
    process.nextTick(() => {
      throw error
    })
  }
}

/** From initialize to finalize. */
export class Lifetime {
  #isOver = false

  /** @param of whose: 'Clm' */
  constructor(private readonly of: string) {}

  get isOver(): boolean {
    return this.#isOver
  }

  end(): void {
    this.#isOver = true
  }

  /** @throws AisError ERR_BAD_HANDLE: after `finalize` */
  check(call: string): void {
    if (this.#isOver) throw new AisError('ERR_BAD_HANDLE', `${call}: this ${this.of} was finalized`)
  }

  /** What was on its way when the application finalized is not to be relied on. */
  async unlessOver<T>(call: string, answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } finally {
      this.check(call)
    }
  }
}
