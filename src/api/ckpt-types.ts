import type { AisError, CheckpointChangeKind, CheckpointCreationAttributes } from '../base/index.js'

/**
 * Names a section within its checkpoint (SaCkptSectionIdT): octets, or text, which stands for its octets in
 * UTF-8. '' is the default section, the only one of a checkpoint with maxSections 1.
 */
export type SectionId = string | Uint8Array

/** A piece of a section to be written (SaCkptIOVectorElementT). */
export interface CheckpointWriteElement {
  readonly sectionId: SectionId
  /** Where in the section, octets; 0 if not given. What lies between its end and this becomes zero. */
  readonly dataOffset?: number
  /** Copied before the call returns: the memory may be used again at once. */
  readonly data: Uint8Array
}

/** A piece of a section to be read (SaCkptIOVectorElementT). */
export interface CheckpointReadElement {
  readonly sectionId: SectionId
  /** Where in the section, octets; 0 if not given. */
  readonly dataOffset?: number
  /** At most so many octets; to the end of the section if not given. */
  readonly dataSize?: number
}

/** One section, as the iteration finds it (SaCkptSectionDescriptorT). */
export interface SectionDescriptor {
  readonly sectionId: Buffer
  /** When it ends, nanoseconds since 1970; TIME_END: never. */
  readonly expirationTime: bigint
  /** Octets. */
  readonly sectionSize: number
  /** 1: valid (SA_CKPT_SECTION_VALID); no other ever is. */
  readonly sectionState: number
  /** When it was changed last, by the clock of the node that changed it, nanoseconds since 1970. */
  readonly lastUpdate: bigint
}

/** A checkpoint as it is (SaCkptCheckpointDescriptorT, and more). */
export interface CheckpointStatus extends CheckpointCreationAttributes {
  readonly name: string
  readonly numberOfSections: number
  /** Octets of all sections. */
  readonly memoryUsed: number
  /** Opened and not closed, by all applications in the cluster together. */
  readonly openers: number
  /** Node id; null: none is chosen. */
  readonly activeReplica: number | null
  /** Node ids of those that have a replica: the members of the cluster. */
  readonly replicas: readonly number[]
  /** Its name is free; it lasts until it is closed. */
  readonly unlinked: boolean
}

/** A checkpoint among all there are. */
export interface CheckpointSummary extends CheckpointStatus {
  /** Of all sections, 32 hexadecimal digits: equal on all nodes when their replicas are. */
  readonly digest: string
}

export interface CheckpointPage {
  /** By name, in the order of their octets. */
  readonly checkpoints: readonly CheckpointSummary[]
  /** There are more behind the last one. */
  readonly more: boolean
}

/** A member's replica of a checkpoint, at one place in the order of all changes. */
export interface ReplicaDigest {
  readonly name: string
  /** 32 hexadecimal digits; null: there is no checkpoint of this name. */
  readonly digest: string | null
  readonly numberOfSections: number
  /** Octets. */
  readonly memoryUsed: number
}

export interface MemberDigests {
  readonly nodeId: number
  readonly nodeName: string
  /** In the order they were asked for. */
  readonly checkpoints: readonly ReplicaDigest[]
}

/** What every member holds, all of them at the same place in the order of all changes. */
export interface CheckpointDigests {
  /** The view that answered. */
  readonly viewNumber: number
  readonly members: readonly MemberDigests[]
}

/** Contents that lost when parts of the cluster met that had changed a checkpoint while they were apart. */
export interface CheckpointConflict {
  readonly id: string
  /** Of the checkpoint. */
  readonly name: string
  /** Of the view in which it was decided. */
  readonly ringSequence: number
  /** Of what lost, 32 hexadecimal digits; null: not known yet. */
  readonly digest: string | null
  /** Of what was kept, when it was decided; null: not known yet, or nothing was kept. */
  readonly keptDigest: string | null
  readonly numberOfSections: number
  /** Octets. */
  readonly memoryUsed: number
  /** Ids of the nodes that held what lost. */
  readonly nodes: readonly number[]
  /** Ids of the nodes that held what was kept. */
  readonly keptNodes: readonly number[]
  /** Where the executive of this node has it: in memory, in its state directory, or other nodes have it. */
  readonly stored: 'memory' | 'disk' | 'elsewhere'
}

export interface ConflictPage {
  /** By id. */
  readonly conflicts: readonly CheckpointConflict[]
  /** There are more behind the last one. */
  readonly more: boolean
}

export interface ConflictSectionsPage {
  readonly sections: readonly {
    readonly sectionId: Buffer
    /** Octets. */
    readonly sectionSize: number
  }[]
  /** There are more behind the last one. */
  readonly more: boolean
}

/** What became of a section, or of the checkpoint. */
export interface CheckpointChange {
  readonly change: CheckpointChangeKind
  /** null: it is about the checkpoint as a whole. */
  readonly sectionId: Buffer | null
  /** What was written; 0 of other changes. */
  readonly dataOffset: number
  /** Octets. */
  readonly dataSize: number
}

/** The answer to a checkpointOpenAsync (SaCkptCheckpointOpenCallbackT). */
export interface CheckpointOpenResult<C> {
  /** As the application gave it. */
  readonly invocation: number | bigint
  /** null: there is an error. */
  readonly checkpoint: C | null
  /** What checkpointOpen would have failed with; null: it is open. */
  readonly error: AisError | null
}

/** The answer to a synchronizeAsync (SaCkptCheckpointSynchronizeCallbackT). */
export interface SynchronizeResult {
  /** As the application gave it. */
  readonly invocation: number | bigint
  /** What synchronize would have failed with; null: every member has applied all that was written before. */
  readonly error: AisError | null
}
