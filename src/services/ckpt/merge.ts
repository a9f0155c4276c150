import { invariant, limits } from '../../base/index.js'
import type { Transferred } from '../../group/index.js'
import { isAlike, type CheckpointStatus, type Opener, type Process, type Stamp } from './checkpoint-status.js'
import type { Checkpoint } from './checkpoint.js'
import { CkptState, type Conflict, type Tombstone } from './ckpt-state.js'
import { ConflictUnion } from './conflict-union.js'
import {
  areContentsIn,
  decide,
  isLinked,
  versionsOf,
  type Decision,
  type Side,
  type Version,
} from './merge-versions.js'
import { SnapshotOfOthers } from './snapshot-writer.js'
import { compareStamps, isSameStamp } from './stamps.js'

/** Lines in the log about one merge, and names in one of them. */
const NOTES_MAX = 100
const FORGOTTEN_MAX = 10

/** What the administrator should know of a merge. */
export interface MergeNote {
  readonly level: 'notice' | 'warning'
  readonly message: string
}

export interface MergeContext {
  /** By the clock that sections and retention go by. */
  readonly nowMs: number
  /** The place in the lineage that the outcome of a conflict takes; null: there is none. */
  readonly decided: Stamp | null
}

export interface Adoption {
  readonly state: CkptState
  /** Keys of the checkpoints whose contents are others than this node had, or none before. */
  readonly replaced: ReadonlySet<number>
  /** What lost, and was not known before. */
  readonly setAside: readonly Conflict[]
  readonly notes: readonly MergeNote[]
}

/** A checkpoint of the new state. */
interface Result {
  readonly version: Version
  readonly decision: Decision
  readonly status: CheckpointStatus
}

/**
 * The state to go on with: the winner's, and what is kept of those in conflict with it. Every member gets the
 * same, whichever side it comes from. What this node has already is not taken from elsewhere: its objects are
 * gone on with, and `own` must not be used any more.
 */
export function adoptState(
  own: CkptState,
  winner: Transferred,
  conflicts: readonly Transferred[],
  context: MergeContext,
): Adoption {
  const sides = [winner, ...conflicts].map(({ writer, lineage, members }, rank): Side => {
    if (writer === null) return { rank, state: own, omitted: new Map(), lineage, members }
    invariant(writer instanceof SnapshotOfOthers, 'a snapshot of another service')
    return { rank, state: writer.finish(), omitted: writer.omitted, lineage, members }
  })
  return new Merge(own, sides, context).run()
}

/** For applications whose handles a merge has closed to have it open again. */
const REOPEN_MS = 1000

class Merge {
  private readonly state = new CkptState()
  private readonly replaced = new Set<number>()
  private readonly notes: MergeNote[] = []
  private readonly tombstones: Tombstone[] = []
  private readonly aside: ConflictUnion

  constructor(
    private readonly own: CkptState,
    private readonly sides: readonly Side[],
    private readonly context: MergeContext,
  ) {
    const { decided } = context
    invariant(sides.length === 1 || decided !== null, 'a merge without a place in the order')
    this.aside = new ConflictUnion(decided?.stretch.ringId.sequence ?? 0, (version) =>
      this.contentsOf(version),
    )
  }

  run(): Adoption {
    if (this.sides.length === 1) this.takeOver(this.sides[0]!)
    else {
      const results = this.namesakesSettled(this.keys().flatMap((key) => this.resultsOf(key)))
      for (const { version, decision, status } of results) this.keep(version, decision, status)
      this.tombstones.sort((a, b) => compareStamps(a.stamp, b.stamp) || a.key - b.key)
    }
    for (const tombstone of this.tombstones.slice(-limits.ckptTombstones)) this.state.bury(tombstone)
    const forgotten = this.aside.unite(this.own, this.sides, this.state)
    if (forgotten.length > 0) this.notes.unshift(forgottenNote(forgotten))
    const { state, replaced } = this
    return { state, replaced, setAside: this.aside.created, notes: shortened(this.notes) }
  }

  /** There is no conflict: the state as it is there. */
  private takeOver({ state, omitted }: Side): void {
    for (const there of state.checkpoints.values()) {
      const { key, name } = there
      const here = this.own.checkpoints.get(key)
      const isSame = here !== undefined && isSameStamp(here.changed, there.changed)
      invariant(isSame || !omitted.has(key), missing(name))
      if (isSame) become(here, there, null)
      else this.replaced.add(key)
      this.state.add(isSame ? here : there)
    }
    this.tombstones.push(...state.tombstones.values())
  }

  /** Ascending. */
  private keys(): number[] {
    const keys = new Set<number>()
    for (const { state } of this.sides) {
      for (const key of state.checkpoints.keys()) keys.add(key)
      for (const key of state.tombstones.keys()) keys.add(key)
    }
    return [...keys].sort((a, b) => a - b)
  }

