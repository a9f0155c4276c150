import type { CheckContext } from '../../check-context.js'
import { groupsBlocks } from '../../groups/structured-blocks.js'
import { networkEntries } from '../../structured.js'
import { readJson } from '../../tree/json.js'
import type { Tree } from '../../tree/tree.js'
import { readYaml } from '../../tree/yaml.js'
import type { ConfigKind, Read, ReadOptions } from '../format.js'
import { kindByName } from '../kind.js'

/** Which of the two files it is, by its keys. */
function kindOf(tree: Tree, fileName: string): ConfigKind {
  if (tree.kind === 'map' && tree.pairs.some(({ key }) => key === 'group')) return 'groups'
  return kindByName(fileName) ?? 'network'
}

/** One of our files in YAML or JSON. @returns null after an error was reported */
export function readStructured(
  text: string,
  language: 'yaml' | 'json',
  asked: ConfigKind | null,
  { fileName }: ReadOptions,
  context: CheckContext,
): Read | null {
  const tree = language === 'json' ? readJson(text, context) : readYaml(text, context)
  if (tree === null) return null
  const kind = asked ?? kindOf(tree, fileName)
  if (kind === 'groups') return { kind, source: groupsBlocks(tree, context) }
  const parsed = networkEntries(tree, context)
  return parsed === null ? null : { kind, parsed }
}
