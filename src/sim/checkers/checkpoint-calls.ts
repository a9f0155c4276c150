import { isSynchronous } from '../../base/index.js'
import type { Checkpoint } from '../../services/ckpt/checkpoint.js'
import { Kind } from '../../services/ckpt/wire.js'
import type { Request } from '../../services/index.js'
import type { Answer, Call, WatchedApplication, WatchedCkpt } from '../services/ckpt-watcher.js'
import type { Subject } from './checkpoint-model.js'
import type { Shadow } from './checkpoint-shadow.js'
import { checkAnswer, checkIteration } from './checkpoint-answers.js'
import { CheckpointTimes } from './checkpoint-times.js'
import { lastWritten, type Version } from './checkpoint-versions.js'

/** Calls that are one ordered message each, which changes something or stands for changes before it. */
const KINDS: Readonly<Record<string, number>> = {
  checkpointOpen: Kind.open,
  checkpointUnlink: Kind.unlink,
  retentionDurationSet: Kind.retentionSet,
  sectionCreate: Kind.sectionCreate,
  sectionDelete: Kind.sectionDelete,
  expirationTimeSet: Kind.expirationSet,
  sectionOverwrite: Kind.overwrite,
  checkpointWrite: Kind.write,
  synchronize: Kind.synchronize,
}
/** Answered once all have applied it, whatever the checkpoint's guarantee. */
const ALWAYS_ALL = new Set(['checkpointOpen', 'checkpointUnlink', 'synchronize'])
const READS = new Set(['checkpointRead', 'statusGet', 'iterationInitialize'])

/** A call without an answer. */
interface Outstanding {
  readonly call: Call
  readonly key: number | null
  readonly subject: string | null
  /** What it has to show that was acknowledged before it began. */
  readonly required: readonly Version[]
  /** What came of its message at this process, and in which configuration. */
  applied: { version: Version | null; readonly place: string } | null
  /** The application was told that it is done. */
  isDone: boolean
}

interface Acknowledged {
  readonly version: Version
  readonly by: string
  isExtinct: boolean
}

export interface CallWorld {
  living(): readonly Shadow[]
  shadowOf(ckpt: WatchedCkpt): Shadow
  /** The process has the version, or what came of it, or has it set aside; or it ended as it may. */
  keeps(shadow: Shadow, version: Version): boolean
}

/** Every call gets one answer; what is acknowledged is everywhere, seen by all, and stays. */
export class CheckpointCalls {
  private readonly open = new Map<Call, Outstanding>()
  /** Of applications that are gone. */
  private readonly abandoned = new WeakMap<Call, Outstanding>()
  /** By process and subject, in the order in which they were made. */
  private readonly unapplied = new Map<string, Outstanding[]>()
  private applying: Outstanding | null = null
  private readonly acknowledged: Acknowledged[] = []
  /** By key and configuration: the last version that was acknowledged there. */
  private readonly byKey = new Map<number, Map<string, Version>>()
  private readonly applications = new Map<WatchedCkpt, Set<WatchedApplication>>()
  /** By process and number: the checkpoint as it was when the iteration began. */
  private readonly iterations = new Map<string, { readonly version: Version; readonly choice: unknown }>()

  constructor(
    private readonly times: CheckpointTimes,
    private readonly violate: (promise: string, message: string) => void,
    private readonly note: (what: string) => void,
    private readonly world: CallWorld,
  ) {}

  get outstanding(): number {
    return this.open.size
  }

  onApplication(application: WatchedApplication, ckpt: WatchedCkpt): void {
    const known = this.applications.get(ckpt) ?? new Set()
    this.applications.set(ckpt, known.add(application))
  }

  onApplicationGone(application: WatchedApplication): void {
    for (const [call, outstanding] of this.open) {
      if (call.application !== application) continue
      // Reads that are held are forgotten with who asked; what is under way comes to its end.
      if (outstanding.key !== null && !READS.has(call.method)) continue
      this.open.delete(call)
      this.abandoned.set(call, outstanding)
    }
    for (const set of this.applications.values()) set.delete(application)
  }

  onCall(call: Call): void {
    this.times.onCall(call)
    const shadow = this.world.shadowOf(call.ckpt)
    const key = keyOf(call)
    const kind = KINDS[call.method]
    const about = key ?? (call.params as { readonly name?: string }).name
    const subject = kind === undefined || about === undefined ? null : `${kind} ${about}`
    const required = READS.has(call.method) && key !== null ? this.requiredOf(shadow, key) : []
    const outstanding: Outstanding = { call, key, subject, required, applied: null, isDone: false }
    this.open.set(call, outstanding)
    if (subject !== null) this.queueOf(call.ckpt, subject).push(outstanding)
  }

