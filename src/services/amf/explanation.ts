import type { EntityKind } from '../../base/index.js'
import type { Entity } from './entity-names.js'
import type { Machine } from './machine.js'
import type { UnitModel } from './model.js'
import type { Decision } from './state.js'
import { unitHaState } from './status-document.js'

type States = Readonly<Record<string, string | number | boolean | null>>

/**
 * How something came to be as it is: its states, and the decisions about it and about what it stands on.
 */
export function explanation(machine: Machine, entity: Entity): unknown {
  const about = [entity, ...foundationsOf(machine, entity)]
  const keys = new Set(about.map(({ kind, name }) => `${kind} ${name}`))
  const isAssignment = assignmentsOf(machine, entity)
  const decisions = machine.state.decisions.filter((decision) => {
    return keys.has(`${decision.kind} ${decision.name}`) || isAssignment(decision)
  })
  return { entity, states: statesOf(machine, entity), decisions: decisions.map(decisionDocument) }
}

/** A decision as applications are told it. */
export function decisionDocument(decision: Decision): unknown {
  const { sequence, atMs, node, kind, name, what, text } = decision
  return { sequence, atMs, node, kind, name, what, text }
}

/** What a unit is to be active or to stand by for is decided on the service instance, and names the unit. */
function assignmentsOf({ model }: Machine, { kind, name }: Entity): (decision: Decision) => boolean {
  const unit = kind === 'component' ? model?.components.get(name)?.unit : model?.units.get(name)
  if (unit === undefined || (kind !== 'unit' && kind !== 'component')) return () => false
  const instances = new Set(unit.group.instances.map(({ config }) => config.name))
  return (decision) => {
    const isOfGroup = decision.kind === 'service-instance' && instances.has(decision.name)
    return isOfGroup && decision.text.includes(unit.config.name)
  }
}

/** What the states of a thing follow from. */
function foundationsOf(machine: Machine, { kind, name }: Entity): Entity[] {
  const { model } = machine
  switch (kind) {
    case 'node':
      return []
    case 'group':
      return (model?.groups.get(name)?.units ?? []).flatMap((unit) => unitEntities(machine, unit))
    case 'unit':
      return unitEntities(machine, model!.units.get(name)!).slice(1)
    case 'component':
      return unitEntities(machine, model!.components.get(name)!.unit)
    case 'service-instance': {
      const { group } = model!.instances.get(name)!
      const units = group.units.flatMap((unit) => unitEntities(machine, unit))
      return [{ kind: 'group', name: group.config.name }, ...units]
    }
    case 'csi': {
      const { instance, config } = model!.csis.get(name)!
      const members = config.members.map((member): Entity => ({ kind: 'component', name: member }))
      return [{ kind: 'service-instance', name: instance.config.name }, ...members]
    }
  }
}

function unitEntities(machine: Machine, unit: UnitModel): Entity[] {
  const { name } = unit.config
  const node = machine.nodeNameOf(name)
  return [
    { kind: 'unit', name },
    ...unit.components.map(({ config }): Entity => ({ kind: 'component', name: config.name })),
    { kind: 'group', name: unit.group.config.name },
    ...(node === null ? [] : [{ kind: 'node', name: node } as const]),
  ]
}

const readers: Readonly<Record<EntityKind, (machine: Machine, name: string) => States>> = {
  node: ({ state }, name) => {
    const { admin, operational } = state.nodes.get(name)!
    const member = [...state.present.values()].find((candidate) => candidate.name === name)
    return { nodeId: member?.nodeId ?? null, member: member !== undefined, admin, operational }
  },
  group: ({ state }, name) => ({ admin: state.groups.get(name)!.admin }),
  unit: (machine, name) => {
    const { admin, operational, readiness } = machine.state.units.get(name)!
    const unit = machine.model!.units.get(name)!
    const assigned = unit.group.instances.map(({ config }): [string, string | null] => {
      return [`haState of ${config.name}`, unitHaState(machine, unit, config.name)]
    })
    return {
      node: machine.nodeNameOf(name),
      admin,
      operational,
      readiness,
      ...Object.fromEntries(assigned),
    }
  },
  component: ({ state }, name) => {
    const component = state.components.get(name)!
    const { presence, operational, readiness, isCleaning, error, proxy, operation } = component
    const held = [...component.csis].map(([csi, { haState }]): [string, string] => {
      return [`haState of ${csi}`, haState]
    })
    return {
      node: state.present.get(component.node)?.name ?? null,
      presence,
      operational,
      readiness,
      cleaning: isCleaning,
      error: error?.text ?? null,
      proxy,
      pending: operation?.kind ?? null,
      ...Object.fromEntries(held),
    }
  },
  'service-instance': ({ state }, name) => {
    const { admin, epoch, active, standby } = state.instances.get(name)!
    return { admin, epoch: String(epoch), active: active.join(' '), standby: standby.join(' ') }
  },
  csi: ({ state, model }, name) => {
    const { instance, config } = model!.csis.get(name)!
    const held = config.members.map((member): [string, string | null] => {
      return [`haState of ${member}`, state.components.get(member)?.csis.get(name)?.haState ?? null]
    })
    return { 'service-instance': instance.config.name, ...Object.fromEntries(held) }
  },
}

function statesOf(machine: Machine, { kind, name }: Entity): States {
  return readers[kind](machine, name)
}
