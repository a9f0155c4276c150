import { inheritedEntry, type Losses, type PlannedComponent, type PlannedGroup } from '../saf/plan.js'
import {
  APPLICATION,
  capabilityOrder,
  capabilityWords,
  modelOrder,
  recoveryOrder,
  recoveryWords,
} from '../saf/words.js'
import { joinDn } from './dn.js'
import { nanoseconds, versionedDn, type ImmFile } from './imm-file.js'

/** Of the commands of components that start by themselves. */
const CLI_TIMEOUT_MS = 10_000
const ADJUST_PROBATION_MS = 10_000

const bundle = joinDn('safSmfBundle', APPLICATION)

/** Types of the components and units of a group: those that are alike have the type of the first of them. */
export interface GroupTypes {
  /** Names of the types of components, and a component that is one. */
  readonly components: ReadonlyMap<string, PlannedComponent>
  readonly componentTypes: ReadonlyMap<PlannedComponent, string>
  /** Names of the types of units, and the types of the components of one. */
  readonly units: ReadonlyMap<string, readonly string[]>
  /** By the place of the unit in its group. */
  readonly unitTypes: readonly string[]
}

function signature({ config, types }: PlannedComponent): string {
  return JSON.stringify([{ ...config, name: '' }, types])
}

/** Names the types of a group. */
export function planTypes(group: PlannedGroup, losses: Losses): GroupTypes {
  const components = new Map<string, PlannedComponent>()
  const componentTypes = new Map<PlannedComponent, string>()
  const byComponent = new Map<string, string>()
  const units = new Map<string, readonly string[]>()
  const byUnit = new Map<string, string>()
  const unitTypes: string[] = []
  for (const unit of group.units) {
    for (const component of unit.components) {
      const key = signature(component)
      const name = byComponent.get(key) ?? component.config.name
      byComponent.set(key, name)
      componentTypes.set(component, name)
      if (!components.has(name)) components.set(name, component)
      if (component.types.length > 0) continue
      const why = 'there it belongs to a type of csis, and the component knows none'
      losses.lose(
        component.blocks[0].entries.find((entry) => entry.key === 'model'),
        why,
      )
      losses.lose(inheritedEntry(component.blocks.slice(0, 1), 'max-active-csis'), why)
      losses.lose(inheritedEntry(component.blocks.slice(0, 1), 'max-standby-csis'), why)
    }
    const members = [...new Set(unit.components.map((component) => componentTypes.get(component)!))]
    const key = JSON.stringify(members)
    const name = byUnit.get(key) ?? unit.config.name
    byUnit.set(key, name)
    units.set(name, members)
    unitTypes.push(name)
  }
  return { components, componentTypes, units, unitTypes }
}

function writeComponentType(name: string, { config, types }: PlannedComponent, file: ImmFile): void {
  const dn = versionedDn('safCompType', name)
  const isAssumed = config.restartTimeoutMs === null
  file.object('SaAmfCompBaseType', joinDn('safCompType', name))
  file.object(
    'SaAmfCompType',
    dn,
    {
      saAmfCtCompCategory: 1,
      saAmfCtSwBundle: bundle,
      saAmfCtDefClcCliTimeout: nanoseconds(config.restartTimeoutMs ?? CLI_TIMEOUT_MS),
      saAmfCtDefCallbackTimeout: nanoseconds(config.callbackTimeoutMs),
      saAmfCtRelPathInstantiateCmd: 'instantiate',
      saAmfCtRelPathCleanupCmd: 'cleanup',
      saAmfCtDefQuiescingCompleteTimeout: nanoseconds(config.callbackTimeoutMs),
      saAmfCtDefRecoveryOnError: recoveryNumber(recoveryWords[config.recovery] ?? 'component_restart'),
      saAmfCtDefDisableRestart: isAssumed ? 1 : 0,
    },
    [
      'saAmfCtRelPathInstantiateCmd',
      'saAmfCtRelPathCleanupCmd',
      ...(isAssumed ? ['saAmfCtDefClcCliTimeout'] : []),
    ],
  )
  for (const type of types) {
    file.object('SaAmfCtCsType', joinDn('safSupportedCsType', versionedDn('safCSType', type), dn), {
      saAmfCtCompCapability: capabilityOrder.indexOf(capabilityWords[config.capability]) + 1,
      saAmfCtDefNumMaxActiveCSIs: config.maxActiveCsis === 0 ? null : config.maxActiveCsis,
      saAmfCtDefNumMaxStandbyCSIs: config.maxStandbyCsis === 0 ? null : config.maxStandbyCsis,
    })
  }
  if (config.healthcheckIntervalMs === null) return
  file.object('SaAmfHealthcheckType', joinDn('safHealthcheckKey', 'default', dn), {
    saAmfHctDefPeriod: nanoseconds(config.healthcheckIntervalMs),
    saAmfHctDefMaxDuration: nanoseconds(config.healthcheckMaxDurationMs),
  })
}

