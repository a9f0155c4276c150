import { entityKinds, type EntityKind } from '../../base/index.js'
import type { Machine } from './machine.js'
import { CallRefusal, invalid, nameOf, wordOf } from './params.js'

export interface Entity {
  readonly kind: EntityKind
  readonly name: string
}

/** Is there a thing of this kind with this name? */
function exists({ state, model }: Machine, kind: EntityKind, name: string): boolean {
  switch (kind) {
    case 'node':
      return state.nodes.has(name)
    case 'group':
      return model?.groups.has(name) === true
    case 'unit':
      return model?.units.has(name) === true
    case 'component':
      return model?.components.has(name) === true
    case 'service-instance':
      return model?.instances.has(name) === true
    case 'csi':
      return model?.csis.has(name) === true
  }
}

/**
 * What a name means. A group and the service instance that it implies have the same name, for example: then
 * the kind is needed.
 * @param among kinds that are meant where none is given
 * @throws CallRefusal
 */
export function entityOf(
  machine: Machine,
  name: unknown,
  kind: unknown,
  among: readonly EntityKind[] = entityKinds,
): Entity {
  const wanted = nameOf(name, 'name')
  const isGiven = kind !== null && kind !== undefined
  const kinds = isGiven ? [wordOf(kind, 'kind', entityKinds)] : among
  const found = kinds.filter((one) => exists(machine, one, wanted))
  const [first] = found
  if (first === undefined) {
    const what = isGiven ? kinds[0]! : 'entity'
    const text = `there is no ${what} ${wanted}; \`ais amf status\` shows what there is`
    throw new CallRefusal('ERR_NOT_EXIST', text)
  }
  if (found.length === 1) return { kind: first, name: wanted }
  throw invalid(`${wanted} is the name of a ${found.join(' and a ')}: say which kind is meant`)
}

/** The groups that an operation on it may set in motion; null: any. */
export function groupOf({ model }: Machine, { kind, name }: Entity): string | null {
  switch (kind) {
    case 'node':
      return null
    case 'group':
      return name
    case 'unit':
      return model?.units.get(name)?.group.config.name ?? null
    case 'component':
      return model?.components.get(name)?.unit.group.config.name ?? null
    case 'service-instance':
      return model?.instances.get(name)?.group.config.name ?? null
    case 'csi':
      return model?.csis.get(name)?.instance.group.config.name ?? null
  }
}
