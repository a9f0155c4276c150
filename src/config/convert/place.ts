import { characters, type Entry } from '../parse.js'

/** Longest line that is shown with a finding, and whose characters are told from its units. */
const LINE_MAX = 4096

export type Place = Pick<Entry, 'line' | 'keyColumn' | 'valueColumn' | 'source'>

/** @param keyAt and valueAt are counted from 0 in units of the line, as text is indexed */
export function placeIn(source: string, line: number, keyAt: number, valueAt: number): Place {
  if (source.length > LINE_MAX) return { line, keyColumn: keyAt + 1, valueColumn: valueAt + 1, source: '' }
  const column = (at: number): number => characters(source.slice(0, at)) + 1
  return { line, keyColumn: column(keyAt), valueColumn: column(valueAt), source }
}
