import { quoted, type CheckContext } from '../../check-context.js'
import type { Entry } from '../../parse.js'
import { reportLost, reportLostBlock } from '../lost.js'
import type { XmlElement } from '../xml/parse-xml.js'

const target = 'groups.conf'

/** Reports what is left out, and finds what is not. */
export class Elements {
  constructor(readonly context: CheckContext) {}

  lose(entry: Entry, why = 'it is left out'): void {
    reportLost(entry, target, why, this.context)
  }

  loseElement(element: XmlElement, why = 'it is left out'): void {
    const id = element.attributes.get('id')?.value
    const what = quoted(id === undefined ? `<${element.tag}>` : `<${element.tag} id="${id}">`)
    reportLostBlock(what, element.place, target, why, this.context)
  }

  /** Attributes of the element other than those, which mean something, or nothing. */
  loseOthers(element: XmlElement, known: readonly string[]): void {
    for (const [name, entry] of element.attributes) {
      if (name !== 'id' && name !== 'description' && !known.includes(name)) this.lose(entry)
    }
  }

  /** Names and values; what is given only under a rule, or by reference, is reported. */
  pairs(element: XmlElement): Map<string, Entry> {
    const found = new Map<string, Entry>()
    for (const child of element.children) {
      const [name, value] = [child.attributes.get('name'), child.attributes.get('value')]
      if (child.tag !== 'nvpair' || name === undefined || value === undefined) {
        this.loseElement(child)
        continue
      }
      this.loseOthers(child, ['name', 'value'])
      const entry = { ...value, key: name.value }
      if (found.has(name.value)) this.lose(entry, 'it is given before')
      else found.set(name.value, entry)
    }
    return found
  }

  /** The pairs of all elements of a kind within another; a rule takes its element out. */
  pairsWithin(element: XmlElement, tag: string): Map<string, Entry> {
    const found = new Map<string, Entry>()
    for (const child of element.children.filter((one) => one.tag === tag)) {
      if (child.children.some((inner) => inner.tag === 'rule')) {
        this.loseElement(child, 'it holds only under a rule')
        continue
      }
      for (const [name, entry] of this.pairs(child)) if (!found.has(name)) found.set(name, entry)
    }
    return found
  }
}

/** Takes an entry out of those that are left to be reported. */
export function takeFrom(pairs: Map<string, Entry>, ...names: readonly string[]): Entry | undefined {
  let found: Entry | undefined
  for (const name of names) {
    found ??= pairs.get(name)
    pairs.delete(name)
  }
  return found
}
