import type { CkptPort } from './port.js'
import type { View } from '../../group/index.js'
import { isAlike, type Process } from './checkpoint-status.js'
import type { Checkpoint } from './checkpoint.js'
import { DueTimes, type Due } from './due-times.js'
import type { Handle, Handles } from './handles.js'
import { isSame, type Machine } from './machine.js'
import type { Mutation, Mutations } from './mutations.js'
import { Kind, MessageWriter, type HandleOfKey, type IdAndTime } from './wire.js'

/** The first of the members does what is due at once; each further one waits so much longer for it. */
const RANK_LAG_MS = 100
/** Until what was asked for is asked for again: its message may have been lost with a configuration. */
const AGAIN_MS = 1000
/** Sections that expire in one message, and what one turn looks at. */
const EXPIRED_MAX = 512
const LOOKED_AT_MAX = 4096
/** Handles in one message. */
const HANDLES_MAX = 2048

/** Messages that nobody waits for: what they are to bring about is looked after again. */
const unattended: Mutation = { waitsForAll: false, onDone: () => undefined, onLost: () => undefined }

/**
 * What this process does of its own accord: it ends what is due, closes what processes that are gone had
 * open, and sees to it that the state has its own applications' handles, and no others. All of it goes by
 * ordered messages, which do no harm when several members send them.
 */
export class Upkeep {
  private readonly dueTimes = new DueTimes()
  private view: View | null = null
  private isOpen = false
  /** When to look for processes that are gone; Infinity: there is nothing to look for. */
  private departuresAtMs = Infinity

  constructor(
    private readonly port: CkptPort,
    private readonly machine: Machine,
    private readonly handles: Handles,
    private readonly mutations: Mutations,
    private readonly onRebound: (handle: Handle) => void,
  ) {}

  onView(view: View): void {
    this.view = view
  }

  onGate(isOpen: boolean): void {
    this.isOpen = isOpen
    if (!isOpen) return
    this.reconcile()
    this.departuresAtMs = this.port.nowMs() + this.lagMs
    this.onAlarm()
  }

  /** Something is to end. */
  onDue(due: Due): void {
    this.dueTimes.push(due)
    if (this.dueTimes.first === due) this.arm()
  }

  /** The state is another one: what is to end has to be gathered anew. */
  onAdopt(): void {
    const { dueTimes } = this
    dueTimes.clear()
    for (const { key, sections, retentionDueMs } of this.machine.state.checkpoints.values()) {
      if (retentionDueMs !== Infinity) dueTimes.push({ dueMs: retentionDueMs, key, id: null })
      for (const { id, dueMs } of sections.values()) {
        if (dueMs !== Infinity) dueTimes.push({ dueMs, key, id })
      }
    }
  }

  onAlarm(): void {
    if (!this.isOpen) return
    const nowMs = this.port.nowMs()
    if (this.departuresAtMs <= nowMs) this.sendDepartures(nowMs)
    this.sendEnds(nowMs)
    this.arm()
  }

  /** What one application had open. */
  close(handles: readonly HandleOfKey[]): void {
    this.sendHandles(Kind.close, handles)
  }

  /** How much later than the first member this one does what any of them may do. */
  private get lagMs(): number {
    const rank = this.view?.members.findIndex(({ nodeId }) => nodeId === this.port.nodeId) ?? 0
    return Math.max(0, rank) * RANK_LAG_MS
  }

  private arm(): void {
    if (!this.isOpen) return
    const { first } = this.dueTimes
    const nextMs = Math.min(this.departuresAtMs, first === undefined ? Infinity : first.dueMs + this.lagMs)
    if (nextMs !== Infinity) this.port.setAlarm(Math.max(0, nextMs - this.port.nowMs()))
  }

  private sendEnds(nowMs: number): void {
    const { dueTimes, lagMs } = this
    const again: Due[] = []
    const expired = new Map<number, IdAndTime[]>()
    for (let looks = 0; looks < LOOKED_AT_MAX; looks++) {
      const { first } = dueTimes
      if (first === undefined || first.dueMs + lagMs > nowMs) break
      dueTimes.pop()
      const { key, id } = first
      const checkpoint = this.machine.state.checkpoints.get(key)
      if (checkpoint === undefined || !isDue(checkpoint, id, nowMs)) continue
      again.push({ dueMs: nowMs + AGAIN_MS, key, id })
      if (id === null) this.sendRetirement(checkpoint)
      else {
        const { expirationTime } = checkpoint.sections.get(id)!
        const list = expired.get(key) ?? []
        expired.set(key, list)
        list.push({ id, expirationTime })
      }
    }
    for (const due of again) dueTimes.push(due)
    for (const [key, list] of expired) {
      for (let at = 0; at < list.length; at += EXPIRED_MAX) {
        this.sendExpirations(key, list.slice(at, at + EXPIRED_MAX))
      }
    }
  }

