import type { CapabilityModel, ComponentRecovery, RedundancyModel } from '../../base/index.js'
import type { SourcePosition } from '../model/network-config.js'
import type { Fields, Given } from './fields.js'

// What the blocks of a groups.conf say, each with its place, before it is known whether they agree.

/** Something that has a name. */
export interface Named {
  /** null: it has none, or no good one; that is reported. */
  readonly name: string | null
  /** Of the name, else of the block. */
  readonly place: SourcePosition
  readonly fields: Fields
}

export interface ComponentDraft extends Named {
  readonly unit: UnitDraft
  /** Place in its unit. */
  readonly index: number
  readonly capability: CapabilityModel
  /** As far as the file says a number, or the model does. */
  readonly maxActiveCsis: number | null
  readonly maxStandbyCsis: number | null
  readonly recovery: Given<ComponentRecovery> | undefined
  readonly restartTimeout: Given<number> | undefined
}

export interface UnitDraft extends Named {
  readonly group: GroupDraft
  readonly components: ComponentDraft[]
}

export interface ProtectionDraft extends Named {
  readonly members: readonly Given<string>[]
  /** The members that exist in its group, each once; found after all groups were read. */
  readonly carriers: ComponentDraft[]
  /** A csi that uses it. */
  isUsed: boolean
}

export interface CsiDraft extends Named {
  readonly rank: number
  /** null: there is none, which is reported. */
  readonly protection: ProtectionDraft | null
  readonly attributes: readonly { readonly name: string; readonly values: string[] }[]
}

export interface InstanceDraft extends Named {
  readonly rank: number
  readonly standbyAssignments: number
  readonly csis: readonly CsiDraft[]
}

export interface GroupDraft extends Named {
  /** null: none, or not one that is served; that is reported. */
  readonly model: RedundancyModel | null
  readonly isClassic: boolean
  readonly activeUnits: number
  readonly backupUnits: number
  readonly units: UnitDraft[]
  readonly protections: ProtectionDraft[]
  readonly instances: InstanceDraft[]
}
