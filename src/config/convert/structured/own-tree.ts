import type { Block, GroupsSource } from '../../groups/block.js'
import { keysOf } from '../../model/groups-keys.js'
import type { NetworkKey } from '../../model/network-keys.js'
import type { Convertible } from '../format.js'
import { givenKeys } from '../own-keys.js'

/** What YAML and JSON can hold of our files. */
export type Tree = string | number | boolean | readonly Tree[] | { readonly [key: string]: Tree }

function networkValue(key: NetworkKey, value: string): Tree {
  if (key.kind === 'integer' || key.name === 'mcastport') return Number(value)
  if (key.kind !== 'choice') return value
  const index = key.booleans.indexOf(value)
  return index === -1 || key.booleans.includes(null) ? value : index === 1
}

function blockTree(block: Block): Tree {
  const keys = keysOf(block.scope)
  const lists = new Map<string, Tree[]>()
  const tree: Record<string, Tree> = {}
  const append = (name: string, item: Tree): void => {
    const list = lists.get(name) ?? []
    list.push(item)
    lists.set(name, list)
    tree[name] = list
  }
  for (const { key: name, value } of block.entries) {
    const kind = keys.get(name)?.kind
    if (kind === 'names' || kind === 'attributes') append(name, value)
    else if ((kind === 'number' || kind === 'duration') && /^\d+$/.test(value)) tree[name] = Number(value)
    else tree[name] = value
  }
  for (const inner of block.blocks) append(inner.scope, blockTree(inner))
  return tree
}

/**
 * A checked file as an object of its keys and blocks, in the order of the documentation and of the source.
 */
export function treeOf(model: Convertible): Tree {
  if (model.kind === 'groups') return blockTree((model.source satisfies GroupsSource).file)
  const given = givenKeys(model.parsed, model.config)
  return Object.fromEntries(given.map(({ key, value }) => [key.name, networkValue(key, value)]))
}
