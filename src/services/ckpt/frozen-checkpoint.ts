import type { CheckpointIdentity, CheckpointStatus } from './checkpoint-status.js'
import type { Section } from './section.js'

/** What can be frozen: a checkpoint. */
export interface Freezable extends CheckpointIdentity, CheckpointStatus {
  readonly memoryUsed: number
  /** The sections as they are now. */
  share(frozen: FrozenCheckpoint): Section[]
  /** Nobody looks at the view any more. */
  unshare(frozen: FrozenCheckpoint): void
}

/** What a frozen view shows. */
interface Listed {
  readonly status: CheckpointStatus
  /** Octets of all sections. */
  readonly memoryUsed: number
  readonly sections: (Section | undefined)[]
}

/**
 * A checkpoint as it was at one moment. It looks at the checkpoint when it is read first, or just before the
 * next change, whichever comes first; from then on what it shows stays as it is until it is released.
 */
export class FrozenCheckpoint {
  #listed: Listed | undefined
  #isReleased = false

  constructor(private readonly checkpoint: Freezable) {}

  get identity(): CheckpointIdentity {
    return this.checkpoint
  }

  get status(): CheckpointStatus {
    return this.list().status
  }

  /** Those that were read may be taken out: what nobody needs any more can go. */
  get sections(): (Section | undefined)[] {
    return this.list().sections
  }

  get memoryUsed(): number {
    return this.list().memoryUsed
  }

  list(): Listed {
    if (this.#listed !== undefined) return this.#listed
    const { retentionDurationMs, unlinked, activeReplica, openers, changed, written } = this.checkpoint
    const { generated, retentionNumber, retentionDueMs, memoryUsed } = this.checkpoint
    const status: CheckpointStatus = {
      retentionDurationMs,
      unlinked,
      activeReplica,
      openers: openers.map(({ nodeId, incarnation, handles }) => ({
        nodeId,
        incarnation,
        handles: new Set(handles),
      })),
      changed,
      written,
      generated,
      retentionNumber,
      retentionDueMs,
    }
    this.#listed = { status, memoryUsed, sections: this.checkpoint.share(this) }
    return this.#listed
  }

  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#listed = undefined
    this.checkpoint.unshare(this)
  }
}
