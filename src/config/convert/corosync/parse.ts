import { quoted, type CheckContext } from '../../check-context.js'
import type { SourcePosition } from '../../model/network-config.js'
import { characters, splitLines, type Entry } from '../../parse.js'

/** A `name { … }` of a corosync.conf, or the whole of it. */
export interface Section {
  /** Empty: the whole file. */
  readonly name: string
  readonly place: SourcePosition
  readonly items: Entry[]
  readonly sections: Section[]
}

/** Sections within each other: corosync knows three. */
const NESTING_MAX = 16

/** Sections of one file: more are a mistake. */
const SECTIONS_MAX = 10_000

/** Blanks as corosync trims them. */
const leading = /^[ \t]*/

/** The end of a text without the blanks behind it, counted by hand: an expression takes the square. */
function trimmedEnd(text: string): string {
  let end = text.length
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end--
  return text.slice(0, end)
}

class SectionReader {
  readonly file: Section = {
    name: '',
    place: { line: 1, column: 1, length: 1, source: '' },
    items: [],
    sections: [],
  }
  private readonly open: Section[] = [this.file]
  private sections = 0
  private line = 0

  constructor(private readonly context: CheckContext) {}

  /** @returns false where there is no use in reading on */
  read(source: string): boolean {
    this.line++
    const indent = leading.exec(source)![0].length
    const content = trimmedEnd(source.slice(indent))
    if (content === '' || content.startsWith('#')) return true
    const brace = content.indexOf('{')
    const colon = content.indexOf(':')
    if (brace !== -1) return this.enter(content, brace, indent, source)
    if (colon !== -1) this.add(content, colon, indent, source)
    else if (content.includes('}')) return this.leave(content, indent, source)
    else {
      this.context.report('warning', null, this.place(content, indent, source), {
        code: 'line-malformed',
        message: 'this line is neither "key: value" nor a section; corosync ignores it',
      })
    }
    return true
  }

  finish(): Section | null {
    const unclosed = this.open.slice(1)
    for (const { name, place } of unclosed) {
      this.context.report('error', null, place, {
        code: 'block-unclosed',
        message: `section ${quoted(name)} is never closed`,
        expected: 'a } on a line of its own',
      })
    }
    return this.context.hasErrors ? null : this.file
  }

  private place(content: string, indent: number, source: string): SourcePosition {
    return { line: this.line, column: indent + 1, length: characters(content), source }
  }

  private enter(content: string, brace: number, indent: number, source: string): boolean {
    // Corosync drops colons and braces behind the name.
    const name = content.slice(0, brace).replace(/[ \t:]{1,64}$/, '')
    const place = this.place(name === '' ? '{' : name, indent, source)
    if (this.open.length > NESTING_MAX || ++this.sections > SECTIONS_MAX) {
      const message =
        this.open.length > NESTING_MAX
          ? `more than ${NESTING_MAX} sections within each other`
          : `more than ${SECTIONS_MAX} sections`
      this.context.report('error', null, place, { code: 'limit-exceeded', message })
      return false
    }
    const behind = content.slice(brace + 1).trim()
    if (behind !== '') {
      this.context.report('warning', null, place, {
        code: 'trailing-text',
        message: `corosync ignores ${quoted(behind)} behind the {, and so it is here`,
        expected: 'each key on a line of its own',
      })
    }
    const section: Section = { name, place, items: [], sections: [] }
    this.open[this.open.length - 1].sections.push(section)
    this.open.push(section)
    return true
  }

  private leave(content: string, indent: number, source: string): boolean {
    if (this.open.length > 1) {
      this.open.pop()
      return true
    }
    const message = 'a } without a section'
    this.context.report('error', null, this.place(content, indent, source), { code: 'block-stray', message })
    return false
  }

  private add(content: string, colon: number, indent: number, source: string): void {
    const key = trimmedEnd(content.slice(0, colon))
    const after = content.slice(colon + 1)
    const value = after.slice(leading.exec(after)![0].length)
    const before = indent + colon + 1 + (after.length - value.length)
    this.open[this.open.length - 1].items.push({
      key,
      value,
      line: this.line,
      keyColumn: indent + 1,
      valueColumn: characters(source.slice(0, before)) + 1,
      source,
    })
  }
}

/** The sections and keys of a corosync.conf, read as corosync reads it; null after an error was reported. */
export function parseSections(text: string, context: CheckContext): Section | null {
  const reader = new SectionReader(context)
  for (const line of splitLines(text)) if (!reader.read(line)) return null
  return reader.finish()
}
