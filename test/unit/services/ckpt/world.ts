import type { CheckpointCreationAttributes } from '../../../../src/base/index.js'
import type { Transferred } from '../../../../src/group/index.js'
import { Lineage, type Epoch } from '../../../../src/group/view/lineage.js'
import { resolve, type Side } from '../../../../src/group/view/resolution.js'
import type { Stamp } from '../../../../src/services/ckpt/checkpoint-status.js'
import { Checkpoint } from '../../../../src/services/ckpt/checkpoint.js'
import { CkptState } from '../../../../src/services/ckpt/ckpt-state.js'
import { adoptState, type Adoption } from '../../../../src/services/ckpt/merge.js'
import { freezeState } from '../../../../src/services/ckpt/snapshot-reader.js'
import { ATTRIBUTES, octets, readAll, sectionOf, stateText, writerOf } from './states.js'

export interface Member {
  readonly nodeId: number
  incarnation: number
  state: CkptState
  lineage: Lineage | null
  since: number
}

/** What a change is made of: the same on every member of a party. */
export type Change = (state: CkptState, stamp: Stamp) => boolean

/**
 * Members that hold states, fall apart into parties and meet again, without a network: changes reach all of
 * a party at once, and states move through snapshots, as the view layer has them moved.
 */
export class World {
  readonly members: Member[]
  nowMs = 1000
  /** Checkpoints whose contents were left out of snapshots. */
  omitted = 0
  private sequence = 100
  private readonly epochs = new Map<Member, Epoch>()
  private position = 0

  constructor(nodes: number) {
    this.members = Array.from({ length: nodes }, (_, index) => ({
      nodeId: index + 1,
      incarnation: 1,
      state: new CkptState(),
      lineage: null,
      since: 0,
    }))
    this.meet(...this.members.map(({ nodeId }) => nodeId))
  }

  member(nodeId: number): Member {
    return this.members[nodeId - 1]!
  }

  /** Its memory is gone. */
  restart(nodeId: number): void {
    const member = this.member(nodeId)
    member.incarnation++
    member.state = new CkptState()
    member.lineage = null
    member.since = 0
  }

  /** One party makes a change; what it does not change is no change of its state. */
  change(nodeIds: readonly number[], change: Change): void {
    this.position++
    for (const nodeId of nodeIds) {
      const member = this.member(nodeId)
      const epoch = this.epochs.get(member)!
      const stretch = member.lineage!.stretchOf(epoch)
      if (!change(member.state, { stretch, position: this.position })) continue
      member.lineage!.advance(epoch, this.position)
      if (member.since === 0) member.since = epoch.ringId.sequence
    }
  }

  /** These are a party from now on: the states they go on with. */
  meet(...nodeIds: readonly number[]): Adoption[] {
    const party = nodeIds.map((nodeId) => this.member(nodeId))
    const ringId = { representative: Math.min(...nodeIds), sequence: (this.sequence += 4) }
    const claims = party.map(({ nodeId, lineage, since }) => ({ nodeId, lineage, since, quorate: false }))
    const { winner, conflicts } = resolve(claims)
    const sides = winner === null ? [] : [winner, ...conflicts]
    for (const member of party) this.epochs.set(member, { ringId, transitional: false, group: 0 })
    const snapshots = sides.map((side) => {
      const receivers = party.filter(({ nodeId }) => !side.members.includes(nodeId))
      const lineages = receivers.map(({ lineage }) => lineage)
      return readAll(freezeState(this.member(side.speaker).state, lineages, this.nowMs), 333)
    })
    const position = ++this.position
    const lineage = winner === null ? new Lineage() : mergedOf(winner, conflicts, ringId, position)
    const adoptions: Adoption[] = []
    for (const member of party) {
      const isOwn = ({ members }: Side): boolean => members.includes(member.nodeId)
      const needed = conflicts.length > 0 || (winner !== null && !isOwn(winner))
      if (needed) {
        const [first, ...others] = sides.map((side, index): Transferred => {
          const writer = isOwn(side) ? null : writerOf(snapshots[index]!, this.nowMs)
          this.omitted += writer?.omitted.size ?? 0
          return { writer, lineage: side.lineage, members: side.members }
        })
        const decided = conflicts.length > 0 ? { stretch: lineage.head!, position } : null
        const adoption = adoptState(member.state, first!, others, { nowMs: this.nowMs, decided })
        member.state = adoption.state
        adoptions.push(adoption)
        if (member.since === 0) member.since = ringId.sequence
      }
    }
    for (const member of party) member.lineage = lineage.copy()
    this.depart(nodeIds, party)
    return adoptions
  }

  /** As the service does: what those had open who are gone is closed. */
  private depart(nodeIds: readonly number[], party: readonly Member[]): void {
    this.change(nodeIds, (state) => {
      let hasChanged = false
      for (const checkpoint of [...state.checkpoints.values()]) {
        const here = checkpoint.openers.filter(({ nodeId, incarnation }) => {
          return party.some((member) => member.nodeId === nodeId && member.incarnation === incarnation)
        })
        if (here.length === checkpoint.openers.length) continue
        hasChanged = true
        checkpoint.beforeChange()
        checkpoint.openers = here
        checkpoint.retentionNumber++
        if (here.length === 0) lastClose(state, checkpoint, this.nowMs)
      }
      return hasChanged
    })
  }

