import type { Configuration, Transferred, View } from '../../group/index.js'
import { Kind } from '../../services/ckpt/wire.js'
import type { Checkpoint } from '../../services/ckpt/checkpoint.js'
import { count, type Counters } from '../../totem/counters.js'
import { ringKey, type History } from '../history.js'
import type { Answer, Call, CkptWatcher, WatchedApplication, WatchedCkpt } from '../services/ckpt-watcher.js'
import { CheckpointCalls } from './checkpoint-calls.js'
import { CHANGING, noteApplied } from './checkpoint-coverage.js'
import { CheckpointMerges } from './checkpoint-merges.js'
import { CheckpointTimes } from './checkpoint-times.js'
import { contentAfter, contentAtFirst, expiredBy, subjectOf, type Subject } from './checkpoint-model.js'
import { headOf, nameOf, Shadow, stateText } from './checkpoint-shadow.js'
import { describe, differenceOf, Versions, type Version } from './checkpoint-versions.js'

/**
 * Sees the replicas of CKPT of a run, every call and every answer, and checks what CKPT promises at every
 * moment. What a checkpoint holds after a change it computes by itself, from the message alone.
 */
export class CheckpointWatch implements CkptWatcher {
  private readonly shadows = new Map<WatchedCkpt, Shadow>()
  private readonly versions = new Versions()
  private readonly texts = new Map<string, string>()
  /** Configurations that those of a view follow from, and whose were looked at. */
  private readonly followed = new Map<string, { readonly from: Set<string>; readonly seen: Set<Shadow> }>()
  private readonly calls: CheckpointCalls
  private readonly times: CheckpointTimes
  private readonly merges: CheckpointMerges

  constructor(
    private readonly history: History,
    private readonly counters: Counters,
    nowMs: () => number,
  ) {
    const violate = (promise: string, message: string): void => this.violate(promise, message)
    this.times = new CheckpointTimes(nowMs, violate)
    this.merges = new CheckpointMerges(this.versions, {
      violate,
      note: (what) => this.note(what),
      checkContent: (...held) => this.checkContent(...held),
    })
    this.calls = new CheckpointCalls(this.times, violate, (what) => this.note(what), {
      living: () => this.living(),
      shadowOf: (ckpt) => this.shadows.get(ckpt)!,
      keeps: (shadow, version) => this.merges.keeps(shadow, version),
    })
  }

  /** Every call has an answer. */
  get quiet(): boolean {
    return this.calls.outstanding === 0
  }

  note(what: string): void {
    count(this.counters, `ckpt.${what}`)
  }

  begin(ckpt: WatchedCkpt): void {
    this.shadows.set(ckpt, new Shadow(ckpt))
  }

  end(ckpt: WatchedCkpt): void {
    this.shadows.get(ckpt)!.isAlive = false
    this.calls.onEnd(ckpt)
  }

  onConfiguration(ckpt: WatchedCkpt, configuration: Configuration): void {
    this.shadows.get(ckpt)!.onConfiguration(configuration)
  }

  onView(ckpt: WatchedCkpt, view: View): void {
    const shadow = this.shadows.get(ckpt)!
    const key = ringKey(view.ringId)
    const followed = this.followed.get(key) ?? { from: new Set([key]), seen: new Set() }
    this.followed.set(key, followed)
    for (const other of this.shadows.values()) {
      if (followed.seen.has(other) || !isMember(view, other)) continue
      followed.seen.add(other)
      for (const place of other.follows) followed.from.add(place)
    }
    shadow.view = view
    const head = headOf(ckpt.lineage())
    if (head === null) return
    this.checkRest(shadow, head)
    this.merges.remember(head, shadow)
  }

  onGate(ckpt: WatchedCkpt): void {
    const shadow = this.shadows.get(ckpt)!
    shadow.gate = ckpt.gate
    if (ckpt.gate !== 'open') return
    shadow.onOpen()
    for (const place of this.followed.get(ringKey(shadow.view!.ringId))!.from) shadow.follows.add(place)
    this.checkRest(shadow, headOf(ckpt.lineage())!)
  }

