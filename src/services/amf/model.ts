import type {
  ComponentConfig,
  CsiConfig,
  GroupConfig,
  GroupsConfig,
  ServiceInstanceConfig,
  UnitConfig,
} from '../../config/model/groups-config.js'

export interface ComponentModel {
  readonly config: ComponentConfig
  readonly unit: UnitModel
}

export interface UnitModel {
  readonly config: UnitConfig
  readonly group: GroupModel
  /** In the order of the file, over all groups. */
  readonly index: number
  readonly components: readonly ComponentModel[]
  /**
   * Which component carries which CSI of a service instance, in the order of assignment; null: this unit
   * cannot carry that one wholly.
   */
  readonly carriers: ReadonlyMap<string, readonly Carrier[] | null>
}

export interface Carrier {
  readonly csi: CsiConfig
  readonly component: string
}

export interface InstanceModel {
  readonly config: ServiceInstanceConfig
  readonly group: GroupModel
}

export interface GroupModel {
  readonly config: GroupConfig
  readonly units: readonly UnitModel[]
  /** By rank. */
  readonly instances: readonly InstanceModel[]
}

/** A configuration with its names looked up. */
export class Model {
  readonly groups = new Map<string, GroupModel>()
  readonly units = new Map<string, UnitModel>()
  readonly components = new Map<string, ComponentModel>()
  readonly instances = new Map<string, InstanceModel>()
  /** The service instance of each CSI. */
  readonly csis = new Map<string, { readonly config: CsiConfig; readonly instance: InstanceModel }>()

  constructor(readonly config: GroupsConfig) {
    for (const group of config.groups) this.addGroup(group)
  }

  private addGroup(config: GroupConfig): void {
    const units: UnitModel[] = []
    const instances: InstanceModel[] = []
    const group: GroupModel = { config, units, instances }
    for (const unit of config.units) units.push(this.addUnit(unit, group))
    for (const instance of byRank(config.serviceInstances)) {
      const model = { config: instance, group }
      instances.push(model)
      this.instances.set(instance.name, model)
      for (const csi of instance.csis) this.csis.set(csi.name, { config: csi, instance: model })
    }
    this.groups.set(config.name, group)
  }

  private addUnit(config: UnitConfig, group: GroupModel): UnitModel {
    const components: ComponentModel[] = []
    const carriers = new Map<string, readonly Carrier[] | null>()
    const unit: UnitModel = { config, group, index: this.units.size, components, carriers }
    for (const component of config.components) {
      const model = { config: component, unit }
      components.push(model)
      this.components.set(component.name, model)
    }
    for (const instance of group.config.serviceInstances) {
      carriers.set(instance.name, carriersOf(config, instance))
    }
    this.units.set(config.name, unit)
    return unit
  }
}

/** Several CSIs of one protection spread over the components that can carry it. */
function carriersOf(unit: UnitConfig, instance: ServiceInstanceConfig): Carrier[] | null {
  const taken = new Map<string, number>()
  const carriers: Carrier[] = []
  for (const csi of byRank(instance.csis)) {
    const members = unit.components.filter(({ name }) => csi.members.includes(name))
    if (members.length === 0) return null
    const load = ({ name }: ComponentConfig): number => taken.get(name) ?? 0
    const chosen = members.reduce((best, member) => (load(member) < load(best) ? member : best))
    taken.set(chosen.name, load(chosen) + 1)
    carriers.push({ csi, component: chosen.name })
  }
  return carriers
}

/** Lower ranks first, equal ones in their order. */
export function byRank<T extends { readonly rank: number }>(ranked: readonly T[]): T[] {
  return [...ranked].sort((one, other) => one.rank - other.rank)
}
