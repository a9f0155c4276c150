import type { SourcePosition } from '../../model/network-config.js'
import type { Entry } from '../../parse.js'

// What amf.conf and imm.xml have in common: objects of the standard's information model, in each other.

/** The classes that mean something here, by the attribute that names their objects. */
export const safKinds = [
  'safAmfCluster',
  'safAmfNode',
  'safApp',
  'safSg',
  'safSu',
  'safComp',
  'safHealthcheckKey',
  'safSi',
  'safCsi',
  'safCSIAttr',
  'safCSType',
] as const
export type SafKind = (typeof safKinds)[number]

/** One object, with its attributes by the names and in the units of amf.conf, whatever it was read from. */
export interface SafObject {
  readonly kind: SafKind
  /** Its name, at its place; the key is what names it there. */
  readonly name: Entry
  readonly place: SourcePosition
  /** In `key` of an entry stands what the attribute is called in the source. */
  readonly attributes: Map<string, Entry[]>
  readonly children: SafObject[]
}

export function newObject(kind: SafKind, name: Entry, place: SourcePosition): SafObject {
  return { kind, name, place, attributes: new Map(), children: [] }
}

export function addAttribute(object: SafObject, attribute: string, entry: Entry): void {
  const entries = object.attributes.get(attribute)
  if (entries === undefined) object.attributes.set(attribute, [entry])
  else entries.push(entry)
}

export function childrenOf(object: SafObject, kind: SafKind): SafObject[] {
  return object.children.filter((child) => child.kind === kind)
}
