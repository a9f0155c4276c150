import { quoted, type CheckContext } from '../check-context.js'
import type { SourcePosition } from '../model/network-config.js'
import { isGroupsKey } from '../model/groups-keys.js'
import { nearest } from '../nearest.js'
import { characters, splitLines, type Entry } from '../parse.js'
import {
  blockKinds,
  blocksWithin,
  homeOf,
  inWords,
  newBlock,
  withArticle,
  type Block,
  type BlockKind,
  type GroupsSource,
} from './block.js'

const lineForms = 'key=value, a block such as "unit {", a } on its own, a comment or a blank line'

interface OpenBlock {
  readonly block: Block
  readonly indent: number
}

const isKind = (word: string): word is BlockKind => (blockKinds as readonly string[]).includes(word)

/** Without blanks and tabs at its ends. Nothing else is a blank: what looks like one is part of a name. */
function trimmed(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '')
}

/** Reads line by line, goes on after every mistake. */
class BlockReader {
  readonly file = newBlock('file', { line: 1, column: 1, length: 1, source: '' })
  readonly misplaced: Block[] = []
  private readonly open: OpenBlock[] = [{ block: this.file, indent: -1 }]
  /** Blocks that were closed for want of a }: one that comes later for them is no mistake of its own. */
  private owedCloses = 0
  /** The block whose } is indented as that of another one: perhaps it closes that, and one is missing. */
  private suspect: Block | null = null
  /** A kind of block on the line before, without its {. */
  private isBraceDue = false
  private line = 0
  private source = ''
  private indent = 0

  constructor(private readonly context: CheckContext) {}

  read(source: string): void {
    this.line++
    this.source = source
    const content = trimmed(source)
    if (content === '' || source.startsWith('#')) return
    this.indent = source.length - source.replace(/^[ \t]+/, '').length
    const isBraceDue = this.isBraceDue
    this.isBraceDue = false
    if (isBraceDue && content === '{') return
    if (content.startsWith('#')) this.indentedComment(content)
    else if (content.startsWith('}')) this.closing(content)
    else if (!this.opening(content) && !this.assignment(content)) this.strange(content)
  }

  finish(): GroupsSource {
    for (const { block } of this.open.slice(1)) {
      const { scope, place } = block
      const guess =
        this.suspect === null || this.suspect === block
          ? ''
          : `; or is it the ${this.suspect.scope} on line ${this.suspect.place.line}, by its indentation?`
      this.context.report('error', scope, place, {
        code: 'block-unclosed',
        message: `this ${scope} is never closed${guess}`,
        expected: `a } on a line of its own before the end of the file`,
      })
    }
    return { file: this.file, misplaced: this.misplaced }
  }

  private place(content: string): SourcePosition {
    return { line: this.line, column: this.indent + 1, length: characters(content), source: this.source }
  }

  private malformed(content: string, message: string, expected = lineForms): void {
    this.context.report('error', null, this.place(content), { code: 'line-malformed', message, expected })
  }

  private indentedComment(content: string): void {
    this.context.report('error', null, this.place(content), {
      code: 'comment-indented',
      message: 'a # starts a comment in the first column only',
      expected: 'the # in the first column',
    })
  }

