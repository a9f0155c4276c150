import type { SourcePosition } from './model/network-config.js'

/** One `key: value` of a configuration, wherever it was written. Columns count characters from 1. */
export interface Entry {
  readonly key: string
  readonly value: string
  readonly line: number
  readonly keyColumn: number
  readonly valueColumn: number
  /** The whole line, for the caret. */
  readonly source: string
  /** Where the value stands, if that is not to be told from the columns: on another line, in quotes. */
  readonly valuePlace?: SourcePosition
}

/** A line that is none of: blank, comment, `key: value`. */
export interface StrangeLine {
  readonly line: number
  readonly column: number
  readonly source: string
}

export interface ParsedText {
  readonly entries: readonly Entry[]
  readonly strange: readonly StrangeLine[]
  /** Number of the line after the last one: where what is missing would be written. */
  readonly endLine: number
  /** Keys that are there with what is no value, which was reported. */
  readonly refused?: ReadonlySet<string>
}

const keyPattern = /^[A-Za-z][A-Za-z0-9_-]*$/

/** Characters, as the caret counts them: a pair of surrogates is one. */
export function characters(text: string): number {
  return [...text].length
}

function parseLine(source: string, line: number): Entry | StrangeLine | null {
  const content = source.trimStart()
  if (content === '' || content.startsWith('#')) return null
  const indent = source.length - content.length
  const keyColumn = characters(source.slice(0, indent)) + 1
  const colon = content.indexOf(':')
  const key = content.slice(0, Math.max(colon, 0)).trimEnd()
  if (!keyPattern.test(key)) return { line, column: keyColumn, source }
  const after = content.slice(colon + 1)
  const value = after.trimStart()
  const valueStart = indent + colon + 1 + (after.length - value.length)
  const valueColumn = characters(source.slice(0, valueStart)) + 1
  return { key, value: value.trimEnd(), line, keyColumn, valueColumn, source }
}

/** Split into lines: LF or CRLF ends one; a byte order mark at the start is dropped. */
export function splitLines(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
}

/** The entries of a network.conf, in the order of the file. */
export function parseText(text: string): ParsedText {
  const lines = splitLines(text)
  const entries: Entry[] = []
  const strange: StrangeLine[] = []
  for (const [index, source] of lines.entries()) {
    const parsed = parseLine(source, index + 1)
    if (parsed === null) continue
    if ('key' in parsed) entries.push(parsed)
    else strange.push(parsed)
  }
  return { entries, strange, endLine: lines.length + 1 }
}
