import { quoted, type CheckContext } from '../check-context.js'
import type { SourcePosition } from '../model/network-config.js'
import { isGroupsKey } from '../model/groups-keys.js'
import { removing, replacing } from '../fixes.js'
import type { Fix } from '../model/diagnostic.js'
import { onlyTypoOf } from '../nearest.js'
import { characters, splitLines, type Entry } from '../parse.js'
import { blanksBefore, lastWord, trimmed } from './blanks.js'
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

const lineForms = 'key=value, a block such as "unit {", a } on its own, a comment or a blank line'

/** Blocks within each other that are looked through: files that mean something have three. */
const NESTING_MAX = 32

/** Keys behind the { of their block that are looked at: it is a mistake anyhow. */
const KEYS_ON_A_LINE_MAX = 16

/** Blocks that are read: more than all limits allow together. */
const BLOCKS_MAX = 20_000

interface OpenBlock {
  readonly block: Block
  readonly indent: number
}

const isKind = (word: string): word is BlockKind => (blockKinds as readonly string[]).includes(word)

/** Reads line by line, goes on after every mistake. */
class BlockReader {
  readonly file = newBlock('file', { line: 1, column: 1, length: 1, source: '' })
  readonly misplaced: Block[] = []
  private readonly open: OpenBlock[] = [{ block: this.file, indent: -1 }]
  /** Blocks that were closed for want of a }: one that comes later for them is no mistake of its own. */
  private owedCloses = 0
  private blocks = 0
  /** By a block: the one in it that its }, by its indentation, has closed: that one has none. */
  private readonly deprivedOf = new Map<Block, Block>()
  /** A kind of block on the line before, without its {. */
  private isBraceDue = false
  private line = 0
  private source = ''
  private indent = 0

  constructor(private readonly context: CheckContext) {}

  /** @returns false where there is no use in reading on */
  read(source: string): boolean {
    if (this.blocks > BLOCKS_MAX) return false
    this.line++
    this.source = source
    const content = trimmed(source)
    if (content === '' || source.startsWith('#')) return true
    this.indent = blanksBefore(source)
    const isBraceDue = this.isBraceDue
    this.isBraceDue = false
    if (isBraceDue && content === '{') return true
    if (content.startsWith('#')) this.indentedComment(content)
    else if (content.startsWith('}')) this.closing(content)
    else if (!this.opening(content) && !this.assignment(content)) this.strange(content)
    return true
  }

  finish(): GroupsSource {
    if (this.blocks > BLOCKS_MAX) {
      this.context.report('error', null, this.place(trimmed(this.source)), {
        code: 'limit-exceeded',
        message: `the file has more than ${BLOCKS_MAX} blocks; from here on it was not read`,
        expected: `at most ${BLOCKS_MAX} blocks`,
      })
      return { file: this.file, misplaced: this.misplaced }
    }
    for (const { block } of this.open.slice(1)) {
      this.reportUnclosed(block, 'is never closed', 'the end of the file')
    }
    return { file: this.file, misplaced: this.misplaced }
  }

  /** At the line that opens it; at that of a block in it, if by its indentation that one took its }. */
  private reportUnclosed(block: Block, how: string, end: string): void {
    let blamed = block
    let steps = 0
    for (
      let inner: Block | undefined = block;
      inner !== undefined && steps < NESTING_MAX;
      steps++, inner = this.deprivedOf.get(inner)
    )
      blamed = inner
    this.context.report('error', blamed.scope, blamed.place, {
      code: 'block-unclosed',
      message: `this ${blamed.scope} ${how}`,
      expected: `a } on a line of its own before ${end}`,
    })
  }

  private place(content: string): SourcePosition {
    return { line: this.line, column: this.indent + 1, length: characters(content), source: this.source }
  }

  private malformed(
    content: string,
    message: string,
    expected = lineForms,
    fix: { readonly fix?: Fix } = {},
  ): void {
    const finding = { code: 'line-malformed', message, expected, ...fix } as const
    this.context.report('error', null, this.place(content), finding)
  }

  /** Write something else for what the content of the line begins with. */
  private rewriting(was: string, text: string, isSafe = true): { readonly fix?: Fix } {
    return replacing(this.place(was), was, text, isSafe, text === '' ? 'take it out' : undefined)
  }