  private closing(content: string): void {
    const braces = /^[} \t]+/.exec(content)![0]
    if (content !== '}') {
      this.malformed(content, 'a } stands on a line of its own', 'nothing else on the line of a }')
    }
    for (const brace of braces) if (brace === '}') this.close(content)
  }

  private close(content: string): void {
    if (this.open.length === 1) {
      if (this.owedCloses > 0) this.owedCloses--
      else {
        const finding = { code: 'block-stray', message: 'no block is open here', expected: 'no }' } as const
        this.context.report('error', null, this.place(content), finding)
      }
      return
    }
    const { block, indent } = this.open.pop()!
    const isOfOuter = indent !== this.indent && this.open.some((outer) => outer.indent === this.indent)
    if (isOfOuter) this.suspect ??= block
  }

  /** `KIND {`, and what people write in place of it. */
  private opening(content: string): boolean {
    const match = /^([^={]*)(=?)[ \t]*\{(.*)$/.exec(content)
    if (match === null) return this.bareKind(content)
    const [, before, equals, after] = match
    const word = trimmed(before)
    if (equals !== '' && !isKind(word)) return false
    const kind = this.kindOf(word, equals === '' && trimmed(after) === '')
    if (trimmed(after) !== '' || equals !== '') {
      const message = `the { of ${withArticle(kind ?? 'block')} ends its line`
      this.malformed(content, message, `"${kind ?? 'unit'} {", and each key on a line of its own`)
      if (after.includes('}')) return true
    }
    if (kind === null) this.open.push({ block: newBlock('file', this.place(word)), indent: this.indent })
    else this.enter(kind, word)
    return true
  }

  /** A kind of block alone on its line: its { is missing, or comes on the next. */
  private bareKind(content: string): boolean {
    if (!isKind(content)) return false
    const message = `the { of ${withArticle(content)} stands on the same line`
    this.malformed(content, message, `"${content} {"`)
    this.isBraceDue = true
    this.enter(content, content)
    return true
  }

  /** The kind that a word before a { means; null, with everything in it passed over, if none. */
  private kindOf(word: string, isReported: boolean): BlockKind | null {
    if (isKind(word)) return word
    const [first, ...more] = word.split(/[ \t:]+/)
    const kind = isKind(first) ? first : (nearest(first, blockKinds) as BlockKind | null)
    if (!isReported) return kind
    const hint = kind === null ? '' : `, did you mean "${kind}"?`
    const name = trimmed(more.join(' '))
    const message =
      word === ''
        ? 'a { without the kind of its block'
        : isKind(first) && name !== ''
          ? `the name of ${withArticle(first)} does not stand before its {`
          : `unknown block ${quoted(word)}${hint}`
    const expected =
      isKind(first) && name !== ''
        ? `"${first} {", and a line "name=${quoted(name).slice(1, -1)}" in it`
        : (kind ?? `one of ${blockKinds.join(', ')}`)
    this.context.report('error', null, this.place(word || '{'), { code: 'block-unknown', message, expected })
    return kind
  }

  private enter(kind: BlockKind, word: string): void {
    const block = newBlock(kind, this.place(word))
    const depth = this.open.findLastIndex((open) => blocksWithin[open.block.scope].includes(kind))
    // In a block of an unknown kind nothing is known to be wrong.
    const isUnknown = this.open.at(-1)!.block !== this.file && this.open.at(-1)!.block.scope === 'file'
    if (depth === -1 || isUnknown) {
      if (!isUnknown) this.reportMisplaced(block)
      this.misplaced.push(block)
    } else {
      this.closeUnclosed(depth, kind)
      this.open[depth].block.blocks.push(block)
    }
    this.open.push({ block, indent: this.indent })
  }

  private reportMisplaced(block: Block): void {
    const kind = block.scope as BlockKind
    const { scope } = this.open.at(-1)!.block
    this.context.report('error', kind, block.place, {
      code: 'block-misplaced',
      message: `${withArticle(kind)} does not stand ${inWords(scope)}`,
      expected: `the ${kind} ${homeOf(kind)}`,
    })
  }

  /** What is open above `depth` cannot hold a block of this kind: its } is missing. */
  private closeUnclosed(depth: number, kind: BlockKind): void {
    for (const { block } of this.open.splice(depth + 1)) {
      this.owedCloses++
      const message = `this ${block.scope} is not closed before the ${kind} on line ${this.line}`
      const expected = `a } on a line of its own before line ${this.line}`
      this.context.report('error', block.scope, block.place, { code: 'block-unclosed', message, expected })
    }
  }

  private assignment(content: string): boolean {
    const equals = content.indexOf('=')
    if (equals === -1) return false
    const key = trimmed(content.slice(0, equals))
    if (!/^[^\s"'#]+$/.test(key)) {
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
    const start = valueFrom + after.length - after.replace(/^[ \t]+/, '').length
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
      this.malformed(content, message, `${match[1]}=VALUE`)
      this.addEntry(match[1], content, match[0].length)
    } else if (isGroupsKey(content)) {
      this.malformed(content, `${content} has no value`, `${content}=VALUE`)
    } else {
      this.malformed(content, `this line is neither "key=value" nor a block`)
    }
  }
}

/** The blocks and keys of a groups.conf; every mistake of form is reported. */
export function parseBlocks(text: string, context: CheckContext): GroupsSource {
  const reader = new BlockReader(context)
  for (const line of splitLines(text)) reader.read(line)
  return reader.finish()
}
