import { DOMParser, type Attr, type Element, type Node } from '@xmldom/xmldom'
import { quoted, type CheckContext } from '../../check-context.js'
import type { SourcePosition } from '../../model/network-config.js'
import { characters, splitLines, type Entry } from '../../parse.js'
import { placeIn, type Place } from '../place.js'

/** Elements of one file: more than all limits of groups.conf allow together. */
const ELEMENTS_MAX = 200_000

/** Elements within each other: files that mean something have eight. */
const NESTING_MAX = 32

const ELEMENT = 1
const TEXT = 3
const CDATA = 4

export interface XmlElement {
  /** As it is written, with its prefix. */
  readonly tag: string
  readonly place: SourcePosition
  /** Their values as entries, each with the name of the attribute for a key. */
  readonly attributes: ReadonlyMap<string, Entry>
  readonly children: readonly XmlElement[]
  /** Its own text without the white space around it, at its place; the key is the tag. */
  readonly text: Entry
}

/** White space around a text is that of the layout. */
function layoutTrimmed(text: string): { readonly value: string; readonly skipped: string } {
  let from = 0
  while (from < text.length && ' \t\r\n'.includes(text[from])) from++
  let to = text.length
  while (to > from && ' \t\r\n'.includes(text[to - 1])) to--
  return { value: text.slice(from, to), skipped: text.slice(0, from) }
}

class XmlReader {
  private elements = 0
  private readonly lines: readonly string[]

  constructor(
    text: string,
    private readonly context: CheckContext,
  ) {
    this.lines = splitLines(text)
  }

  /** @returns null after an error was reported */
  read(element: Element, depth: number): XmlElement | null {
    const at = this.at(element)
    const { line, keyColumn: column, source } = this.place(at.line, at.column, at.column)
    const tag = element.nodeName
    const place = { line, column, length: characters(tag) + 1, source }
    if (++this.elements > ELEMENTS_MAX) return this.refuse(place, `more than ${ELEMENTS_MAX} elements`)
    if (depth > NESTING_MAX) return this.refuse(place, `more than ${NESTING_MAX} elements within each other`)
    const attributes = new Map<string, Entry>()
    for (const attribute of element.attributes) attributes.set(attribute.name, this.attribute(attribute))
    const children: XmlElement[] = []
    const texts: Node[] = []
    for (let child = element.firstChild; child !== null; child = child.nextSibling) {
      if (child.nodeType === TEXT || child.nodeType === CDATA) texts.push(child)
      if (child.nodeType !== ELEMENT) continue
      const inner = this.read(child as Element, depth + 1)
      if (inner === null) return null
      children.push(inner)
    }
    return { tag, place, attributes, children, text: this.text(tag, element, texts) }
  }

  private refuse(place: SourcePosition, message: string): null {
    this.context.report('error', null, place, { code: 'file-syntax', message })
    return null
  }

  private at(node: Node): { line: number; column: number } {
    return { line: node.lineNumber ?? 1, column: node.columnNumber ?? 1 }
  }

  private place(line: number, keyColumn: number, valueColumn: number): Place {
    return placeIn(this.lines[line - 1] ?? '', line, keyColumn - 1, valueColumn - 1)
  }

  /** The place that is known of an attribute is that of the quotation mark. */
  private attribute(attribute: Attr): Entry {
    const { line, column } = this.at(attribute)
    const { name: key, value } = attribute
    const source = this.lines[line - 1] ?? ''
    const keyAt = source.lastIndexOf(key, column - 1)
    return { key, value, ...this.place(line, keyAt === -1 ? column : keyAt + 1, column + 1) }
  }

  private text(key: string, element: Element, texts: readonly Node[]): Entry {
    const first = texts.find(({ nodeValue }) => layoutTrimmed(nodeValue ?? '').value !== '')
    const whole = texts.map(({ nodeValue }) => nodeValue ?? '').join('')
    const { value } = layoutTrimmed(whole)
    if (first === undefined) {
      const { line, column } = this.at(element)
      return { key, value, ...this.place(line, column, column) }
    }
    const { line, column } = this.at(first)
    const skipped = layoutTrimmed(first.nodeValue ?? '').skipped.split('\n')
    const last = skipped[skipped.length - 1].length
    const at = skipped.length === 1 ? column + last : last + 1
    return { key, value, ...this.place(line + skipped.length - 1, at, at) }
  }
}

/**
 * The elements of an XML text. Entities other than the five of XML are not known, and a document that
 * declares any is refused. @returns null after an error was reported
 */
export function parseXml(text: string, context: CheckContext): XmlElement | null {
  const reader = new XmlReader(text, context)
  const lines = splitLines(text)
  let failure: { message: string; line: number; column: number } | null = null
  const fail = (message: string, at: { lineNumber?: number; columnNumber?: number } | undefined): Error => {
    failure ??= {
      message,
      line: Math.max(1, at?.lineNumber ?? 1),
      column: Math.max(1, at?.columnNumber ?? 1),
    }
    return new Error(message)
  }
  try {
    const parser = new DOMParser({
      normalizeLineEndings: (source) => source.replaceAll('\r\n', '\n'),
      onError: (_level, message, parsing) => {
        throw fail(message, (parsing as { locator?: { lineNumber?: number; columnNumber?: number } }).locator)
      },
    })
    const document = parser.parseFromString(text.replace(/^\uFEFF/, ''), 'application/xml')
    if (document.doctype !== null) throw fail('a document type declaration is not read', document.doctype)
    if (document.documentElement === null) throw fail('there is no element', undefined)
    return reader.read(document.documentElement, 0)
  } catch (error) {
    const { message, line, column } = failure ?? { message: (error as Error).message, line: 1, column: 1 }
    const { source, keyColumn } = placeIn(lines[line - 1] ?? '', line, column - 1, column - 1)
    context.report(
      'error',
      null,
      { line, column: keyColumn, length: 1, source },
      {
        code: 'file-syntax',
        message: `the XML cannot be read: ${quoted(message.split('\n')[0])}`,
      },
    )
    return null
  }
}
