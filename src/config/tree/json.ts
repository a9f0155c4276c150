import { quoted, type CheckContext } from '../check-context.js'
import type { SourcePosition } from '../model/network-config.js'
import { LineIndex } from './line-index.js'
import { MapBuilder } from './map-builder.js'
import { DEPTH_MAX, VALUES_MAX, type Tree } from './tree.js'

/** One token: a scalar, a mark such as {, or the end. */
const token = new RegExp(
  String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}[\]:,]|` +
    String.raw`"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[^"\\\u0000-\u001f]*)*"`,
  'y',
)
/** What may stand between the quotes of a text. */
const partOfText = /(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*/y
const blanks = /[ \t\n\r]*/y
const word = /[A-Za-z_$][\w$-]*/y
const comment = /\/\/[^\n]*|\/\*[^]*?\*\//y

const words: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
])

interface Token {
  /** '' at the end of the text and for what is no JSON. */
  readonly text: string
  readonly from: number
  readonly to: number
}

/** Reads JSON of RFC 8259, nothing more; comments and commas too many are reported and passed over. */
class JsonReader {
  private readonly lines: LineIndex
  private at = 0
  private depth = 0
  private values = 0
  private current: Token
  /** Reading cannot go on behind a mistake of another kind. */
  private isLost = false

  constructor(
    private readonly text: string,
    private readonly context: CheckContext,
  ) {
    this.lines = new LineIndex(text)
    this.current = this.scan()
  }

  read(): Tree | null {
    const tree = this.value()
    if (tree !== null && this.current.from < this.text.length) this.lose('there is more after the value')
    return this.isLost ? null : tree
  }

  private place({ from, to }: Token): SourcePosition {
    return this.lines.place(from, to)
  }

  private report(message: string, where: Token, expected = 'JSON of RFC 8259'): void {
    this.context.report('error', null, this.place(where), { code: 'file-syntax', message, expected })
  }

  /** Report once; there is no value. */
  private lose(message: string, expected?: string): null {
    if (!this.isLost) this.report(message, this.current, expected)
    this.isLost = true
    return null
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at
    return pattern.exec(this.text)?.[0] ?? null
  }

  private scan(): Token {
    for (;;) {
      this.at += this.match(blanks)!.length
      const skipped = this.text.charAt(this.at) === '/' ? this.match(comment) : null
      if (skipped === null) break
      const where = { text: '', from: this.at, to: this.at + skipped.length }
      this.report('JSON has no comments', where, 'no comment, or a .yaml file')
      this.at = where.to
    }
    const from = this.at
    const text = this.match(token) ?? this.match(word) ?? ''
    this.at += text.length
    return { text, from, to: Math.max(this.at, from + 1) }
  }

  private next(): Token {
    const taken = this.current
    this.current = this.scan()
    return taken
  }

  /** Is it the mark that is due? Then go on. */
  private take(mark: string): boolean {
    if (this.current.text !== mark) return false
    this.next()
    return true
  }

  private value(): Tree | null {
    const { text } = this.current
    if (++this.values > VALUES_MAX) return this.lose(`more than ${VALUES_MAX} values`, 'fewer')
    if (text === '{' || text === '[') {
      if (this.depth === DEPTH_MAX) return this.lose(`more than ${DEPTH_MAX} values within each other`)
      this.depth++
      const tree = text === '{' ? this.map() : this.list()
      this.depth--
      return tree
    }
    return this.scalar()
  }

  private scalar(): Tree | null {
    const { current } = this
    const { text } = current
    if (text.startsWith('"')) {
      const value = JSON.parse(text) as string
      return { kind: 'scalar', value, written: value, place: this.insideQuotes(this.next()) }
    }
    const known = words.get(text)
    if (known === undefined && !/^[-\d]/.test(text)) return this.loseAtQuote() ?? this.lose(this.strange())
    if (/^-?0$/.test(text) && /\d/.test(this.text.charAt(current.to))) {
      return this.lose('a number does not begin with 0', 'the number without it')
    }
    const value = known === undefined ? Number(text) : known
    return { kind: 'scalar', value, written: text, place: this.place(this.next()) }
  }

