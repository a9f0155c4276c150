import { quoted, type CheckContext } from '../../check-context.js'
import type { Entry } from '../../parse.js'
import { reportLostBlock } from '../lost.js'
import type { XmlElement } from '../xml/parse-xml.js'

/** An object of an imm.xml. */
export interface ImmObject {
  readonly class: string
  /** Its whole name, at its place. */
  readonly dn: Entry
  readonly element: XmlElement
  /** Values, each an entry of the attribute's name. */
  readonly attributes: ReadonlyMap<string, readonly Entry[]>
}

const localName = (tag: string): string => tag.slice(tag.indexOf(':') + 1)

function readAttributes(element: XmlElement, context: CheckContext): Map<string, Entry[]> {
  const attributes = new Map<string, Entry[]>()
  for (const child of element.children) {
    const tag = localName(child.tag)
    if (tag === 'dn') continue
    const name = child.children.find((inner) => localName(inner.tag) === 'name')?.text.value
    if (tag !== 'attr' || name === undefined) {
      const message = `this <${child.tag}> is not an attribute with a name`
      context.report('error', null, child.place, { code: 'file-syntax', message, expected: '<attr><name>' })
      continue
    }
    const values = child.children.filter((inner) => localName(inner.tag) === 'value')
    const entries = values.map(({ text }) => ({ ...text, key: name }))
    const known = attributes.get(name)
    if (known === undefined) attributes.set(name, entries)
    else for (const entry of entries) known.push(entry)
  }
  return attributes
}

function readObject(element: XmlElement, context: CheckContext): ImmObject | null {
  const name = element.attributes.get('class')?.value
  const dn = element.children.find(({ tag }) => localName(tag) === 'dn')?.text
  if (name === undefined || dn === undefined || dn.value === '') {
    const message = 'this object has no class, or no name'
    const expected = '<object class="…"><dn>…</dn>'
    context.report('error', null, element.place, { code: 'file-syntax', message, expected })
    return null
  }
  return { class: name, dn, element, attributes: readAttributes(element, context) }
}

/** The objects of an imm.xml. @returns null after an error was reported: it is no such file */
export function readObjects(root: XmlElement, context: CheckContext): ImmObject[] | null {
  if (localName(root.tag) !== 'IMM-contents') {
    const message = `${quoted(`<${root.tag}>`)} is not the root of an imm.xml`
    context.report('error', null, root.place, {
      code: 'format-mismatch',
      message,
      expected: '<imm:IMM-contents>',
    })
    return null
  }
  const definitions = root.children.filter(({ tag }) => localName(tag) === 'class')
  if (definitions.length > 0) {
    const what = `${definitions.length} <class>`
    reportLostBlock(what, definitions[0].place, 'groups.conf', 'its classes are always the same', context)
  }
  return root.children.flatMap((element) => {
    const tag = localName(element.tag)
    if (tag === 'class') return []
    if (tag === 'object') return readObject(element, context) ?? []
    reportLostBlock(quoted(`<${element.tag}>`), element.place, 'groups.conf', 'it is left out', context)
    return []
  })
}
