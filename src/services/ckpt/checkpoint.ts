import type { CheckpointIdentity, CheckpointStatus, Opener, Process, Stamp } from './checkpoint-status.js'
import { FrozenCheckpoint } from './frozen-checkpoint.js'
import { Section } from './section.js'

/**
 * One checkpoint's replica. Every change goes through its methods: while frozen views of it are read, what
 * they show is left as it is, and changes are made to copies.
 */
export class Checkpoint implements CheckpointStatus {
  readonly key: number
  readonly name: string
  readonly attributes: CheckpointIdentity['attributes']
  retentionDurationMs = Infinity
  unlinked = false
  activeReplica: Process | null = null
  openers: Opener[] = []
  generated = 0
  retentionNumber = 0
  retentionDueMs = Infinity
  /** Octets of all sections. */
  memoryUsed = 0
  private sectionMap = new Map<string, Section>()
  /** Frozen views that have not looked at the sections yet: they do before the next change. */
  private unlisted: FrozenCheckpoint[] = []
  private readers = 0
  private sharedAt = 0

  constructor(
    { key, name, attributes }: CheckpointIdentity,
    public changed: Stamp,
    public written: Stamp,
  ) {
    this.key = key
    this.name = name
    this.attributes = attributes
  }

  get sections(): ReadonlyMap<string, Section> {
    return this.sectionMap
  }

  get openerCount(): number {
    return this.openers.reduce((sum, { handles }) => sum + handles.size, 0)
  }

  /** A view of this moment, to be released when it was read. Costs nothing until it is read or changed. */
  freeze(): FrozenCheckpoint {
    this.readers++
    const frozen = new FrozenCheckpoint(this)
    this.unlisted.push(frozen)
    return frozen
  }

  /** To be called before anything but sections is changed. */
  beforeChange(): void {
    if (this.unlisted.length > 0) for (const frozen of [...this.unlisted]) frozen.list()
  }

  /** The sections as they are now, for a frozen view alone. */
  share(frozen: FrozenCheckpoint): Section[] {
    this.unlisted = this.unlisted.filter((other) => other !== frozen)
    this.sharedAt++
    return [...this.sectionMap.values()]
  }

  add(section: Section): void {
    this.beforeChange()
    section.born = this.sharedAt
    this.sectionMap.set(section.id, section)
    this.memoryUsed += section.size
  }

  remove(section: Section): void {
    this.beforeChange()
    this.sectionMap.delete(section.id)
    this.memoryUsed -= section.size
    section.isGone = true
  }

  /** @returns what stands for the section now */
  overwrite(section: Section, data: Uint8Array): Section {
    const own = this.own(section, false)
    this.memoryUsed += data.length - own.size
    own.replace(data)
    return own
  }

  /** @returns what stands for the section now */
  write(section: Section, offset: number, data: Uint8Array): Section {
    const own = this.own(section, true)
    const before = own.size
    own.write(offset, data, this.attributes.maxSectionSize)
    this.memoryUsed += own.size - before
    return own
  }

  /** This section, to be changed in anything but its contents. */
  touch(section: Section): Section {
    return this.own(section, true)
  }

  /** The section itself, or what stands in its place when a frozen view still shows it. */
  private own(section: Section, keepsData: boolean): Section {
    this.beforeChange()
    if (this.readers === 0 || section.born >= this.sharedAt) return section
    const clone = keepsData ? section.clone() : section.cloneEmpty()
    clone.born = this.sharedAt
    this.sectionMap.set(section.id, clone)
    return clone
  }

  /** Nobody looks at the view any more; for the view alone. */
  unshare(frozen: FrozenCheckpoint): void {
    this.readers--
    if (this.unlisted.length > 0) this.unlisted = this.unlisted.filter((other) => other !== frozen)
  }
}
