import type { SourcePosition } from '../model/network-config.js'
import type { Entry } from '../parse.js'

export const blockKinds = ['group', 'unit', 'component', 'protection', 'service-instance', 'csi'] as const
export type BlockKind = (typeof blockKinds)[number]

/** Where a key can stand: outside of all blocks, or in one of a kind. */
export type Scope = 'file' | BlockKind

/** A stretch of a groups.conf, wherever it was written: its own keys, and the blocks in it. */
export interface Block {
  readonly scope: Scope
  /** Of the word that opens it; of the file: its start. */
  readonly place: SourcePosition
  readonly entries: Entry[]
  readonly blocks: Block[]
}

/** A whole groups.conf. */
export interface GroupsSource {
  readonly file: Block
  /** Blocks in places where they have no meaning; reported, their keys are to be checked all the same. */
  readonly misplaced: readonly Block[]
}

export const blocksWithin: Readonly<Record<Scope, readonly BlockKind[]>> = {
  file: ['group'],
  group: ['unit', 'protection', 'service-instance'],
  unit: ['component'],
  component: [],
  protection: [],
  'service-instance': ['csi'],
  csi: [],
}

export function newBlock(scope: Scope, place: SourcePosition): Block {
  return { scope, place, entries: [], blocks: [] }
}

/** "in a unit": where something stands. */
export function inWords(scope: Scope): string {
  return scope === 'file' ? 'outside of all blocks' : `in a ${scope}`
}

/** The kind of block a kind stands in, in words. */
export function homeOf(kind: BlockKind): string {
  const home = (Object.keys(blocksWithin) as Scope[]).find((scope) => blocksWithin[scope].includes(kind))
  return inWords(home ?? 'file')
}
