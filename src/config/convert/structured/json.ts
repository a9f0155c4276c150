import type { Format } from '../format.js'
import { treeOf } from './own-tree.js'
import { readStructured } from './read-structured.js'

/** network.json and groups.json. */
export const json: Format = {
  name: 'json',
  title: 'a network.json or groups.json',
  reads: ['network', 'groups'],
  writes: ['network', 'groups'],
  recognises: (fileName, text) => fileName.endsWith('.json') || /^\uFEFF?\s*\{/.test(text),
  read: (text, kind, options, context) => readStructured(text, 'json', kind, options, context),
  // There are no comments in JSON.
  write: (model) => `${JSON.stringify(treeOf(model), null, 2)}\n`,
}
