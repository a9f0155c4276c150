import type {
  ComponentConfig,
  CsiConfig,
  GroupConfig,
  GroupsConfig,
  ServiceInstanceConfig,
  UnitConfig,
} from '../model/groups-config.js'
import type { KeyValue } from '../show/effective.js'
import { sharedValues, type Difference } from './difference.js'

/** What AMF has on one node. */
export interface GroupsOfNode {
  readonly node: string
  readonly config: GroupsConfig
}

type Value = KeyValue | readonly string[]

interface Property {
  readonly key: string
  readonly unit: string
  readonly value: Value
}

/** The file or something in it: what it says, and what it holds, by kinds. */
interface Entity {
  readonly title: string
  readonly properties: readonly Property[]
  /** By kind; in the order of the file, which counts. */
  readonly inner: readonly { readonly kind: string; readonly entities: readonly Entity[] }[]
}

const plain = (key: string, value: Value): Property => ({ key, unit: '', value })
const time = (key: string, value: KeyValue): Property => ({ key, unit: 'ms', value })

function component(config: ComponentConfig): Entity {
  return {
    title: `component ${config.name}`,
    properties: [
      plain('model', config.capability),
      plain('max-active-csis', config.maxActiveCsis),
      plain('max-standby-csis', config.maxStandbyCsis),
      plain('recovery', config.recovery),
      time('restart-timeout', config.restartTimeoutMs),
      time('healthcheck-interval', config.healthcheckIntervalMs),
      time('healthcheck-max-duration', config.healthcheckMaxDurationMs),
      time('callback-timeout', config.callbackTimeoutMs),
    ],
    inner: [],
  }
}

function unit({ name, node, rank, components }: UnitConfig): Entity {
  return {
    title: `unit ${name}`,
    properties: [plain('node', node), plain('rank', rank)],
    inner: [{ kind: 'components', entities: components.map(component) }],
  }
}

function csi({ name, rank, members, attributes }: CsiConfig): Entity {
  const entities = attributes.map((attribute): Entity => {
    const properties = [plain('values', attribute.values)]
    return { title: `attribute ${attribute.name}`, properties, inner: [] }
  })
  return {
    title: `csi ${name}`,
    properties: [plain('rank', rank), plain('member', members)],
    inner: [{ kind: 'attributes', entities }],
  }
}

function instance({ name, rank, standbyAssignments, csis }: ServiceInstanceConfig): Entity {
  return {
    title: `service-instance ${name}`,
    properties: [plain('rank', rank), plain('standby-assignments', standbyAssignments)],
    inner: [{ kind: 'csis', entities: csis.map(csi) }],
  }
}

function group(config: GroupConfig): Entity {
  return {
    title: `group ${config.name}`,
    properties: [
      plain('model', config.model),
      plain('active-units', config.activeUnits),
      plain('backup-units', config.backupUnits),
      plain('max-active-instances', config.maxActiveInstances),
      plain('max-standby-instances', config.maxStandbyInstances),
      plain('service instances', config.isClassic ? 'implied by protections' : 'written'),
      plain('component-restart-max', config.componentRestartMax),
      time('component-restart-probation', config.componentRestartProbationMs),
      plain('unit-restart-max', config.unitRestartMax),
      time('unit-restart-probation', config.unitRestartProbationMs),
      plain('unit-failover-max', config.unitFailoverMax),
      time('unit-failover-probation', config.unitFailoverProbationMs),
    ],
    inner: [
      { kind: 'units', entities: config.units.map(unit) },
      { kind: 'service instances', entities: config.serviceInstances.map(instance) },
    ],
  }
}

function file(config: GroupsConfig): Entity {
  return {
    title: '',
    properties: [
      time('lease', config.leaseMs),
      time('takeover-delay', config.takeoverDelayMs),
      plain('no-quorum', config.noQuorum),
    ],
    inner: [{ kind: 'groups', entities: config.groups.map(group) }],
  }
}

/** One entity as the nodes that have it have it. */
type Held = readonly (readonly [node: string, entity: Entity])[]

class Comparison {
  readonly differences: Difference[] = []

  compare(path: readonly string[], held: Held): void {
    const [[, first]] = held as readonly [readonly [string, Entity]]
    for (const [at, { key, unit }] of first.properties.entries()) {
      const had = held.map(([node, entity]) => [node, entity.properties[at]!.value] as const)
      this.note(path, key, unit, had)
    }
    for (const [at, { kind }] of first.inner.entries()) {
      this.compareLists(
        path,
        kind,
        held.map(([node, entity]) => [node, entity.inner[at]!.entities] as const),
      )
    }
  }

  /** Things of one kind, by their names; then their order, as far as all have them. */
  private compareLists(
    path: readonly string[],
    kind: string,
    lists: readonly (readonly [node: string, entities: readonly Entity[]])[],
  ): void {
    const byName = lists.map(([node, entities]) => {
      return [node, new Map(entities.map((entity) => [entity.title, entity]))] as const
    })
    const titles = new Set(lists.flatMap(([, entities]) => entities.map(({ title }) => title)))
    const common = new Set(titles)
    for (const title of titles) {
      const inside = [...path, title]
      const held = byName.flatMap(([node, entities]) => {
        const found = entities.get(title)
        return found === undefined ? [] : [[node, found] as const]
      })
      if (held.length < lists.length) {
        common.delete(title)
        const had = byName.map(([node, entities]) => {
          return [node, entities.has(title) ? 'present' : 'absent'] as const
        })
        this.note(inside, null, '', had)
      }
      this.compare(inside, held)
    }
    const orders = lists.map(([node, entities]) => {
      return [node, entities.map(({ title }) => title).filter((title) => common.has(title))] as const
    })
    this.note(path, `order of ${kind}`, '', orders)
  }

  private note(
    path: readonly string[],
    key: string | null,
    unit: string,
    had: readonly (readonly [string, Value])[],
  ): void {
    const values = sharedValues(had)
    if (values.length > 1) this.differences.push({ file: 'groups', path, key, unit, values })
  }
}

/**
 * What the groups.conf of nodes differ in, by entities. There is nothing exactly if they mean the same to
 * AMF: that of groups, units and the like which are otherwise equal the first is preferred makes their order
 * count.
 */
export function compareGroups(nodes: readonly GroupsOfNode[]): Difference[] {
  if (nodes.length < 2) return []
  const comparison = new Comparison()
  comparison.compare(
    [],
    nodes.map(({ node, config }) => [node, file(config)] as const),
  )
  return comparison.differences
}
