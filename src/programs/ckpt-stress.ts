import { randomBytes } from 'node:crypto'
import { CheckpointOpenFlags, Ckpt, type Checkpoint } from '../api/index.js'
import { isAisError, patientCaller } from './ckpt-calls.js'
import { guaranteeFlag, type Guarantee } from './ckpt-text.js'
import { StressTally, StressWriter, type StressRun } from './ckpt-stress-writer.js'
import { MemberWatch } from './member-watch.js'
import { ReplicaCheck } from './ckpt-verify.js'

/** What `ais ckpt stress` is to do. */
export interface StressOptions {
  readonly socket: string
  /** Each writes a section of its own. */
  readonly writers: number
  /** Octets of each write. */
  readonly size: number
  /** Writes that each writer has under way. */
  readonly depth: number
  readonly guarantee: Guarantee
  /** How long to write; Infinity: until `count` is reached. */
  readonly durationMs: number
  /** How many writes in all are to be acknowledged; Infinity: as many as there is time for. */
  readonly count: number
}

/** What came of it; what `ais ckpt stress --json` prints is of it. */
export interface StressResult {
  /** Acknowledged. */
  readonly writes: number
  readonly seconds: number
  /** How often calls failed, by the name of the error. */
  readonly errors: Readonly<Record<string, number>>
  /** Nothing: all members have the same, and it is what was written. */
  readonly differences: readonly string[]
  /** How many members were compared. */
  readonly members: number
  /** Names of members that did not come back. */
  readonly missing: readonly string[]
}

/** Checkpoints that the writers are spread over. */
const CHECKPOINTS = 4
/** Nobody has them open when the program was killed: then they go by themselves. */
const RETENTION_MS = 300_000
const RETENTION = `${RETENTION_MS / 60_000} minutes`
/** A run in which nothing is acknowledged for so long is given up. */
const STALL_TIMEOUT_MS = 60_000
/** Writes without an answer after the run are waited for so long. */
const ANSWER_TIMEOUT_MS = 15_000
/** Members that are restarting are waited for so long, and then answers about what they hold. */
const MEMBER_TIMEOUT_MS = 20_000
const CALL_TIMEOUT_MS = 20_000
const REPORT_INTERVAL_MS = 1000

/**
 * Write to checkpoints of its own as fast as it goes, then see whether all members have what was written.
 * @param say is told how far it is, once a second
 * @param stopped ends the writing early
 * @throws AisError when the checkpoints cannot be made
 */
export async function stressCheckpoints(
  options: StressOptions,
  say: (text: string) => void,
  stopped: AbortSignal,
): Promise<StressResult> {
  const ckpt = await Ckpt.initialize({ socket: options.socket })
  let members: MemberWatch | undefined
  try {
    members = await MemberWatch.begin(options.socket)
    return await new Stress(options, ckpt, members, stopped).run(say)
  } finally {
    await members?.end()
    await ckpt.finalize()
  }
}

class Stress implements StressRun {
  readonly tally = new StressTally()
  readonly size: number
  readonly depth: number
  readonly #names: string[]
  readonly #checkpoints: Checkpoint[] = []
  #writers: StressWriter[] = []
  #isOver = false
  #failure: unknown
  #wake: (() => void) | undefined

  constructor(
    private readonly options: StressOptions,
    readonly ckpt: Ckpt,
    private readonly members: MemberWatch,
    private readonly stopped: AbortSignal,
  ) {
    this.size = options.size
    this.depth = options.depth
    const run = `ais-stress-${process.pid}-${randomBytes(4).toString('hex')}`
    const count = Math.min(CHECKPOINTS, options.writers)
    this.#names = Array.from({ length: count }, (_, index) => `${run}-${index}`)
    stopped.addEventListener('abort', () => this.end(), { once: true })
  }

  mayWrite(): boolean {
    return !this.#isOver && this.tally.writes + this.tally.underWay < this.options.count
  }

  onAnswer(): void {
    if (this.tally.writes >= this.options.count) this.end()
    if (this.tally.underWay === 0) this.#wake?.()
  }

  onFailure(error: unknown): void {
    this.#failure ??= error
    this.end()
  }

