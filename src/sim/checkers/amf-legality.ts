import type { GroupConfig, ServiceInstanceConfig, UnitConfig } from '../../config/model/groups-config.js'
import type { AmfState } from '../../services/amf/state.js'
import { isServing, mostCsis, rolesOf, type AmfFacts, type Role } from './amf-model.js'

type Violate = (promise: string, message: string) => void

const PROMISE = 'amf: legal assignments'

/** Of one state: are its assignments those that model and capabilities allow? At any moment. */
export function checkLegality(state: AmfState, facts: AmfFacts, violate: Violate): void {
  checkExclusion(state, facts, violate)
  for (const group of facts.config.groups) {
    checkTargets(group, state, violate)
    if (!group.isClassic) checkCapabilities(group, state, violate)
  }
  checkHeld(state, facts, violate)
}

/** Of all units at most one is active for a service instance, quiesces, or is being told to be active. */
function checkExclusion(state: AmfState, facts: AmfFacts, violate: Violate): void {
  for (const [instance, units] of rolesOf(state, facts)) {
    const serving = [...units].filter(([, roles]) => [...roles].some(isServing)).map(([unit]) => unit)
    if (serving.length > 1)
      violate('amf: one active', `${serving.join(' and ')} serve ${instance} by the state`)
  }
}

function checkTargets(group: GroupConfig, state: AmfState, violate: Violate): void {
  const { model, name, activeUnits, backupUnits, maxActiveInstances, maxStandbyInstances } = group
  const loads: Record<Role, Map<string, number>> = { active: new Map(), standby: new Map() }
  for (const { name: instance, standbyAssignments } of group.serviceInstances) {
    const aimed = state.instances.get(instance)
    if (aimed === undefined) continue
    if (aimed.active.length > 1)
      violate(PROMISE, `${aimed.active.join(' and ')} are to be active for ${instance}`)
    if (aimed.standby.length > standbyAssignments) violate(PROMISE, `${instance} has too many standbys`)
    for (const role of ['active', 'standby'] as const) {
      for (const unit of aimed[role]) loads[role].set(unit, (loads[role].get(unit) ?? 0) + 1)
    }
  }
  const most = (role: Role): number => Math.max(0, ...loads[role].values())
  const active = [...loads.active.keys()]
  const standby = [...loads.standby.keys()]
  const say = (what: string): void => violate(PROMISE, `group ${name} (${model}): ${what}`)
  const bothOf = active.find((unit) => standby.includes(unit))
  if (bothOf !== undefined) say(`${bothOf} is active and stands by`)
  if (model === 'noredundancy') {
    if (standby.length > 0) say(`${standby[0]} stands by`)
    if (most('active') > 1) say('a unit is active for several service instances')
    return
  }
  if (active.length > (model === '2n' ? 1 : activeUnits)) say(`${active.join(', ')} are active`)
  if (standby.length > backupUnits) say(`${standby.join(', ')} stand by, ${backupUnits} may`)
  if (most('active') > (maxActiveInstances ?? Infinity)) say('a unit is active for too many')
  if (most('standby') > (maxStandbyInstances ?? Infinity)) say('a unit stands by for too many')
}

function checkCapabilities(group: GroupConfig, state: AmfState, violate: Violate): void {
  for (const unit of group.units) {
    for (const config of unit.components) {
      const component = state.components.get(config.name)
      if (component === undefined) continue
      const held = [...component.csis.entries()].map(([csi, { haState }]) => ({ csi, haState }))
      const { operation } = component
      if (operation?.kind === 'csi-set') {
        const others = held.filter(({ csi }) => csi !== operation.csi)
        held.splice(0, held.length, ...others, { csi: operation.csi, haState: operation.haState })
      }
      const active = held.filter(({ haState }) => isServing(haState)).length
      // Who takes over several does so one after the other; who is kept from it half-way lets go likewise.
      const isToStandBy = (csi: string): boolean => {
        const instance = group.serviceInstances.find(({ csis }) => csis.some((one) => one.name === csi))!
        return state.instances.get(instance.name)!.standby.includes(unit.name)
      }
      const standby = held.filter(({ csi, haState }) => haState === 'standby' && isToStandBy(csi)).length
      const { name, capability } = config
      const say = (what: string): void => violate(PROMISE, `${name} (${capability}) ${what}`)
      if (active > mostCsis(config, 'active')) say(`is active for ${active}`)
      if (standby > mostCsis(config, 'standby')) say(`stands by for ${standby}`)
      if (capability.includes('_or_') && active > 0 && standby > 0) say('is active and stands by')
    }
  }
}

/** What components hold are CSIs that they can carry, where they are registered and in service. */
function checkHeld(state: AmfState, facts: AmfFacts, violate: Violate): void {
  for (const { name, csis, registration, operational } of state.components.values()) {
    if (csis.size > 0 && registration === 0) violate(PROMISE, `${name} is not registered and has assignments`)
    for (const [csi, { instance }] of csis) {
      const config = facts.instances.get(instance)?.config.csis.find((known) => known.name === csi)
      if (config?.members.includes(name) !== true) violate(PROMISE, `${name} cannot carry ${csi}, and has it`)
    }
    if (operational === 'disabled' && state.components.get(name)!.operation?.kind === 'csi-set')
      violate(PROMISE, `${name} is disabled and given an assignment`)
  }
}

