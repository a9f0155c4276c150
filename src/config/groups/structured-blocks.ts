import { quoted, type CheckContext } from '../check-context.js'
import { keysOf } from '../model/groups-keys.js'
import type { SourcePosition } from '../model/network-config.js'
import { scalarText, topPairs, VALUES_MAX, type MapTree, type Pair, type Tree } from '../tree/tree.js'
import {
  blockKinds,
  blocksWithin,
  homeOf,
  inWords,
  newBlock,
  type Block,
  type BlockKind,
  type GroupsSource,
  type Scope,
} from './block.js'
import { trimmed } from './blanks.js'

/** Blocks within each other: files that mean something have three. */
const NESTING_MAX = 8

const expected =
  'the keys and blocks of groups.conf; of several blocks of one kind, or several members, a list'

/** Is the value of a key in this scope a number? */
function isNumber(scope: Scope, key: string): boolean {
  const kind = keysOf(scope).get(key)?.kind
  return kind === 'number' || kind === 'duration'
}

class TreeReader {
  readonly misplaced: Block[] = []
  private values = 0
  private depth = 0

  constructor(private readonly context: CheckContext) {}

  read(tree: Tree): Block {
    const file = newBlock('file', { ...tree.place, length: 1 })
    const isEmpty = tree.kind === 'scalar' && tree.value === null
    if (tree.kind === 'map') this.fill(file, topPairs(tree))
    else if (!isEmpty) this.notMap(file, tree)
    return file
  }

  private notMap(block: Block, { place }: Tree): void {
    const what = block.scope === 'file' ? 'the file' : `this ${block.scope}`
    this.failure(place, `${what} does not hold an object of keys`)
  }

  /** @returns false where there is no use in reading on */
  private count(place: SourcePosition): boolean {
    if (++this.values === VALUES_MAX + 1) this.failure(place, `more than ${VALUES_MAX} values`)
    return this.values <= VALUES_MAX
  }

  private fill(block: Block, pairs: MapTree['pairs']): void {
    for (const pair of pairs) {
      const { key, keyPlace, value } = pair
      const kind = blockKinds.find((one) => one === key)
      // In a csi `protection` is a key, in a group a block.
      const isBlock =
        kind !== undefined && (blocksWithin[block.scope].includes(kind) || value.kind !== 'scalar')
      if (value.kind === 'list') {
        for (const item of value.items) {
          if (!this.count(item.place)) return
          if (isBlock) this.enter(block, kind, item, { ...item.place, length: 1 })
          else this.add(block, { key, keyPlace: item.place, value: item })
        }
      } else {
        if (!this.count(keyPlace)) return
        if (isBlock) this.enter(block, kind, value, keyPlace)
        else this.add(block, pair)
      }
    }
  }

  private enter(outer: Block, kind: BlockKind, value: Tree, at: SourcePosition): void {
    const block = newBlock(kind, at)
    if (blocksWithin[outer.scope].includes(kind)) outer.blocks.push(block)
    else {
      const message = `a ${kind} does not stand ${inWords(outer.scope)}`
      const finding = { code: 'block-misplaced', message, expected: `the ${kind} ${homeOf(kind)}` } as const
      this.context.report('error', kind, block.place, finding)
      this.misplaced.push(block)
    }
    if (this.depth === NESTING_MAX)
      this.failure(block.place, `more than ${NESTING_MAX} blocks within each other`)
    else if (value.kind !== 'map') this.notMap(block, value)
    else {
      this.depth++
      this.fill(block, value.pairs)
      this.depth--
    }
  }

  private add(block: Block, { key, keyPlace, value: tree }: Pair): void {
    const value = tree.kind === 'scalar' ? scalarText(tree, isNumber(block.scope, key)) : null
    if (value === null) {
      const message = `the value of ${quoted(key)} is neither text nor a number`
      const place = tree.kind === 'scalar' ? tree.place : keyPlace
      const finding = { code: 'value-invalid', message, expected: `${key}: VALUE` } as const
      this.context.report('error', key, place, finding)
      return
    }
    const { line, column: keyColumn, source } = keyPlace
    const { place: valuePlace } = tree
    const places = { line, keyColumn, valueColumn: valuePlace.column, source, valuePlace }
    block.entries.push({ key, value: trimmed(value), ...places })
  }

  private failure(place: SourcePosition, message: string): void {
    this.context.report('error', null, place, { code: 'file-syntax', message, expected })
  }
}

/** The blocks of a groups.conf written as YAML, JSON or TypeScript: an object of its keys and blocks. */
export function groupsBlocks(tree: Tree, context: CheckContext): GroupsSource {
  const reader = new TreeReader(context)
  return { file: reader.read(tree), misplaced: reader.misplaced }
}
