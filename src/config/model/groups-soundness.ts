import { limits } from '../../base/index.js'
import type { CsiConfig, GroupConfig, GroupsConfig } from './groups-config.js'

// What everything that works with a configuration relies on, beyond the kinds of its values.

const encoder = new TextEncoder()

/** Models that this version serves. */
export const servedModels = ['2n', 'nplusm', 'noredundancy'] as const

export function isServed(model: GroupConfig['model']): boolean {
  return (servedModels as readonly string[]).includes(model)
}

function areDifferent(names: readonly string[]): boolean {
  return new Set(names).size === names.length
}

/** Octets of the attributes of a CSI, names counted with each value. */
export function attributeOctets(attributes: CsiConfig['attributes']): number {
  let octets = 0
  for (const { name, values } of attributes) {
    for (const value of values) octets += encoder.encode(name).length + encoder.encode(value).length
  }
  return octets
}

function areAttributesSound(attributes: CsiConfig['attributes']): boolean {
  const count = attributes.reduce((sum, { values }) => sum + values.length, 0)
  return (
    count <= limits.amfAttributes &&
    attributes.every(({ name, values }) => values.length > 0 && !name.includes(':')) &&
    areDifferent(attributes.map(({ name }) => name)) &&
    attributeOctets(attributes) <= limits.amfAttributeOctets
  )
}

function isGroupSound(group: GroupConfig): boolean {
  const { model, units, serviceInstances } = group
  const own = new Set(units.flatMap(({ components }) => components.map(({ name }) => name)))
  const isCsiSound = ({ members, attributes }: CsiConfig): boolean =>
    members.length > 0 &&
    areDifferent(members) &&
    members.every((member) => own.has(member)) &&
    areAttributesSound(attributes)
  return (
    isServed(model) &&
    (model !== '2n' || group.activeUnits === 1) &&
    units.length > 0 &&
    units.every(({ components }) => components.length > 0) &&
    serviceInstances.length > 0 &&
    serviceInstances.every(({ csis }) => csis.length > 0 && csis.every(isCsiSound))
  )
}

/**
 * Does it keep the promises of GroupsConfig: names unique, members that exist, models that are served,
 * nothing empty, no limit passed?
 */
export function areGroupsSound({ leaseMs, groups }: GroupsConfig): boolean {
  const units = groups.flatMap((group) => group.units)
  const components = units.flatMap((unit) => unit.components)
  const instances = groups.flatMap((group) => group.serviceInstances)
  const csis = instances.flatMap((instance) => instance.csis)
  const named = [groups, units, components, instances, csis]
  return (
    (leaseMs === null || leaseMs >= limits.amfLeaseMinMs) &&
    units.length <= limits.amfUnits &&
    components.length <= limits.amfComponents &&
    csis.length <= limits.amfInstances &&
    named.every((things) => areDifferent(things.map(({ name }) => name))) &&
    groups.every(isGroupSound)
  )
}
