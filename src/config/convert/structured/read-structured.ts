import { parseDocument } from 'yaml'
import { quoted, type CheckContext } from '../../check-context.js'
import { readGroupsObject } from '../../groups/structured-blocks.js'
import { readNetworkObject } from '../../structured.js'
import type { ConfigKind, Read, ReadOptions } from '../format.js'
import { kindByName } from '../kind.js'

type Language = 'yaml' | 'json'

function parsed(text: string, language: Language): unknown {
  if (language === 'json') return JSON.parse(text.replace(/^\uFEFF/, ''))
  const document = parseDocument(text)
  if (document.errors.length > 0) throw document.errors[0]
  return document.toJS({ maxAliasCount: 100 })
}

/** Which of the two files it is, by its keys. */
function kindOf(value: unknown, fileName: string): ConfigKind {
  if (typeof value === 'object' && value !== null && 'group' in value) return 'groups'
  return kindByName(fileName) ?? 'network'
}

/** One of our files in YAML or JSON. @returns null after an error was reported */
export function readStructured(
  text: string,
  language: Language,
  asked: ConfigKind | null,
  { fileName }: ReadOptions,
  context: CheckContext,
): Read | null {
  let value: unknown
  try {
    value = parsed(text, language)
  } catch (error) {
    const message = `the file cannot be parsed: ${quoted((error as Error).message.split('\n')[0])}`
    context.report(
      'error',
      null,
      { line: 1, column: 1, length: 1, source: '' },
      { code: 'file-syntax', message },
    )
    return null
  }
  const kind = asked ?? kindOf(value, fileName)
  if (kind === 'groups') return { kind, source: readGroupsObject(value, text, context) }
  const network = readNetworkObject(value, text, context)
  return network === null ? null : { kind, parsed: network }
}
