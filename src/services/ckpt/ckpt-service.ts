import type { CheckpointChangeKind } from '../../base/index.js'
import { MESSAGE_HEADER_OCTETS } from '../../group/index.js'
import type {
  Gate,
  Lineage,
  LineageEntry,
  ReplicatedService,
  RingId,
  SnapshotReader,
  SnapshotWriter,
  Stretch,
  Transferred,
  View,
} from '../../group/index.js'
import type { Client, Request, ServiceFront } from '../front.js'
import { shown } from '../shown.js'
import type { Process } from './checkpoint-status.js'
import type { Checkpoint } from './checkpoint.js'
import { ConflictCalls, idOf } from './conflict-calls.js'
import { ConflictKeeper } from './conflict-keeper.js'
import { DigestQueue } from './digest-queue.js'
import type { Due } from './due-times.js'
import { HandleCalls } from './handle-calls.js'
import { Handles, type Handle } from './handles.js'
import type { MachineListener } from './machine-listener.js'
import { Listing } from './listing.js'
import { isSame, Machine } from './machine.js'
import { adoptState } from './merge.js'
import { MutatingCalls, type MutatingContext } from './mutating-calls.js'
import { Mutations, type Mutation } from './mutations.js'
import type { Params } from './params.js'
import type { CkptPort } from './port.js'
import { Queries } from './queries.js'
import { ReadingCalls } from './reading-calls.js'
import { Refusal } from './refusal.js'
import { freezeState } from './snapshot-reader.js'
import { SnapshotOfOthers } from './snapshot-writer.js'
import { Trackings } from './trackings.js'
import { Upkeep } from './upkeep.js'
import { Kind, MessageWriter } from './wire.js'

/** Octets in use are counted anew after so long. */
const COUNT_AGAIN_MS = 100

/**
 * Replicated checkpoints: this node's replica of all of them, and its side towards the applications of this
 * node. What changes them are ordered messages; what reads them is answered from here.
 *
 * Source: SAI-AIS-CKPT-B.01.01.
 */
export class CkptService implements ReplicatedService, ServiceFront, MachineListener, MutatingContext {
  readonly id = 10
  readonly name = 'ckpt'
  readonly machine: Machine
  readonly #handles = new Handles()
  readonly #mutations: Mutations
  readonly #upkeep: Upkeep
  readonly #trackings: Trackings
  readonly #reading: ReadingCalls
  readonly #mutating: MutatingCalls
  readonly #handleCalls: HandleCalls
  readonly #digests: DigestQueue
  readonly #listing: Listing
  readonly #queries: Queries
  readonly #keeper: ConflictKeeper
  readonly #conflicts: ConflictCalls
  #gate: Gate = 'closed'
  #view: View | null = null
  /** Requests that wait until this node knows that it is not behind. */
  #held: Request[] = []
  /** Until the next view it is not known whether this replica is behind. */
  #awaitsView = false
  #memoryUsed = 0
  #memoryCountedAtMs = -Infinity

