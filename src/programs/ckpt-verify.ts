import type { Checkpoint, CheckpointDigests, Ckpt, MemberDigests } from '../api/index.js'
import { patientCaller, type Caller } from './ckpt-calls.js'
import type { WriteRecord } from './ckpt-stress-record.js'
import type { MemberWatch } from './member-watch.js'

/** One who wrote a section, and what the section may hold. */
export interface SectionWriter {
  readonly checkpoint: Checkpoint
  readonly sectionId: Buffer
  readonly record: WriteRecord
}

/** Sections that are read at a time. */
const READS_AT_A_TIME = 16
/** Before members that gave no answer are asked again. */
const RETRY_INTERVAL_MS = 200

/** Compares what the members hold, with each other and with what was written. */
export class ReplicaCheck {
  membersCompared = 0
  readonly #call: Caller

  /** @param timeoutMs how long to ask again while the cluster is changing */
  constructor(
    private readonly ckpt: Ckpt,
    private readonly members: MemberWatch,
    private readonly timeoutMs: number,
  ) {
    this.#call = patientCaller(timeoutMs, ['ERR_TRY_AGAIN', 'ERR_TIMEOUT'])
  }

  /** Wait until every member has what was written. */
  async synchronize(checkpoints: readonly Checkpoint[]): Promise<void> {
    for (const checkpoint of checkpoints) await this.#call(() => checkpoint.synchronize())
  }

  /** @returns how the members' replicas differ; nothing: they do not */
  async digests(names: readonly string[]): Promise<string[]> {
    const deadlineMs = performance.now() + this.timeoutMs
    for (;;) {
      const answer = await this.#call(() => this.ckpt.digests(names))
      this.membersCompared = answer.members.length
      const silent = [...this.members.present].filter(([nodeId]) => !isIn(answer, nodeId))
      if (silent.length === 0) return differencesOf(answer, names)
      if (performance.now() > deadlineMs) {
        const silentNames = silent.map(([, name]) => name).join(', ')
        return [`${silentNames} did not say what it holds`, ...differencesOf(answer, names)]
      }
      await new Promise((done) => setTimeout(done, RETRY_INTERVAL_MS))
    }
  }

  /** @returns which sections hold what was not written last */
  async contents(writers: readonly SectionWriter[], size: number): Promise<string[]> {
    const differences: string[] = []
    for (let from = 0; from < writers.length; from += READS_AT_A_TIME) {
      const some = writers.slice(from, from + READS_AT_A_TIME)
      const found = await Promise.all(some.map((writer) => this.content(writer, size)))
      differences.push(...found.filter((difference) => difference !== null))
    }
    return differences
  }

  private async content(writer: SectionWriter, size: number): Promise<string | null> {
    const { checkpoint, sectionId, record } = writer
    const [payload] = await this.#call(() => checkpoint.checkpointRead([{ sectionId }]))
    const wrong = record.check(payload!, size)
    return wrong === null ? null : `section ${String(sectionId)} of ${checkpoint.name}: ${wrong}`
  }
}

function isIn({ members }: CheckpointDigests, nodeId: number): boolean {
  return members.some((member) => member.nodeId === nodeId)
}

function differencesOf({ members }: CheckpointDigests, names: readonly string[]): string[] {
  const differences: string[] = []
  for (const [index, name] of names.entries()) {
    const digests = members.map((member) => member.checkpoints[index]?.digest ?? null)
    if (digests.every((digest) => digest !== null && digest === digests[0])) continue
    const texts = members.map((member, position) => memberText(member, index, digests[position]!))
    differences.push(`${name}: ${texts.join('; ')}`)
  }
  return differences
}

function memberText({ nodeName, checkpoints }: MemberDigests, index: number, digest: string | null): string {
  const replica = checkpoints[index]
  if (replica === undefined || digest === null) return `${nodeName} has none`
  return `${nodeName} has ${digest} of ${replica.numberOfSections} sections, ${replica.memoryUsed} octets`
}
