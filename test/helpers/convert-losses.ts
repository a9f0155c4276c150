import type { Block, Scope } from '../../src/config/groups/block.js'
import { parseBlocks } from '../../src/config/groups/parse-blocks.js'
import { CheckContext } from '../../src/config/check-context.js'
import type { FormatName } from '../../src/config/convert/format.js'
import type { Diagnostic } from '../../src/config/index.js'
import type { GroupsConfig } from '../../src/config/model/groups-config.js'

// Is what came back from another format what was there, except for what was reported as lost?

type Loose = Record<string, unknown>

/** The objects of a configuration that a block of a classic text is about, by what is in it. */
interface Reach {
  readonly file: Loose
  readonly groups: Loose[]
  readonly units: Loose[]
  readonly components: Loose[]
  readonly instances: Loose[]
  readonly csis: Loose[]
}

/** What a key says, by the kind of object it says it of. */
const fields: Readonly<Record<string, Partial<Record<keyof Reach, readonly string[]>>>> = {
  lease: { file: ['leaseMs'] },
  'takeover-delay': { file: ['takeoverDelayMs'] },
  'no-quorum': { file: ['noQuorum'] },
  'active-units': { groups: ['activeUnits', 'backupUnits'] },
  'backup-units': { groups: ['backupUnits'], instances: ['standbyAssignments'] },
  'max-active-instances': { groups: ['maxActiveInstances'] },
  'max-standby-instances': { groups: ['maxStandbyInstances'] },
  'component-restart-max': { groups: ['componentRestartMax'] },
  'component-restart-probation': { groups: ['componentRestartProbationMs'] },
  'unit-restart-max': { groups: ['unitRestartMax'] },
  'unit-restart-probation': { groups: ['unitRestartProbationMs'] },
  'unit-failover-max': { groups: ['unitFailoverMax', 'unitFailoverProbationMs'] },
  'unit-failover-probation': { groups: ['unitFailoverProbationMs'] },
  rank: { units: ['rank'], instances: ['rank'], csis: ['rank'] },
  model: { components: ['capability', 'maxActiveCsis', 'maxStandbyCsis'] },
  'max-active-csis': { components: ['maxActiveCsis'] },
  'max-standby-csis': { components: ['maxStandbyCsis'] },
  'healthcheck-interval': { components: ['healthcheckIntervalMs'] },
  'healthcheck-max-duration': { components: ['healthcheckMaxDurationMs'] },
  'callback-timeout': { components: ['callbackTimeoutMs'] },
  recovery: { components: ['recovery'] },
  'restart-timeout': { components: ['restartTimeoutMs'] },
  'standby-assignments': { instances: ['standbyAssignments'] },
  attribute: { csis: ['attributes'] },
  node: { units: ['node'] },
}

/** What is reported at a name: of a group that says nothing about failovers, those. */
const namedFields: Readonly<Record<string, (typeof fields)[string]>> = {
  amf: { groups: ['unitFailoverMax', 'unitFailoverProbationMs'] },
  imm: { groups: ['unitFailoverMax', 'unitFailoverProbationMs'] },
  cib: {
    groups: ['name', 'backupUnits'],
    units: ['name'],
    // A component that differs from that of the first unit, where it has no line that says so.
    components: [
      ...['name', 'healthcheckIntervalMs', 'healthcheckMaxDurationMs', 'callbackTimeoutMs'],
      ...['recovery', 'restartTimeoutMs'],
    ],
  },
}

function of(block: Block, scope: Scope): Block[] {
  return block.blocks.filter((inner) => inner.scope === scope)
}

const list = (object: Loose, key: string): Loose[] => object[key] as Loose[]

