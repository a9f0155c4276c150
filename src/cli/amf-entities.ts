import { shellWord as plainWord, type EntityKind } from '../base/index.js'
import type { AmfStatus } from '../api/index.js'
import { nearest, printable } from '../config/index.js'

/** Something of AMF that has a name. */
export interface EntityName {
  readonly kind: EntityKind
  readonly name: string
}

/** An entity, or why none is meant. */
export type EntityChoice =
  { readonly entity: EntityName } | { readonly problem: string; readonly suggestions: readonly string[] }

/** Everything that commands can be about. */
export function entitiesOf({ groups, nodes }: Pick<AmfStatus, 'groups' | 'nodes'>): EntityName[] {
  const inGroups = groups.flatMap((group): EntityName[] => [
    { kind: 'group', name: group.name },
    ...group.units.flatMap((unit): EntityName[] => [
      { kind: 'unit', name: unit.name },
      ...unit.components.map(({ name }): EntityName => ({ kind: 'component', name })),
    ]),
    ...group.serviceInstances.map(({ name }): EntityName => ({ kind: 'service-instance', name })),
    ...group.protectionGroups.map(({ csi }): EntityName => ({ kind: 'csi', name: csi })),
  ])
  return [...nodes.map(({ name }): EntityName => ({ kind: 'node', name })), ...inGroups]
}

/**
 * The one entity of this name.
 * @param kinds that make sense, those the user did not exclude
 * @param command line that a suggestion completes: 'ais amf lock'
 */
export function chooseEntity(
  entities: readonly EntityName[],
  name: string,
  kinds: readonly EntityKind[],
  command: string,
): EntityChoice {
  const ofKinds = entities.filter(({ kind }) => kinds.includes(kind))
  const found = ofKinds.filter((entity) => entity.name === name)
  if (found.length === 1) return { entity: found[0] }
  if (found.length > 1) {
    const kindsFound = found.map(({ kind }) => `a ${kind}`).join(' and ')
    const suggestions = found.map(({ kind }) => `${command} ${shellWord(name)} --kind ${kind}`)
    return { problem: `${JSON.stringify(name)} is ${kindsFound}`, suggestions }
  }
  return unknownEntity(entities, ofKinds, { name, kinds, command })
}

function unknownEntity(
  entities: readonly EntityName[],
  ofKinds: readonly EntityName[],
  { name, kinds, command }: { name: string; kinds: readonly EntityKind[]; command: string },
): EntityChoice {
  const wanted = listed(kinds)
  const other = entities.find((entity) => entity.name === name)
  const quoted = JSON.stringify(name)
  if (other !== undefined) {
    return { problem: `${quoted} is a ${other.kind}; this is for a ${wanted}`, suggestions: [] }
  }
  const like = nearest(
    name,
    ofKinds.map((entity) => entity.name),
  )
  if (like !== null) {
    const problem = `there is no ${wanted} ${quoted}; did you mean ${JSON.stringify(like)}?`
    return { problem, suggestions: [`${command} ${shellWord(like)}`] }
  }
  return { problem: `there is no ${wanted} ${quoted}`, suggestions: ['ais amf status'] }
}

/** 'node, group or unit' */
function listed(kinds: readonly EntityKind[]): string {
  return [kinds.slice(0, -1).join(', '), kinds.at(-1)].filter(Boolean).join(' or ')
}

/** As a shell takes it for one word, and a terminal shows it. */
export function shellWord(text: string): string {
  return plainWord(printable(text))
}
