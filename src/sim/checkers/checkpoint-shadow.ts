import type { Configuration, Lineage, View } from '../../group/index.js'
import { ringKey } from '../history.js'
import type { Gate } from '../../group/index.js'
import type { WatchedCkpt } from '../services/ckpt-watcher.js'
import { isAtOrAfter, type Version } from './checkpoint-versions.js'

/** What those held who came the same way, by key; and what they unlinked. */
export interface Side {
  readonly versions: ReadonlyMap<number, Version>
  readonly unlinked: ReadonlyMap<number, Version>
}

/** What the checker knows of one process. */
export class Shadow {
  /** What it holds, by key. */
  versions = new Map<number, Version>()
  /** What was unlinked, by key: nobody may bring back what it came of. */
  unlinked = new Map<number, Version>()
  /**
   * Configurations that its state comes of: what was acknowledged there it has, or something that came of
   * it. A regular one by its ring; where a ring ended, those of the last view with one state who came along
   * together, by their names.
   */
  readonly follows = new Set<string>()
  view: View | null = null
  gate: Gate = 'closed'
  /** By the ring that ended: those who came along from it. */
  private readonly partings = new Map<string, string>()
  private regular = ''
  private companions: string | null = null
  /** Members of the last view in which this one was open, who have come along since. */
  private fellows = new Set<string>()
  isAlive = true

  constructor(readonly ckpt: WatchedCkpt) {}

  onConfiguration({ kind, ringId, members }: Configuration): void {
    if (kind === 'regular') {
      this.regular = ringKey(ringId)
      this.companions = null
      return
    }
    const { nodeId, incarnation } = this.ckpt.process.id
    const names = members.map((member) => `${member.nodeId}/${member.incarnation}`)
    this.fellows = new Set(names.filter((name) => this.fellows.has(name)))
    this.fellows.add(`${nodeId}/${incarnation}`)
    this.companions = `to ${ringKey(ringId)} with ${[...this.fellows].sort().join(' ')}`
    this.partings.set(this.regular, this.companions)
    this.follows.add(this.companions)
  }

  /** It has one state with all others of its view that are open. */
  onOpen(): void {
    this.fellows = new Set(this.view!.members.map(({ nodeId, incarnation }) => `${nodeId}/${incarnation}`))
  }

  /** The configuration that what is applied now is applied in. */
  get place(): string {
    return this.companions ?? this.regular
  }

  /** Where what was applied there is known to be applied everywhere: its members who came along, or all. */
  placeOfAcknowledgement(place: string): string {
    return place === this.regular && this.companions === null ? place : (this.partings.get(place) ?? place)
  }

  /** It holds this version, or one that came of it, or has it set aside. */
  holds(version: Version, aside: ReadonlyMap<string, Version>): boolean {
    const own = this.versions.get(version.key)
    if (own !== undefined && isAtOrAfter(own, version)) return true
    for (const { id } of this.ckpt.service.machine.state.conflicts.values()) {
      const lost = aside.get(id)
      if (lost !== undefined && lost.key === version.key && isAtOrAfter(lost, version)) return true
    }
    return false
  }
}

/** Names of what states have gone through: two of one name are equal. null: it holds none. */
export function headOf(lineage: Lineage | null): string | null {
  if (lineage === null) return null
  const { head } = lineage
  if (head === undefined) return 'the beginning'
  const { ringId, transitional, chain, position } = head
  return `${ringKey(ringId)}${transitional ? 't' : ''}/${chain.toString(36)}/${position}`
}

/** All that members hold alike, as text. Tombstones are remembered for a while only. */
export function stateText({ ckpt: { service }, versions }: Shadow): string {
  const { checkpoints, conflicts } = service.machine.state
  const lines = [...checkpoints.values()].map((checkpoint) => {
    const { key, name, activeReplica, openers, generated, retentionNumber, sections } = checkpoint
    const open = openers.map(({ nodeId, incarnation, handles }) => {
      return `${nodeId}/${incarnation}:${[...handles].sort((a, b) => a - b).join(',')}`
    })
    const version = versions.get(key)
    const active = activeReplica === null ? '-' : `${activeReplica.nodeId}/${activeReplica.incarnation}`
    const updates = [...sections.values()].map(({ id, lastUpdateMs }) => `${id}@${lastUpdateMs}`).sort()
    return [
      `${name} ${version?.place}#${version?.number}`,
      `open ${open.sort().join(' ')} active ${active} generated ${generated}`,
      `retention ${retentionNumber} updates ${updates.join(' ')}`,
    ].join(' ')
  })
  const aside = [...conflicts.values()].map(({ id, keptKey, numberOfSections, nodes }) => {
    return `conflict ${id} ${keptKey} ${numberOfSections} ${nodes.join(' ')}`
  })
  return [...lines.sort(), ...aside.sort()].join('; ')
}

export function nameOf({ ckpt }: Shadow): string {
  return ckpt.process.name
}
