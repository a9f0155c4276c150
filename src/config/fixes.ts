import { keyPosition, quoted, valuePosition } from './check-context.js'
import type { Fix, TextEdit } from './model/diagnostic.js'
import type { SourcePosition } from './model/network-config.js'
import { characters, type Entry } from './parse.js'

// What would mend a finding, for the checks that make it. Safe is a fix of which nobody could mean another.

/** In a longer line nothing is changed. */
const LINE_MAX = 20_000

/** The part of a line's text that follows a place. */
function textAt({ source, column }: SourcePosition): string | null {
  if (source.length > LINE_MAX) return null
  return [...source].slice(column - 1).join('')
}

/** Write something else where `was` stands; undefined if it does not stand there as it is. */
export function replacing(
  place: SourcePosition,
  was: string,
  text: string,
  isSafe: boolean,
  title = `write ${quoted(text)}`,
): { readonly fix?: Fix } {
  if (was === '' || textAt(place)?.startsWith(was) !== true) return {}
  const { line, column } = place
  const edit = { line, column, endLine: line, endColumn: column + characters(was), text }
  return { fix: { title, isSafe, edits: [edit] } }
}

/** Write another key. */
export function rekeying(entry: Entry, key: string | null, isSafe: boolean): { readonly fix?: Fix } {
  return key === null ? {} : replacing(keyPosition(entry), entry.key, key, isSafe)
}

/** Write another value. */
export function revaluing(entry: Entry, value: string | null, isSafe: boolean): { readonly fix?: Fix } {
  return value === null ? {} : replacing(valuePosition(entry), entry.value, value, isSafe)
}

/** Is the entry a line of network.conf or groups.conf, which can go without others? */
export function isLine({ valuePlace }: Entry): boolean {
  return valuePlace === undefined
}

function lineGone(line: number): TextEdit {
  return { line, column: 1, endLine: line + 1, endColumn: 1, text: '' }
}

/** Take a line out, with the line end. */
export function removing(line: number, isSafe: boolean): { readonly fix: Fix } {
  return { fix: { title: 'take the line out', isSafe, edits: [lineGone(line)] } }
}

/** Take an entry out where it is a line of its own. */
export function removingEntry(entry: Entry, isSafe: boolean): { readonly fix?: Fix } {
  return isLine(entry) ? removing(entry.line, isSafe) : {}
}

/**
 * Keep of a value the part before a comment, and give the comment the next line.
 * @param comment what stands behind it on the line, from its # on
 */
export function movingComment(entry: Entry, value: string, comment: string): { readonly fix?: Fix } {
  const { fix } = revaluing(entry, value, true)
  if (fix === undefined || !isLine(entry)) return {}
  const { line } = entry
  const added = { line: line + 1, column: 1, endLine: line + 1, endColumn: 1, text: `${comment}\n` }
  return { fix: { title: 'give the comment a line of its own', isSafe: true, edits: [...fix.edits, added] } }
}
