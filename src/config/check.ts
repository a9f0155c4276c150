import { checkBind, checkMcastAddress, checkMcastPort } from './check-address.js'
import { newBlock, type Block } from './groups/block.js'
import { CheckContext, keyPosition, quoted, valuePosition } from './check-context.js'
import { checkRelations, type Numbers } from './check-relations.js'
import { checkQuorum, type QuorumKeys } from './check-quorum.js'
import { checkChoice, checkInteger, checkText } from './check-values.js'
import { rekeying, removingEntry, replacing } from './fixes.js'
import type { Diagnostic, Fix } from './model/diagnostic.js'
import type { NetworkConfig, SourcePosition } from './model/network-config.js'
import {
  addedKeys,
  findNetworkKey,
  networkKeys,
  type AddedKey,
  type ChoiceField,
  type ChoiceKey,
  type IntegerKey,
  type NetworkKey,
  type OriginalKey,
  type TextField,
  type TextKey,
} from './model/network-keys.js'
import { isTypoOf, nearest, onlyTypoOf } from './nearest.js'
import { readAsOriginal, type OriginalReading } from './original-form.js'
import { parseText, type Entry, type ParsedText } from './parse.js'

/** A checked file: the configuration, unless there are errors, and all that was found. */
export type CheckedNetwork =
  | {
      readonly ok: true
      readonly config: NetworkConfig
      /** Of each key the entry that counts. */
      readonly written: Block
      readonly diagnostics: readonly Diagnostic[]
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

const noOriginal: OriginalReading = { complete: false, stopLine: 1 }

/** Would the value of an unknown key do for this one? If so the key is a typo rather than somebody's note. */
function fits(key: NetworkKey, value: string): boolean {
  if (key.kind === 'integer') return /^\d+\s*[A-Za-z]*$/.test(value)
  if (key.kind === 'choice') return key.choices.includes(value)
  if (key.kind === 'path') return value.startsWith('/')
  return value !== ''
}

/**
 * A key we do not know is an error, with one exception: a file that worked for the original may hold
 * anything after its three keys. There only what is meant for us, by all appearance, is an error.
 */
function checkUnknown(
  entry: Entry,
  original: OriginalReading,
  given: ReadonlySet<string>,
  context: CheckContext,
): void {
  // What is ignored is a warning: until then it is not known which of the two it is.
  if (!original.complete && context.countsOnly()) return
  const names = networkKeys.map((key) => key.name)
  const suggestion = nearest(entry.key, names)
  const ours = addedKeys.find((key) => isTypoOf(entry.key, key.name) && fits(key, entry.value))
  const ignored = original.complete && entry.line >= original.stopLine && ours === undefined
  const hint = suggestion === null ? '' : `, did you mean "${suggestion}"?`
  const effect = ignored ? ' is ignored, as the original ignored what follows its three keys' : ''
  const meant = findNetworkKey(onlyTypoOf(entry.key, names) ?? '')
  const isSafe = meant !== undefined && !given.has(meant.name) && fits(meant, entry.value)
  context.report(ignored ? 'warning' : 'error', entry.key, keyPosition(entry), {
    code: 'key-unknown',
    message: `unknown key ${quoted(entry.key)}${effect}${hint}`,
    expected: suggestion ?? `one of ${names.join(', ')}`,
    ...(ignored ? {} : rekeying(entry, isSafe ? meant.name : suggestion, isSafe)),
  })
}

/** `key = value` and `key value`, where the key is one of ours and stands nowhere else. */
function withColon(place: SourcePosition, given: ReadonlySet<string>): { readonly fix?: Fix } {
  const match = /^([A-Za-z][\w-]*)([ \t]*=[ \t]*|[ \t]+)(?=[^ \t=])/.exec(place.source.trim())
  if (match === null) return {}
  const [written, name] = match
  const key = findNetworkKey(name)
  const isSafe = key !== undefined && !given.has(name)
  return isSafe ? replacing(place, written, `${name}: `, isSafe, 'write a colon') : {}
}

function checkStrange(parsed: ParsedText, original: OriginalReading, context: CheckContext): void {
  const given = new Set(parsed.entries.map(({ key }) => key))
  for (const { line, column, source } of parsed.strange) {
    const ignored = original.complete && line >= original.stopLine
    const effect = ignored ? '; it is ignored, as the original did after its three keys' : ''
    const length = [...source.trim()].length
    const place = { line, column, length, source }
    context.report(ignored ? 'warning' : 'error', null, place, {
      code: 'line-malformed',
      message: `this line is not "key: value"${effect}`,
      expected: 'key: value, a comment that starts with #, or a blank line',
      ...(ignored ? {} : withColon(place, given)),
    })
  }
}

/** A key of ours given twice is a mistake; each of its values is checked, so that none hides. */
function settleAdded(key: AddedKey, entries: Entry[], context: CheckContext): Entry {
  const [first, ...others] = entries
  for (const entry of others) {
    const message = `${key.name} is given twice, first on line ${first.line}`
    const fix = removingEntry(entry, entry.value === first.value)
    const finding = { code: 'key-duplicate', message, expected: `one line for ${key.name}`, ...fix } as const
    context.report('error', key.name, keyPosition(entry), finding)
    if (key.kind === 'integer') checkInteger(key, entry, context)
    else if (key.kind === 'choice') checkChoice(key, entry, context)
    else checkText(key, entry, context)
  }
  return first
}

/** The original took the last line of a key that it read; so do we. */
function settleOriginal(
  key: OriginalKey,
  entries: Entry[],
  original: OriginalReading,
  context: CheckContext,
): Entry {
  const wasRead = (entry: Entry): boolean => original.complete && entry.line < original.stopLine
  const winner = entries.filter(wasRead).at(-1) ?? entries[entries.length - 1]
  for (const entry of entries.filter((candidate) => candidate !== winner)) {
    const message =
      entry.line < winner.line
        ? `${key.name} is given again on line ${winner.line}, which holds`
        : `${key.name} is ignored here: the original stopped reading at line ${original.stopLine}, ` +
          `so line ${winner.line} holds`
    const code = entry.line < winner.line ? 'key-duplicate' : 'key-ignored'
    const fix = removingEntry(entry, entry.value === winner.value)
    context.report('warning', key.name, keyPosition(entry), { code, message, ...fix })
  }
  return winner
}

function collectEntries(
  parsed: ParsedText,
  original: OriginalReading,
  context: CheckContext,
): Map<string, Entry> {
  const all = new Map<string, Entry[]>()
  const given = new Set(parsed.entries.map(({ key }) => key))
  for (const entry of parsed.entries) {
    if (findNetworkKey(entry.key) === undefined) checkUnknown(entry, original, given, context)
    else if (all.has(entry.key)) all.get(entry.key)!.push(entry)
    else all.set(entry.key, [entry])
  }
  const settled = new Map<string, Entry>()
  for (const key of networkKeys) {
    const entries = all.get(key.name)
    if (entries === undefined) continue
    const entry =
      key.kind === 'original'
        ? settleOriginal(key, entries, original, context)
        : settleAdded(key, entries, context)
    settled.set(key.name, entry)
  }
  return settled
}

/** The first words of lines that are not "key: value": such a key is not missing, its line is wrong. */
function keysOfStrange({ strange }: ParsedText): Set<string | undefined> {
  return new Set(strange.map(({ source }) => /^\s*([A-Za-z][\w-]*)(?=[ \t=]|$)/.exec(source)?.[1]))
}

function reportMissing(parsed: ParsedText, entries: ReadonlyMap<string, Entry>, context: CheckContext): void {
  const strange = keysOfStrange(parsed)
  for (const key of networkKeys) {
    const isThere = entries.has(key.name) || strange.has(key.name) || parsed.refused?.has(key.name)
    if (key.kind !== 'original' || isThere) continue
    context.report(
      'error',
      key.name,
      { line: parsed.endLine, column: 1, length: 1, source: '' },
      {
        code: 'key-missing',
        message: `${key.name} is missing`,
        expected: `a line such as "${key.example}"`,
      },
    )
  }
}

function exampleOf(key: NetworkKey): string {
  if (key.kind === 'original') return key.example
  const fallback = key.kind === 'choice' ? key.choices[0] : 'VALUE'
  return `${key.name}: ${key.default ?? fallback}`
}

/** The entry of a key, if it has a value. An empty one is reported. */
function entryOf(
  key: NetworkKey,
  entries: ReadonlyMap<string, Entry>,
  context: CheckContext,
): Entry | undefined {
  const entry = entries.get(key.name)
  if (entry === undefined || entry.value !== '') return entry
  const expected = exampleOf(key)
  context.report('error', key.name, valuePosition(entry), {
    code: 'value-missing',
    message: `${key.name} has no value`,
    expected: `a line such as "${expected}"`,
  })
  return undefined
}

interface AddedValues {
  readonly numbers: Numbers
  readonly texts: Readonly<Record<TextField, string | null>>
  /** The words as the file gives them; null: not given, or not good. */
  readonly choices: Readonly<Record<ChoiceField, string | null>>
}

function checkAdded(entries: ReadonlyMap<string, Entry>, context: CheckContext): AddedValues {
  const numberOf = (key: IntegerKey): number | null => {
    const entry = entryOf(key, entries, context)
    return (entry === undefined ? null : checkInteger(key, entry, context)) ?? key.default
  }
  const textOf = (key: TextKey): string | null => {
    const entry = entryOf(key, entries, context)
    return (entry === undefined ? null : checkText(key, entry, context)) ?? key.default
  }
  const choiceOf = (key: ChoiceKey): string | null => {
    const entry = entryOf(key, entries, context)
    return entry === undefined ? null : checkChoice(key, entry, context)
  }
  const numbers: Partial<Record<string, number | null>> = {}
  const texts: Partial<Record<string, string | null>> = {}
  const choices: Partial<Record<string, string | null>> = {}
  for (const key of addedKeys) {
    if (key.kind === 'integer') numbers[key.field] = numberOf(key)
    else if (key.kind === 'choice') choices[key.field] = choiceOf(key)
    else texts[key.field] = textOf(key)
  }
  return { numbers, texts, choices } as AddedValues
}

/** Check entries wherever they come from. @param context what was found about the file before, if anything */
export function checkEntries(
  parsed: ParsedText,
  original: OriginalReading = noOriginal,
  context = new CheckContext(),
): CheckedNetwork {
  checkStrange(parsed, original, context)
  const entries = collectEntries(parsed, original, context)
  reportMissing(parsed, entries, context)
  const checked = <V>(name: string, check: (entry: Entry, context: CheckContext) => V | null): V | null => {
    const entry = entryOf(findNetworkKey(name)!, entries, context)
    return entry === undefined ? null : check(entry, context)
  }
  const bindTarget = checked('bindnetaddr', checkBind)
  const mcastAddress = checked('mcastaddr', checkMcastAddress)
  const mcastPort = checked('mcastport', checkMcastPort)
  const { numbers, texts, choices } = checkAdded(entries, context)
  checkRelations(numbers, entries, context)
  const quorum: QuorumKeys = checkQuorum(numbers.expectedVotes, choices, entries, context)
  const diagnostics = context.finish()
  const failed = context.hasErrors
  const bindEntry = entries.get('bindnetaddr')
  if (
    failed ||
    bindTarget === null ||
    mcastAddress === null ||
    mcastPort === null ||
    bindEntry === undefined
  ) {
    return { ok: false, diagnostics }
  }
  const bindPosition = valuePosition(bindEntry)
  const added = { ...numbers, ...texts, ...quorum } as Omit<
    NetworkConfig,
    'bindTarget' | 'bindPosition' | 'mcastAddress'
  >
  const written = newBlock('file', { line: 1, column: 1, length: 1, source: '' })
  written.entries.push(...entries.values())
  const config = { ...added, bindTarget, bindPosition, mcastAddress, mcastPort }
  return { ok: true, config, written, diagnostics }
}

/** Check the text of a network.conf: all mistakes at once, in the order of the file. Never throws. */
export function checkNetworkText(text: string): CheckedNetwork {
  return checkEntries(parseText(text), readAsOriginal(text))
}
