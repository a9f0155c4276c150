import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  type Document,
  type ParsedNode,
} from 'yaml'
import { printable, quoted, type CheckContext } from '../check-context.js'
import type { SourcePosition } from '../model/network-config.js'
import { LineIndex } from './line-index.js'
import { MapBuilder } from './map-builder.js'
import { DEPTH_MAX, VALUES_MAX, type Scalar, type Tree } from './tree.js'

/** Pieces of a text: the largest configuration that the limits allow has half of it. */
const LEXEMES_MAX = 300_000

/** What the parser keeps on its stack for a value within another one. */
const STACK_OF_ONE = 2

interface Wording {
  readonly message: string
  readonly expected: string
}

const indentation: Wording = {
  message: 'this line is not indented as those that it belongs with',
  expected: 'keys of one block, and items of one list, below each other in one column',
}

/** What the parser says in words of its own, for those who write configurations. */
const wordings: Readonly<Record<string, Wording>> = {
  BAD_INDENT: indentation,
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a value with ": " in it needs quotes; keys within a key begin on a line of their own',
    expected: 'key: "value: with a colon"',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'this is neither "key: value" nor the end of a value before it',
    expected: 'key: value',
  },
  TAB_AS_INDENT: {
    message: 'a tab stands where spaces are to: YAML indents with spaces only',
    expected: 'spaces',
  },
}

/** Where one code of the parser stands for several mistakes. */
const wordingsByMessage: readonly (readonly [RegExp, Wording])[] = [
  [/without - indicator/, indentation],
  [
    /^Missing closing .quote/,
    { message: 'a text in quotes is never closed', expected: 'a quote at its end' },
  ],
  [/ end with a }$/, { message: 'a { is never closed', expected: 'a } at its end' }],
  [/ end with a ]$/, { message: 'a [ is never closed', expected: 'a ] at its end' }],
]

function wordingOf(code: string, message: string): Wording {
  const [line] = message.split('\n')
  const found = wordingsByMessage.find(([expression]) => expression.test(line!))
  return found?.[1] ?? wordings[code] ?? { message: printable(line!), expected: 'YAML 1.2' }
}

const plainTags = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'])

type SyntaxToken = ReturnType<Parser['next']> extends Generator<infer T> ? T : never

