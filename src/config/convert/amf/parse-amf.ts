import { keyPosition, quoted, type CheckContext, type Finding } from '../../check-context.js'
import { blanksBefore, trimmed } from '../../groups/blanks.js'
import { splitLines, type Entry } from '../../parse.js'
import { reportLostBlock } from '../lost.js'
import { placeIn } from '../place.js'
import { addAttribute, newObject, safKinds, type SafKind, type SafObject } from '../saf/tree.js'

/** Octets of a line that openais reads. */
const LINE_OCTETS_MAX = 253

/** Blocks that are read: more than all limits of groups.conf allow together. */
const BLOCKS_MAX = 40_000

/** Blocks within each other: files that mean something have six. */
const NESTING_MAX = 32

/** Where blocks of a kind stand; '' is outside of all. */
const homes: Readonly<Record<SafKind, readonly (SafKind | '')[]>> = {
  safAmfCluster: [''],
  safAmfNode: ['safAmfCluster', ''],
  safApp: ['safAmfCluster', ''],
  safSg: ['safApp'],
  safSu: ['safSg'],
  safComp: ['safSu'],
  safHealthcheckKey: ['safComp'],
  safSi: ['safApp'],
  safCsi: ['safSi'],
  safCSIAttr: ['safCsi'],
  safCSType: ['safApp'],
}

interface OpenBlock {
  readonly entry: Entry
  /** null: nothing in it counts. */
  readonly object: SafObject | null
  /** Lines of it are values of this attribute; null: attributes and blocks. */
  readonly list: string | null
}

const isKind = (word: string): word is SafKind => (safKinds as readonly string[]).includes(word)
const nextAttribute = /[ \t](?:sa[fA]\w*|clccli_path)[ \t]*=/g
const word = /\w+/y

/** Reads line by line, goes on after every mistake. */
class AmfReader {
  readonly objects: SafObject[] = []
  private readonly open: OpenBlock[] = []
  private blocks = 0
  private line = 0
  private source = ''

  constructor(private readonly context: CheckContext) {}

  /** @returns false where there is no use in reading on */
  read(source: string): boolean {
    if (this.blocks > BLOCKS_MAX) return false
    this.line++
    this.source = source
    if (source.startsWith('#')) return true
    if (source.length > LINE_OCTETS_MAX)
      this.report('warning', 0, 'value-form', 'openais cuts a line this long')
    const list = this.open.at(-1)?.list ?? null
    const content = trimmed(source)
    if (list !== null && !content.startsWith('}')) this.listLine(content, blanksBefore(source))
    else this.plainLine()
    return true
  }

  finish(): SafObject[] {
    for (const { entry } of this.open) {
      this.context.report('error', null, keyPosition(entry), {
        code: 'block-unclosed',
        message: `this ${entry.key} is not closed`,
        expected: 'a } on a line of its own',
      })
    }
    return this.objects
  }

  /** One value on a line, or the last of them and the } behind it. */
  private listLine(content: string, at: number): void {
    if (content === '') return
    const end = content.indexOf('}')
    const value = end === -1 ? content : trimmed(content.slice(0, end))
    if (value !== '') this.add(this.open.at(-1)!.list!, this.entry(value, value, at, at))
    if (end !== -1) this.plainLine(at + end)
  }

  /** Blocks and attributes from a place of the line on. */
  private plainLine(from = 0): void {
    let at = from
    for (;;) {
      at += blanksBefore(this.source.slice(at))
      if (at >= this.source.length) return
      const next = this.step(at)
      if (next === null) return
      at = next
    }
  }

  /** @returns where to go on in the line; null: not at all */
  private step(at: number): number | null {
    const { source } = this
    if (source[at] === '}') return this.close(at)
    if (source[at] === '#') return null
    if (this.open.at(-1)?.list !== undefined && this.open.at(-1)!.list !== null) return this.inlineValue(at)
    word.lastIndex = at
    const key = word.exec(source)?.[0]
    const behind = key === undefined ? -1 : at + key.length
    const sign = behind + blanksBefore(source.slice(behind))
    if (key !== undefined && source[sign] === '{') return this.enter(this.entry(key, '', at, sign), sign + 1)
    if (key === undefined || source[sign] !== '=') return this.strange(at)
    const valueAt = sign + 1 + blanksBefore(source.slice(sign + 1))
    const brace = source.indexOf('{', valueAt)
    if (brace !== -1 && (isKind(key) || key.startsWith('saf'))) {
      const value = trimmed(source.slice(valueAt, brace))
      return this.enter(this.entry(key, value, at, valueAt), brace + 1)
    }
    return this.attribute(key, at, valueAt)
  }

