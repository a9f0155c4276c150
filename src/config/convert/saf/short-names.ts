import type { SafKind } from './tree.js'
import type { PlannedGroup } from './plan.js'
import { APPLICATION } from './words.js'

// The other way of `Names`: what is called by its whole name in a groups.conf is called by its own within
// the object around it.

/** The values of a whole name of these kinds, from the innermost on; null: this is none. */
function valuesOf(name: string, kinds: readonly SafKind[]): string[] | null {
  const parts = name.split(/(?<!\\),/)
  if (parts.length !== kinds.length) return null
  const values = parts.map((part, index) => {
    const head = `${kinds[index]}=`
    return part.startsWith(head) ? part.slice(head.length).replaceAll('\\,', ',') : null
  })
  return values.every((value) => value !== null) ? values : null
}

interface Named {
  readonly kind: SafKind
  readonly name: string
  readonly short: string
  /** null: it is not called by its whole name. */
  readonly application: string | null
}

/** @param around short names of the objects around it, from the innermost on, but for the application */
function named(name: string, kinds: readonly SafKind[], around: readonly string[]): Named {
  const values = valuesOf(name, kinds)
  const isOwn = values !== null && around.every((short, index) => values[index + 1] === short)
  const short = isOwn ? values[0]! : name
  return { kind: kinds[0]!, name, short, application: isOwn ? values.at(-1)! : null }
}

function allOf(groups: readonly PlannedGroup[]): Named[] {
  const all: Named[] = []
  const add = (name: string, kinds: readonly SafKind[], around: readonly string[]): string => {
    const one = named(name, kinds, around)
    all.push(one)
    return one.short
  }
  for (const { config, units, instances } of groups) {
    const group = add(config.name, ['safSg', 'safApp'], [])
    for (const { config: unit, components } of units) {
      const short = add(unit.name, ['safSu', 'safSg', 'safApp'], [group])
      for (const { config: component } of components) {
        add(component.name, ['safComp', 'safSu', 'safSg', 'safApp'], [short, group])
      }
    }
    for (const { config: instance, csis } of instances) {
      const short = add(instance.name, ['safSi', 'safApp'], [])
      for (const { config: csi } of csis) add(csi.name, ['safCsi', 'safSi', 'safApp'], [short])
    }
  }
  return all
}

const keyOf = (kind: SafKind, name: string): string => `${kind}=${name}`

/** What objects are called where those around them are written around them. */
export class ShortNames {
  /** The application that whole names tell of. */
  readonly application: string
  private readonly shorts = new Map<string, string>()

  constructor(groups: readonly PlannedGroup[]) {
    const all = allOf(groups)
    const applications = new Set(all.map(({ application }) => application).filter((it) => it !== null))
    this.application = applications.size === 1 ? [...applications][0]! : APPLICATION
    // Of several applications one file of ours makes one: their names stay as they are.
    if (applications.size !== 1) return
    const counts = new Map<string, number>()
    for (const { kind, short } of all) {
      const key = keyOf(kind, short)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    for (const { kind, name, short } of all) {
      // One that nobody shares would be read again without those around it.
      if (counts.get(keyOf(kind, short))! > 1) this.shorts.set(keyOf(kind, name), short)
    }
  }

  of(kind: SafKind, name: string): string {
    return this.shorts.get(keyOf(kind, name)) ?? name
  }
}
