import { quoted, type CheckContext } from '../check-context.js'
import type { SourcePosition } from '../model/network-config.js'
import type { MapTree, Pair, Tree } from './tree.js'

/** A map in the making: a key given twice is reported, the first one stays. */
export class MapBuilder {
  readonly map: MapTree
  private readonly pairs: Pair[] = []
  private readonly byKey = new Map<string, Pair>()

  constructor(
    place: SourcePosition,
    private readonly context: CheckContext,
  ) {
    this.map = { kind: 'map', pairs: this.pairs, place }
  }

  add(key: string, keyPlace: SourcePosition, value: Tree): void {
    const first = this.byKey.get(key)
    if (first === undefined) {
      const pair = { key, keyPlace, value }
      this.byKey.set(key, pair)
      this.pairs.push(pair)
      return
    }
    const message = `${quoted(key)} is given twice here, first on line ${first.keyPlace.line}`
    const expected = 'each key once; of several blocks of one kind, or several members, a list'
    this.context.report('error', key, keyPlace, { code: 'key-duplicate', message, expected })
  }
}