  private sendRetirement({ key, retentionNumber }: Checkpoint): void {
    const writer = this.message(Kind.retire)
    writer.u64(key)
    writer.u32(retentionNumber)
    this.mutations.submit(writer.finish(), unattended)
  }

  private sendExpirations(key: number, list: readonly IdAndTime[]): void {
    const writer = this.message(Kind.expire)
    writer.u64(key)
    writer.u16(list.length)
    for (const { id, expirationTime } of list) {
      writer.id(id)
      writer.time(expirationTime)
    }
    this.mutations.submit(writer.finish(), unattended)
  }

  /** Processes that have something open and are no members any more. */
  private sendDepartures(nowMs: number): void {
    const gone = this.departed()
    this.departuresAtMs = gone.length === 0 ? Infinity : nowMs + AGAIN_MS
    for (const process of gone) {
      const writer = this.message(Kind.depart)
      writer.process(process)
      this.mutations.submit(writer.finish(), unattended)
    }
  }

  private departed(): Process[] {
    const members = this.view?.members ?? []
    const gone: Process[] = []
    for (const { openers, activeReplica } of this.machine.state.checkpoints.values()) {
      for (const process of activeReplica === null ? openers : [...openers, activeReplica]) {
        const isKnown = [...members, ...gone].some((other) => isSame(other, process))
        if (!isKnown) gone.push({ nodeId: process.nodeId, incarnation: process.incarnation })
      }
    }
    return gone
  }

  /** The state may have become another one, without this handle, while the call to open was on its way. */
  ensure(handle: Handle): void {
    if (this.isOpen && this.isLacking(handle)) {
      this.sendHandles(Kind.reopen, [{ key: handle.key, handle: handle.number }])
    }
  }

  /** The state has exactly the handles that applications of this process have. */
  private reconcile(): void {
    const { machine, handles, port } = this
    const missing: HandleOfKey[] = []
    for (const handle of handles.all()) {
      if (this.isLacking(handle)) missing.push({ key: handle.key, handle: handle.number })
    }
    const surplus: HandleOfKey[] = []
    for (const { key, openers } of machine.state.checkpoints.values()) {
      for (const handle of openers.find((opener) => isSame(opener, port))?.handles ?? []) {
        if (!handles.isLive(handle)) surplus.push({ key, handle })
      }
    }
    this.sendHandles(Kind.reopen, missing)
    this.sendHandles(Kind.close, surplus)
  }

  /** Does the state not know that this handle is open? One whose checkpoint is gone is dead from now on. */
  private isLacking(handle: Handle): boolean {
    if (handle.dead !== undefined) return false
    const checkpoint = this.checkpointFor(handle)
    if (checkpoint === undefined) {
      handle.dead = `checkpoint ${handle.name} went while this node was apart from the others`
      return false
    }
    if (handle.key !== checkpoint.key) {
      handle.key = checkpoint.key
      this.onRebound(handle)
    }
    const own = checkpoint.openers.find((opener) => isSame(opener, this.port))
    return own?.handles.has(handle.number) !== true
  }

  /** The one it was opened for; where that is gone for one of the same name, that one if it is alike. */
  private checkpointFor({ key, name, attributes }: Handle): Checkpoint | undefined {
    const { checkpoints, byName } = this.machine.state
    const known = checkpoints.get(key)
    if (known !== undefined) return known
    const other = byName.get(name)
    return other !== undefined && isAlike(other.attributes, attributes) ? other : undefined
  }

  private sendHandles(kind: number, handles: readonly HandleOfKey[]): void {
    for (let at = 0; at < handles.length; at += HANDLES_MAX) {
      const writer = this.message(kind)
      writer.u64(this.port.incarnation)
      writer.handles(handles.slice(at, at + HANDLES_MAX))
      this.mutations.submit(writer.finish(), unattended)
    }
  }

  private message(kind: number): MessageWriter {
    return new MessageWriter(kind, this.port.wallMs())
  }
}

function isDue(checkpoint: Checkpoint, id: string | null, nowMs: number): boolean {
  if (id !== null) return (checkpoint.sections.get(id)?.dueMs ?? Infinity) <= nowMs
  return checkpoint.openers.length === 0 && checkpoint.retentionDueMs <= nowMs
}
