import { Document, isMap, isScalar, type Node } from 'yaml'
import type { Format } from '../format.js'
import { headLines } from '../head.js'
import { treeOf } from './own-tree.js'
import { readStructured } from './read-structured.js'

/** Signs of YAML in a text of any name: blocks of ours as a key, or the start of a document. */
const yamlLine = /^(?:---[ \t]*$|%YAML|group[ \t]*:)/m

/** Put each note above its key. */
function comment(contents: Node | null, notes: ReadonlyMap<string, string>): void {
  if (!isMap(contents)) return
  for (const { key } of contents.items) {
    const note = isScalar(key) ? notes.get(String(key.value)) : undefined
    if (note !== undefined) (key as Node).commentBefore = ` ${note}`
  }
}

/** network.yaml and groups.yaml. */
export const yaml: Format = {
  name: 'yaml',
  title: 'a network.yaml or groups.yaml',
  reads: ['network', 'groups'],
  writes: ['network', 'groups'],
  recognises: (fileName, text) => /\.ya?ml$/.test(fileName) || yamlLine.test(text),
  read: (text, kind, options, context) => readStructured(text, 'yaml', kind, options, context),
  write(model, options) {
    const document = new Document(treeOf(model))
    document.commentBefore = headLines(options)
      .map((line) => ` ${line}`)
      .join('\n')
    if (model.kind === 'network') comment(document.contents, model.notes)
    return document.toString({ lineWidth: 0 })
  },
}
