import { CheckContext, quoted } from './check-context.js'
import { checkEntries, type CheckedNetwork } from './check.js'
import type { Diagnostic } from './model/diagnostic.js'
import { findNetworkKey } from './model/network-keys.js'
import { characters, splitLines, type Entry, type ParsedText } from './parse.js'

/** Where a key stands in a YAML, JSON or TypeScript source; the start of the file if it cannot be found. */
function locate(
  key: string,
  lines: readonly string[],
): Pick<Entry, 'line' | 'keyColumn' | 'valueColumn' | 'source'> {
  const escaped = key.replace(/[^\w]/g, '\\$&')
  const pattern = new RegExp(`(?<![\\w-])${escaped}["']?\\s*:\\s*["']?`)
  for (const [index, source] of lines.entries()) {
    const match = pattern.exec(source)
    if (match === null) continue
    const keyColumn = characters(source.slice(0, match.index)) + 1
    const valueColumn = characters(source.slice(0, match.index + match[0].length)) + 1
    return { line: index + 1, keyColumn, valueColumn, source }
  }
  return { line: 1, keyColumn: 1, valueColumn: 1, source: '' }
}

/** A finding about a structured file as a whole, or about one place in it. */
export function structuredFailure(
  message: string,
  line: number,
  column: number,
  text: string,
  file = 'network.conf',
): { readonly ok: false; readonly diagnostics: readonly Diagnostic[] } {
  const context = new CheckContext()
  const source = splitLines(text)[line - 1] ?? ''
  const expected = `an object of the keys of ${file}`
  context.report(
    'error',
    null,
    { line, column, length: 1, source },
    { code: 'file-syntax', message, expected },
  )
  return { ok: false, diagnostics: context.finish() }
}

/** A value as network.conf would have it; null for what it cannot hold. */
function valueText(name: string, content: unknown): string | null {
  if (typeof content === 'string' || typeof content === 'number') return String(content).trim()
  const key = findNetworkKey(name)
  if (typeof content !== 'boolean' || key?.kind !== 'choice') return null
  return key.booleans[content ? 1 : 0] ?? String(content)
}

/** The entries of an object of the keys of network.conf, at their places in the text; null: it holds none. */
export function readNetworkObject(value: unknown, text: string, context: CheckContext): ParsedText | null {
  const lines = splitLines(text)
  const failure = (message: string, line: number, column: number): null => {
    const source = lines[line - 1] ?? ''
    const expected = 'an object of the keys of network.conf'
    const finding = { code: 'file-syntax', message, expected } as const
    context.report('error', null, { line, column, length: 1, source }, finding)
    return null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return failure('the file does not hold an object', 1, 1)
  }
  const entries: Entry[] = []
  for (const [key, content] of Object.entries(value)) {
    const place = locate(key, lines)
    const value = valueText(key, content)
    if (value === null) {
      const message = `the value of ${quoted(key)} is neither text nor a number`
      return failure(message, place.line, place.keyColumn)
    }
    entries.push({ key, value, ...place })
  }
  return { entries, strange: [], endLine: lines.length + 1 }
}

/**
 * Check a configuration written as YAML, JSON or TypeScript: an object of the keys of network.conf.
 * @param value what its loader made of it
 * @param text its source, for the places of findings
 */
export function checkNetworkObject(value: unknown, text: string): CheckedNetwork {
  const context = new CheckContext()
  const parsed = readNetworkObject(value, text, context)
  return parsed === null
    ? { ok: false, diagnostics: context.finish() }
    : checkEntries(parsed, undefined, context)
}
