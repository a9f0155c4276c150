import type { AisErrorName, Checkpoint, Ckpt } from '../api/index.js'
import { isAisError } from './ckpt-calls.js'
import { fillPattern } from './ckpt-stress-pattern.js'
import { WriteRecord } from './ckpt-stress-record.js'

/** Before a writer goes on that was told to try again: twice as long each time, until something is done. */
const RETRY_INTERVAL_MS = 10
const RETRY_INTERVAL_MAX_MS = 160

/** What all writers have done together. */
export class StressTally {
  /** Acknowledged. */
  writes = 0
  /** Called and not answered yet. */
  underWay = 0
  /** When the last one was acknowledged (performance.now()). */
  lastMs = performance.now()
  readonly errors = new Map<AisErrorName, number>()

  countError(code: AisErrorName): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1)
  }
}

/** What a writer needs of the run it is part of. */
export interface StressRun {
  readonly ckpt: Ckpt
  readonly tally: StressTally
  /** Octets of each write. */
  readonly size: number
  /** Writes that each writer has under way. */
  readonly depth: number
  /** May another write be made? */
  mayWrite(): boolean
  /** An answer came; maybe it was the last one. */
  onAnswer(): void
  /** A write failed in a way that ends the run. */
  onFailure(error: unknown): void
}

/** Writes its section, over and over, with several writes under way. */
export class StressWriter {
  readonly record: WriteRecord
  readonly sectionId: Buffer
  readonly #payload: Buffer
  readonly #vector: { sectionId: Buffer; data: Buffer }[]
  #sequence = 0
  #underWay = 0
  #pause: NodeJS.Timeout | undefined
  #retryMs = RETRY_INTERVAL_MS
  #isDraining = false

  constructor(
    private readonly run: StressRun,
    readonly checkpoint: Checkpoint,
    readonly index: number,
  ) {
    this.record = new WriteRecord(index)
    this.sectionId = Buffer.from(`writer-${index}`)
    this.#payload = Buffer.alloc(run.size)
    this.#vector = [{ sectionId: this.sectionId, data: this.#payload }]
  }

  get #isWaiting(): boolean {
    return this.#pause !== undefined || this.#isDraining
  }

  /** Make the section, with what it begins with. */
  async createSection(): Promise<void> {
    fillPattern(this.#payload, this.index, 0)
    await this.checkpoint.sectionCreate(this.sectionId, undefined, this.#payload)
  }

  /** Have as many writes under way as there may be. */
  pump(): void {
    const { ckpt, depth } = this.run
    while (this.#underWay < depth && !this.#isWaiting && this.run.mayWrite()) {
      if (ckpt.isFull) this.drain()
      else this.write()
    }
  }

  /** Its writes without an answer are waited for no longer: nobody knows whether they were done. */
  abandon(): void {
    if (this.#underWay === 0) return
    for (let sequence = this.record.acknowledged + 1; sequence <= this.#sequence; sequence++) {
      this.record.leaveOpen(sequence)
    }
  }

  private drain(): void {
    this.#isDraining = true
    const goOn = (): void => {
      this.#isDraining = false
      this.pump()
    }
    this.run.ckpt.drain().then(goOn, (error: unknown) => {
      this.run.onFailure(error)
    })
  }

  private write(): void {
    const { tally } = this.run
    const sequence = ++this.#sequence
    fillPattern(this.#payload, this.index, sequence)
    this.#underWay++
    tally.underWay++
    // The library has copied the payload when the call returns.
    this.checkpoint.checkpointWrite(this.#vector).then(
      () => {
        this.record.acknowledge(sequence)
        this.#retryMs = RETRY_INTERVAL_MS
        tally.writes++
        tally.lastMs = performance.now()
        this.answered()
      },
      (error: unknown) => {
        this.failed(sequence, error)
        this.answered()
      },
    )
  }

  private answered(): void {
    this.#underWay--
    this.run.tally.underWay--
    this.pump()
    this.run.onAnswer()
  }

  private failed(sequence: number, error: unknown): void {
    if (!isAisError(error)) return this.run.onFailure(error)
    this.run.tally.countError(error.code)
    if (error.code === 'ERR_TIMEOUT') this.record.leaveOpen(sequence)
    else if (error.code === 'ERR_TRY_AGAIN') this.pauseAWhile()
    else this.run.onFailure(error)
  }

  private pauseAWhile(): void {
    if (this.#pause !== undefined) return
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      this.pump()
    }, this.#retryMs)
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_INTERVAL_MAX_MS)
  }
}
