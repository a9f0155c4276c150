import { createHash } from 'node:crypto'
import { CheckpointCreationFlags, TIME_END } from '../../../../src/base/index.js'
import type { SnapshotReader } from '../../../../src/group/index.js'
import { Lineage } from '../../../../src/group/view/lineage.js'
import type { Stamp } from '../../../../src/services/ckpt/checkpoint-status.js'
import { Checkpoint } from '../../../../src/services/ckpt/checkpoint.js'
import type { CkptState } from '../../../../src/services/ckpt/ckpt-state.js'
import type { Hash } from '../../../../src/services/ckpt/port.js'
import { Section } from '../../../../src/services/ckpt/section.js'
import { SnapshotOfOthers } from '../../../../src/services/ckpt/snapshot-writer.js'

export const ATTRIBUTES: Checkpoint['attributes'] = {
  creationFlags: CheckpointCreationFlags.WR_ALL_REPLICAS,
  checkpointSize: 64 * 1024 * 1024,
  maxSections: 1000,
  maxSectionSize: 8 * 1024 * 1024,
  maxSectionIdSize: 64,
}

export const octets = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A place in an order that nobody else has anything to do with. */
export function stampAt(sequence: number, position: number, chain = 0): Stamp {
  const ringId = { representative: 1, sequence }
  return { stretch: { ringId, transitional: false, chain }, position }
}

/** A state that went through these places. */
export function lineageOf(...stamps: readonly Stamp[]): Lineage {
  return new Lineage(
    stamps.map(({ stretch, position }) => ({ ...stretch, position })),
    stamps[0]?.stretch.ringId.sequence ?? 0,
  )
}

export function checkpointOf(
  key: number,
  name: string,
  stamp: Stamp,
  sections: Readonly<Record<string, string>> = {},
): Checkpoint {
  const checkpoint = new Checkpoint({ key, name, attributes: ATTRIBUTES }, stamp, stamp)
  for (const [id, text] of Object.entries(sections)) checkpoint.add(sectionOf(id, octets(text)))
  return checkpoint
}

export function sectionOf(id: string, data: Uint8Array, expirationTime = TIME_END): Section {
  const section = new Section(id)
  section.expirationTime = expirationTime
  section.replace(data)
  return section
}

/** Everything up to the end, `chunkOctets` at a time. */
export function readAll(reader: SnapshotReader, chunkOctets = 1000): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (;;) {
    const into = new Uint8Array(7 + chunkOctets)
    const length = reader.read(into, 7)
    if (length === 0) return chunks
    chunks.push(into.subarray(7, 7 + length))
  }
}

export function writerOf(chunks: readonly Uint8Array[], nowMs = 0): SnapshotOfOthers {
  const writer = new SnapshotOfOthers(() => nowMs)
  for (const chunk of chunks) writer.write(chunk)
  return writer
}

export const md5 = (): Hash => {
  const hash = createHash('md5')
  return { update: (data) => void hash.update(data), digest: () => hash.digest() }
}

export function stampText({ stretch, position }: Stamp): string {
  const { ringId, transitional, chain } = stretch
  return `${ringId.representative}/${ringId.sequence}${transitional ? 't' : ''}/${chain}@${position}`
}

export function contentsText(checkpoint: Checkpoint): Record<string, string> {
  const sections = [...checkpoint.sections.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return Object.fromEntries(
    sections.map(({ id, data, expirationTime }) => {
      const end = expirationTime === TIME_END ? '' : ` until ${expirationTime}`
      return [id, `${Buffer.from(data).toString('latin1')}${end}`]
    }),
  )
}

/** All that members must have alike, in one order; times are by each one's own clock and left out. */
export function stateText({ checkpoints, byName, tombstones, conflicts }: CkptState): unknown {
  const sorted = [...checkpoints.values()].sort((a, b) => a.key - b.key)
  return {
    checkpoints: sorted.map((checkpoint) => ({
      key: checkpoint.key,
      name: checkpoint.name,
      attributes: checkpoint.attributes,
      isNamed: byName.get(checkpoint.name) === checkpoint,
      unlinked: checkpoint.unlinked,
      retentionDurationMs: checkpoint.retentionDurationMs,
      isRetained: checkpoint.retentionDueMs !== Infinity,
      activeReplica: checkpoint.activeReplica,
      openers: checkpoint.openers.map(({ nodeId, incarnation, handles }) => {
        return `${nodeId}/${incarnation}: ${[...handles].join(' ')}`
      }),
      changed: stampText(checkpoint.changed),
      written: stampText(checkpoint.written),
      generated: checkpoint.generated,
      retentionNumber: checkpoint.retentionNumber,
      memoryUsed: checkpoint.memoryUsed,
      contents: contentsText(checkpoint),
    })),
    names: [...byName.keys()].sort(),
    tombstones: [...tombstones.values()].map(({ key, name, stamp }) => `${key} ${name} ${stampText(stamp)}`),
    conflicts: [...conflicts.values()].map((conflict) => {
      const { id, name, ringSequence, nodes, keptNodes, keptKey, memoryUsed, numberOfSections } = conflict
      const { checkpoint } = conflict
      return {
        ...{ id, name, ringSequence, nodes, keptNodes, keptKey, memoryUsed, numberOfSections },
        contents: checkpoint === null ? null : contentsText(checkpoint),
      }
    }),
  }
}
