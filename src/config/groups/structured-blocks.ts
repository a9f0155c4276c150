import { CheckContext, quoted } from '../check-context.js'
import type { SourcePosition } from '../model/network-config.js'
import { trimmed } from './blanks.js'
import { characters, splitLines, type Entry } from '../parse.js'
import {
  blockKinds,
  blocksWithin,
  homeOf,
  inWords,
  newBlock,
  type Block,
  type BlockKind,
  type GroupsSource,
} from './block.js'
import { checkGroupsSource, type CheckedGroups } from './check-groups.js'

/** Values of one file: more are a mistake, or somebody's joke with aliases. */
const VALUES_MAX = 100_000

/** Blocks within each other: files that mean something have three. */
const NESTING_MAX = 8

/** Keys that are looked for in vain (aliases, keys that a program made), before no more are looked for. */
const MISSES_MAX = 100

const expected =
  'the keys and blocks of groups.conf; of several blocks of one kind, or several members, a list'

type Place = Pick<Entry, 'line' | 'keyColumn' | 'valueColumn' | 'source'>

/** Finds keys in the source, in the order they are asked for, from each place on to the next. */
class Locator {
  private readonly lines: string[]
  private line = 0
  private from = 0
  private misses = 0

  constructor(text: string) {
    this.lines = splitLines(text)
  }

  /** Where a key stands; where it stood last, if it is found no more. */
  locate(key: string): Place {
    if (this.misses >= MISSES_MAX) return this.place(0, 0)
    const pattern = new RegExp(`(?<![\\w-])${key.replace(/[^\w-]/g, '\\$&')}["']?\\s*:\\s*["']?`, 'g')
    for (let line = this.line; line < this.lines.length; line++) {
      pattern.lastIndex = line === this.line ? this.from : 0
      const match = pattern.exec(this.lines[line])
      if (match === null) continue
      this.line = line
      this.from = pattern.lastIndex
      return this.place(match.index, this.from)
    }
    this.misses++
    return this.place(0, 0)
  }

  private place(keyAt: number, valueAt: number): Place {
    const source = this.lines[this.line] ?? ''
    return {
      line: this.line + 1,
      keyColumn: characters(source.slice(0, keyAt)) + 1,
      valueColumn: characters(source.slice(0, valueAt)) + 1,
      source,
    }
  }
}

class TreeReader {
  readonly misplaced: Block[] = []
  private readonly locator: Locator
  private values = 0
  private depth = 0

  constructor(
    text: string,
    private readonly context: CheckContext,
  ) {
    this.locator = new Locator(text)
  }

  read(value: unknown): Block {
    const file = newBlock('file', { line: 1, column: 1, length: 1, source: '' })
    this.fill(file, value)
    return file
  }

  private fill(block: Block, value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const what = block.scope === 'file' ? 'the file' : `this ${block.scope}`
      this.failure(block.place, `${what} does not hold an object of keys`)
      return
    }
    for (const [key, content] of Object.entries(value)) {
      const place = this.locator.locate(key)
      const kind = blockKinds.find((one) => one === key)
      // In a csi `protection` is a key, in a group a block.
      const isBlock =
        kind !== undefined && (blocksWithin[block.scope].includes(kind) || typeof content === 'object')
      for (const item of Array.isArray(content) ? (content as unknown[]) : [content]) {
        if (++this.values > VALUES_MAX) {
          if (this.values === VALUES_MAX + 1) this.failure(block.place, `more than ${VALUES_MAX} values`)
          return
        }
        if (isBlock) this.enter(block, kind, item, place)
        else this.add(block, key, item, place)
      }
    }
  }

  private enter(outer: Block, kind: BlockKind, value: unknown, at: Place): void {
    const { line, keyColumn: column, source } = at
    const block = newBlock(kind, { line, column, length: kind.length, source })
    if (blocksWithin[outer.scope].includes(kind)) outer.blocks.push(block)
    else {
      const message = `a ${kind} does not stand ${inWords(outer.scope)}`
      const finding = { code: 'block-misplaced', message, expected: `the ${kind} ${homeOf(kind)}` } as const
      this.context.report('error', kind, block.place, finding)
      this.misplaced.push(block)
    }
    if (this.depth === NESTING_MAX)
      this.failure(block.place, `more than ${NESTING_MAX} blocks within each other`)
    else {
      this.depth++
      this.fill(block, value)
      this.depth--
    }
  }

  private add(block: Block, key: string, value: unknown, place: Place): void {
    if (typeof value === 'string' || typeof value === 'number') {
      block.entries.push({ key, value: trimmed(String(value)), ...place })
      return
    }
    const { line, keyColumn: column, source } = place
    const at = { line, column, length: characters(key), source }
    this.failure(at, `the value of ${quoted(key)} is neither text nor a number`)
  }

  private failure(place: SourcePosition, message: string): void {
    this.context.report('error', null, place, { code: 'file-syntax', message, expected })
  }
}

/** The blocks and keys of an object, at their places in the text. */
export function readGroupsObject(value: unknown, text: string, context: CheckContext): GroupsSource {
  const reader = new TreeReader(text, context)
  return { file: reader.read(value), misplaced: reader.misplaced }
}

/**
 * Check a configuration written as YAML, JSON or TypeScript: an object of the keys and blocks of groups.conf.
 * @param value what its loader made of it
 * @param text its source, for the places of findings
 */
export function checkGroupsObject(value: unknown, text: string): CheckedGroups {
  const context = new CheckContext()
  return checkGroupsSource(readGroupsObject(value, text, context), context)
}
