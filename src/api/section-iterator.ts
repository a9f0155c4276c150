import { AisError, limits } from '../base/index.js'
import type { CheckpointHandle } from './checkpoint-handle.js'
import { readSections } from './ckpt-documents.js'
import type { SectionDescriptor } from './ckpt-types.js'

/** Sections asked for at a time. */
const PAGE_SECTIONS = limits.ckptPageItems

const ENDED = 'the iteration was finalized'

/**
 * Goes through the sections that a checkpoint had when it began (SaCkptSectionIterationHandleT), in no
 * particular order: none twice, and none that was created later; one deleted meanwhile may come. It can also
 * be used as `for await (const section of iterator)`, which ends quietly, and finalizes. It ends when the
 * checkpoint is closed, and when the executive goes away.
 */
export class SectionIterator implements AsyncIterable<SectionDescriptor> {
  readonly #handle: CheckpointHandle
  readonly #generation: number
  readonly #iteration: number
  #sections: SectionDescriptor[] = []
  #at = 0
  #isAtEnd = false
  #isFinalized = false
  #fetching: Promise<void> | undefined

  /**
   * Applications call `checkpoint.sectionIterationInitialize`.
   * @param generation of the handle when it was asked for
   */
  constructor(handle: CheckpointHandle, iteration: number, generation: number) {
    this.#handle = handle
    this.#generation = generation
    this.#iteration = iteration
  }

  /**
   * The next section (saCkptSectionIterationNext). Further ones are fetched ahead.
   * @throws AisError ERR_NO_SECTIONS: there is none any more; ERR_BAD_HANDLE: after `finalize` or the
   * checkpoint's `close`, or the executive went away; ERR_NOT_EXIST: the checkpoint is gone
   */
  async next(): Promise<SectionDescriptor> {
    for (;;) {
      this.#check('sectionIterationNext')
      if (this.#at < this.#sections.length) {
        const section = this.#sections[this.#at++]!
        const left = this.#sections.length - this.#at
        // Whether it fails is found out by whoever needs more.
        if (left < PAGE_SECTIONS / 2 && !this.#isAtEnd) this.#fetch().catch(() => undefined)
        return section
      }
      if (this.#isAtEnd)
        throw new AisError('ERR_NO_SECTIONS', 'sectionIterationNext: there are no more sections')
      await this.#fetch()
    }
  }

  /**
   * End it: what the executive keeps for it is let go (saCkptSectionIterationFinalize).
   * @throws AisError ERR_BAD_HANDLE: it was called before, or the checkpoint was closed, or the executive
   * went away
   */
  async finalize(): Promise<void> {
    this.#check('sectionIterationFinalize')
    this.#isFinalized = true
    this.#sections = []
    await this.#handle.ask('ckpt.iterationFinalize', { iteration: this.#iteration })
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SectionDescriptor, void, undefined> {
    try {
      for (;;) yield await this.next()
    } catch (error) {
      if (!(error instanceof AisError) || error.code !== 'ERR_NO_SECTIONS') throw error
    } finally {
      if (!this.#isFinalized && this.#handle.generation === this.#generation) {
        await this.finalize().catch(() => undefined)
      }
    }
  }

  #check(call: string): void {
    if (this.#isFinalized) throw new AisError('ERR_BAD_HANDLE', `${call}: ${ENDED}`)
    if (this.#handle.generation === this.#generation) return
    this.#handle.checkOpen(call)
    throw new AisError('ERR_BAD_HANDLE', `${call}: the executive went away, and the iteration with it`)
  }

  #fetch(): Promise<void> {
    this.#fetching ??= this.#fetchPage().finally(() => (this.#fetching = undefined))
    return this.#fetching
  }

  async #fetchPage(): Promise<void> {
    const params = { iteration: this.#iteration, count: PAGE_SECTIONS }
    const page = await this.#handle.ask('ckpt.iterationNext', params).catch((error: unknown) => {
      // Said as what it is, not as how the call ended.
      this.#check('sectionIterationNext')
      throw error
    })
    const sections = readSections(page)
    if (sections.length === 0) this.#isAtEnd = true
    this.#sections = [...this.#sections.slice(this.#at), ...sections]
    this.#at = 0
  }
}
