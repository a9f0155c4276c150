import { quoted, keyPosition, type CheckContext } from '../check-context.js'
import { groupsKeys, keysOf, type GroupsKey } from '../model/groups-keys.js'
import type { Entry } from '../parse.js'
import { inWords, type Block } from './block.js'
import { rekeying, removingEntry } from '../fixes.js'
import { onlyTypoOf } from '../nearest.js'
import { checkName, invisibleIn } from './name.js'
import { checkNumber, checkWord } from './value.js'

/** A value that is good, and where it was written. */
export interface Given<V> {
  readonly value: V
  readonly entry: Entry
}

interface Written {
  readonly entry: Entry
  /** null: not good, which is reported; or one of several. */
  readonly value: string | number | null
}

/** The keys of one block: every value is checked when it is made, whether anybody asks for it or not. */
export class Fields {
  /** The first line of each key. */
  private readonly written = new Map<string, Written>()
  /** Good values of keys that are written once for each. */
  private several: Map<string, Given<string>[]> | null = null

  /** @param outer the block around it, whose values of some keys count here as well */
  constructor(
    readonly block: Block,
    private readonly outer: Fields | null,
    private readonly context: CheckContext,
  ) {
    const keys = keysOf(block.scope)
    for (const entry of block.entries) {
      const key = keys.get(entry.key)
      if (key === undefined) this.unknown(entry, [...keys.keys()])
      else this.take(key, entry)
    }
    for (const key of keys.values()) if (key.defaultText === 'required') this.require(key)
  }

  name(key: string): Given<string> | undefined {
    return this.given<string>(key)
  }

  number(key: string): Given<number> | undefined {
    return this.given<number>(key)
  }

  /** Of this block or, failing that, of the nearest one around it that gives the key. */
  inherited<V extends string | number>(key: string): Given<V> | undefined {
    return this.written.has(key) ? this.given<V>(key) : this.outer?.inherited<V>(key)
  }

  /** The good values of a key that is written once for each. */
  all(key: string): readonly Given<string>[] {
    return this.several?.get(key) ?? []
  }

  /** The line of a key, whatever its value. */
  entry(key: string): Entry | undefined {
    return this.written.get(key)?.entry
  }

  private given<V extends string | number>(key: string): Given<V> | undefined {
    const found = this.written.get(key)
    return found === undefined || found.value === null ? undefined : (found as Given<V>)
  }

  private take(key: GroupsKey, entry: Entry): void {
    const isRepeatable = key.kind === 'names' || key.kind === 'attributes'
    const first = this.written.get(key.name)
    if (first !== undefined && !isRepeatable) {
      const { scope } = this.block
      const message = `${key.name} is given twice in this ${scope}, first on line ${first.entry.line}`
      const fix = removingEntry(entry, entry.value === first.entry.value)
      const expected = `one line for ${key.name}`
      const finding = { code: 'key-duplicate', message, expected, ...fix } as const
      this.context.report('error', key.name, keyPosition(entry), finding)
    }
    const value = this.valueOf(key, entry)
    if (first === undefined) this.written.set(key.name, { entry, value: isRepeatable ? null : value })
    if (isRepeatable && value !== null) this.add(key.name, { value: value as string, entry })
  }

  private add(key: string, given: Given<string>): void {
    this.several ??= new Map()
    const values = this.several.get(key)
    if (values === undefined) this.several.set(key, [given])
    else values.push(given)
  }

  private valueOf(key: GroupsKey, entry: Entry): string | number | null {
    if (entry.value === '') {
      const message = `${key.name} has no value`
      this.context.error(entry, { code: 'value-missing', message, expected: `${key.name}=VALUE` })
      return null
    }
    switch (key.kind) {
      case 'number':
      case 'duration':
        return checkNumber(key, entry, this.context)
      case 'choice':
        return checkWord(key, entry, this.context)
      case 'attributes':
        return entry.value
      default:
        return checkName(entry, this.context)
    }
  }

  private require(key: GroupsKey): void {
    if (this.written.has(key.name)) return
    const { scope, place } = this.block
    const message = `this ${scope} has no ${key.name}`
    const expected = `a line "${key.name}=${key.kind === 'choice' ? key.choices[0] : 'NAME'}" in it`
    this.context.report('error', key.name, place, { code: 'key-missing', message, expected })
  }

  private unknown(entry: Entry, known: readonly string[]): void {
    if (this.context.countsOnly()) return
    const { scope } = this.block
    const elsewhere = groupsKeys.find(({ name }) => name === entry.key)
    if (elsewhere !== undefined) {
      const places = groupsKeys.filter(({ name }) => name === entry.key).flatMap(({ scopes }) => scopes)
      this.context.report('error', entry.key, keyPosition(entry), {
        code: 'key-misplaced',
        message: `${entry.key} does not stand ${inWords(scope)}`,
        expected: `${entry.key} ${places.map(inWords).join(', ')}`,
      })
      return
    }
    const suggestion = this.context.suggestion(entry.key, known)
    const hint = suggestion === null ? '' : `, did you mean "${suggestion}"?`
    const meant = suggestion === null ? null : onlyTypoOf(entry.key, known)
    const isSafe = meant !== null && !this.block.entries.some(({ key }) => key === meant)
    const unseen = invisibleIn(entry.key)
    const odd = unseen === '' ? '' : ` (it holds what nobody sees: ${unseen})`
    this.context.report('error', entry.key, keyPosition(entry), {
      code: 'key-unknown',
      message: `unknown key ${quoted(entry.key)}${odd} ${inWords(scope)}${hint}`,
      expected: suggestion ?? `one of ${known.join(', ')}`,
      ...rekeying(entry, isSafe ? meant : suggestion, isSafe),
    })
  }
}
