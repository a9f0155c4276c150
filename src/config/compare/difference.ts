import type { KeyValue } from '../show/effective.js'

/** Nodes that have the same value. */
export interface SharedValue {
  /** null: nothing; 'absent' of an entity (key null) that only others have. */
  readonly value: KeyValue | readonly string[]
  readonly nodes: readonly string[]
}

/** A key, or something in a groups.conf, that is not the same everywhere. */
export interface Difference {
  readonly file: 'network' | 'groups'
  /** Of the entity in a groups.conf, from the outermost on: 'group payments', 'unit a'. Empty: the file. */
  readonly path: readonly string[]
  /** null: the entity itself, which is present on some and absent on others. */
  readonly key: string | null
  readonly unit: string
  /** At least two. */
  readonly values: readonly SharedValue[]
}

/** Nodes by what they have, in their order; one entry: all have the same. */
export function sharedValues(
  had: readonly (readonly [node: string, value: SharedValue['value']])[],
): SharedValue[] {
  const byText = new Map<string, { value: SharedValue['value']; nodes: string[] }>()
  for (const [node, value] of had) {
    const text = JSON.stringify(value)
    const shared = byText.get(text)
    if (shared === undefined) byText.set(text, { value, nodes: [node] })
    else shared.nodes.push(node)
  }
  return [...byText.values()]
}
