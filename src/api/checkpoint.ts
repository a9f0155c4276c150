import { EventEmitter } from 'node:events'
import { AisError, SectionsChosen, TIME_END, type CheckpointCreationAttributes } from '../base/index.js'
import type { CheckpointHandle } from './checkpoint-handle.js'
import {
  checkChoice,
  checkData,
  checkTime,
  readParams,
  wireDurationMs,
  wireSectionId,
  writeParams,
} from './ckpt-arguments.js'
import { readIteration, readStatus, vectorError } from './ckpt-documents.js'
import type {
  CheckpointChange,
  CheckpointReadElement,
  CheckpointStatus,
  CheckpointWriteElement,
  SectionId,
} from './ckpt-types.js'
import { bufferOf, strange } from './documents.js'
import { SectionIterator } from './section-iterator.js'
import {
  checkedTimeoutMs,
  checkInvocation,
  checkListener,
  DEFAULT_TIMEOUT_MS,
  tellSafely,
} from './service-object.js'

/** What an application is told of one checkpoint: `checkpoint.on('changes', (changes) => …)`. */
export interface CheckpointEvents {
  /** What became of it, in the order in which it happened; after `track`. */
  changes: [changes: readonly CheckpointChange[]]
  /**
   * The executive came back, and the checkpoint does not exist there any more, or its name is that of another
   * one: every further call fails with this error.
   */
  gone: [error: AisError]
}

/**
 * A checkpoint that is open (SaCkptCheckpointHandleT): sections of octets that all nodes of the cluster
 * have.
 *
 * Many calls may be under way at once; they are carried out in the order in which they were made. Calls
 * that read are answered by the replica of this node. When the executive goes away calls fail
 * (ERR_TRY_AGAIN: not carried out; ERR_TIMEOUT: it may have been), none is repeated; when it is back the
 * checkpoint is opened again and tracked again, and 'restored' of `Ckpt` follows. Calls that carry data
 * have no timeout: they last as long as the executive is there.
 *
 * Every call fails with ERR_BAD_HANDLE after `close` and after the Ckpt's `finalize`, and when the
 * checkpoint is gone for good; with ERR_TRY_AGAIN when there is no executive, too much is under way (see
 * `Ckpt.isFull`), or the replica of this node is still on its way.
 */
export class Checkpoint extends EventEmitter<CheckpointEvents> {
  readonly #handle: CheckpointHandle

  /** Applications call `ckpt.checkpointOpen`. */
  constructor(handle: CheckpointHandle) {
    super()
    this.#handle = handle
    handle.listener = {
      onChanges: (changes) => tellSafely(this as EventEmitter, 'changes', [changes]),
      onGone: (error) => tellSafely(this as EventEmitter, 'gone', [error]),
    }
  }

  get name(): string {
    return this.#handle.opening.name
  }

  /** With what it was created; of the retention duration, what it was when this was opened. */
  get attributes(): CheckpointCreationAttributes {
    return this.#handle.opening.attributes
  }

  /** CheckpointOpenFlags, added up, as given. */
  get openFlags(): number {
    return this.#handle.opening.flags
  }

  /**
   * Close it (saCkptCheckpointClose). Once nobody in the cluster has it open it lasts for its retention
   * duration. No answer to a synchronizeAsync comes any more.
   * @throws AisError ERR_BAD_HANDLE: it was called before; ERR_TIMEOUT: not every node is known to have
   * heard of it within 10 s; ERR_TRY_AGAIN: it is still open
   */
  async close(): Promise<void> {
    return this.#handle.close()
  }

