import type { EventEmitter } from 'node:events'
import { AisError, CheckpointOpenFlags, type CheckpointCreationAttributes } from '../base/index.js'
import { readChanges, readOpened } from './ckpt-documents.js'
import type { CheckpointChange, SynchronizeResult } from './ckpt-types.js'
import type { Connection } from './connection.js'
import {
  DEFAULT_TIMEOUT_MS,
  RETRY_FIRST_MS,
  RETRY_MAX_MS,
  type Lifetime,
  type ServiceConnection,
} from './service-object.js'

/** What of a connection CKPT uses. */
export type CkptConnection = ServiceConnection & Pick<Connection, 'drain' | 'isFull' | 'unsubscribe'>

/** Whose checkpoints are open. */
export interface HandleOwner {
  readonly connection: CkptConnection
  readonly life: Lifetime
  /** Tells what is answered by an event. */
  readonly emitter: EventEmitter
  tellSynchronized(result: SynchronizeResult): void
  /** Nothing is to be opened again for it any more. */
  onClosed(handle: CheckpointHandle): void
}

/** What the application is told of a checkpoint. */
export interface HandleListener {
  onChanges(changes: readonly CheckpointChange[]): void
  onGone(error: AisError): void
}

/** With what a checkpoint was opened. */
export interface Opening {
  readonly name: string
  readonly flags: number
  readonly attributes: CheckpointCreationAttributes
}

/**
 * An executive that has just started may not have met the others, who have the checkpoint: only when it still
 * does not exist after so long it is gone.
 */
const GONE_AFTER_MS = 1000

const REPLACED: CheckpointChange = { change: 'replaced', sectionId: null, dataOffset: 0, dataSize: 0 }

/**
 * A checkpoint that an application has open, through all executives that it is opened at one after the other.
 */
export class CheckpointHandle {
  listener: HandleListener | undefined
  /** Another one: what was begun before it is known to no executive any more. */
  generation = 0
  #losses = 0
  /** null: not open at an executive. */
  #number: number | null
  #isClosed = false
  #gone: AisError | undefined
  #subscription: number | undefined

  /** @param number of the handle at the present executive */
  constructor(
    readonly owner: HandleOwner,
    readonly opening: Opening,
    number: number,
  ) {
    this.#number = number
  }

  get isClosed(): boolean {
    return this.#isClosed || this.owner.life.isOver
  }