  /** What comes of one key: a checkpoint or none, a tombstone or none, what lost set aside. */
  private resultsOf(key: number): Result[] {
    const { sides } = this
    const versions = versionsOf(key, sides)
    const decision = decide(key, versions, sides)
    const { winner, losers } = decision
    if (winner === null) return []
    const status = winner.checkpoint === null ? null : this.statusOf(key, winner, decision)
    const isKept = status !== null && (!status.unlinked || status.openers.length > 0)
    if (!isLinked(winner)) this.remember(key, winner, decision)
    for (const loser of losers) this.lose(loser, winner, isLinked(winner) ? key : 0)
    return isKept ? [{ version: winner, decision, status }] : []
  }

  /** It was unlinked, and that holds. */
  private remember(
    key: number,
    { checkpoint, tombstone, changed }: Version,
    { isContested }: Decision,
  ): void {
    const name = (tombstone ?? checkpoint)!.name
    const stamp = isContested ? this.context.decided! : (tombstone?.stamp ?? changed)
    this.tombstones.push({ key, name, stamp })
  }

  private lose(loser: Version, winner: Version, keptKey: number): void {
    const { checkpoint, tombstone } = loser
    if (tombstone !== null && keptKey !== 0) {
      const message =
        `checkpoint ${tombstone.name} was unlinked on one side and changed on the other: ` +
        `that ${nodesOf(loser)} unlinked it was not kept`
      this.notes.push({ level: 'notice', message })
    }
    if (checkpoint === null || areContentsIn(winner, loser)) return
    const kept = winner.checkpoint === null ? null : this.sizeOf(winner)
    if (this.sizeOf(loser).numberOfSections === 0 && (kept?.numberOfSections ?? 0) === 0) return
    this.setAside(loser, winner, keptKey)
  }

  private setAside(loser: Version, winner: Version, keptKey: number): void {
    const conflict = this.aside.add(loser, winner, keptKey, this.sizeOf(loser))
    if (conflict === null) return
    const what = winner.checkpoint === null || keptKey === 0 ? 'that it was unlinked on' : 'what was on'
    const message =
      `checkpoint ${conflict.name} was changed on both sides: ${what} ${nodesOf(winner)} is kept, ` +
      `what was on ${nodesOf(loser)} is set aside as conflict ${conflict.id} (ais ckpt conflicts)`
    this.notes.push({ level: 'warning', message })
  }

  private statusOf(key: number, winner: Version, { isContested }: Decision): CheckpointStatus {
    const { retentionDurationMs, unlinked } = winner.checkpoint!
    const { nowMs, decided } = this.context
    const openers: Opener[] = []
    let [activeReplica, otherActive]: (Process | null)[] = [null, null]
    let [generated, retentionNumber, retentionDueMs] = [0, 0, 0]
    for (const side of this.sides) {
      const checkpoint = side.state.checkpoints.get(key)
      if (checkpoint === undefined) continue
      addOpeners(openers, side, checkpoint)
      const { activeReplica: active } = checkpoint
      if (active !== null && side.members.includes(active.nodeId)) {
        if (winner.holders.includes(side)) activeReplica ??= active
        else otherActive ??= active
      }
      generated = Math.max(generated, checkpoint.generated)
      retentionNumber = Math.max(retentionNumber, checkpoint.retentionNumber)
      retentionDueMs = Math.max(retentionDueMs, checkpoint.retentionDueMs)
    }
    // Of what is left of its retention on the sides, the longest; where somebody had it open, all of it. Who
    // had another one of its name open, which gave way to it, is to find it still there.
    const isEndless = retentionDurationMs === Infinity
    const leftMs = Math.min(retentionDueMs - nowMs, retentionDurationMs)
    const dueMs = isEndless ? Infinity : nowMs + Math.max(leftMs, REOPEN_MS)
    return {
      retentionDurationMs,
      unlinked,
      activeReplica: activeReplica ?? otherActive ?? null,
      openers,
      changed: isContested ? decided! : winner.changed,
      written: isContested ? decided! : winner.contentsWritten,
      generated,
      retentionNumber: retentionNumber + 1,
      retentionDueMs: openers.length > 0 ? Infinity : dueMs,
    }
  }