  onApplying(ckpt: WatchedCkpt, from: number, payload: Uint8Array): void {
    if (from !== ckpt.process.id.nodeId) return
    this.calls.onApplying(this.shadows.get(ckpt)!, subjectOf(payload))
  }

  onApplied(ckpt: WatchedCkpt, from: number, payload: Uint8Array, changed: boolean): void {
    const shadow = this.shadows.get(ckpt)!
    const subject = subjectOf(payload)
    const { kind } = subject
    const touched = kind === Kind.open ? this.applyOpen(shadow, subject, payload) : null
    const version = touched ?? this.applyChange(shadow, subject, payload, changed)
    noteApplied(shadow, this.living(), kind, changed, (what) => this.note(what))
    this.times.onApplied(shadow)
    this.checkEnds(shadow, kind, changed, payload)
    if (from === ckpt.process.id.nodeId) this.calls.onApplied(shadow, version)
  }

  onDropped(ckpt: WatchedCkpt, payload: Uint8Array): void {
    this.note('dropped')
    this.calls.onDropped(ckpt, subjectOf(payload))
  }

  onAdopted(ckpt: WatchedCkpt, winner: Transferred, conflicts: readonly Transferred[]): void {
    const shadow = this.shadows.get(ckpt)!
    this.calls.onAdopted(shadow, this.merges.onAdopted(shadow, winner, conflicts))
    this.times.onAdopted(shadow)
  }

  onApplication(application: WatchedApplication, ckpt: WatchedCkpt): void {
    this.calls.onApplication(application, ckpt)
  }

  onApplicationGone(application: WatchedApplication): void {
    this.calls.onApplicationGone(application)
  }

  onCall(call: Call): void {
    this.note(`call.${call.method}`)
    this.calls.onCall(call)
  }

  onAnswer(call: Call, answer: Answer): void {
    if (answer.code !== null) this.note(`answer.${answer.code}`)
    this.calls.onAnswer(call, answer)
  }

  /** All is one ring, and was for a while: one state, and what was acknowledged is in it. */
  checkQuiet(): void {
    const [first, ...others] = this.living()
    if (first === undefined) return
    for (const shadow of [first, ...others]) {
      this.checkRest(shadow, headOf(shadow.ckpt.lineage()) ?? 'nothing')
      this.checkContents(shadow)
    }
    const text = stateText(first)
    for (const other of others) {
      if (stateText(other) === text) continue
      const what = `at rest ${nameOf(first)} holds ${text}; ${nameOf(other)} ${stateText(other)}`
      this.violate('replicas equal', what)
    }
    this.calls.checkQuiet(first)
    this.times.checkQuiet(first)
  }

  /** No call waits without end. */
  checkAnswered(): void {
    this.calls.checkAnswered()
  }

  private living(): Shadow[] {
    return [...this.shadows.values()].filter(({ isAlive }) => isAlive)
  }

  /** Whoever has come the same way holds the same. */
  private checkRest(shadow: Shadow, head: string): void {
    const text = stateText(shadow)
    const known = this.texts.get(head)
    this.texts.set(head, text)
    if (known === undefined || known === text) return
    this.violate('replicas equal', `${nameOf(shadow)} holds ${text} at ${head}; another ${known}`)
  }

  private checkContents(shadow: Shadow): void {
    for (const checkpoint of shadow.ckpt.service.machine.state.checkpoints.values()) {
      this.checkContent(shadow, checkpoint, shadow.versions.get(checkpoint.key)!)
    }
  }

  private checkContent(shadow: Shadow, checkpoint: Checkpoint, version: Version): void {
    const difference = differenceOf(checkpoint, version.content)
    if (difference === null) return
    this.violate('what was written', `${nameOf(shadow)} holds ${describe(version)} with ${difference}`)
  }

  /** @returns the version that the checkpoint was created with, or has; null: there is none */
  private applyOpen(shadow: Shadow, { name }: Subject, payload: Uint8Array): Version | null {
    const { state } = shadow.ckpt.service.machine
    const created = [...state.checkpoints.values()].find(({ key }) => !shadow.versions.has(key))
    if (created === undefined) return shadow.versions.get(state.byName.get(name!)?.key ?? -1) ?? null
    const others = [...shadow.versions.values()].filter(({ content }) => content.name === name)
    if (others.some(({ content }) => content.unlinked)) this.note('recreated')
    const content = (): Content => contentAtFirst(created, payload)
    return this.change(shadow, created, null, content, true)
  }

