import { haStates, type AssignmentState, type HaState, type PresenceState } from '../../base/index.js'
import type { Machine } from './machine.js'
import type { GroupModel, InstanceModel, UnitModel } from './model.js'
import type { ComponentState } from './state.js'

/** What `ais amf status --json` prints (docs/protocol.md, "AMF on the socket"). */
export function statusDocument(machine: Machine): unknown {
  const { state, model } = machine
  const { quorate, votes, expected, digest } = state
  return {
    groups: [...(model?.groups.values() ?? [])].map((group) => groupDocument(machine, group)),
    quorum: { quorate, votes, expected },
    settled: machine.isSettled(null),
    nodes: nodeDocuments(machine),
    configuration: digest,
  }
}

function nodeDocuments(machine: Machine): unknown[] {
  const { nodes, present } = machine.state
  const members = [...present.values()]
  return [...nodes.values()]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, admin, operational }) => {
      const member = members.find((candidate) => candidate.name === name)
      return {
        name,
        nodeId: member?.nodeId ?? null,
        admin,
        operational,
        participates: member !== undefined && machine.participates(member.nodeId),
        digest: member?.digest ?? null,
      }
    })
}

function groupDocument(machine: Machine, group: GroupModel): unknown {
  const { name, model } = group.config
  const { state } = machine
  return {
    name,
    model,
    admin: state.groups.get(name)!.admin,
    units: group.units.map((unit) => unitDocument(machine, unit)),
    serviceInstances: group.instances.map((instance) => instanceDocument(machine, instance)),
    protectionGroups: group.instances.flatMap(({ config }) =>
      config.csis.map((csi) => ({
        csi: csi.name,
        members: csi.members.map((member) => {
          const { readiness, csis } = state.components.get(member)!
          return { component: member, readiness, haState: csis.get(csi.name)?.haState ?? null }
        }),
      })),
    ),
  }
}

function unitDocument(machine: Machine, unit: UnitModel): unknown {
  const { state } = machine
  const { name } = unit.config
  const { admin, operational, readiness } = state.units.get(name)!
  const components = componentsOf(machine, unit)
  const assigned = unit.group.instances.flatMap(({ config }) => {
    const haState = unitHaState(machine, unit, config.name)
    return haState === null ? [] : [{ si: config.name, haState }]
  })
  return {
    name,
    node: machine.nodeNameOf(name),
    admin,
    operational,
    presence: unitPresence(components),
    readiness,
    haStates: assigned,
    components: components.map((component) => componentDocument(machine, component)),
  }
}

/** One component, as it is in the document. */
export function componentDocument({ state }: Machine, component: ComponentState): unknown {
  const { name, node, operational, presence, readiness, csis, error } = component
  return {
    name,
    node: state.present.get(node)?.name ?? null,
    operational,
    presence,
    readiness,
    csis: [...csis].map(([csi, { haState }]) => ({ csi, haState })),
    error: error?.text ?? null,
  }
}

function componentsOf({ state }: Machine, unit: UnitModel): ComponentState[] {
  return unit.components.map(({ config }) => state.components.get(config.name)!)
}

/**
 * Of the states that its components have for the service instance the first of active, standby, quiescing …
 */
export function unitHaState(machine: Machine, unit: UnitModel, instance: string): HaState | null {
  const held = componentsOf(machine, unit).flatMap(({ csis }) => [...csis.values()])
  const states = new Set(held.filter((csi) => csi.instance === instance).map(({ haState }) => haState))
  return haStates.find((haState) => states.has(haState)) ?? null
}

const presenceOrder: readonly PresenceState[] = [
  'termination-failed',
  'instantiation-failed',
  'restarting',
  'terminating',
]

/** SAI-AIS-AMF-B.01.01, 3.3.1.1: what is wrong with one of its components first. */
function unitPresence(components: readonly ComponentState[]): PresenceState {
  const states = components.map(({ presence }) => presence)
  const first = presenceOrder.find((presence) => states.includes(presence))
  if (first !== undefined) return first
  if (states.every((presence) => presence === 'instantiated')) return 'instantiated'
  return states.every((presence) => presence === 'uninstantiated') ? 'uninstantiated' : 'instantiating'
}

function instanceDocument(machine: Machine, instance: InstanceModel): unknown {
  const { name, standbyAssignments } = instance.config
  const { admin } = machine.state.instances.get(name)!
  const having = (haState: HaState): UnitModel[] => {
    return instance.group.units.filter((unit) => unitHaState(machine, unit, name) === haState)
  }
  const active = having('active')
  const standby = having('standby')
  const isWhole = (unit: UnitModel, haState: HaState): boolean => holdsAll(machine, unit, name, haState)
  const isFull =
    active.some((unit) => isWhole(unit, 'active')) &&
    standby.filter((unit) => isWhole(unit, 'standby')).length >= standbyAssignments
  const assignment: AssignmentState = active.length === 0 ? 'none' : isFull ? 'full' : 'partial'
  const names = (units: UnitModel[]): string[] => units.map(({ config }) => config.name)
  return { name, assignment, active: names(active), standby: names(standby), admin }
}

function holdsAll({ state }: Machine, unit: UnitModel, instance: string, haState: HaState): boolean {
  const carriers = unit.carriers.get(instance) ?? null
  return (
    carriers?.every(({ csi, component }) => {
      return state.components.get(component)!.csis.get(csi.name)?.haState === haState
    }) === true
  )
}