  /** A message of this process is about to be applied: its answer may come before that is done. */
  onApplying(shadow: Shadow, subject: Subject): void {
    this.applying = this.queueOf(shadow.ckpt, textOf(subject)).shift() ?? null
    if (this.applying !== null) this.applying.applied = { version: null, place: shadow.place }
  }

  /** It was applied. @param version what came of it */
  onApplied(shadow: Shadow, version: Version | null): void {
    const { applying } = this
    if (applying === null) return
    this.applying = null
    applying.applied!.version = version
    if (applying.isDone) this.acknowledge(shadow, applying)
  }

  onDropped(ckpt: WatchedCkpt, subject: Subject): void {
    this.queueOf(ckpt, textOf(subject)).shift()
  }

  onAnswer(call: Call, answer: Answer): void {
    const outstanding = this.open.get(call)
    if (outstanding === undefined) {
      if (call.application.isGone) return this.onAbandoned(call)
      return this.violate('one answer', `${call.application.name} got two answers to ${call.method}`)
    }
    this.open.delete(call)
    const { subject, applied } = outstanding
    if (applied === null && subject !== null) this.forget(call.ckpt, subject, outstanding)
    if (call.application.isGone) return
    const shadow = this.world.shadowOf(call.ckpt)
    if (READS.has(call.method)) this.checkRead(shadow, outstanding, answer)
    else checkAnswer(call, answer, null, this.violate)
    this.checkIterations(shadow, call, answer)
    if (answer.code !== null || subject === null) return
    outstanding.isDone = true
    if (outstanding !== this.applying) this.acknowledge(shadow, outstanding)
  }

  /** Nobody waits for this answer; if it says that nothing was sent, no message is to be expected. */
  private onAbandoned(call: Call): void {
    const { subject, applied } = this.abandoned.get(call) ?? { subject: null, applied: null }
    if (subject !== null && applied === null) this.forget(call.ckpt, subject, this.abandoned.get(call)!)
  }

  /** Some are others now: who follows them has to be told. */
  onAdopted({ ckpt }: Shadow, replaced: ReadonlySet<number>): void {
    for (const application of this.applications.get(ckpt) ?? []) {
      const { name, handles } = application
      for (const open of handles.values()) {
        const key = keyOfHandle(ckpt, application, open.handle)
        if (open.tracking === null || key === null || !replaced.has(key)) continue
        if (open.replaced > open.replacedDue) {
          open.replacedDue = open.replaced
          this.note('replacedTold')
          continue
        }
        this.violate('tracking', `${name} was not told that ${open.name} may be another one`)
      }
    }
  }

  /** With a process go those connected to it, and maybe the last that knew of something. */
  onEnd(ckpt: WatchedCkpt): void {
    for (const call of this.open.keys()) if (call.ckpt === ckpt) this.open.delete(call)
    this.applications.delete(ckpt)
    const living = this.world.living()
    for (const item of this.acknowledged) {
      if (item.isExtinct || living.some((shadow) => this.world.keeps(shadow, item.version))) continue
      item.isExtinct = true
      this.note('extinct')
    }
  }

  checkQuiet(first: Shadow): void {
    for (const { version, by, isExtinct } of this.acknowledged) {
      if (isExtinct || this.world.keeps(first, version)) continue
      const what = `${version.content.name} at ${version.place}`
      this.violate(
        'acknowledged is kept',
        `${by} was acknowledged ${what}; somebody always had it; it is gone`,
      )
    }
    this.checkAnswered()
    this.checkOpeners(first)
    for (const applications of this.applications.values()) {
      for (const { name, handles, holds } of applications) {
        if (holds >= handles.size && (handles.size > 0 || holds === 0)) continue
        this.violate('one answer', `${name} holds ${holds} for ${handles.size} handles`)
      }
    }
  }

  checkAnswered(): void {
    for (const { call } of this.open.values()) {
      this.violate('one answer', `${call.application.name} has no answer to ${call.method}`)
    }
  }

  /** Everybody's handles, and no others. */
  private checkOpeners(first: Shadow): void {
    const { checkpoints } = first.ckpt.service.machine.state
    const expected = new Set<string>()
    for (const [ckpt, applications] of this.applications) {
      const { nodeId, incarnation } = ckpt.process.id
      for (const application of applications) {
        for (const { handle } of application.handles.values()) {
          const key = keyOfHandle(ckpt, application, handle)
          // It may have ended before a handle that a merge left without one was there.
          if (key !== null && checkpoints.has(key))
            expected.add(`${key.toString(36)} ${nodeId}/${incarnation}:${handle}`)
        }
      }
    }
    const present = openersOf(checkpoints.values())
    for (const opener of present) {
      if (!expected.delete(opener)) this.violate('openers', `${opener} is open, and nobody has it`)
    }
    for (const opener of expected) this.violate('openers', `${opener} is not open, and somebody has it`)
  }

