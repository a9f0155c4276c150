import type { Lineage, Transferred } from '../../group/index.js'
import type { Checkpoint } from '../../services/ckpt/checkpoint.js'
import { noteKept } from './checkpoint-coverage.js'
import { headOf, nameOf, type Shadow, type Side } from './checkpoint-shadow.js'
import {
  describe,
  differenceOf,
  holdsData,
  isAtOrAfter,
  lastWritten,
  placeOf,
  type Version,
  type Versions,
} from './checkpoint-versions.js'

export interface MergeWorld {
  violate(promise: string, message: string): void
  note(what: string): void
  /** Does the process hold what this version is? */
  checkContent(shadow: Shadow, checkpoint: Checkpoint, version: Version): void
}

/** What becomes of checkpoints where a process takes another state over: nothing lost, nothing invented. */
export class CheckpointMerges {
  /** What processes with a lineage of this head held when a view began. */
  private readonly sides = new Map<string, Side>()
  /** By id of the conflict: what lost. */
  private readonly aside = new Map<string, Version>()
  /** By key: what a checkpoint was when it ended as it may. */
  private readonly ended = new Map<number, Version[]>()

  constructor(
    private readonly versions: Versions,
    private readonly world: MergeWorld,
  ) {}

  /** A view begins, with a state of this head. */
  remember(head: string, { versions, unlinked }: Shadow): void {
    this.sides.set(head, { versions: new Map(versions), unlinked: new Map(unlinked) })
  }

  /** @returns keys of the checkpoints that hold something else now */
  onAdopted(shadow: Shadow, winner: Transferred, conflicts: readonly Transferred[]): ReadonlySet<number> {
    this.world.note(conflicts.length > 0 ? 'merged' : 'adopted')
    const before = shadow.versions
    const sides = [winner, ...conflicts].map(({ lineage }) => this.sideOf(lineage))
    shadow.versions = new Map()
    this.noteConflicts(shadow, sides)
    for (const checkpoint of shadow.ckpt.service.machine.state.checkpoints.values()) {
      const version = this.adopted(shadow, checkpoint, sides)
      if (version !== null) shadow.versions.set(checkpoint.key, version)
    }
    for (const version of before.values()) {
      this.checkKept(shadow, version, sides)
      const after = shadow.versions.get(version.key)
      // What others decided counts too, which may have set aside what this one has.
      if (after === undefined || conflicts.length > 0 || shadow.holds(lastWritten(version), this.aside))
        continue
      const what = `${nameOf(shadow)} took ${describe(after)} for ${describe(version)}`
      this.world.violate('reads never go back', what)
    }
    this.checkUnlinked(shadow, sides)
    const replaced = [...before.values()].filter(({ key, content }) => {
      const after = shadow.versions.get(key)
      return after !== undefined && after.content !== content
    })
    return new Set(replaced.map(({ key }) => key))
  }

  private sideOf(lineage: Lineage): Side {
    return this.sides.get(headOf(lineage)!) ?? { versions: new Map(), unlinked: new Map() }
  }

  /** What one side unlinked, another brings back only if it changed it meanwhile. */
  private checkUnlinked(shadow: Shadow, sides: readonly Side[]): void {
    shadow.unlinked = new Map(sides.flatMap(({ unlinked }) => [...unlinked]))
    for (const [key, last] of shadow.unlinked) {
      const version = shadow.versions.get(key)
      if (version === undefined || version.content.unlinked) continue
      if (!isAtOrAfter(last, version)) {
        this.world.note('unlinkLost')
        shadow.unlinked.delete(key)
      } else this.world.violate('unlink holds', `${nameOf(shadow)} brought back ${describe(version)}`)
    }
  }

  private noteConflicts(shadow: Shadow, sides: readonly Side[]): void {
    for (const { id, checkpoint, name } of shadow.ckpt.service.machine.state.conflicts.values()) {
      if (checkpoint === null) continue
      const place = placeOf(checkpoint.key, checkpoint.changed)
      const known = this.aside.get(id)
      const version =
        known ?? sides.map((side) => side.versions.get(checkpoint.key)).find((each) => each?.place === place)
      if (version === undefined) {
        this.world.violate('merges lose nothing', `${nameOf(shadow)} set aside a ${name} that nobody had`)
        continue
      }
      if (known === undefined) this.world.note('setAside')
      this.aside.set(id, version)
      this.world.checkContent(shadow, checkpoint, version)
    }
  }

  /** Which version a checkpoint of the new state is. */
  private adopted(shadow: Shadow, checkpoint: Checkpoint, sides: readonly Side[]): Version | null {
    const candidates = sides.flatMap((side) => side.versions.get(checkpoint.key) ?? [])
    const place = placeOf(checkpoint.key, checkpoint.changed)
    let version = candidates.find((candidate) => candidate.place === place)
    if (version === undefined && sides.length > 1) {
      // The sides disagreed: what was decided has a place of its own in the order.
      const chosen = newest(
        candidates.filter((candidate) => differenceOf(checkpoint, candidate.content) === null),
      )
      if (chosen !== undefined) {
        this.world.note('contested')
        const added = this.versions.add(
          checkpoint.key,
          checkpoint.changed,
          chosen,
          () => chosen.content,
          false,
        )
        if (typeof added === 'string') this.world.violate('merges converge', `${nameOf(shadow)}: ${added}`)
        else version = added
      }
    }
    if (version === undefined) {
      this.world.violate(
        'merges converge',
        `${nameOf(shadow)} has a ${checkpoint.name} that no side had: ${place}`,
      )
      return null
    }
    this.world.checkContent(shadow, checkpoint, version)
    return version
  }

  /** What this process had is in its new state, or set aside, or ended as it may. */
  private checkKept(shadow: Shadow, version: Version, sides: readonly Side[]): void {
    const written = lastWritten(version)
    if (this.keeps(shadow, written)) {
      noteKept(shadow, version, sides, (what) => this.world.note(what))
      return
    }
    const isUnlinked = sides.some((side) => {
      const other = side.versions.get(version.key)
      return other !== undefined && other.content.unlinked && isAtOrAfter(other, written)
    })
    if (isUnlinked) {
      this.endedAt(version)
      return
    }
    const { attributes, sections } = version.content
    const isEmpty = !holdsData(version) && (sections.size === 0 || attributes.maxSections === 1)
    if (!isEmpty) {
      this.world.violate('merges lose nothing', `${nameOf(shadow)} gave up ${describe(written)}`)
      return
    }
    this.world.note('emptyGivenUp')
    this.endedAt(version)
  }

  /** It ended as it may. */
  endedAt(version: Version): void {
    this.ended.set(version.key, [...(this.ended.get(version.key) ?? []), version])
  }

  /** It is there, or what came of it, or set aside, or it ended as it may. */
  keeps(shadow: Shadow, version: Version): boolean {
    if (shadow.holds(version, this.aside)) return true
    return (this.ended.get(version.key) ?? []).some((last) => isAtOrAfter(last, version))
  }
}

/** Of versions that are alike the one that applications changed last; else the first. */
function newest([first, ...others]: readonly Version[]): Version | undefined {
  return others.reduce((chosen, other) => {
    const [a, b] = [lastWritten(chosen!), lastWritten(other)]
    return a !== b && isAtOrAfter(b, a) ? other : chosen
  }, first)
}