/** Of a state at rest: could anybody be active, or stand by, who is not? */
export function checkPreferred(state: AmfState, facts: AmfFacts, violate: Violate): void {
  const { quorate } = state
  const { noQuorum } = facts.config
  if (!quorate && noQuorum !== 'ignore') return
  for (const group of facts.config.groups) {
    const inService = group.units.filter((unit) => isInService(unit, group, state))
    for (const unit of inService) {
      if (state.units.get(unit.name)!.readiness === 'in-service') continue
      violate('amf: preferred assignment', `${unit.name} is to be in service and is not`)
    }
    checkActives(group, inService, state, violate)
    if (group.model !== 'noredundancy') checkStandbys(group, inService, state, violate)
  }
}

/** By registrations, errors and what administrators ordered. */
function isInService(unit: UnitConfig, group: GroupConfig, state: AmfState): boolean {
  const components = unit.components.map(({ name }) => state.components.get(name)!)
  const node = state.present.get(components[0]!.node)
  const known = node === undefined ? undefined : state.nodes.get(node.name)
  if (known?.admin !== 'unlocked' || known.operational !== 'enabled') return false
  if (node!.digest !== state.digest) return false
  if (state.units.get(unit.name)!.admin !== 'unlocked') return false
  if (state.groups.get(group.name)!.admin !== 'unlocked') return false
  return components.every(({ registration, operational }) => registration !== 0 && operational === 'enabled')
}

function isWhole(unit: UnitConfig, instance: ServiceInstanceConfig, state: AmfState, role: Role): boolean {
  return instance.csis.every((csi) =>
    unit.components.some(({ name }) => state.components.get(name)?.csis.get(csi.name)?.haState === role),
  )
}

interface Load {
  readonly instances: number
  readonly csis: ReadonlyMap<string, number>
}

function loadOf(unit: UnitConfig, state: AmfState, role: Role): Load {
  const instances = [...state.instances.values()].filter((instance) => instance[role].includes(unit.name))
  const csis = new Map(
    unit.components.map(({ name }) => {
      const held = [...state.components.get(name)!.csis.values()]
      return [name, held.filter(({ haState }) => haState === role).length]
    }),
  )
  return { instances: instances.length, csis }
}

/** Has the unit room for all CSIs of the service instance, spread as well as can be? */
function hasRoom(
  unit: UnitConfig,
  group: GroupConfig,
  instance: ServiceInstanceConfig,
  state: AmfState,
  role: Role,
): boolean {
  const { instances, csis } = loadOf(unit, state, role)
  const most = role === 'active' ? group.maxActiveInstances : group.maxStandbyInstances
  if (instances >= (group.model === 'noredundancy' ? 1 : (most ?? Infinity))) return false
  return instance.csis.every((csi) => {
    const capable = unit.components.filter(({ name }) => csi.members.includes(name))
    if (group.isClassic) return capable.length > 0
    // One that could carry them all: what may need a cleverer distribution is not asked for.
    const alike = instance.csis.filter(({ members }) => members.some((name) => csi.members.includes(name)))
    return capable.some((config) => csis.get(config.name)! + alike.length <= mostCsis(config, role))
  })
}

function checkActives(
  group: GroupConfig,
  inService: readonly UnitConfig[],
  state: AmfState,
  violate: Violate,
): void {
  const most = group.model === '2n' ? 1 : group.model === 'noredundancy' ? Infinity : group.activeUnits
  const active = group.units.filter(({ name }) => {
    return [...state.instances.values()].some((instance) => instance.active.includes(name))
  })
  for (const instance of group.serviceInstances) {
    const { active: aimed, admin } = state.instances.get(instance.name)!
    if (admin !== 'unlocked') continue
    const [unit] = inService.filter(({ name }) => aimed.includes(name))
    if (unit !== undefined) {
      if (isWhole(unit, instance, state, 'active')) continue
      violate('amf: preferred assignment', `${unit.name} is to be active for ${instance.name} and is not`)
      continue
    }
    const able = inService.filter((candidate) => {
      return active.length < most || active.includes(candidate)
    })
    const free = able.find((candidate) => hasRoom(candidate, group, instance, state, 'active'))
    if (free === undefined) continue
    violate('amf: preferred assignment', `nobody is active for ${instance.name}, ${free.name} could be`)
  }
}

function checkStandbys(
  group: GroupConfig,
  inService: readonly UnitConfig[],
  state: AmfState,
  violate: Violate,
): void {
  const all = [...state.instances.values()]
  const standing = group.units.filter(({ name }) => all.some(({ standby }) => standby.includes(name)))
  const spare = inService.filter(({ name }) => !all.some(({ active }) => active.includes(name)))
  for (const instance of group.serviceInstances) {
    const { active, standby, admin } = state.instances.get(instance.name)!
    if (admin !== 'unlocked' || active.length === 0) continue
    for (const name of standby) {
      const unit = group.units.find((known) => known.name === name)!
      if (isWhole(unit, instance, state, 'standby')) continue
      violate('amf: preferred assignment', `${name} is to stand by for ${instance.name} and does not`)
    }
    if (standby.length >= instance.standbyAssignments) continue
    const free = spare.find((unit) => {
      if (standby.includes(unit.name)) return false
      if (!standing.includes(unit) && standing.length >= group.backupUnits) return false
      return hasRoom(unit, group, instance, state, 'standby')
    })
    if (free === undefined) continue
    const what = `${instance.name} has ${standby.length} standbys, ${free.name} could be one`
    violate('amf: preferred assignment', what)
  }
}