  /** Of several of one name the one of the side with the highest precedence stays. */
  private namesakesSettled(results: readonly Result[]): readonly Result[] {
    const byName = new Map<string, Result>()
    const clashes = new Map<string, Result[]>()
    for (const result of results) {
      if (result.status.unlinked) continue
      const { name } = result.version.checkpoint!
      const known = byName.get(name)
      if (known === undefined) byName.set(name, result)
      else clashes.set(name, [...(clashes.get(name) ?? [known]), result])
    }
    const gone = new Set<Result>()
    for (const namesakes of clashes.values()) {
      namesakes.sort((a, b) => rankOf(a.version) - rankOf(b.version))
      const [first, ...others] = namesakes as [Result, ...Result[]]
      for (const other of others) {
        gone.add(other)
        this.giveWay(other.version, first.version)
      }
    }
    return results.filter((result) => !gone.has(result))
  }

  private giveWay(version: Version, winner: Version): void {
    const { key, name, attributes } = version.checkpoint!
    this.tombstones.push({ key, name, stamp: this.context.decided! })
    const { memoryUsed, numberOfSections } = this.sizeOf(version)
    const isEmpty = memoryUsed === 0 && (numberOfSections === 0 || attributes.maxSections === 1)
    if (isEmpty && isAlike(attributes, winner.checkpoint!.attributes)) return
    this.setAside(version, winner, winner.checkpoint!.key)
  }

  private keep(version: Version, { isContested }: Decision, status: CheckpointStatus): void {
    const checkpoint = this.contentsOf(version)
    const { key, name } = version.checkpoint!
    invariant(checkpoint !== null, missing(name))
    const before = this.own.checkpoints.get(key)
    if (before === undefined || !isSameStamp(before.changed, version.changed)) this.replaced.add(key)
    become(checkpoint, status, isContested ? this.context.decided : null)
    this.state.add(checkpoint)
  }

  /** This node's object where it has the same; null: they did not come with the snapshot. */
  private contentsOf({ checkpoint, changed, holders }: Version): Checkpoint | null {
    if (checkpoint === null) return null
    const { key } = checkpoint
    const own = this.own.checkpoints.get(key)
    if (own !== undefined && (own === checkpoint || isSameStamp(own.changed, changed))) return own
    const holder = holders.find(({ state, omitted }) => state.checkpoints.has(key) && !omitted.has(key))
    return holder?.state.checkpoints.get(key) ?? null
  }

  private sizeOf(version: Version): { readonly memoryUsed: number; readonly numberOfSections: number } {
    const { checkpoint, holders } = version
    const omitted = holders
      .map((side) => side.omitted.get(checkpoint!.key))
      .find((size) => size !== undefined)
    if (omitted !== undefined) return omitted
    const { memoryUsed, sections } = this.contentsOf(version)!
    return { memoryUsed, numberOfSections: sections.size }
  }
}

/** The log is no place for thousands of lines: `ais ckpt conflicts` has them all. */
function shortened(notes: readonly MergeNote[]): readonly MergeNote[] {
  if (notes.length <= NOTES_MAX) return notes
  const more = notes.length - NOTES_MAX
  const message = `and ${more} more of this kind: ais ckpt conflicts has what was set aside`
  return [...notes.slice(0, NOTES_MAX), { level: 'warning', message }]
}

function forgottenNote(forgotten: readonly Conflict[]): MergeNote {
  const ids = forgotten.map(({ id, name }) => `${id} (${name})`)
  const list = [...ids.slice(0, FORGOTTEN_MAX), ...(ids.length > FORGOTTEN_MAX ? ['…'] : [])].join(', ')
  const message = `there are too many conflicts: the ${ids.length} oldest are forgotten: ${list}`
  return { level: 'warning', message }
}

function missing(name: string): string {
  return `the contents of checkpoint ${name} were left out, and are not here either`
}

/** Handles of the side's own members: what others had open there is not theirs to tell. */
function addOpeners(all: Opener[], { members }: Side, { openers }: Checkpoint): void {
  for (const { nodeId, incarnation, handles } of openers) {
    if (members.includes(nodeId)) all.push({ nodeId, incarnation, handles: new Set(handles) })
  }
}

function become(checkpoint: Checkpoint, status: CheckpointStatus, decided: Stamp | null): void {
  checkpoint.beforeChange()
  checkpoint.retentionDurationMs = status.retentionDurationMs
  checkpoint.unlinked = status.unlinked
  checkpoint.activeReplica = status.activeReplica
  checkpoint.openers = [...status.openers]
  checkpoint.generated = status.generated
  checkpoint.retentionNumber = status.retentionNumber
  checkpoint.retentionDueMs = status.retentionDueMs
  checkpoint.changed = decided ?? status.changed
  checkpoint.written = decided ?? status.written
}

function rankOf({ holders }: Version): number {
  return holders[0]!.rank
}

function nodesOf({ holders }: Version): string {
  const nodes = holders.flatMap(({ members }) => members).sort((a, b) => a - b)
  return `node${nodes.length > 1 ? 's' : ''} ${nodes.join(', ')}`
}