function recoveryNumber(word: string): number {
  return (recoveryOrder as readonly string[]).indexOf(word) + 1
}

function writeGroupTypes(group: PlannedGroup, types: GroupTypes, file: ImmFile): void {
  const { config } = group
  const service = versionedDn('safSvcType', config.name)
  for (const type of group.types) {
    file.object('SaAmfCSBaseType', joinDn('safCSType', type))
    file.object('SaAmfCSType', versionedDn('safCSType', type), {
      saAmfCSAttrName: attributeNames(group, type),
    })
  }
  file.object('SaAmfSvcBaseType', joinDn('safSvcType', config.name))
  file.object('SaAmfSvcType', service)
  for (const type of group.types)
    file.object('SaAmfSvcTypeCSTypes', joinDn('safMemberCSType', versionedDn('safCSType', type), service))
  for (const [name, component] of types.components) writeComponentType(name, component, file)
  for (const [name, members] of types.units) {
    const dn = versionedDn('safSuType', name)
    file.object('SaAmfSUBaseType', joinDn('safSuType', name))
    file.object('SaAmfSUType', dn, {
      saAmfSutIsExternal: 0,
      saAmfSutDefSUFailover: 1,
      saAmfSutProvidesSvcTypes: [service],
    })
    for (const member of members)
      file.object('SaAmfSutCompType', joinDn('safMemberCompType', versionedDn('safCompType', member), dn))
  }
  file.object('SaAmfSGBaseType', joinDn('safSgType', config.name))
  file.object(
    'SaAmfSGType',
    versionedDn('safSgType', config.name),
    {
      saAmfSgtRedundancyModel: modelOrder.indexOf(config.model) + 1,
      saAmfSgtValidSuTypes: [...types.units.keys()].map((name) => versionedDn('safSuType', name)),
      saAmfSgtDefAutoRepair: 1,
      saAmfSgtDefAutoAdjust: 0,
      saAmfSgtDefAutoAdjustProb: nanoseconds(ADJUST_PROBATION_MS),
      saAmfSgtDefCompRestartProb: nanoseconds(config.componentRestartProbationMs),
      saAmfSgtDefCompRestartMax: config.componentRestartMax,
      saAmfSgtDefSuRestartProb: nanoseconds(config.unitRestartProbationMs),
      saAmfSgtDefSuRestartMax: config.unitRestartMax,
    },
    ['saAmfSgtDefAutoAdjustProb'],
  )
}

function attributeNames({ instances }: PlannedGroup, type: string): string[] | null {
  const csis = instances.flatMap((instance) => instance.csis).filter((csi) => csi.type === type)
  const names = new Set(csis.flatMap(({ attributes }) => attributes.map(({ name }) => name)))
  return names.size === 0 ? null : [...names]
}

/** The types of all groups, and the bundle with the programs of their components. */
export function writeTypes(
  groups: readonly PlannedGroup[],
  types: readonly GroupTypes[],
  nodeDns: readonly string[],
  file: ImmFile,
): void {
  if (groups.length === 0) return
  file.comment('Programs. The components start by themselves: OpenSAF wants to start them.')
  file.object('SaSmfSwBundle', bundle)
  for (const dn of nodeDns) {
    const installed = joinDn('safInstalledSwBundle', bundle, dn)
    const path = 'saAmfNodeSwBundlePathPrefix'
    file.object('SaAmfNodeSwBundle', installed, { [path]: `/opt/${APPLICATION}` }, [path])
  }
  file.comment('Types.')
  for (const [index, group] of groups.entries()) writeGroupTypes(group, types[index], file)
  file.object('SaAmfAppBaseType', joinDn('safAppType', APPLICATION))
  file.object('SaAmfAppType', versionedDn('safAppType', APPLICATION), {
    saAmfApptSGTypes: groups.map(({ config }) => versionedDn('safSgType', config.name)),
  })
}