  /**
   * Its attributes, its size, who has it (saCkptCheckpointStatusGet).
   * @throws AisError ERR_NOT_EXIST: no active replica was chosen, see `activeReplicaSet`
   */
  async statusGet(): Promise<CheckpointStatus> {
    const params = { handle: this.#handle.number('ckpt.statusGet') }
    return readStatus(await this.#handle.ask('ckpt.statusGet', params, DEFAULT_TIMEOUT_MS))
  }

  /**
   * How long it is to last when nobody has it open (saCkptCheckpointRetentionDurationSet).
   * @param retentionDurationMs milliseconds; Infinity: for ever; 0: it is gone with the last close
   * @throws AisError ERR_INVALID_PARAM: no duration; ERR_BAD_OPERATION: it is unlinked
   */
  async retentionDurationSet(retentionDurationMs: number): Promise<void> {
    const handle = this.#handle.number('ckpt.retentionDurationSet')
    const params = {
      handle,
      retentionDurationMs: wireDurationMs('retentionDurationSet', retentionDurationMs),
    }
    await this.#handle.ask('ckpt.retentionDurationSet', params, DEFAULT_TIMEOUT_MS)
  }

  /**
   * Make the replica of this node the active one (saCkptActiveReplicaSet).
   * @throws AisError ERR_BAD_OPERATION: it is not collocated, or its writes wait for all replicas;
   * ERR_ACCESS: it is not open for writing
   */
  async activeReplicaSet(): Promise<void> {
    const params = { handle: this.#handle.number('ckpt.activeReplicaSet') }
    await this.#handle.ask('ckpt.activeReplicaSet', params, DEFAULT_TIMEOUT_MS)
  }

  /**
   * Create a section (saCkptSectionCreate).
   * @param sectionId null: one is generated (SA_CKPT_GENERATED_SECTION_ID)
   * @param expirationTime when it ends, nanoseconds since 1970; never if not given
   * @param initialData its contents; none if not given. Copied before the call returns
   * @returns the id
   * @throws AisError ERR_EXIST: there is one, or maxSections is 1, so that the default section is all there
   * is; ERR_INVALID_PARAM: id or data are longer than the checkpoint allows, or none; ERR_NO_SPACE: no room
   * for another; ERR_NO_RESOURCES: more than one call carries (1 000 000 octets), or nodes hold too much
   * already; ERR_ACCESS: not open for writing; ERR_NOT_EXIST: no active replica was chosen
   */
  async sectionCreate(
    sectionId: SectionId | null,
    expirationTime: bigint = TIME_END,
    initialData?: Uint8Array,
  ): Promise<Buffer> {
    const handle = this.#handle.number('ckpt.sectionCreate')
    const id = sectionId === null ? null : wireSectionId('sectionCreate', sectionId)
    checkTime('sectionCreate', expirationTime)
    const data = initialData === undefined ? new Uint8Array(0) : initialData
    checkData('sectionCreate', data, id?.length ?? 0, this.attributes.maxSectionSize)
    const params = { handle, sectionId: id, expirationTime, data }
    return bufferOf(await this.#handle.ask('ckpt.sectionCreate', params), 'sectionId')
  }

  /**
   * Delete a section (saCkptSectionDelete).
   * @throws AisError ERR_NOT_EXIST: there is none; ERR_INVALID_PARAM: the default section stays;
   * ERR_ACCESS: not open for writing
   */
  async sectionDelete(sectionId: SectionId): Promise<void> {
    const handle = this.#handle.number('ckpt.sectionDelete')
    const params = { handle, sectionId: wireSectionId('sectionDelete', sectionId) }
    await this.#handle.ask('ckpt.sectionDelete', params)
  }

  /**
   * When a section is to end, on all nodes together (saCkptSectionExpirationTimeSet).
   * @param expirationTime nanoseconds since 1970; TIME_END: never
   * @throws AisError ERR_NOT_EXIST: there is no such section; ERR_INVALID_PARAM: no time, or the default
   * section, which stays; ERR_ACCESS: not open for writing
   */
  async sectionExpirationTimeSet(sectionId: SectionId, expirationTime: bigint): Promise<void> {
    const handle = this.#handle.number('ckpt.expirationTimeSet')
    const id = wireSectionId('sectionExpirationTimeSet', sectionId)
    checkTime('sectionExpirationTimeSet', expirationTime)
    await this.#handle.ask('ckpt.expirationTimeSet', { handle, sectionId: id, expirationTime })
  }

  /**
   * Replace all contents of a section (saCkptSectionOverwrite).
   * @param data copied before the call returns: the memory may be used again at once
   * @throws AisError ERR_NOT_EXIST: there is no such section, or no active replica was chosen;
   * ERR_INVALID_PARAM: no octets, or more than a section can hold; ERR_NO_SPACE: the checkpoint is full;
   * ERR_NO_RESOURCES: more than one call carries (1 000 000 octets), or nodes hold too much already;
   * ERR_ACCESS: not open for writing
   */
  async sectionOverwrite(sectionId: SectionId, data: Uint8Array): Promise<void> {
    const handle = this.#handle.number('ckpt.sectionOverwrite')
    const id = wireSectionId('sectionOverwrite', sectionId)
    checkData('sectionOverwrite', data, id.length, this.attributes.maxSectionSize)
    try {
      await this.#handle.owner.connection.call('ckpt.sectionOverwrite', [handle, id, data])
    } catch (error) {
      throw this.#handle.failure('ckpt.sectionOverwrite', error)
    }
  }

  /**
   * Write into sections (saCkptCheckpointWrite): all elements in one step, or none. With WR_ALL_REPLICAS it
   * resolves once every node has it, else once the active replica has.
   * @param vector applied in its order; 1 to 4096 elements, 1 000 000 octets of data and ids together
   * @throws AisError CheckpointVectorError where an element is wrong, with its index: ERR_NOT_EXIST: there
   * is no such section; ERR_INVALID_PARAM: not as it should be, or larger than a section; ERR_NO_RESOURCES:
   * it ends behind what a section can hold; ERR_NO_SPACE: the checkpoint is full. AisError ERR_ACCESS: not
   * open for writing; ERR_NOT_EXIST: no active replica was chosen; ERR_INVALID_PARAM: no vector;
   * ERR_NO_RESOURCES: more than one call carries, or nodes hold too much already
   */
  async checkpointWrite(vector: readonly CheckpointWriteElement[]): Promise<void> {
    const handle = this.#handle.number('ckpt.checkpointWrite')
    const params = writeParams(handle, vector, this.attributes.maxSectionSize)
    let problem: unknown
    try {
      problem = await this.#handle.owner.connection.call('ckpt.checkpointWrite', params)
    } catch (error) {
      throw this.#handle.failure('ckpt.checkpointWrite', error)
    }
    if (problem !== null) throw vectorError('checkpointWrite', problem)
  }

  /**
   * Read from sections (saCkptCheckpointRead), all elements at one moment.
   * @param vector 1 to 4096 elements; what is read is at most 1 000 000 octets
   * @returns for each element what is there, which may be less than was asked for, or nothing. Not copied
   * again: the octets are the application's, and keep alive what they were received with
   * @throws AisError CheckpointVectorError where an element is wrong, with its index: ERR_NOT_EXIST: there
   * is no such section; ERR_INVALID_PARAM: not as it should be, or size or offset larger than a section.
   * AisError ERR_ACCESS: not open for reading; ERR_NOT_EXIST: no active replica was chosen;
   * ERR_INVALID_PARAM: no vector; ERR_NO_RESOURCES: more than one call carries
   */
  async checkpointRead(vector: readonly CheckpointReadElement[]): Promise<Buffer[]> {
    const params = readParams(this.#handle.number('ckpt.checkpointRead'), vector)
    let answer: unknown
    try {
      answer = await this.#handle.owner.connection.call('ckpt.checkpointRead', params)
    } catch (error) {
      throw this.#handle.failure('ckpt.checkpointRead', error)
    }
    if (!Array.isArray(answer)) throw vectorError('checkpointRead', answer)
    if (answer.length !== vector.length) throw strange('number of elements', answer.length)
    const data = answer as unknown[]
    for (let index = 0; index < data.length; index++) data[index] = bufferOf(data[index], 'data')
    return data as Buffer[]
  }

  /**
   * Resolves once every node has what was written before (saCkptCheckpointSynchronize).
   * @param timeoutMs 0 stands for the default of 10 s
   * @throws AisError ERR_BAD_OPERATION: its writes wait for all replicas anyway; ERR_ACCESS: not open for
   * writing; ERR_NOT_EXIST: no active replica was chosen; ERR_TIMEOUT: not in time; ERR_INVALID_PARAM: the
   * timeout is none
   */
  async synchronize(timeoutMs = 0): Promise<void> {
    const params = { handle: this.#handle.number('ckpt.synchronize') }
    await this.#handle.ask('ckpt.synchronize', params, checkedTimeoutMs('synchronize', timeoutMs))
  }

  /**
   * The same, answered by the Ckpt's 'synchronize' event (saCkptCheckpointSynchronizeAsync), for which
   * there is no timeout.
   * @param invocation tells the answer; 0 to 2^64 - 1
   * @throws AisError ERR_INIT: nobody listens for 'synchronize'; ERR_INVALID_PARAM: the invocation is none
   */
  async synchronizeAsync(invocation: number | bigint): Promise<void> {
    const params = { handle: this.#handle.number('ckpt.synchronize') }
    checkListener('synchronizeAsync', this.#handle.owner.emitter, 'synchronize', 'answer')
    checkInvocation('synchronizeAsync', invocation, 0)
    const answer = this.#handle.ask('ckpt.synchronize', params)
    // What cannot even be asked is said by this call: it fails at once.
    if (!this.#handle.owner.connection.isOpen) await answer
    void this.#tellSynchronized(invocation, answer)
  }

  /**
   * Go through its sections as they are now (saCkptSectionIterationInitialize).
   * @param expirationTime nanoseconds since 1970; needed for SECTIONS_LEQ_EXPIRATION_TIME and
   * SECTIONS_GEQ_EXPIRATION_TIME
   * @throws AisError ERR_INVALID_PARAM: no choice, or no time; ERR_NOT_EXIST: no active replica was chosen;
   * ERR_NO_RESOURCES: this application has too much open
   */
  async sectionIterationInitialize(
    choice: SectionsChosen = SectionsChosen.SECTIONS_ANY,
    expirationTime?: bigint,
  ): Promise<SectionIterator> {
    const handle = this.#handle.number('ckpt.iterationInitialize')
    checkChoice('sectionIterationInitialize', choice, expirationTime)
    const params = { handle, choice, expirationTime: expirationTime ?? 0n }
    const { generation } = this.#handle
    const answer = await this.#handle.ask('ckpt.iterationInitialize', params)
    return new SectionIterator(this.#handle, readIteration(answer), generation)
  }

  /**
   * Be told of changes by 'changes' (no call of the standard has this). What was changed before the call
   * returns may be told or not, what is changed after it is told, and a 'replaced' follows wherever
   * something may have been missed.
   * @throws AisError ERR_INIT: nobody listens for 'changes'
   */
  async track(): Promise<void> {
    this.#handle.number('ckpt.track')
    checkListener('track', this as EventEmitter, 'changes', 'changes')
    return this.#handle.track()
  }

  /** Be told no more. @throws AisError ERR_NOT_EXIST: it is not tracked */
  async trackStop(): Promise<void> {
    return this.#handle.trackStop()
  }

  async #tellSynchronized(invocation: number | bigint, answer: Promise<unknown>): Promise<void> {
    let failure: AisError | null = null
    try {
      await answer
    } catch (error) {
      if (!(error instanceof AisError)) throw error
      failure = error
    }
    // Never before the application knows that its call was good.
    setImmediate(() => {
      if (!this.#handle.isClosed) this.#handle.owner.tellSynchronized({ invocation, error: failure })
    })
  }
}