/** The reach of the block with an entry in a line; a protection has none. */
function reachOf(file: Block, config: Loose, line: number): Reach | null {
  const has = (block: Block): boolean => block.entries.some((entry) => entry.line === line)
  const empty = { file: config, groups: [], units: [], components: [], instances: [], csis: [] }
  if (has(file)) return empty
  for (const [index, group] of of(file, 'group').entries()) {
    const own = list(config, 'groups')[index]
    const units = list(own, 'units')
    const instances = list(own, 'serviceInstances')
    const within = (all: readonly Loose[], key: string): Loose[] => all.flatMap((one) => list(one, key))
    if (has(group)) {
      const components = within(units, 'components')
      return { ...empty, groups: [own], units: [], components, instances, csis: [] }
    }
    for (const [place, unit] of of(group, 'unit').entries()) {
      const components = list(units[place], 'components')
      if (has(unit)) return { ...empty, units: [units[place]], components }
      for (const [at, component] of of(unit, 'component').entries())
        if (has(component)) return { ...empty, components: [components[at]] }
    }
    for (const [place, instance] of of(group, 'service-instance').entries()) {
      if (has(instance)) return { ...empty, instances: [instances[place]] }
      for (const [at, csi] of of(instance, 'csi').entries())
        if (has(csi)) return { ...empty, csis: [list(instances[place], 'csis')[at]] }
    }
  }
  return null
}

/** Members in one order: which of a unit carries is told by the order of the unit. */
function plain(config: GroupsConfig): Loose {
  const loose = structuredClone(config) as unknown as Loose
  for (const group of list(loose, 'groups')) {
    if (group.unitFailoverMax === null) group.unitFailoverProbationMs = 0
    for (const instance of list(group, 'serviceInstances'))
      for (const csi of list(instance, 'csis')) (csi.members as string[]).sort()
  }
  return loose
}

/**
 * A group with the service instances that a classic group implies comes back as one: that it is one changes
 * only what a capability model without standby is given, and such a group has no standbys.
 */
function levelClassic(before: Loose, after: Loose): void {
  for (const [index, group] of list(before, 'groups').entries()) {
    const other = list(after, 'groups')[index]
    if (other === undefined || group.isClassic === other.isClassic || group.isClassic === true) continue
    for (const one of [group, other]) {
      one.isClassic = 'either'
      for (const component of list(one, 'units').flatMap((unit) => list(unit, 'components')))
        if (!String(component.capability).endsWith('standby')) component.maxStandbyCsis = null
    }
  }
}

/**
 * A CIB has neither service instances nor protections: their blocks are reported as a whole. Its units have
 * all as many components; one that has not is reported at its name.
 */
function levelClones(before: Loose, after: Loose): void {
  for (const config of [before, after]) {
    for (const group of list(config, 'groups'))
      Object.assign(group, { serviceInstances: [], isClassic: 'either', maxActiveInstances: 'either' })
  }
  const units = (config: Loose): Loose[] => list(config, 'groups').flatMap((group) => list(group, 'units'))
  const others = units(after)
  for (const [index, unit] of units(before).entries()) {
    if (unit.name !== 'lost' || list(unit, 'components').length === list(others[index], 'components').length)
      continue
    for (const one of [unit, others[index]]) one.components = 'lost'
  }
}

/**
 * Both meanings with everything blanked that the diagnostics report as lost, by lines of the classic text:
 * they are to be the same.
 */
export function withoutLosses(
  text: string,
  before: GroupsConfig,
  after: GroupsConfig,
  diagnostics: readonly Diagnostic[],
  format: FormatName,
): { readonly before: unknown; readonly after: unknown } {
  const { file } = parseBlocks(text, new CheckContext())
  const both = { before: plain(before), after: plain(after) }
  for (const { code, key, line } of diagnostics) {
    if (code !== 'not-convertible' || key === null) continue
    const said = key === 'name' ? namedFields[format] : fields[key]
    for (const config of [both.before, both.after]) {
      const reach = said === undefined ? null : reachOf(file, config, line)
      if (reach === null || said === undefined) continue
      for (const [kind, names] of Object.entries(said)) {
        // The name of a unit is not that of its components.
        if (key === 'name' && kind === 'components' && reach.units.length > 0) continue
        const objects = reach[kind as keyof Reach]
        for (const object of Array.isArray(objects) ? objects : [objects])
          for (const name of names) object[name] = 'lost'
      }
    }
  }
  levelClassic(both.before, both.after)
  if (format === 'cib') levelClones(both.before, both.after)
  return both
}