  text(nodeId: number): unknown {
    return stateText(this.member(nodeId).state)
  }
}

function mergedOf(
  winner: Side,
  conflicts: readonly Side[],
  ringId: { representative: number; sequence: number },
  position: number,
): Lineage {
  const others = conflicts.map(({ lineage }) => lineage)
  return others.length === 0 ? winner.lineage.copy() : winner.lineage.merged(others, ringId, position)
}

function lastClose(state: CkptState, checkpoint: Checkpoint, nowMs: number): void {
  if (checkpoint.unlinked) state.remove(checkpoint)
  else checkpoint.retentionDueMs = nowMs + checkpoint.retentionDurationMs
}

let lastHandle = 0

/** Changes as the service makes them. */
export const create =
  (key: number, name: string, attributes: Partial<CheckpointCreationAttributes> = {}): Change =>
  (state, stamp) => {
    if (state.byName.has(name) || state.checkpoints.has(key)) return false
    const { retentionDurationMs = Infinity, ...rest } = attributes
    const checkpoint = new Checkpoint({ key, name, attributes: { ...ATTRIBUTES, ...rest } }, stamp, stamp)
    checkpoint.retentionDurationMs = retentionDurationMs
    checkpoint.retentionDueMs = Infinity
    state.add(checkpoint)
    return true
  }

export const put =
  (name: string, id: string, text: string): Change =>
  (state, stamp) => {
    const checkpoint = state.byName.get(name)
    if (checkpoint === undefined) return false
    const section = checkpoint.sections.get(id)
    if (section === undefined) checkpoint.add(sectionOf(id, octets(text)))
    else checkpoint.overwrite(section, octets(text))
    checkpoint.changed = checkpoint.written = stamp
    return true
  }

/** Through a handle: it may be unlinked. */
export const putByKey =
  (key: number, id: string, text: string): Change =>
  (state, stamp) => {
    const checkpoint = state.checkpoints.get(key)
    if (checkpoint === undefined) return false
    const section = checkpoint.sections.get(id)
    if (section === undefined) checkpoint.add(sectionOf(id, octets(text)))
    else checkpoint.overwrite(section, octets(text))
    checkpoint.changed = checkpoint.written = stamp
    return true
  }

export const drop =
  (name: string, id: string, isExpiry = false): Change =>
  (state, stamp) => {
    const checkpoint = state.byName.get(name)
    const section = checkpoint?.sections.get(id)
    if (checkpoint === undefined || section === undefined) return false
    checkpoint.remove(section)
    checkpoint.changed = stamp
    if (!isExpiry) checkpoint.written = stamp
    return true
  }

export const unlink =
  (name: string): Change =>
  (state, stamp) => {
    const checkpoint = state.byName.get(name)
    if (checkpoint === undefined) return false
    state.unlink(checkpoint, stamp)
    if (checkpoint.openers.length === 0) state.remove(checkpoint)
    return true
  }

export function open(name: string, { nodeId, incarnation }: Member, handle = ++lastHandle): Change {
  return (state) => {
    const checkpoint = state.byName.get(name)
    if (checkpoint === undefined) return false
    checkpoint.beforeChange()
    const known = checkpoint.openers.find((opener) => opener.nodeId === nodeId)
    if (known === undefined) checkpoint.openers.push({ nodeId, incarnation, handles: new Set([handle]) })
    else known.handles.add(handle)
    checkpoint.retentionNumber++
    checkpoint.retentionDueMs = Infinity
    return true
  }
}

export const closeAll =
  (name: string, nowMs: number): Change =>
  (state) => {
    const checkpoint = state.byName.get(name)
    if (checkpoint === undefined || checkpoint.openers.length === 0) return false
    checkpoint.beforeChange()
    checkpoint.openers = []
    checkpoint.retentionNumber++
    lastClose(state, checkpoint, nowMs)
    return true
  }

export const retentionSet =
  (name: string, retentionDurationMs: number): Change =>
  (state, stamp) => {
    const checkpoint = state.byName.get(name)
    if (checkpoint === undefined) return false
    checkpoint.beforeChange()
    checkpoint.retentionDurationMs = retentionDurationMs
    checkpoint.changed = checkpoint.written = stamp
    return true
  }

/** Its retention ended. */
export const retire =
  (name: string): Change =>
  (state) => {
    const checkpoint = state.byName.get(name)
    if (checkpoint === undefined || checkpoint.openers.length > 0) return false
    if (checkpoint.retentionDurationMs === Infinity) return false
    state.remove(checkpoint)
    return true
  }

export const forgetTombstones: Change = (state) => {
  state.tombstones.clear()
  return true
}