  constructor(private readonly port: CkptPort) {
    this.machine = new Machine(this)
    this.#mutations = new Mutations((payload) => port.send(payload))
    this.#trackings = new Trackings(() => port.later())
    this.#upkeep = new Upkeep(port, this.machine, this.#handles, this.#mutations, (handle) => {
      this.#trackings.onRebound(handle)
    })
    this.#reading = new ReadingCalls(this)
    this.#mutating = new MutatingCalls(port, this)
    this.#handleCalls = new HandleCalls(
      port,
      this,
      this.#handles,
      this.#upkeep,
      this.#trackings,
      this.#reading,
    )
    this.#digests = new DigestQueue(port)
    this.#listing = new Listing(this.machine, this.#digests, () => this.replicas())
    this.#queries = new Queries(port, this.machine, this.#digests, this.#mutations)
    this.#keeper = new ConflictKeeper(port, this.#digests, () => this.machine.state)
    this.#conflicts = new ConflictCalls(this.#keeper, () => this.machine.state)
  }

  readonly #mutatingMethods: Readonly<Record<string, (request: Request, params: Params) => void>> = {
    checkpointOpen: (request, params) => this.#handleCalls.open(request, params),
    checkpointUnlink: (request, params) => this.#mutating.unlink(request, params),
    retentionDurationSet: (request, params) => this.#mutating.retentionDurationSet(request, params),
    activeReplicaSet: (request, params) => this.#mutating.activeReplicaSet(request, params),
    sectionCreate: (request, params) => this.#mutating.sectionCreate(request, params),
    sectionDelete: (request, params) => this.#mutating.sectionDelete(request, params),
    expirationTimeSet: (request, params) => this.#mutating.expirationTimeSet(request, params),
    synchronize: (request, params) => this.#mutating.synchronize(request, params),
    track: (request, params) => this.#handleCalls.track(request, params),
    trackStop: (request, params) => this.#handleCalls.trackStop(request, params),
    digests: (request, params) => this.#queries.ask(request, params),
    conflictDismiss: (request, params) => this.#dismiss(request, params),
  }

  readonly #readingMethods: Readonly<Record<string, (request: Request, params: Params) => void>> = {
    statusGet: (request, params) => this.#reading.statusGet(request, params),
    iterationInitialize: (request, params) => this.#reading.iterationInitialize(request, params),
    iterationNext: (request, params) => this.#reading.iterationNext(request, params),
    iterationFinalize: (request, params) => this.#reading.iterationFinalize(request, params),
    list: (request, params) => this.#listing.list(request, params),
    show: (request, params) => this.#listing.show(request, params),
    conflicts: (request, params) => this.#conflicts.list(request, params),
    conflictSections: (request, params) => this.#conflicts.sections(request, params),
    conflictRead: (request, params) => this.#conflicts.read(request, params),
  }

  onRequest(request: Request): void {
    try {
      this.#route(request)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      request.fail(error.code, error.text)
    }
  }

  onClientGone(client: Client): void {
    this.#held = this.#held.filter((request) => request.client !== client)
    this.#handleCalls.onClientGone(client)
  }

  onView(view: View): void {
    this.#view = view
    this.#upkeep.onView(view)
    this.#queries.onView(view)
    this.#awaitsView = false
    // Not at once: whether this node's state is the one of the view is decided next.
    if (this.#held.length > 0) this.port.later()
  }

  onGate(gate: Gate): void {
    this.#gate = gate
    // Who was out of touch may be behind those it meets: it learns of that with the view.
    if (gate === 'paused' && !this.port.isCurrent()) this.#awaitsView = true
    this.#mutations.onGate(gate)
    this.#upkeep.onGate(gate === 'open')
    if (gate === 'open') {
      this.#queries.onOpen()
      this.#keeper.onOpen()
    }
    this.onCurrent()
  }

  apply(from: number, payload: Uint8Array, ringId: RingId, position: number, stretch: Stretch): boolean {
    const outcome = this.machine.apply(payload, from, stretch, position)
    const { hasChanged } = this.machine
    const kind = payload[MESSAGE_HEADER_OCTETS]
    if (kind === Kind.query) this.#queries.onQuery(payload)
    else if (kind === Kind.report) this.#queries.onReport(from, payload)
    else if (kind === Kind.dismiss) this.#keeper.onDismissed()
    if (from === this.port.nodeId) this.#mutations.onApplied(outcome, ringId, position)
    return hasChanged
  }

  onDropped(): void {
    this.#mutations.onDropped()
  }

  onStable(ringId: RingId, position: number): void {
    this.#mutations.onStable(ringId, position)
  }

  onDrain(): void {
    this.#mutations.onDrain()
  }

  freeze(receivers: readonly (Lineage | null)[]): SnapshotReader {
    return freezeState(this.machine.state, receivers, this.port.nowMs())
  }

  receive(): SnapshotWriter {
    return new SnapshotOfOthers(() => this.port.nowMs())
  }

  adopt(winner: Transferred, conflicts: readonly Transferred[], decided: LineageEntry | null): void {
    const place = decided === null ? null : { stretch: decided, position: decided.position }
    const context = { nowMs: this.port.nowMs(), decided: place }
    const { state, replaced, setAside, notes } = adoptState(this.machine.state, winner, conflicts, context)
    this.machine.state = state
    for (const { level, message } of notes) this.port.log(level, message)
    this.#upkeep.onAdopt()
    this.#memoryCountedAtMs = -Infinity
    this.#trackings.onReplaced(replaced)
    this.#keeper.onAdopt(setAside)
  }

  /** The time asked for with port.setAlarm() has come. */
  onAlarm(): void {
    this.#upkeep.onAlarm()
  }

  /** The moment asked for with port.later(). */
  onLater(): void {
    this.onCurrent()
    this.#trackings.tell()
    const isMore = [this.#digests.step(), this.#keeper.step()]
    if (isMore.includes(true)) this.port.later()
  }

  /** There was a token, or a new configuration: what this replica holds is of now. */
  onCurrent(): void {
    if (this.#held.length === 0 || !this.#isCurrent()) return
    const held = this.#held
    this.#held = []
    for (const request of held) this.onRequest(request)
  }

  #isCurrent(): boolean {
    return !this.#awaitsView && this.port.isCurrent()
  }

  /** Requests wait for onCurrent(). */
  get isHolding(): boolean {
    return this.#held.length > 0
  }

  nowMs(): number {
    return this.port.nowMs()
  }

  isMember(process: Process): boolean {
    return this.#view?.members.some((member) => isSame(member, process)) ?? false
  }

  onDue(due: Due): void {
    this.#upkeep.onDue(due)
  }

  onChange(
    { key, name }: Checkpoint,
    change: CheckpointChangeKind,
    id: string | null,
    offset: number,
    size: number,
  ): void {
    this.#trackings.note(key, name, change, id, offset, size)
  }

  submit(payload: Uint8Array, mutation: Mutation): void {
    this.#mutations.submit(payload, mutation)
  }

  memoryUsed(): number {
    const nowMs = this.port.nowMs()
    if (nowMs - this.#memoryCountedAtMs >= COUNT_AGAIN_MS) {
      this.#memoryCountedAtMs = nowMs
      this.#memoryUsed = this.machine.state.memoryUsed
    }
    return this.#memoryUsed
  }

  replicas(): readonly number[] {
    return this.#view?.members.map(({ nodeId }) => nodeId) ?? []
  }

  handleOf(request: Request, number: unknown): Handle {
    const handle = this.#handles.get(request.client, number)
    if (handle === undefined) {
      throw new Refusal('ERR_BAD_HANDLE', `no checkpoint is open by handle ${shown(number)}; was it closed?`)
    }
    if (handle.dead !== undefined) throw new Refusal('ERR_BAD_HANDLE', handle.dead)
    return handle
  }

  checkpointOf(handle: Handle): Checkpoint {
    const checkpoint = this.machine.state.checkpoints.get(handle.key)
    if (checkpoint !== undefined) return checkpoint
    throw new Refusal('ERR_BAD_HANDLE', `checkpoint ${handle.name} is gone`)
  }

  #route(request: Request): void {
    const { method, params } = request
    if (method === 'checkpointClose') return this.#handleCalls.close(request, mapOf(method, params))
    if (this.#gate === 'closed') {
      const text = 'the checkpoints are not on this node yet: their state is on its way; call again'
      throw new Refusal('ERR_TRY_AGAIN', text)
    }
    if (method === 'checkpointWrite') return this.#mutating.write(request, arrayOf(method, params))
    if (method === 'sectionOverwrite') return this.#mutating.overwrite(request, arrayOf(method, params))
    if (Object.hasOwn(this.#mutatingMethods, method)) {
      return this.#mutatingMethods[method]!(request, mapOf(method, params))
    }
    const isRead = method === 'checkpointRead'
    if (!isRead && !Object.hasOwn(this.#readingMethods, method)) throw this.#unknownMethod(method)
    if (!this.#isCurrent()) {
      this.#held.push(request)
      return undefined
    }
    if (isRead) return this.#reading.read(request, arrayOf(method, params))
    return this.#readingMethods[method]!(request, mapOf(method, params))
  }

  #unknownMethod(method: string): Refusal {
    const maps = [...Object.keys(this.#mutatingMethods), ...Object.keys(this.#readingMethods)]
    const known = ['checkpointClose', 'checkpointWrite', 'sectionOverwrite', 'checkpointRead', ...maps]
    return new Refusal('ERR_NOT_SUPPORTED', `ckpt has no method ${shown(method)}; it has ${known.join(', ')}`)
  }

  #dismiss(request: Request, { id }: Params): void {
    const writer = new MessageWriter(Kind.dismiss, this.port.wallMs())
    writer.text(idOf(id))
    this.submit(writer.finish(), {
      waitsForAll: true,
      onDone: ({ code, text }) => (code === null ? request.answer(null) : request.fail(code, text)),
      onLost: (code, text) => request.fail(code, text),
    })
  }
}

function mapOf(method: string, params: unknown): Params {
  if (typeof params === 'object' && params !== null && !Array.isArray(params)) return params as Params
  throw new Refusal('ERR_INVALID_PARAM', `the parameters of ckpt.${method} are a map, not ${shown(params)}`)
}

function arrayOf(method: string, params: unknown): readonly unknown[] {
  if (Array.isArray(params)) return params
  throw new Refusal(
    'ERR_INVALID_PARAM',
    `the parameters of ckpt.${method} are an array, not ${shown(params)}`,
  )
}
