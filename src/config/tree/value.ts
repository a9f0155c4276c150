import { quoted, type CheckContext } from '../check-context.js'
import type { SourcePosition } from '../model/network-config.js'
import { characters, splitLines } from '../parse.js'
import { DEPTH_MAX, VALUES_MAX, type Pair, type Tree } from './tree.js'

/** Keys that are looked for in vain (those that a program made), before no more are looked for. */
const MISSES_MAX = 100

interface PairPlace {
  readonly key: SourcePosition
  readonly value: SourcePosition
}

/** Finds keys in the source, in the order they are asked for, from each place on to the next. */
class Locator {
  private readonly lines: string[]
  private line = 0
  private from = 0
  private misses = 0

  constructor(text: string) {
    this.lines = splitLines(text)
  }

  /** Where a key stands; where one stood last, if it is found no more. */
  locate(key: string): PairPlace {
    if (this.misses < MISSES_MAX) {
      const escaped = key.replace(/[^\w-]/g, '\\$&')
      const pattern = new RegExp(`(?<![\\w-])${escaped}["']?\\s*:\\s*["']?`, 'gu')
      for (let line = this.line; line < this.lines.length; line++) {
        pattern.lastIndex = line === this.line ? this.from : 0
        const match = pattern.exec(this.lines[line])
        if (match === null) continue
        this.line = line
        this.from = pattern.lastIndex
        return { key: this.place(match.index, characters(key)), value: this.place(this.from, 1) }
      }
      this.misses++
    }
    return { key: this.place(0, 1), value: this.place(0, 1) }
  }

  place(at: number, length: number): SourcePosition {
    const source = this.lines[this.line] ?? ''
    return { line: this.line + 1, column: characters(source.slice(0, at)) + 1, length, source }
  }
}

class ValueReader {
  private readonly locator: Locator
  private values = 0
  private depth = 0

  constructor(
    text: string,
    private readonly context: CheckContext,
  ) {
    this.locator = new Locator(text)
  }

  read(value: unknown, place: SourcePosition = this.locator.place(0, 1)): Tree | null {
    if (++this.values > VALUES_MAX) return this.refuse(place, `more than ${VALUES_MAX} values`)
    if (value === null || value === undefined) return { kind: 'scalar', value: null, written: '', place }
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return { kind: 'scalar', value, written: String(value), place }
    }
    if (this.depth === DEPTH_MAX) return this.refuse(place, `more than ${DEPTH_MAX} values within each other`)
    this.depth++
    const tree = this.collection(value, place)
    this.depth--
    return tree
  }

  private refuse(place: SourcePosition, message: string): null {
    const expected = 'an object of plain keys and values'
    if (this.values <= VALUES_MAX + 1) {
      this.context.report('error', null, place, { code: 'file-syntax', message, expected })
    }
    this.values = Number.MAX_SAFE_INTEGER
    return null
  }

  private collection(value: object | bigint | symbol | CallableFunction, place: SourcePosition): Tree | null {
    if (Array.isArray(value)) {
      const items: Tree[] = []
      for (const content of value as unknown[]) {
        const item = this.read(content, place)
        if (item === null) return null
        items.push(item)
      }
      return { kind: 'list', items, place }
    }
    if (Object.prototype.toString.call(value) !== '[object Object]') {
      return this.refuse(place, `a ${quoted(typeof value)} is no value of a configuration`)
    }
    const pairs: Pair[] = []
    for (const [key, content] of Object.entries(value)) {
      // What is not there under a condition is not there.
      if (content === undefined) continue
      const places = this.locator.locate(key)
      const inner = this.read(content, places.value)
      if (inner === null) return null
      pairs.push({ key, keyPlace: places.key, value: inner })
    }
    return { kind: 'map', pairs, place }
  }
}

/**
 * A value that a program made, as a tree. Places are those where the source names the keys, so good as they
 * can be told.
 * @param text its source
 * @returns null after an error was reported that leaves nothing to be looked at
 */
export function readValue(value: unknown, text: string, context: CheckContext): Tree | null {
  return new ValueReader(text, context).read(value)
}
