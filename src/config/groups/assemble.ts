import type {
  ComponentConfig,
  CsiConfig,
  GroupConfig,
  GroupsConfig,
  ServiceInstanceConfig,
  UnitConfig,
} from '../model/groups-config.js'
import { emptyGroups } from '../model/groups-config.js'
import { recoveryOf } from './check-recovery.js'
import type { ComponentDraft, GroupDraft, ProtectionDraft, UnitDraft } from './draft.js'
import type { Fields } from './fields.js'

/** Of groups without service-instance blocks, as the original had it. */
const CLASSIC_HEALTHCHECK_INTERVAL_MS = 100

function component(draft: ComponentDraft): ComponentConfig {
  const { fields, unit } = draft
  const time = (key: string, fallback: number): number => fields.inherited<number>(key)?.value ?? fallback
  const intervalMs = time('healthcheck-interval', unit.group.isClassic ? CLASSIC_HEALTHCHECK_INTERVAL_MS : 0)
  return {
    name: draft.name!,
    capability: draft.capability,
    maxActiveCsis: draft.maxActiveCsis,
    maxStandbyCsis: draft.maxStandbyCsis,
    recovery: recoveryOf(draft),
    restartTimeoutMs: draft.restartTimeout?.value ?? null,
    healthcheckIntervalMs: intervalMs === 0 ? null : intervalMs,
    healthcheckMaxDurationMs: time('healthcheck-max-duration', 300),
    callbackTimeoutMs: time('callback-timeout', 5000),
  }
}

function unit({ name, fields, components }: UnitDraft): UnitConfig {
  return {
    name: name!,
    node: fields.name('node')?.value ?? null,
    rank: fields.number('rank')?.value ?? 0,
    components: components.map(component),
  }
}

function membersOf({ carriers }: ProtectionDraft): string[] {
  return carriers.map(({ name }) => name!)
}

/** How the implied service instances of a group are told apart. */
export function impliedSuffix(index: number): string {
  return index === 0 ? '' : `#${index + 1}`
}

function impliedInstances({
  name,
  activeUnits,
  backupUnits,
  protections,
}: GroupDraft): ServiceInstanceConfig[] {
  const csis = protections.map((protection): CsiConfig => ({
    name: protection.name!,
    rank: 0,
    members: membersOf(protection),
    attributes: [],
  }))
  return Array.from({ length: activeUnits }, (_, index) => ({
    name: name! + impliedSuffix(index),
    rank: 0,
    standbyAssignments: backupUnits,
    csis: csis.map((csi) => ({ ...csi, name: csi.name + impliedSuffix(index) })),
  }))
}

function writtenInstances({ instances, model }: GroupDraft): ServiceInstanceConfig[] {
  return instances.map(({ name, rank, standbyAssignments, csis }) => ({
    name: name!,
    rank,
    standbyAssignments: model === 'noredundancy' ? 0 : standbyAssignments,
    csis: csis.map((csi) => ({
      name: csi.name!,
      rank: csi.rank,
      members: membersOf(csi.protection!),
      attributes: csi.attributes,
    })),
  }))
}

function group(draft: GroupDraft): GroupConfig {
  const { fields, isClassic, activeUnits, backupUnits, units } = draft
  const number = (key: string, fallback: number): number => fields.number(key)?.value ?? fallback
  const isOne = isClassic || draft.model === 'noredundancy'
  return {
    name: draft.name!,
    model: draft.model!,
    activeUnits,
    backupUnits,
    maxActiveInstances: isOne ? 1 : (fields.number('max-active-instances')?.value ?? null),
    maxStandbyInstances: fields.number('max-standby-instances')?.value ?? null,
    isClassic,
    componentRestartMax: number('component-restart-max', 2),
    componentRestartProbationMs: number('component-restart-probation', 100_000),
    unitRestartMax: number('unit-restart-max', 3),
    unitRestartProbationMs: number('unit-restart-probation', 20_000),
    unitFailoverMax: fields.number('unit-failover-max')?.value ?? null,
    unitFailoverProbationMs: number('unit-failover-probation', 2000),
    units: units.map(unit),
    serviceInstances: isClassic ? impliedInstances(draft) : writtenInstances(draft),
  }
}

/** What drafts without errors come to. */
export function assemble(file: Fields, groups: readonly GroupDraft[]): GroupsConfig {
  return {
    leaseMs: file.number('lease')?.value ?? emptyGroups.leaseMs,
    takeoverDelayMs: file.number('takeover-delay')?.value ?? emptyGroups.takeoverDelayMs,
    noQuorum: (file.name('no-quorum')?.value ?? emptyGroups.noQuorum) as GroupsConfig['noQuorum'],
    groups: groups.map(group),
  }
}
