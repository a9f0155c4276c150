import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CheckpointConflict, Ckpt } from '../api/index.js'
import type { Caller } from './ckpt-calls.js'
import { listConflicts } from './ckpt-list.js'
import { sectionName, textOf, type SectionName } from './ckpt-text.js'
import { PIECE_OCTETS } from './ckpt-transfer.js'

/** A section of what lost a conflict. */
export interface ConflictSection {
  readonly sectionId: Buffer
  readonly sectionSize: number
}

/** A section of what lost, and the file it was written to. */
export interface ExportedSection extends SectionName {
  readonly size: number
  /** Within the directory. */
  readonly file: string
}

/** What `--export` made. */
export interface ConflictExport {
  readonly conflict: CheckpointConflict
  /** Where it is. */
  readonly dir: string
  readonly sections: readonly ExportedSection[]
}

/** Longest file name made of a section's id; longer ones get a number in its place. */
const FILE_NAME_MAX = 100

/** @returns null: there is none of this id */
export async function findConflict(ckpt: Ckpt, id: string, call: Caller): Promise<CheckpointConflict | null> {
  const conflicts = await listConflicts(ckpt, call)
  return conflicts.find((conflict) => conflict.id === id) ?? null
}

/** The sections of what lost a conflict. */
export async function conflictSections(ckpt: Ckpt, id: string, call: Caller): Promise<ConflictSection[]> {
  const all: ConflictSection[] = []
  for (let after: Buffer | null = null; ; after = all.at(-1)!.sectionId) {
    const from = after
    const { sections, more } = await call(() => ckpt.conflictSections(id, from))
    all.push(...sections)
    if (!more || sections.length === 0) return all
  }
}

/**
 * Write what lost a conflict into a directory: a file a section, and `conflict.json`, which says which is
 * which. Files that are there already are not touched: that is an error.
 */
export async function exportConflict(
  ckpt: Ckpt,
  conflict: CheckpointConflict,
  dir: string,
  call: Caller,
): Promise<ConflictExport> {
  await mkdir(dir, { recursive: true })
  const found = await conflictSections(ckpt, conflict.id, call)
  const sections: ExportedSection[] = []
  for (const [index, section] of found.entries()) {
    const file = fileNameOf(section.sectionId, index)
    const pieces = Readable.from(readPieces(ckpt, conflict.id, section, call))
    await pipeline(pieces, createWriteStream(join(dir, file), { flags: 'wx' }))
    sections.push({ ...sectionName(section.sectionId), size: section.sectionSize, file })
  }
  const exported = { conflict, dir, sections }
  const text = JSON.stringify({ conflict, sections }, null, 2)
  await writeFile(join(dir, 'conflict.json'), `${text}\n`, { flag: 'wx' })
  return exported
}

/** A name that any file system takes, and that people recognise. */
export function fileNameOf(sectionId: Uint8Array, index: number): string {
  const text = textOf(sectionId)
  const number = String(index).padStart(6, '0')
  if (text === null || text === '') return `section-${number}`
  const safe = text.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\./, '_')
  return safe.length > FILE_NAME_MAX ? `section-${number}` : `section-${number}-${safe}`
}

async function* readPieces(
  ckpt: Ckpt,
  id: string,
  { sectionId, sectionSize }: ConflictSection,
  call: Caller,
): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < sectionSize; offset += PIECE_OCTETS) {
    const from = offset
    const length = Math.min(PIECE_OCTETS, sectionSize - offset)
    yield await call(() => ckpt.conflictRead(id, sectionId, from, length))
  }
}
