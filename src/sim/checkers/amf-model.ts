import type { CapabilityModel, HaState } from '../../base/index.js'
import { readGroupsText } from '../../config/index.js'
import type {
  ComponentConfig,
  GroupConfig,
  GroupsConfig,
  ServiceInstanceConfig,
  UnitConfig,
} from '../../config/model/groups-config.js'
import type { AmfState, ComponentState } from '../../services/amf/state.js'

export interface Place {
  readonly group: GroupConfig
  readonly unit: UnitConfig
  readonly component: ComponentConfig
}

export type Role = 'active' | 'standby'

/** A configuration as the checkers read it: nothing of what the service makes of it. */
export class AmfFacts {
  readonly places = new Map<string, Place>()
  readonly instances = new Map<
    string,
    { readonly group: GroupConfig; readonly config: ServiceInstanceConfig }
  >()

  constructor(readonly config: GroupsConfig) {
    for (const group of config.groups) {
      for (const unit of group.units) {
        for (const component of unit.components) this.places.set(component.name, { group, unit, component })
      }
      for (const instance of group.serviceInstances)
        this.instances.set(instance.name, { group, config: instance })
    }
  }

  unitOf(component: string): string {
    return this.places.get(component)?.unit.name ?? '?'
  }
}

const read = new Map<string, AmfFacts | null>()

/** @returns null: the state has no configuration */
export function factsOf({ text }: Pick<AmfState, 'text'>): AmfFacts | null {
  if (text === '') return null
  const known = read.get(text)
  if (known !== undefined) return known
  const config = readGroupsText(text)
  const facts = config === null ? null : new AmfFacts(config)
  if (read.size > 50) read.clear()
  read.set(text, facts)
  return facts
}

/** It serves, or may. */
export function isServing(haState: HaState): boolean {
  return haState === 'active' || haState === 'quiescing'
}

/** CSIs a component may be active, or stand by, for at a time (SAI-AIS-AMF-B.01.01, 3.6). */
export function mostCsis({ capability, maxActiveCsis, maxStandbyCsis }: ComponentConfig, role: Role): number {
  const most: Readonly<Record<CapabilityModel, readonly [number, number]>> = {
    x_active_and_y_standby: [Infinity, Infinity],
    x_active_or_y_standby: [Infinity, Infinity],
    '1_active_or_y_standby': [1, Infinity],
    '1_active_or_1_standby': [1, 1],
    x_active: [Infinity, 0],
    '1_active': [1, 0],
    no_active: [0, Infinity],
  }
  const [active, standby] = most[capability]
  return role === 'active'
    ? Math.min(active, maxActiveCsis ?? Infinity)
    : Math.min(standby, maxStandbyCsis ?? Infinity)
}

/** What the state has components be for a service instance, with what they were just told: unit to roles. */
export function rolesOf(state: AmfState, facts: AmfFacts): Map<string, Map<string, Set<HaState>>> {
  const roles = new Map<string, Map<string, Set<HaState>>>()
  const add = (instance: string, component: ComponentState, haState: HaState): void => {
    const units = roles.get(instance) ?? new Map<string, Set<HaState>>()
    const unit = facts.unitOf(component.name)
    units.set(unit, (units.get(unit) ?? new Set()).add(haState))
    roles.set(instance, units)
  }
  for (const component of state.components.values()) {
    for (const { instance, haState } of component.csis.values()) add(instance, component, haState)
    const { operation } = component
    if (operation?.kind === 'csi-set') add(operation.instance, component, operation.haState)
  }
  return roles
}
