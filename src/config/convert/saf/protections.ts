import { quoted, valuePosition } from '../../check-context.js'
import type { SourcePosition } from '../../model/network-config.js'
import type { Entry } from '../../parse.js'
import type { Reading } from './read-units.js'
import { childrenOf, type SafObject } from './tree.js'

/** A protection of a group: the components of it that know a type of component service instances. */
export interface SafProtection {
  /** The type, as references name it. */
  readonly type: string
  readonly name: string
  readonly entry: Entry
  readonly place: SourcePosition
  readonly members: readonly { readonly entry: Entry; readonly name: string }[]
}

/** The name of a protection: that of its type, unless another group or a csi that is not of it has it. */
function nameOf(type: string, entry: Entry, sg: SafObject, reading: Reading): string {
  const { names, protectionNames, csis, context } = reading
  const csi = csis.get(type)
  const isForeign = csi !== undefined && !(csi.group === sg && csi.type === type)
  if (!isForeign && !protectionNames.has(type)) return type
  const name = `${type},${names.of(sg)}`
  context.report('warning', entry.key, valuePosition(entry), {
    code: 'value-form',
    message: `others have the name ${quoted(type)}: the protection of this group is called ${quoted(name)}`,
    expected: 'names that are one in the whole file',
  })
  return name
}

/** The types that the components and csis of a group name, as protections of that group. */
export function protectionsOf(
  sg: SafObject,
  instances: readonly SafObject[],
  reading: Reading,
): SafProtection[] {
  const { attributes, names, typeOrder } = reading
  const members = new Map<string, { entry: Entry; name: string }[]>()
  const first = new Map<string, Entry>()
  const note = (entry: Entry): void => {
    if (!first.has(entry.value)) first.set(entry.value, entry)
  }
  for (const component of childrenOf(sg, 'safSu').flatMap((unit) => childrenOf(unit, 'safComp'))) {
    for (const entry of attributes.take(component, 'saAmfCompCsTypes')) {
      note(entry)
      const list = members.get(entry.value) ?? []
      members.set(entry.value, list)
      list.push({ entry, name: names.of(component) })
    }
  }
  for (const csi of instances.flatMap((instance) => childrenOf(instance, 'safCsi'))) {
    for (const entry of attributes.take(csi, 'saAmfCSTypeName')) note(entry)
  }
  const order = (type: string): number => typeOrder.get(type) ?? Infinity
  // What is not declared stays in the order in which it is named.
  const types = [...first.keys()].sort((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)))
  return types.map((type) => {
    const entry = first.get(type)!
    const name = nameOf(type, entry, sg, reading)
    reading.protectionNames.add(name)
    return { type, name, entry, place: valuePosition(entry), members: members.get(type) ?? [] }
  })
}