  private indentedComment(content: string): void {
    this.context.report('error', null, this.place(content), {
      code: 'comment-indented',
      message: 'a # starts a comment in the first column only',
      expected: 'the # in the first column',
      ...replacing(
        { ...this.place(content), column: 1 },
        this.source.slice(0, this.indent),
        '',
        true,
        'move it there',
      ),
    })
  }

  private closing(content: string): void {
    const braces = /^[} \t]+/.exec(content)![0].slice(0, 2 * NESTING_MAX)
    if (content !== '}') {
      this.malformed(content, 'a } stands on a line of its own', 'nothing else on the line of a }')
    }
    for (const brace of braces) if (brace === '}') this.close()
  }

  private close(): void {
    if (this.open.length === 1) {
      if (this.owedCloses > 0) this.owedCloses--
      else {
        const fix = trimmed(this.source) === '}' ? removing(this.line, false) : {}
        const finding = {
          code: 'block-stray',
          message: 'no block is open here',
          expected: 'no }',
          ...fix,
        } as const
        this.context.report('error', null, this.place('}'), finding)
      }
      return
    }
    const { block, indent } = this.open.pop()!
    if (indent === this.indent) return
    const outer = this.findOpen((open) => open.indent === this.indent)
    if (outer !== -1) this.deprivedOf.set(this.open[outer].block, block)
  }

  /** `KIND {`, and what people write in place of it. */
  private opening(content: string): boolean {
    const brace = content.indexOf('{')
    if (brace === -1) return this.bareKind(content)
    const [before, ...values] = content.slice(0, brace).split('=')
    const word = trimmed(before)
    // In a value a { is like every other character.
    if (values.length > 0 && (!isKind(word) || trimmed(values.join('=')) !== '')) return false
    const after = content.slice(brace + 1)
    const kind = this.kindOf(word, values.length === 0)
    if (trimmed(after) !== '' || values.length > 0) {
      const expected = `"${kind ?? 'unit'} {", and each key on a line of its own`
      const isBare = kind !== null && trimmed(after) === ''
      const fix = isBare ? this.rewriting(content, `${kind} {`) : {}
      this.malformed(content, `the { of a ${kind ?? 'block'} ends its line`, expected, fix)
    }
    if (kind === null) {
      this.blocks++
      this.open.push({ block: newBlock('file', this.place(word)), indent: this.indent })
    } else this.enter(kind, word)
    this.keysBehindBrace(content, content.length - after.length)
    return true
  }

  /** A block written on one line, or begun on that of its {. */
  private keysBehindBrace(content: string, from: number): void {
    const behind = content.slice(from)
    if (trimmed(behind).startsWith('#')) return
    const end = behind.indexOf('}')
    const inside = content.slice(0, end === -1 ? content.length : from + end)
    const pieces = inside.slice(from).split('=', KEYS_ON_A_LINE_MAX)
    let valueFrom = from
    for (const [index, piece] of pieces.slice(0, -1).entries()) {
      valueFrom += piece.length + 1
      const value = pieces[index + 1]
      // A value ends where the next key begins.
      const next = index + 2 < pieces.length ? value.lastIndexOf(lastWord(value)) : value.length
      this.addEntry(lastWord(piece), content.slice(0, valueFrom + next), valueFrom)
    }
    if (end !== -1) this.close()
  }

  /** A kind of block alone on its line: its { is missing, or comes on the next. */
  private bareKind(content: string): boolean {
    if (!isKind(content)) return false
    const message = `the { of a ${content} stands on the same line`
    this.malformed(content, message, `"${content} {"`)
    this.isBraceDue = true
    this.enter(content, content)
    return true
  }

  /** The kind that a word before a { means; null, with everything in it passed over, if none. */
  private kindOf(word: string, isReported: boolean): BlockKind | null {
    if (isKind(word)) return word
    const [first, ...more] = word.split(/[ \t:]+/)
    const kind = isKind(first) ? first : (this.context.suggestion(first, blockKinds) as BlockKind | null)
    if (!isReported) return kind
    const hint = kind === null ? '' : `, did you mean "${kind}"?`
    const name = trimmed(more.join(' '))
    const message =
      word === ''
        ? 'a { without the kind of its block'
        : isKind(first) && name !== ''
          ? `the name of a ${first} does not stand before its {`
          : `unknown block ${quoted(word)}${hint}`
    const expected =
      isKind(first) && name !== ''
        ? `"${first} {", and a line "name=${quoted(name).slice(1, -1)}" in it`
        : (kind ?? `one of ${blockKinds.join(', ')}`)
    const typo = onlyTypoOf(word, blockKinds)
    const fix = kind === null || name !== '' ? {} : this.rewriting(word, typo ?? kind, typo !== null)
    const finding = { code: 'block-unknown', message, expected, ...fix } as const
    this.context.report('error', null, this.place(word || '{'), finding)
    return kind
  }

  private enter(kind: BlockKind, word: string): void {
    this.blocks++
    const block = newBlock(kind, this.place(word))
    const depth = this.findOpen((open) => blocksWithin[open.block.scope].includes(kind))
    const { block: last, indent } = this.open.at(-1)!
    // In a block of an unknown kind nothing is known to be wrong.
    const isUnknown = last !== this.file && last.scope === 'file'
    // One that could close others is meant to stand in them where it is indented more.
    const isInside = depth < this.open.length - 1 && this.indent > indent
    if (depth === -1 || isUnknown || isInside) {
      if (!isUnknown) this.reportMisplaced(block)
      this.misplaced.push(block)
    } else {
      this.closeUnclosed(depth, kind)
      this.open[depth].block.blocks.push(block)
    }
    this.open.push({ block, indent: this.indent })
  }

  /** The innermost open block that is as asked for; -1: there is none. */
  private findOpen(isWanted: (open: OpenBlock) => boolean): number {
    const lowest = Math.max(0, this.open.length - NESTING_MAX)
    for (let depth = this.open.length - 1; depth >= lowest; depth--)
      if (isWanted(this.open[depth])) return depth
    return isWanted(this.open[0]) ? 0 : -1
  }

  private reportMisplaced(block: Block): void {
    const kind = block.scope as BlockKind
    const { scope } = this.open.at(-1)!.block
    this.context.report('error', kind, block.place, {
      code: 'block-misplaced',
      message: `a ${kind} does not stand ${inWords(scope)}`,
      expected: `the ${kind} ${homeOf(kind)}`,
    })
  }

  /** What is open above `depth` cannot hold a block of this kind: its } is missing. */
  private closeUnclosed(depth: number, kind: BlockKind): void {
    for (const { block } of this.open.splice(depth + 1)) {
      this.owedCloses++
      const end = `line ${this.line}`
      this.reportUnclosed(block, `is not closed before the ${kind} on ${end}`, end)
    }
  }

  private assignment(content: string): boolean {
    const equals = content.indexOf('=')
    if (equals === -1) return false
    const key = trimmed(content.slice(0, equals))
    if (!/^[^ \t"'#]+$/.test(key)) {
      const message =
        key === '' ? 'there is no key before the =' : `${quoted(key)} is no key: keys are one word`
      this.malformed(content, message)
      return true
    }
    this.addEntry(key, content, equals + 1)
    return true
  }

  private addEntry(key: string, content: string, valueFrom: number): void {
    const after = content.slice(valueFrom)
    const value = trimmed(after)
    const start = valueFrom + blanksBefore(after)
    const entry: Entry = {
      key,
      value,
      line: this.line,
      keyColumn: this.indent + 1,
      valueColumn: this.indent + 1 + characters(content.slice(0, start)),
      source: this.source,
    }
    this.open.at(-1)!.block.entries.push(entry)
  }

  private strange(content: string): void {
    const match = /^([^\s:]+)([ \t]*:|[ \t])/.exec(content)
    if (match !== null && isGroupsKey(match[1])) {
      const message = `between ${match[1]} and its value stands a =`
      const isEmpty = trimmed(content.slice(match[0].length)).startsWith('=')
      const written = /^[^\s:]+[ \t:]+/.exec(content)![0]
      const fix = isEmpty ? {} : this.rewriting(written, `${match[1]}=`)
      this.malformed(content, message, `${match[1]}=VALUE`, fix)
      this.addEntry(match[1], content, match[0].length)
    } else if (isGroupsKey(content)) {
      this.addEntry(content, content, content.length)
    } else {
      this.malformed(content, `this line is neither "key=value" nor a block`)
    }
  }
}

/** The blocks and keys of a groups.conf; every mistake of form is reported. */
export function parseBlocks(text: string, context: CheckContext): GroupsSource {
  const reader = new BlockReader(context)
  for (const line of splitLines(text)) if (!reader.read(line)) break
  return reader.finish()
}
