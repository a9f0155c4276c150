import { EventEmitter } from 'node:events'
import { AisError, limits, type CheckpointCreationAttributes } from '../base/index.js'
import { Checkpoint } from './checkpoint.js'
import { CheckpointHandle, type CkptConnection, type HandleOwner } from './checkpoint-handle.js'
import { callOpen, wireAttributes } from './checkpoint-opening.js'
import {
  checkCount,
  checkName,
  checkNatural,
  checkOpening,
  checkText,
  wireSectionId,
} from './ckpt-arguments.js'
import {
  readConflicts,
  readConflictSections,
  readDigests,
  readOpened,
  readPage,
  readSummary,
} from './ckpt-documents.js'
import type {
  CheckpointDigests,
  CheckpointOpenResult,
  CheckpointPage,
  CheckpointSummary,
  ConflictPage,
  ConflictSectionsPage,
  SectionId,
  SynchronizeResult,
} from './ckpt-types.js'
import { bufferOf } from './documents.js'
import {
  checkedTimeoutMs,
  checkInvocation,
  checkListener,
  connect,
  DEFAULT_TIMEOUT_MS,
  Lifetime,
  tellSafely,
  type ServiceOptions,
} from './service-object.js'
import type { Version } from './version.js'

/** How to reach the executive, and what is expected of it. */
export type CkptOptions = ServiceOptions

/** What an application is told, and with what: `ckpt.on('open', (result) => …)`. */
export interface CkptEvents {
  /** An answer to checkpointOpenAsync (SaCkptCheckpointOpenCallbackT). */
  open: [result: CheckpointOpenResult<Checkpoint>]
  /** An answer to synchronizeAsync (SaCkptCheckpointSynchronizeCallbackT). */
  synchronize: [result: SynchronizeResult]
  /** The executive is gone: calls fail with ERR_TRY_AGAIN until it is back. */
  lost: [error: AisError]
  /** The executive is back, and what was open is open again, or was told to be gone. */
  restored: []
}

/**
 * The Checkpoint Service: state that all nodes of the cluster have, so that one can go on where another
 * stopped.
 *
 * It keeps the process alive until `finalize`. When the executive goes away the application is told by
 * 'lost'; when it is back every open checkpoint is opened again, those that were tracked are tracked again
 * and get one change 'replaced', and then 'restored' is told. No call is ever repeated.
 */
export class Ckpt extends EventEmitter<CkptEvents> {
  readonly #connection: CkptConnection
  readonly #life = new Lifetime('Ckpt')
  readonly #handles = new Set<CheckpointHandle>()
  readonly #owner: HandleOwner
  /** Counts the executives that are gone. */
  #losses = 0