  private acknowledge(shadow: Shadow, { call, applied }: Outstanding): void {
    const by = shadow.ckpt.process.name
    if (applied === null) {
      return this.violate(
        'acknowledged is kept',
        `${by} was acknowledged ${call.method}, which it did not do`,
      )
    }
    if (applied.version === null) return
    // What expired there may not have expired where it is decided on: only what was written is kept.
    const version = lastWritten(applied.version)
    const { creationFlags } = version.content.attributes
    if (!ALWAYS_ALL.has(call.method) && !isSynchronous(creationFlags)) return
    this.note('acknowledged')
    const place = shadow.placeOfAcknowledgement(applied.place)
    this.acknowledged.push({ version, by, isExtinct: false })
    const places = this.byKey.get(version.key) ?? new Map<string, Version>()
    this.byKey.set(version.key, places.set(place, version))
    for (const other of this.world.living()) {
      if (other.gate === 'closed' || !other.follows.has(place) || this.world.keeps(other, version)) continue
      const what = `${version.content.name} at ${version.place}`
      const who = `${other.ckpt.process.name} lacks it`
      this.violate('acknowledged is everywhere', `${by} was acknowledged ${what} in ${place}; ${who}`)
    }
  }

  private checkRead(shadow: Shadow, { call, key, required }: Outstanding, answer: Answer): void {
    const { ckpt } = shadow
    if (answer.code === 'ERR_TRY_AGAIN' || key === null) return
    const silentMs = Math.round(ckpt.silentMs())
    if (silentMs > ckpt.silentMaxMs) {
      const what = `${ckpt.process.name} answered a read ${silentMs} ms after the last token`
      this.violate('reads wait', what)
    }
    for (const version of required) {
      if (this.world.keeps(shadow, version)) continue
      const what = `${ckpt.process.name} does not show ${version.content.name} at ${version.place}`
      this.violate('acknowledged is seen', what)
    }
    const now = keyOf(call)
    const version = now === null ? undefined : shadow.versions.get(now)
    checkAnswer(call, answer, version ?? null, this.violate)
  }

  private checkIterations({ ckpt, versions }: Shadow, call: Call, answer: Answer): void {
    if (answer.code !== null) return
    if (call.method === 'iterationInitialize') {
      const version = versions.get(keyOf(call) ?? -1)
      const { iteration } = answer.result as { readonly iteration: number }
      const { choice } = call.params as { readonly choice: unknown }
      if (version !== undefined) this.iterations.set(`${ckpt.process.name} ${iteration}`, { version, choice })
    }
    if (call.method !== 'iterationNext') return
    const { iteration } = call.params as { readonly iteration: number }
    const known = this.iterations.get(`${ckpt.process.name} ${iteration}`)
    const shown = answer.result as readonly { readonly sectionId: Uint8Array }[]
    const ids = shown.map(({ sectionId }) => sectionId)
    if (known !== undefined) checkIteration(known.version, known.choice, ids, this.violate)
  }

  private requiredOf(shadow: Shadow, key: number): readonly Version[] {
    const places = this.byKey.get(key)
    if (places === undefined) return []
    return [...places].flatMap(([place, version]) => (shadow.follows.has(place) ? [version] : []))
  }

  private queueOf({ process }: WatchedCkpt, subject: string): Outstanding[] {
    const name = `${process.name} ${subject}`
    const queue = this.unapplied.get(name) ?? []
    this.unapplied.set(name, queue)
    return queue
  }

  private forget(ckpt: WatchedCkpt, subject: string, outstanding: Outstanding): void {
    const queue = this.queueOf(ckpt, subject)
    const at = queue.indexOf(outstanding)
    if (at >= 0) queue.splice(at, 1)
  }
}

function textOf({ kind, key, name }: Subject): string {
  return `${kind} ${key ?? name}`
}

/** Of the checkpoint that a call is about, as the service takes its handle; null: it has none. */
function keyOf({ ckpt, application, method, params }: Call): number | null {
  if (method === 'checkpointClose') return null
  const handle = Array.isArray(params)
    ? (params[0] as number)
    : (params as { readonly handle?: number }).handle
  return handle === undefined ? null : keyOfHandle(ckpt, application, handle)
}

function keyOfHandle(ckpt: WatchedCkpt, application: WatchedApplication, handle: number): number | null {
  try {
    return ckpt.service.handleOf({ client: application } as unknown as Request, handle).key
  } catch {
    return null
  }
}

function openersOf(checkpoints: Iterable<Checkpoint>): string[] {
  return [...checkpoints].flatMap(({ key, openers }) => {
    return openers.flatMap(({ nodeId, incarnation, handles }) => {
      return [...handles].map((handle) => `${key.toString(36)} ${nodeId}/${incarnation}:${handle}`)
    })
  })
}