  /** @returns the version that the message is about after it; null: it is about none */
  private applyChange(
    shadow: Shadow,
    { kind, key, name }: Subject,
    payload: Uint8Array,
    changed: boolean,
  ): Version | null {
    const { versions } = shadow
    const named = (): Version | undefined => {
      return [...versions.values()].find(({ content }) => content.name === name && !content.unlinked)
    }
    const before = name === null ? versions.get(key ?? -1) : named()
    if (before === undefined) return null
    const checkpoint = shadow.ckpt.service.machine.state.checkpoints.get(before.key)
    if (kind === Kind.unlink) return this.applyUnlink(shadow, before, checkpoint, payload)
    if (checkpoint === undefined) return before
    if (!changed || !CHANGING.has(kind)) {
      this.checkContent(shadow, checkpoint, before)
      return before
    }
    if (kind === Kind.expire) {
      for (const id of expiredBy(before.content, payload)) {
        this.times.onExpired(before.content.sections.get(id)!.expirationTime, before.content.name)
      }
    }
    const content = (): Content => contentAfter(before.content, payload, checkpoint)
    return this.change(shadow, checkpoint, before, content, kind !== Kind.expire)
  }

  /** Nobody has it open: it ends at once. */
  private applyUnlink(
    shadow: Shadow,
    before: Version,
    checkpoint: Checkpoint | undefined,
    payload: Uint8Array,
  ): Version | null {
    const { key } = before
    if (checkpoint !== undefined) {
      const content = (): Content => contentAfter(before.content, payload, checkpoint)
      const version = this.change(shadow, checkpoint, before, content, true)
      if (version !== null) shadow.unlinked.set(key, version)
      return version
    }
    const tombstone = shadow.ckpt.service.machine.state.tombstones.get(key)
    if (tombstone === undefined) {
      this.violate('unlink holds', `${nameOf(shadow)} does not remember that it unlinked ${describe(before)}`)
      return before
    }
    const content = (): Content => ({ ...before.content, unlinked: true })
    const version = this.versions.add(key, tombstone.stamp, before, content, true)
    if (typeof version === 'string') return before
    shadow.versions.set(key, version)
    shadow.unlinked.set(key, version)
    return version
  }

  private change(
    shadow: Shadow,
    checkpoint: Checkpoint,
    before: Version | null,
    content: () => Content,
    isWritten: boolean,
  ): Version | null {
    const { key, changed } = checkpoint
    const version = this.versions.add(key, changed, before, content, isWritten)
    if (typeof version === 'string') {
      this.violate('replicas equal', `${nameOf(shadow)}: ${version}`)
      return before
    }
    shadow.versions.set(key, version)
    this.checkContent(shadow, checkpoint, version)
    return version
  }

  /** What is gone may be gone. */
  private checkEnds(shadow: Shadow, kind: number, changed: boolean, payload: Uint8Array): void {
    const { checkpoints } = shadow.ckpt.service.machine.state
    for (const [key, version] of shadow.versions) {
      if (checkpoints.has(key)) continue
      shadow.versions.delete(key)
      this.merges.endedAt(version)
      if (kind === Kind.retire) this.times.onRetired(payload, version.content.name)
      const mayEnd = [Kind.close, Kind.depart, Kind.retire, Kind.unlink].some((each) => each === kind)
      if (mayEnd && changed) continue
      this.violate('nothing lost', `${nameOf(shadow)} lost ${describe(version)} by a message of kind ${kind}`)
    }
    for (const { key, name } of checkpoints.values()) {
      if (shadow.versions.has(key)) continue
      this.violate('nothing lost', `${nameOf(shadow)} got ${name} by a message of kind ${kind}`)
    }
  }

  private violate(promise: string, message: string): void {
    this.history.violate(`CKPT: ${promise}`, message)
  }
}

type Content = Version['content']

function isMember({ members }: View, { ckpt }: Shadow): boolean {
  const { nodeId, incarnation } = ckpt.process.id
  return members.some((member) => member.nodeId === nodeId && member.incarnation === incarnation)
}
