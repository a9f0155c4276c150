import type { CheckContext } from '../../check-context.js'
import { trimmed } from '../../groups/blanks.js'
import type { Block, GroupsSource, Scope } from '../../groups/block.js'
import type {
  ComponentConfig,
  CsiConfig,
  GroupConfig,
  GroupsConfig,
  ServiceInstanceConfig,
  UnitConfig,
} from '../../model/groups-config.js'
import type { Entry } from '../../parse.js'
import { reportLost } from '../lost.js'

// A checked groups.conf as others see it: who can carry what is a type of component service instances.

export interface PlannedComponent {
  readonly config: ComponentConfig
  /** From the inside out: keys of the units and groups around it count as well. */
  readonly blocks: readonly Block[]
  /** Names of the protections it is a member of. */
  readonly types: readonly string[]
}

export interface PlannedUnit {
  readonly config: UnitConfig
  readonly block: Block
  readonly components: readonly PlannedComponent[]
}

export interface PlannedCsi {
  readonly config: CsiConfig
  /** null: implied. */
  readonly block: Block | null
  /** Name of its protection. */
  readonly type: string
  /** Each value with its line. */
  readonly attributes: readonly {
    readonly name: string
    readonly values: readonly { readonly value: string; readonly entry: Entry }[]
  }[]
}

export interface PlannedInstance {
  readonly config: ServiceInstanceConfig
  /** null: implied. */
  readonly block: Block | null
  readonly csis: readonly PlannedCsi[]
}

export interface PlannedGroup {
  readonly config: GroupConfig
  readonly block: Block
  readonly types: readonly string[]
  readonly units: readonly PlannedUnit[]
  readonly instances: readonly PlannedInstance[]
}

export function entryOf(block: Block, key: string): Entry | undefined {
  return block.entries.find((entry) => entry.key === key)
}

/** The entry that holds for a component: of the innermost block that has one. */
export function inheritedEntry(blocks: readonly Block[], key: string): Entry | undefined {
  for (const block of blocks) {
    const entry = entryOf(block, key)
    if (entry !== undefined) return entry
  }
  return undefined
}

const inner = (block: Block, scope: Scope): Block[] => block.blocks.filter((one) => one.scope === scope)

function membersByType(block: Block): Map<string, Set<string>> {
  return new Map(
    inner(block, 'protection').map((protection) => [
      entryOf(protection, 'name')?.value ?? '',
      new Set(protection.entries.filter(({ key }) => key === 'member').map(({ value }) => value)),
    ]),
  )
}

/** In the source the values of one name may stand apart; in the order of the source they are the same. */
function planAttributes({ attributes }: CsiConfig, block: Block | null): PlannedCsi['attributes'] {
  const entries = block?.entries.filter(({ key }) => key === 'attribute') ?? []
  const byName = new Map<string, Entry[]>()
  for (const entry of entries) {
    const name = trimmed(entry.value.slice(0, entry.value.indexOf(':')))
    const others = byName.get(name)
    if (others === undefined) byName.set(name, [entry])
    else others.push(entry)
  }
  return attributes.map(({ name, values }) => {
    const own = byName.get(name) ?? []
    return { name, values: values.map((value, index) => ({ value, entry: own[index] })) }
  })
}

function planInstances(config: GroupConfig, block: Block, types: readonly string[]): PlannedInstance[] {
  const written = inner(block, 'service-instance')
  return config.serviceInstances.map((instance, index) => {
    const own = written.at(index) ?? null
    const csis = own === null ? [] : inner(own, 'csi')
    return {
      config: instance,
      block: own,
      csis: instance.csis.map((csi, place) => {
        const csiBlock = csis.at(place) ?? null
        const type = csiBlock === null ? types[place] : (entryOf(csiBlock, 'protection')?.value ?? csi.name)
        return { config: csi, block: csiBlock, type, attributes: planAttributes(csi, csiBlock) }
      }),
    }
  })
}

/** Pairs what a groups.conf means with where it says so. */
export function planGroups(source: GroupsSource, config: GroupsConfig): PlannedGroup[] {
  const blocks = inner(source.file, 'group')
  return config.groups.map((group, index) => {
    const block = blocks[index]
    const members = membersByType(block)
    const typesOf = new Map<string, string[]>()
    for (const [type, names] of members) {
      for (const name of names) {
        const types = typesOf.get(name)
        if (types === undefined) typesOf.set(name, [type])
        else types.push(type)
      }
    }
    const units = inner(block, 'unit')
    const types = [...members.keys()]
    return {
      config: group,
      block,
      types,
      instances: planInstances(group, block, types),
      units: group.units.map((unit, place) => {
        const unitBlock = units[place]
        const components = inner(unitBlock, 'component')
        return {
          config: unit,
          block: unitBlock,
          components: unit.components.map((component, at) => ({
            config: component,
            blocks: [components[at], unitBlock, block],
            types: typesOf.get(component.name) ?? [],
          })),
        }
      }),
    }
  })
}

/** Reports keys of the source without a counterpart, each once. */
export class Losses {
  private readonly reported = new Set<Entry>()

  /** @param target in words: "an amf.conf" */
  constructor(
    readonly target: string,
    readonly context: CheckContext,
  ) {}

  /** Nothing is reported where the source has no such line: what it means then is what is meant there. */
  lose(entry: Entry | undefined, why: string): void {
    if (entry === undefined || this.reported.has(entry)) return
    this.reported.add(entry)
    reportLost(entry, this.target, why, this.context)
  }
}