function isPlain(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

const isDocument = ({ type }: SyntaxToken): boolean => type === 'document'

class YamlReader {
  private readonly lines: LineIndex
  private readonly anchors = new Map<string, Tree>()
  private values = 0
  private depth = 0
  private isLost = false

  constructor(
    private readonly text: string,
    private readonly context: CheckContext,
  ) {
    this.lines = new LineIndex(text)
  }

  read(): Tree | null {
    const tokens = this.tokens()
    if (tokens === null) return null
    const [document, second] = this.compose(tokens)
    if (second !== undefined) {
      const [from] = second.contents?.range ?? [second.range[0]]
      return this.lose('there is more than one document in the file', from, from + 1, 'no ---')
    }
    let reported = -1
    for (const { code, message, pos } of document?.errors ?? []) {
      const from = this.afterBlanks(pos[0])
      // One mistake at one place, though the parser stumbles over it twice.
      if (from === reported) continue
      reported = from
      const { message: words, expected } = wordingOf(code, message)
      this.lose(words, from, Math.max(from, pos[1]), expected)
    }
    if (this.isLost) return null
    const tree = document?.contents ? this.node(document.contents) : this.nothing(0)
    return this.isLost ? null : tree
  }

  private afterBlanks(at: number): number {
    let from = at
    while (this.text[from] === ' ') from++
    return from
  }

  /** What the text consists of; looked through piece by piece, for hostile texts have no end of them. */
  private tokens(): SyntaxToken[] | null {
    const parser = new Parser()
    const tokens: SyntaxToken[] = []
    let count = 0
    let documents = 0
    for (const lexeme of new Lexer().lex(this.text)) {
      for (const token of parser.next(lexeme)) {
        tokens.push(token)
        if (isDocument(token)) documents++
      }
      if (++count > LEXEMES_MAX) return this.lose('the file has too many values', parser.offset)
      if (parser.stack.length > STACK_OF_ONE * DEPTH_MAX) {
        return this.lose(`more than ${DEPTH_MAX} values within each other`, parser.offset)
      }
      // The third document would be no news.
      if (documents > 1) break
    }
    for (const token of parser.end()) tokens.push(token)
    return tokens
  }

  private compose(tokens: readonly SyntaxToken[]): Document.Parsed[] {
    const options = { uniqueKeys: false, prettyErrors: false, merge: false, version: '1.2' } as const
    const documents: Document.Parsed[] = []
    for (const document of new Composer({ ...options, logLevel: 'silent' }).compose(tokens)) {
      documents.push(document as Document.Parsed)
    }
    return documents
  }

  private place(from: number, to: number): SourcePosition {
    return this.lines.place(from, to)
  }

  private lose(message: string, from: number, to = from + 1, expected = 'a plain YAML file'): null {
    this.isLost = true
    this.context.report('error', null, this.place(from, to), { code: 'file-syntax', message, expected })
    return null
  }

  /** Report what YAML has and a configuration has not; reading goes on. */
  private refuse(message: string, from: number, to: number, expected: string): void {
    const finding = { code: 'yaml-unsupported', message, expected } as const
    this.context.report('error', null, this.place(from, to), finding)
  }

  private nothing(at: number): Tree {
    return { kind: 'scalar', value: null, written: '', place: this.place(at, at) }
  }

  private node(node: ParsedNode): Tree | null {
    const [from, to] = node.range
    if (++this.values > VALUES_MAX) {
      if (!this.isLost) this.lose(`more than ${VALUES_MAX} values`, from)
      return null
    }
    if (isAlias(node)) return this.alias(node.source, from, to)
    const { tag, anchor } = node
    if (tag !== undefined && !plainTags.has(tag.replace('tag:yaml.org,2002:', ''))) {
      this.refuse(`the tag ${quoted(tag)} means nothing here`, from, to, 'the value without a tag')
    }
    if (this.depth === DEPTH_MAX) return this.lose(`more than ${DEPTH_MAX} values within each other`, from)
    this.depth++
    const tree = this.content(node)
    this.depth--
    if (anchor !== undefined && tree !== null) this.anchors.set(anchor, tree)
    return tree
  }

  private content(node: Exclude<ParsedNode, { source: string; range: never }>): Tree | null {
    const [from, to] = node.range!
    if (isSeq(node)) {
      const items = (node.items as ParsedNode[]).map((item) => this.node(item))
      const known = items.filter((item) => item !== null)
      return { kind: 'list', items: known, place: this.place(from, from + 1) }
    }
    if (isMap(node)) return this.map(node.items as { key: ParsedNode; value: ParsedNode | null }[], from)
    if (!isScalar(node)) return this.nothing(from)
    const isQuoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE'
    const written = node.source ?? String(node.value)
    // Tags that are refused make other things of it.
    const value = isPlain(node.value) ? node.value : written
    const place = isQuoted ? this.place(from + 1, to - 1) : this.place(from, to)
    return { kind: 'scalar', value, written, place }
  }

  private alias(name: string, from: number, to: number): Tree {
    const tree = this.anchors.get(name)
    if (tree !== undefined) return tree
    this.refuse(`no value before this one has the anchor ${quoted(name)}`, from, to, 'an anchor given before')
    return this.nothing(from)
  }

  private map(items: readonly { key: ParsedNode; value: ParsedNode | null }[], from: number): Tree {
    const builder = new MapBuilder(this.place(from, from + 1), this.context)
    for (const { key, value } of items) {
      const name = this.node(key)
      const content = value === null ? this.nothing(key.range[1]) : this.node(value)
      if (name === null || content === null) continue
      if (name.kind !== 'scalar' || name.value === null) {
        this.refuse('a key is one word', key.range[0], key.range[1], 'key: value')
      } else if (name.written === '<<') {
        this.refuse(
          'keys are not merged: << means nothing here',
          ...(key.range.slice(0, 2) as [number, number]),
          'the keys themselves',
        )
      } else {
        const text = typeof name.value === 'string' ? name.value : name.written
        builder.add(text, name.place, content)
      }
    }
    return builder.map
  }
}

/**
 * The values of a YAML text, each with its place. Aliases are followed; tags and merged keys, which mean
 * something only to programs made for them, are reported.
 * @returns null after an error was reported that leaves nothing to be looked at
 */
export function readYaml(text: string, context: CheckContext): Tree | null {
  return new YamlReader(text.replace(/^\uFEFF/, ''), context).read()
}
