import { impliedSuffix } from '../../groups/assemble.js'
import type { SafProtection } from './protections.js'
import type { Reading } from './read-units.js'
import { childrenOf, type SafObject } from './tree.js'

/** Instances that a group without service-instance blocks has. */
function countOf(sg: SafObject, { attributes }: Reading): number {
  const isAlone = attributes.value(sg, 'saAmfSGRedundancyModel') === 'noredundancy'
  const otherwise = isAlone ? childrenOf(sg, 'safSu').length : 1
  return Number(attributes.value(sg, 'saAmfSGNumPrefActiveSUs') ?? otherwise)
}

function isImplied(
  instance: SafObject,
  index: number,
  sg: SafObject,
  protections: readonly SafProtection[],
  { attributes, names }: Reading,
): boolean {
  const suffix = impliedSuffix(index)
  const isAlone = attributes.value(sg, 'saAmfSGRedundancyModel') === 'noredundancy'
  const standbys = isAlone ? '0' : (attributes.value(sg, 'saAmfSGNumPrefStandbySUs') ?? '1')
  const csis = childrenOf(instance, 'safCsi')
  return (
    names.of(instance) === names.of(sg) + suffix &&
    (attributes.value(instance, 'saAmfSIRank') ?? '0') === '0' &&
    (attributes.value(instance, 'saAmfSIPrefStandbyAssignments') ?? standbys) === standbys &&
    csis.length === protections.length &&
    csis.every((csi, place) => {
      const { name, type } = protections[place]
      return (
        names.of(csi) === name + suffix &&
        attributes.value(csi, 'saAmfCSTypeName') === type &&
        childrenOf(csi, 'safCSIAttr').length === 0
      )
    })
  )
}

/**
 * Are the service instances of a group exactly those that a classic group, one without service-instance
 * blocks, implies? Then it is read as one.
 */
export function isClassicGroup(
  sg: SafObject,
  instances: readonly SafObject[],
  protections: readonly SafProtection[],
  reading: Reading,
): boolean {
  const { attributes } = reading
  const isAlone = attributes.value(sg, 'saAmfSGRedundancyModel') === 'noredundancy'
  const isOneEach = isAlone || attributes.value(sg, 'saAmfSGMaxActiveSIsperSUs') === '1'
  return (
    isOneEach &&
    instances.length === countOf(sg, reading) &&
    instances.every((instance, index) => isImplied(instance, index, sg, protections, reading))
  )
}
