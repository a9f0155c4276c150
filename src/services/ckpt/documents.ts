import type { Checkpoint } from './checkpoint.js'
import type { Conflict } from './ckpt-state.js'
import type { Section } from './section.js'
import { octetsOf } from './wire.js'

/** What a checkpoint is, for applications (docs/protocol.md, "CKPT on the socket"). */
export function statusDocument(checkpoint: Checkpoint, replicas: readonly number[]): Record<string, unknown> {
  const { attributes, retentionDurationMs, activeReplica } = checkpoint
  return {
    name: checkpoint.name,
    ...attributesDocument(attributes, retentionDurationMs),
    numberOfSections: checkpoint.sections.size,
    memoryUsed: checkpoint.memoryUsed,
    openers: checkpoint.openerCount,
    activeReplica: activeReplica?.nodeId ?? null,
    replicas,
    unlinked: checkpoint.unlinked,
  }
}

export function attributesDocument(
  attributes: Checkpoint['attributes'],
  retentionDurationMs: number,
): Record<string, unknown> {
  return {
    creationFlags: attributes.creationFlags,
    checkpointSize: attributes.checkpointSize,
    retentionDurationMs: retentionDurationMs === Infinity ? null : retentionDurationMs,
    maxSections: attributes.maxSections,
    maxSectionSize: attributes.maxSectionSize,
    maxSectionIdSize: attributes.maxSectionIdSize,
  }
}

/** SA_CKPT_SECTION_VALID: none is ever corrupted. */
const SECTION_VALID = 1

export function sectionDocument(section: Section): Record<string, unknown> {
  return {
    sectionId: octetsOf(section.id),
    expirationTime: section.expirationTime,
    sectionSize: section.size,
    sectionState: SECTION_VALID,
    lastUpdate: BigInt(section.lastUpdateMs) * 1_000_000n,
  }
}

export function conflictDocument(conflict: Conflict): Record<string, unknown> {
  const { id, name, ringSequence, digest, keptDigest, numberOfSections, memoryUsed } = conflict
  const { nodes, keptNodes, stored } = conflict
  return {
    ...{ id, name, ringSequence, digest, keptDigest, numberOfSections, memoryUsed },
    ...{ nodes: [...nodes], keptNodes: [...keptNodes], stored },
  }
}
