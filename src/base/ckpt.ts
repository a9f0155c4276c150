import { limits } from './limits.js'

/** How a checkpoint is opened; flags are added up. Numbers of the standard (SaCkptCheckpointOpenFlagsT). */
export const CheckpointOpenFlags = {
  /** Sections may be read (SA_CKPT_CHECKPOINT_READ). */
  CHECKPOINT_READ: 1,
  /** Sections may be created, written and deleted (SA_CKPT_CHECKPOINT_WRITE). */
  CHECKPOINT_WRITE: 2,
  /** It is created if it does not exist (SA_CKPT_CHECKPOINT_CREATE). */
  CHECKPOINT_CREATE: 4,
} as const

/**
 * What a write waits for, and where replicas live: exactly one of the first three, and CHECKPOINT_COLLOCATED
 * with any of them. Numbers of the standard (SaCkptCheckpointCreationFlagsT).
 */
export const CheckpointCreationFlags = {
  /** A write returns once every replica has it (SA_CKPT_WR_ALL_REPLICAS). */
  WR_ALL_REPLICAS: 1,
  /** A write returns once the active replica has it (SA_CKPT_WR_ACTIVE_REPLICA). */
  WR_ACTIVE_REPLICA: 2,
  /** The same; a write that fails on the way may have been made in part (SA_CKPT_WR_ACTIVE_REPLICA_WEAK). */
  WR_ACTIVE_REPLICA_WEAK: 4,
  /** The application chooses the active replica (SA_CKPT_CHECKPOINT_COLLOCATED). */
  CHECKPOINT_COLLOCATED: 8,
} as const

/** Which sections an iteration goes through. Numbers of the standard (SaCkptSectionsChosenT). */
export const SectionsChosen = {
  /** Those that never expire (SA_CKPT_SECTIONS_FOREVER). */
  SECTIONS_FOREVER: 1,
  /** Those that expire at the time given or before (SA_CKPT_SECTIONS_LEQ_EXPIRATION_TIME). */
  SECTIONS_LEQ_EXPIRATION_TIME: 2,
  /** Those that expire at the time given or later (SA_CKPT_SECTIONS_GEQ_EXPIRATION_TIME). */
  SECTIONS_GEQ_EXPIRATION_TIME: 3,
  /** Those that are corrupted: none ever is here (SA_CKPT_SECTIONS_CORRUPTED). */
  SECTIONS_CORRUPTED: 4,
  /** All (SA_CKPT_SECTIONS_ANY). */
  SECTIONS_ANY: 5,
} as const

export type SectionsChosen = (typeof SectionsChosen)[keyof typeof SectionsChosen]

/** Expiration time of a section that never expires (SA_TIME_END), nanoseconds since 1970. */
export const TIME_END = 2n ** 63n - 1n

/** What a checkpoint is created with (SaCkptCheckpointCreationAttributesT). */
export interface CheckpointCreationAttributes {
  /** CheckpointCreationFlags, added up. */
  readonly creationFlags: number
  /** Octets of all sections together; at most maxSections times maxSectionSize. */
  readonly checkpointSize: number
  /** How long it stays when nobody has it open any more, milliseconds; Infinity: until it is unlinked. */
  readonly retentionDurationMs: number
  /** 1: there is one section, the default section, whose id is empty. */
  readonly maxSections: number
  /** Octets. */
  readonly maxSectionSize: number
  /** Octets. */
  readonly maxSectionIdSize: number
}

/** What became of a section of a checkpoint, or of the checkpoint. */
export const checkpointChanges = [
  'created',
  'written',
  'overwritten',
  'deleted',
  'expired',
  'expiration-set',
  /** The checkpoint as a whole is another one now: after a merge, or after a time without an executive. */
  'replaced',
  /** The checkpoint: its name is free. */
  'unlinked',
  /** The checkpoint: nobody had it open, and its retention time ended. */
  'retired',
] as const

export type CheckpointChangeKind = (typeof checkpointChanges)[number]

const { WR_ALL_REPLICAS, WR_ACTIVE_REPLICA, WR_ACTIVE_REPLICA_WEAK, CHECKPOINT_COLLOCATED } =
  CheckpointCreationFlags

/** Are these creation flags: one guarantee, collocated or not? */
export function areCreationFlags(flags: number): boolean {
  const guarantee = flags & ~CHECKPOINT_COLLOCATED
  return (
    Number.isInteger(flags) &&
    [WR_ALL_REPLICAS, WR_ACTIVE_REPLICA, WR_ACTIVE_REPLICA_WEAK].some((flag) => flag === guarantee)
  )
}

/** Are these flags to open a checkpoint with: some, and none that is not known? */
export function areOpenFlags(flags: number): boolean {
  return Number.isInteger(flags) && flags >= 1 && flags <= 7
}

/** Does a write wait for every replica? */
export function isSynchronous(creationFlags: number): boolean {
  return (creationFlags & WR_ALL_REPLICAS) !== 0
}

/** Does the application choose the active replica: nothing can be done without one? */
export function needsActiveReplica(creationFlags: number): boolean {
  return (creationFlags & CHECKPOINT_COLLOCATED) !== 0 && !isSynchronous(creationFlags)
}

/** Are all of these within the limits? */
export function areSoundAttributes(attributes: CheckpointCreationAttributes): boolean {
  const { maxSections, maxSectionSize, maxSectionIdSize, checkpointSize, retentionDurationMs } = attributes
  return (
    areCreationFlags(attributes.creationFlags) &&
    isWithin(maxSections, 1, limits.ckptSections) &&
    isWithin(maxSectionSize, 1, limits.ckptSectionOctets) &&
    isWithin(maxSectionIdSize, maxSections === 1 ? 0 : 1, limits.ckptSectionIdOctets) &&
    isWithin(checkpointSize, 0, maxSections * maxSectionSize) &&
    retentionDurationMs >= 0
  )
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}
