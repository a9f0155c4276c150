import { quoted, type CheckContext } from './check-context.js'
import { findNetworkKey, rangeText, type NetworkKey } from './model/network-keys.js'
import type { Entry, ParsedText } from './parse.js'
import { scalarText, topPairs, type Pair, type ScalarTree, type Tree } from './tree/tree.js'

const fileExpected = 'an object of the keys of network.conf'

const rangeOf = (key: NetworkKey): string => (key.kind === 'original' ? key.range : rangeText(key))

/** A value as network.conf would have it, '' for none; null for what it cannot hold. */
function valueText(key: NetworkKey | undefined, scalar: ScalarTree): string | null {
  if (scalar.value === null) return ''
  const isNumber = key?.kind === 'integer' || key?.name === 'mcastport'
  if (typeof scalar.value !== 'boolean') return scalarText(scalar, isNumber)?.trim() ?? null
  if (key?.kind !== 'choice') return null
  return key.booleans[scalar.value ? 1 : 0] ?? String(scalar.value)
}

function entryOf({ key, keyPlace, value }: Pair, context: CheckContext): Entry | null {
  const known = findNetworkKey(key)
  // Of a key that there is not, the value does not matter.
  const none = known === undefined ? '' : null
  const content = value.kind === 'scalar' ? (valueText(known, value) ?? none) : none
  if (content === null) {
    const what = { scalar: 'neither text nor a number', list: 'a list', map: 'an object' }[value.kind]
    const message = `the value of ${quoted(key)} is ${what}`
    const finding = { code: 'value-invalid', message, expected: `one value: ${rangeOf(known!)}` } as const
    context.report('error', key, { ...value.place, length: Math.max(1, value.place.length) }, finding)
    return null
  }
  const { line, column: keyColumn, source } = keyPlace
  const { place: valuePlace } = value
  return { key, value: content, line, keyColumn, valueColumn: valuePlace.column, source, valuePlace }
}

/**
 * The entries of a network.conf written as YAML, JSON or TypeScript: an object of its keys. What cannot be
 * one is reported.
 * @returns null after an error was reported that leaves nothing to be looked at
 */
export function networkEntries(tree: Tree, context: CheckContext): ParsedText | null {
  if (tree.kind !== 'map') {
    const message = 'the file does not hold an object of keys'
    context.report('error', null, tree.place, { code: 'file-syntax', message, expected: fileExpected })
    return null
  }
  const entries: Entry[] = []
  /** Keys whose value was no value are not missing. */
  const refused = new Set<string>()
  for (const pair of topPairs(tree)) {
    const entry = entryOf(pair, context)
    if (entry === null) refused.add(pair.key)
    else entries.push(entry)
  }
  return { entries, strange: [], endLine: tree.place.line, refused }
}