  async run(say: (text: string) => void): Promise<StressResult> {
    const call = patientCaller(CALL_TIMEOUT_MS)
    try {
      for (const name of this.#names) this.#checkpoints.push(await call(() => this.open(name)))
      await this.createSections()
      if (this.options.guarantee !== 'all') {
        this.ckpt.on('lost', () => this.#writers.forEach(({ record }) => record.fallBack()))
      }
      const seconds = await this.write(say)
      say('comparing what the members hold')
      const { differences, members } = await this.compare()
      const errors = Object.fromEntries([...this.tally.errors].sort())
      const { missing } = this.members
      return { writes: this.tally.writes, seconds, errors, differences, members, missing }
    } finally {
      const left = await this.remove()
      if (left === 0) say('its checkpoints are removed')
      else say(`${left} of its checkpoints could not be removed: they go by themselves in ${RETENTION}`)
    }
  }

  /** Make no further writes. */
  private end(): void {
    this.#isOver = true
    if (this.tally.underWay === 0) this.#wake?.()
  }

  private open(name: string): Promise<Checkpoint> {
    const { writers, size, guarantee } = this.options
    const maxSections = Math.max(2, Math.ceil(writers / this.#names.length))
    const attributes = {
      creationFlags: guaranteeFlag(guarantee),
      checkpointSize: maxSections * size,
      retentionDurationMs: RETENTION_MS,
      maxSections,
      maxSectionSize: size,
      maxSectionIdSize: 32,
    }
    const { CHECKPOINT_READ, CHECKPOINT_WRITE, CHECKPOINT_CREATE } = CheckpointOpenFlags
    return this.ckpt.checkpointOpen(name, attributes, CHECKPOINT_READ | CHECKPOINT_WRITE | CHECKPOINT_CREATE)
  }

  private async createSections(): Promise<void> {
    const call = patientCaller(CALL_TIMEOUT_MS)
    this.#writers = Array.from({ length: this.options.writers }, (_, index) => {
      return new StressWriter(this, this.#checkpoints[index % this.#checkpoints.length]!, index)
    })
    await Promise.all(this.#writers.map((writer) => call(() => writer.createSection())))
  }

  /** @returns seconds from the first write to the last acknowledgement */
  private async write(say: (text: string) => void): Promise<number> {
    const beganMs = performance.now()
    this.tally.lastMs = beganMs
    const { durationMs } = this.options
    const timer = durationMs === Infinity ? undefined : setTimeout(() => this.end(), durationMs)
    const reporter = setInterval(() => this.report(beganMs, say), REPORT_INTERVAL_MS)
    try {
      for (const writer of this.#writers) writer.pump()
      await this.idle()
    } finally {
      clearTimeout(timer)
      clearInterval(reporter)
    }
    const lastMs = this.tally.writes === 0 ? performance.now() : this.tally.lastMs
    return Math.max(0.001, (lastMs - beganMs) / 1000)
  }

  /** Until the run is over and every write is answered, or has waited for its answer long enough. */
  private idle(): Promise<void> {
    return new Promise((resolve) => {
      let isWaiting = false
      this.#wake = () => {
        if (!this.#isOver) return
        if (this.tally.underWay === 0) return resolve()
        if (isWaiting) return
        isWaiting = true
        setTimeout(resolve, ANSWER_TIMEOUT_MS).unref()
      }
      this.#wake()
    })
  }

  private report(beganMs: number, say: (text: string) => void): void {
    const { writes, errors, lastMs } = this.tally
    const seconds = (performance.now() - beganMs) / 1000
    const count = (value: number): string => Math.round(value).toLocaleString('en')
    const failed = [...errors].map(([code, times]) => `, ${code} ${count(times)}`).join('')
    say(`${count(writes)} writes in ${seconds.toFixed(0)} s, ${count(writes / seconds)}/s${failed}`)
    if (performance.now() - lastMs < STALL_TIMEOUT_MS) return
    this.onFailure(new Error(`no write was acknowledged for ${STALL_TIMEOUT_MS / 1000} s`))
  }

  private async compare(): Promise<{ differences: string[]; members: number }> {
    const differences: string[] = []
    if (this.#failure !== undefined) differences.push(`the run ended early: ${messageOf(this.#failure)}`)
    for (const writer of this.#writers) writer.abandon()
    await this.members.settled(MEMBER_TIMEOUT_MS, this.stopped)
    const check = new ReplicaCheck(this.ckpt, this.members, MEMBER_TIMEOUT_MS)
    try {
      if (this.options.guarantee !== 'all') await check.synchronize(this.#checkpoints)
      differences.push(...(await check.digests(this.#names)))
      differences.push(...(await check.contents(this.#writers, this.size)))
    } catch (error) {
      if (!isAisError(error)) throw error
      differences.push(`what the members hold could not be read: ${error.message}`)
    }
    return { differences, members: check.membersCompared }
  }

  /** Whatever happened, as far as the executive is there. @returns how many may be left */
  private async remove(): Promise<number> {
    const call = patientCaller(CALL_TIMEOUT_MS)
    const made = this.#names.slice(0, this.#checkpoints.length + 1)
    const removals = made.map((name) =>
      call(() => this.ckpt.checkpointUnlink(name)).then(() => true, isNowhere),
    )
    return (await Promise.all(removals)).filter((isGone) => !isGone).length
  }
}

/** Is there nothing left to remove? What is left goes by itself: nobody has it open then. */
function isNowhere(error: unknown): boolean {
  if (!isAisError(error)) throw error
  return error.code === 'ERR_NOT_EXIST'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