  private attribute(key: string, at: number, valueAt: number): number {
    const { source } = this
    nextAttribute.lastIndex = Math.max(valueAt - 1, 0)
    let end = nextAttribute.exec(source)?.index ?? source.length
    // Only closings at the end of the line end a value: it may hold braces of its own.
    if (end === source.length) {
      while (end > valueAt && ' \t}'.includes(source[end - 1])) end--
    }
    this.add(key, this.entry(key, trimmed(source.slice(valueAt, end)), at, valueAt))
    return end
  }

  private inlineValue(at: number): number {
    let end = at
    while (end < this.source.length && !' \t}'.includes(this.source[end])) end++
    const value = this.source.slice(at, end)
    this.add(this.open.at(-1)!.list!, this.entry(value, value, at, at))
    return end
  }

  private add(attribute: string, entry: Entry): void {
    const block = this.open.at(-1)
    if (block === undefined) {
      this.context.report('error', entry.key, keyPosition(entry), {
        code: 'key-misplaced',
        message: `${quoted(entry.key)} does not stand outside of all blocks`,
      })
    } else if (block.object !== null) addAttribute(block.object, attribute, entry)
  }

  private enter(entry: Entry, next: number): number | null {
    this.blocks++
    if (this.open.length >= NESTING_MAX) {
      this.report('error', 0, 'line-malformed', `more than ${NESTING_MAX} blocks within each other`)
      this.blocks = BLOCKS_MAX + 1
      return null
    }
    const outer = this.open.at(-1)
    if (entry.key === 'saAmfCompCsTypes' && outer?.object?.kind === 'safComp') {
      this.open.push({ entry, object: outer.object, list: entry.key })
    } else if (isKind(entry.key)) this.enterKind(entry.key, entry, outer)
    else this.enterUnknown(entry, outer)
    return next
  }

  private enterKind(kind: SafKind, entry: Entry, outer: OpenBlock | undefined): void {
    const isIgnored = outer !== undefined && outer.object === null
    const home = outer?.object?.kind ?? ''
    const object = newObject(kind, entry, keyPosition(entry))
    const list = kind === 'safCSIAttr' ? 'value' : null
    if (!isIgnored && homes[kind].includes(home)) {
      if (outer === undefined) this.objects.push(object)
      else outer.object!.children.push(object)
      this.open.push({ entry, object, list })
      return
    }
    if (!isIgnored) {
      this.context.report('error', null, keyPosition(entry), {
        code: 'block-misplaced',
        message: `a ${kind} does not stand ${home === '' ? 'outside of all blocks' : `in a ${home}`}`,
        expected: `the ${kind} in a ${homes[kind][0]}`,
      })
    }
    this.open.push({ entry, object: null, list })
  }

  /** A block that has no counterpart, and all in it; of types of csis the attributes are names alone. */
  private enterUnknown(entry: Entry, outer: OpenBlock | undefined): void {
    if (outer === undefined || outer.object !== null) {
      const what = quoted(entry.value === '' ? entry.key : `${entry.key}=${entry.value}`)
      reportLostBlock(what, keyPosition(entry), 'groups.conf', 'it is left out with all in it', this.context)
    }
    this.open.push({ entry, object: null, list: 'value' })
  }

  private close(at: number): number {
    if (this.open.pop() === undefined) {
      this.report('error', at, 'block-stray', 'a } where no block is open')
    }
    return at + 1
  }

  private strange(at: number): null {
    this.report('error', at, 'line-malformed', 'this is neither "attribute=value" nor a block')
    return null
  }

  private entry(key: string, value: string, keyAt: number, valueAt: number): Entry {
    return { key, value, ...placeIn(this.source, this.line, keyAt, valueAt) }
  }

  private report(severity: 'error' | 'warning', at: number, code: Finding['code'], message: string): void {
    const { line, keyColumn: column, source } = placeIn(this.source, this.line, at, at)
    this.context.report(severity, null, { line, column, length: 1, source }, { code, message })
  }
}

/** The objects of an amf.conf; every mistake of form is reported. */
export function parseAmf(text: string, context: CheckContext): SafObject[] {
  const reader = new AmfReader(context)
  for (const line of splitLines(text)) if (!reader.read(line)) break
  return reader.finish()
}