  /** Why what stands here is no value. */
  private strange(): string {
    const { text, from } = this.current
    if (this.text.trim() === '') return 'the file is empty'
    if (from >= this.text.length) return 'the file ends too early'
    const character = this.text.charAt(from)
    if (character === "'") return 'text stands between double quotes'
    if (/^[A-Za-z_$]/.test(text)) return `${quoted(text)} needs quotes`
    return `${quoted(text === '' ? String.fromCodePoint(this.text.codePointAt(from)!) : text)} is no value`
  }

  /** Reports where a text that begins here goes wrong; nothing, if none begins. */
  private loseAtQuote(): null {
    const start = this.current.from
    if (this.text.charAt(start) !== '"') return null
    partOfText.lastIndex = start + 1
    const at = start + 1 + partOfText.exec(this.text)![0].length
    const wrong = this.text.charAt(at)
    if (wrong === '' || wrong === '\n' || wrong === '\r') return this.lose('this text does not end', '"')
    this.current = { text: '', from: at, to: at + 1 }
    return wrong === '\\'
      ? this.lose(
          'JSON has no such escape',
          String.raw`\" \\ \/ \b \f \n \r \t or \u and four hexadecimal digits`,
        )
      : this.lose('a control character stands in a text only as an escape', String.raw`\t or \u0009, say`)
  }

  private insideQuotes({ from, to }: Token): SourcePosition {
    return this.lines.place(from + 1, to - 1)
  }

  /** Behind an item: is there another one? A comma behind the last one is reported. */
  private hasMore(close: string): boolean {
    const comma = this.current
    const hasComma = this.take(',')
    if (this.take(close)) {
      if (hasComma) this.superfluous(comma, close)
      return false
    }
    if (hasComma) return true
    // A forgotten one is easily told.
    if (/^["{[]/.test(this.current.text)) this.missingComma()
    else
      this.lose(
        `${this.current.from >= this.text.length ? 'the file ends too early: ' : ''}a ${close} is missing`,
      )
    return !this.isLost
  }

  private missingComma(): void {
    const place = this.place(this.current)
    const { line, column } = place
    const edit = { line, column, endLine: line, endColumn: column, text: ', ' }
    const fix = { title: 'write the comma', isSafe: true, edits: [edit] }
    const message = 'a comma is missing before this'
    this.context.report('error', null, place, { code: 'file-syntax', message, expected: ',', fix })
  }

  private superfluous(comma: Token, close: string): void {
    const { line, column, source, length } = this.place(comma)
    const edit = { line, column, endLine: line, endColumn: column + 1, text: '' }
    const message = `no comma stands before a ${close}`
    const fix = { title: 'take the comma out', isSafe: true, edits: [edit] }
    const finding = { code: 'file-syntax', message, expected: close, fix } as const
    this.context.report('error', null, { line, column, source, length }, finding)
  }

  private list(): Tree | null {
    const place = this.place(this.next())
    const items: Tree[] = []
    if (this.take(']')) return { kind: 'list', items, place }
    do {
      const item = this.value()
      if (item === null) return null
      items.push(item)
    } while (this.hasMore(']'))
    return this.isLost ? null : { kind: 'list', items, place }
  }

  private map(): Tree | null {
    const builder = new MapBuilder(this.place(this.next()), this.context)
    if (this.take('}')) return builder.map
    do {
      if (!this.current.text.startsWith('"')) return this.loseAtQuote() ?? this.lose(this.strangeKey())
      const key = JSON.parse(this.current.text) as string
      const place = this.insideQuotes(this.next())
      if (!this.take(':')) return this.lose(`a : is missing behind the key ${quoted(key)}`)
      const value = this.value()
      if (value === null) return null
      builder.add(key, place, value)
    } while (this.hasMore('}'))
    return this.isLost ? null : builder.map
  }

  private strangeKey(): string {
    const { text, from } = this.current
    if (from >= this.text.length) return 'the file ends too early: a } is missing'
    if (this.text.charAt(from) === "'") return 'a key stands between double quotes'
    return /^[\w$]/.test(text) ? `the key ${quoted(text)} needs quotes` : 'a key in double quotes is missing'
  }
}

/**
 * The values of a JSON text, each with its place.
 * @returns null after an error was reported that leaves nothing to be looked at
 */
export function readJson(text: string, context: CheckContext): Tree | null {
  return new JsonReader(text.replace(/^\uFEFF/, ''), context).read()
}