  /**
   * Applications call `Ckpt.initialize`.
   * @param version that serves this application: the highest minor one of its release and major version
   */
  constructor(
    connection: CkptConnection,
    readonly version: Version,
  ) {
    super()
    this.#connection = connection
    this.#owner = {
      connection,
      life: this.#life,
      emitter: this as EventEmitter,
      tellSynchronized: (result) => this.#tell('synchronize', result),
      onClosed: (handle) => void this.#handles.delete(handle),
    }
    connection.owner = {
      onLost: (error) => this.#onLost(error),
      onRestored: () => void this.#onRestored(),
    }
  }

  /**
   * Connect to the executive of this node (saCkptInitialize).
   * @throws AisError ERR_VERSION: the version is not served, the message says which are, or the executive
   * is of another release; ERR_TRY_AGAIN: no executive listens there; ERR_ACCESS: this user may not
   * connect; ERR_TIMEOUT: the executive does not answer
   */
  static async initialize(options: CkptOptions = {}): Promise<Ckpt> {
    const { connection, version } = await connect('CKPT', options)
    return new Ckpt(connection, version)
  }

  /**
   * So much is under way that further calls are about to fail with ERR_TRY_AGAIN: wait for `drain` first.
   * False while there is no executive.
   */
  get isFull(): boolean {
    return this.#connection.isFull
  }

  /** Resolves when there is room for many more calls, or no executive any more. */
  drain(): Promise<void> {
    return this.#connection.drain()
  }

  /**
   * Open a checkpoint, and create it where it is to be (saCkptCheckpointOpen).
   * @param name 1 to 255 octets of UTF-8, no control characters
   * @param attributes with CHECKPOINT_CREATE; else null
   * @param flags CheckpointOpenFlags, added up
   * @param timeoutMs 0 stands for the default of 10 s
   * @throws AisError ERR_NOT_EXIST: there is none, and it is not to be created; ERR_EXIST: there is one
   * with other attributes, retention aside; ERR_INVALID_PARAM: attributes that contradict each other, are
   * past what is possible, are missing, or given without CHECKPOINT_CREATE; or no name, or no timeout;
   * ERR_BAD_FLAGS: none, or unknown ones; ERR_TOO_BIG: the name is too long; ERR_NO_RESOURCES: too many
   * checkpoints, or this application has too much open; ERR_TIMEOUT: not in time, and it may have been
   * created; ERR_TRY_AGAIN: the executive is gone or still gets what the others have; ERR_BAD_HANDLE: after
   * `finalize`
   */
  async checkpointOpen(
    name: string,
    attributes: CheckpointCreationAttributes | null,
    flags: number,
    timeoutMs = 0,
  ): Promise<Checkpoint> {
    this.#checkOpen('checkpointOpen', name, attributes, flags)
    const limitMs = checkedTimeoutMs('checkpointOpen', timeoutMs)
    return this.#life.unlessOver('checkpointOpen', this.#open(name, attributes, flags, limitMs))
  }

  /**
   * The same, answered by an 'open' event (saCkptCheckpointOpenAsync), for which there is no timeout. What
   * only the executive knows (ERR_NOT_EXIST, ERR_EXIST …) is said by the event.
   * @param invocation tells the answer; 0 to 2^64 - 1
   * @throws AisError ERR_INIT: nobody listens for 'open'; ERR_INVALID_PARAM, ERR_BAD_FLAGS, ERR_TOO_BIG: as
   * checkpointOpen; ERR_TRY_AGAIN: the executive is gone; ERR_BAD_HANDLE: after `finalize`
   */
  async checkpointOpenAsync(
    invocation: number | bigint,
    name: string,
    attributes: CheckpointCreationAttributes | null,
    flags: number,
  ): Promise<void> {
    this.#life.check('checkpointOpenAsync')
    checkListener('checkpointOpenAsync', this as EventEmitter, 'open', 'answer')
    checkInvocation('checkpointOpenAsync', invocation, 0)
    this.#checkOpen('checkpointOpenAsync', name, attributes, flags)
    const answer = this.#open(name, attributes, flags)
    // What cannot even be asked is said by this call: it fails at once.
    if (!this.#connection.isOpen) await answer
    void this.#tellOpen(invocation, answer)
  }

  /**
   * Free the name of a checkpoint (saCkptCheckpointUnlink). Those that have it open keep it until they
   * close it; then it is gone.
   * @throws AisError ERR_NOT_EXIST: there is none; ERR_INVALID_PARAM: no name; ERR_TOO_BIG: the name is too
   * long; ERR_TRY_AGAIN, ERR_TIMEOUT, ERR_BAD_HANDLE: as checkpointOpen
   */
  async checkpointUnlink(name: string): Promise<void> {
    this.#life.check('checkpointUnlink')
    checkName('checkpointUnlink', name)
    await this.#ask('checkpointUnlink', { name })
  }

  /**
   * The checkpoints there are, a page at a time (not of the standard).
   * @param after the last name of the page before; null: from the beginning
   * @param count at most so many, 1 to 512
   * @throws AisError ERR_INVALID_PARAM: no name, or no count; ERR_TRY_AGAIN, ERR_TIMEOUT, ERR_BAD_HANDLE: as
   * checkpointOpen
   */
  async listPage(after: string | null, count: number = limits.ckptPageItems): Promise<CheckpointPage> {
    this.#life.check('listPage')
    if (after !== null) checkName('listPage', after)
    checkCount('listPage', count)
    return readPage(await this.#ask('list', { after, count }))
  }

  /**
   * One checkpoint, without opening it (not of the standard).
   * @throws AisError ERR_NOT_EXIST: there is none; ERR_INVALID_PARAM: no name; ERR_TOO_BIG: the name is too
   * long; ERR_TRY_AGAIN, ERR_TIMEOUT, ERR_BAD_HANDLE: as checkpointOpen
   */
  async show(name: string): Promise<CheckpointSummary> {
    this.#life.check('show')
    checkName('show', name)
    return readSummary(await this.#ask('show', { name }))
  }

  /**
   * Ask every member what its replicas hold, all at one place in the order of all changes (not of the
   * standard).
   * @param names 1 to 1024
   * @param timeoutMs 0 stands for the default of 10 s
   * @throws AisError ERR_INVALID_PARAM: no names, or too many; ERR_TOO_BIG: a name is too long;
   * ERR_TRY_AGAIN, ERR_TIMEOUT, ERR_BAD_HANDLE: as checkpointOpen
   */
  async digests(names: readonly string[], timeoutMs = 0): Promise<CheckpointDigests> {
    this.#life.check('digests')
    if (!Array.isArray(names) || names.length === 0 || names.length > limits.ckptQueryNames) {
      const message = `digests: names are an array of 1 to ${limits.ckptQueryNames}`
      throw new AisError('ERR_INVALID_PARAM', message)
    }
    for (const name of names) checkName('digests', name)
    const limitMs = checkedTimeoutMs('digests', timeoutMs)
    return readDigests(await this.#ask('digests', { names }, limitMs))
  }

  /**
   * What lost when parts of the cluster met that had changed a checkpoint apart, and is kept (not of the
   * standard).
   * @param after the last id of the page before; null: from the beginning
   * @param count at most so many, 1 to 512
   * @throws AisError as listPage
   */
  async conflictsPage(after: string | null, count: number = limits.ckptPageItems): Promise<ConflictPage> {
    this.#life.check('conflictsPage')
    if (after !== null) checkText('conflictsPage', 'after', after)
    checkCount('conflictsPage', count)
    return readConflicts(await this.#ask('conflicts', { after, count }))
  }

  /**
   * The sections of what lost, a page at a time (not of the standard).
   * @param id of a conflict
   * @param after the last section id of the page before; null: from the beginning
   * @throws AisError ERR_NOT_EXIST: no such conflict is known, or only other nodes have what lost; else as
   * listPage
   */
  async conflictSections(
    id: string,
    after: Uint8Array | null,
    count: number = limits.ckptPageItems,
  ): Promise<ConflictSectionsPage> {
    this.#life.check('conflictSections')
    checkText('conflictSections', 'id', id)
    const from = after === null ? null : wireSectionId('conflictSections', after)
    checkCount('conflictSections', count)
    return readConflictSections(await this.#ask('conflictSections', { id, after: from, count }))
  }

  /**
   * Read from a section of what lost (not of the standard).
   * @param offset octets
   * @param length at most so many octets, up to 1 000 000
   * @throws AisError ERR_NOT_EXIST: no such conflict or section is known; else as listPage
   */
  async conflictRead(id: string, sectionId: SectionId, offset: number, length: number): Promise<Buffer> {
    this.#life.check('conflictRead')
    checkText('conflictRead', 'id', id)
    checkNatural('conflictRead', 'offset', offset)
    checkNatural('conflictRead', 'length', length)
    const params = { id, sectionId: wireSectionId('conflictRead', sectionId), offset, length }
    return bufferOf(await this.#ask('conflictRead', params), 'data')
  }

  /**
   * Let go what lost, on all nodes (not of the standard).
   * @throws AisError ERR_NOT_EXIST: no such conflict is known; else as listPage
   */
  async conflictDismiss(id: string): Promise<void> {
    this.#life.check('conflictDismiss')
    checkText('conflictDismiss', 'id', id)
    await this.#ask('conflictDismiss', { id })
  }

  /**
   * Close all checkpoints and the connection: calls that wait fail, no event comes any more (saCkptFinalize).
   * @throws AisError ERR_BAD_HANDLE: it was called before
   */
  async finalize(): Promise<void> {
    this.#life.check('finalize')
    this.#life.end()
    for (const handle of this.#handles) handle.onLost()
    this.#handles.clear()
    this.#connection.close()
  }

  #ask(call: string, params: unknown, timeoutMs: number = DEFAULT_TIMEOUT_MS): Promise<unknown> {
    return this.#life.unlessOver(call, this.#connection.call(`ckpt.${call}`, params, timeoutMs))
  }

  #checkOpen(
    call: string,
    name: string,
    attributes: CheckpointCreationAttributes | null,
    flags: number,
  ): void {
    this.#life.check(call)
    checkName(call, name)
    checkOpening(call, attributes, flags)
  }

  /** @param timeoutMs undefined: as long as the connection lasts */
  async #open(
    name: string,
    attributes: CheckpointCreationAttributes | null,
    flags: number,
    timeoutMs?: number,
  ): Promise<Checkpoint> {
    const losses = this.#losses
    const params = { name, flags, attributes: attributes && wireAttributes(attributes) }
    const opened = readOpened(await callOpen(this.#connection, params, timeoutMs))
    if (losses !== this.#losses) {
      throw new AisError('ERR_TIMEOUT', `checkpointOpen: the executive went away; ${name} is not open`)
    }
    const opening = { name, flags, attributes: opened.attributes }
    const handle = new CheckpointHandle(this.#owner, opening, opened.handle)
    this.#handles.add(handle)
    return new Checkpoint(handle)
  }

  async #tellOpen(invocation: number | bigint, answer: Promise<Checkpoint>): Promise<void> {
    let result: CheckpointOpenResult<Checkpoint>
    try {
      result = { invocation, checkpoint: await answer, error: null }
    } catch (error) {
      if (!(error instanceof AisError)) throw error
      result = { invocation, checkpoint: null, error }
    }
    // Never before the application knows that its call was good.
    setImmediate(() => this.#tell('open', result))
  }

  #onLost(error: AisError): void {
    this.#losses++
    for (const handle of this.#handles) handle.onLost()
    this.#tell('lost', error)
  }

  async #onRestored(): Promise<void> {
    const losses = this.#losses
    await Promise.all([...this.#handles].map((handle) => handle.onRestored()))
    if (losses === this.#losses) this.#tell('restored')
  }

  #tell<E extends keyof CkptEvents>(event: E, ...told: CkptEvents[E]): void {
    if (!this.#life.isOver) tellSafely(this as EventEmitter, event, told)
  }
}