  /**
   * To be sent with a call.
   * @throws AisError ERR_BAD_HANDLE: closed, or the checkpoint is gone; ERR_TRY_AGAIN: there is no executive
   */
  number(method: string): number {
    if (this.#number !== null) return this.#number
    throw this.#refusal(nameOf(method))
  }

  /** @throws AisError ERR_BAD_HANDLE: closed, or the checkpoint is gone */
  checkOpen(call: string): void {
    if (this.isClosed || this.#gone !== undefined) throw this.#refusal(call)
  }

  /** A call whose answer counts only as long as the checkpoint is open. */
  async ask(method: string, params: unknown, timeoutMs?: number): Promise<unknown> {
    try {
      return await this.owner.connection.call(method, params, timeoutMs)
    } catch (error) {
      throw this.failure(method, error)
    }
  }

  /** What a call of an application that has finalized meanwhile fails with, else what it failed with. */
  failure(method: string, error: unknown): unknown {
    return this.owner.life.isOver ? this.#refusal(nameOf(method)) : error
  }

  /** @throws AisError ERR_TRY_AGAIN: it is still open; after any other error it is not */
  async close(): Promise<void> {
    const method = 'ckpt.checkpointClose'
    // An executive that is gone has closed it.
    if (this.isAway) return this.#end()
    const losses = this.#losses
    const handle = this.number(method)
    this.#number = null
    this.#isClosed = true
    try {
      await this.ask(method, { handle }, DEFAULT_TIMEOUT_MS)
    } catch (error) {
      const isLost = this.#losses !== losses
      if (!isLost && error instanceof AisError && error.code === 'ERR_TRY_AGAIN') {
        this.#number = handle
        this.#isClosed = false
        throw error
      }
      if (!isLost || this.owner.life.isOver) throw error
    } finally {
      if (this.#isClosed) this.#end()
    }
  }

  /** Have changes told. */
  async track(): Promise<void> {
    const method = 'ckpt.track'
    const handle = this.number(method)
    const isNew = this.#subscription === undefined
    this.#subscription ??= this.owner.connection.subscribe((body) => {
      if (!this.isClosed) this.listener?.onChanges(readChanges(body))
    })
    try {
      await this.ask(method, { handle, subscription: this.#subscription }, DEFAULT_TIMEOUT_MS)
    } catch (error) {
      if (isNew) this.#unsubscribe()
      throw error
    }
  }

  /** @throws AisError ERR_NOT_EXIST if it is not tracked */
  async trackStop(): Promise<void> {
    const method = 'ckpt.trackStop'
    const wasTracked = this.#subscription !== undefined
    this.#unsubscribe()
    try {
      await this.ask(method, { handle: this.number(method) }, DEFAULT_TIMEOUT_MS)
    } catch (error) {
      // An executive that is gone, or has just come back, tracks nothing any more for this application.
      if (!wasTracked || this.isClosed || !this.isAway) throw error
    }
  }

  /** The executive is gone, or the application has finalized. */
  onLost(): void {
    this.generation++
    this.#losses++
    this.#number = null
  }

  /** An executive answers again. Resolves when it is open there, or gone, or the executive is gone again. */
  async onRestored(): Promise<void> {
    const losses = this.#losses
    const goneAtMs = performance.now() + GONE_AFTER_MS
    for (let retryMs = RETRY_FIRST_MS; ; retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)) {
      try {
        return await this.#openAgain(losses)
      } catch (error) {
        if (this.#losses !== losses || this.isClosed) return
        const isTooEarly = performance.now() < goneAtMs
        if (!(error instanceof AisError) || !isPassing(error, isTooEarly)) return this.#becomeGone(error)
      }
      // The connection keeps the process alive, not the wait.
      await new Promise((resolve) => setTimeout(resolve, retryMs).unref())
      if (this.#losses !== losses || this.isClosed) return
    }
  }

  /** Is it open, but not at an executive? */
  get isAway(): boolean {
    return this.#number === null && !this.isClosed && this.#gone === undefined
  }

  async #openAgain(losses: number): Promise<void> {
    const { connection } = this.owner
    const { name, flags, attributes } = this.opening
    const { CHECKPOINT_CREATE, CHECKPOINT_READ } = CheckpointOpenFlags
    if (this.#number === null) {
      const again = flags & ~CHECKPOINT_CREATE || CHECKPOINT_READ
      const answer = await connection.call('ckpt.checkpointOpen', { name, flags: again, attributes: null })
      if (this.#losses !== losses) return
      const opened = readOpened(answer)
      const isOther = !isSame(attributes, opened.attributes)
      if (this.isClosed || isOther) closeQuietly(connection, opened.handle)
      if (this.isClosed) return
      if (isOther) throw new AisError('ERR_BAD_HANDLE', `another checkpoint has the name ${name} now`)
      this.#number = opened.handle
    }
    if (this.#subscription === undefined) return
    await connection.call('ckpt.track', { handle: this.#number, subscription: this.#subscription })
    if (this.#losses === losses && !this.isClosed) this.listener?.onChanges([REPLACED])
  }

  #becomeGone(cause: unknown): void {
    const why = cause instanceof AisError ? cause.message : String(cause)
    const message = `the checkpoint ${this.opening.name} could not be opened again: ${why}`
    this.#gone = new AisError('ERR_BAD_HANDLE', message, { cause })
    this.#unsubscribe()
    this.owner.onClosed(this)
    this.listener?.onGone(this.#gone)
  }

  #end(): void {
    this.#isClosed = true
    this.generation++
    this.#number = null
    this.#unsubscribe()
    this.owner.onClosed(this)
  }

  #unsubscribe(): void {
    if (this.#subscription !== undefined) this.owner.connection.unsubscribe(this.#subscription)
    this.#subscription = undefined
  }

  #refusal(call: string): AisError {
    this.owner.life.check(call)
    if (this.#isClosed) return new AisError('ERR_BAD_HANDLE', `${call}: this Checkpoint was closed`)
    if (this.#gone !== undefined) return new AisError('ERR_BAD_HANDLE', `${call}: ${this.#gone.text}`)
    const message = `${call} was not sent: the executive went away; ${this.opening.name} is not open yet`
    return new AisError('ERR_TRY_AGAIN', message)
  }
}

function nameOf(method: string): string {
  return method.slice(method.indexOf('.') + 1)
}

/** Is it worth asking again? @param isTooEarly to believe that it does not exist */
function isPassing({ code }: AisError, isTooEarly: boolean): boolean {
  if (code === 'ERR_NOT_EXIST') return isTooEarly
  return ['ERR_TRY_AGAIN', 'ERR_TIMEOUT', 'ERR_NO_RESOURCES', 'ERR_NO_MEMORY', 'ERR_BUSY'].includes(code)
}

/** Retention aside, which may be set at any time. */
function isSame(a: CheckpointCreationAttributes, b: CheckpointCreationAttributes): boolean {
  return (
    a.creationFlags === b.creationFlags &&
    a.checkpointSize === b.checkpointSize &&
    a.maxSections === b.maxSections &&
    a.maxSectionSize === b.maxSectionSize &&
    a.maxSectionIdSize === b.maxSectionIdSize
  )
}

/** Of what nobody waits for any more. The connection may be gone, and with it what was open. */
export function closeQuietly(connection: CkptConnection, handle: number): void {
  connection.call('ckpt.checkpointClose', { handle }).catch(() => undefined)
}
