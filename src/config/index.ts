export type { Diagnostic, DiagnosticCode, Fix, Severity, TextEdit } from './model/diagnostic.js'
export { diagnosticCodes, type CodeFacts } from './model/diagnostic-codes.js'
export type {
  BindTarget,
  InterfaceAddress,
  InterfaceChoice,
  NetworkConfig,
  SourcePosition,
} from './model/network-config.js'
export {
  emptyGroups,
  type ComponentConfig,
  type CsiConfig,
  type GroupConfig,
  type GroupsConfig,
  type ServiceInstanceConfig,
  type UnitConfig,
} from './model/groups-config.js'
export { effectiveLeaseMs } from './model/effective-lease.js'
export { groupsText, readGroupsText } from './model/groups-text.js'
export { compareGroups } from './compare/compare-groups.js'
export { compareNetworks } from './compare/compare-networks.js'
export type { Difference, SharedValue } from './compare/difference.js'
export { shownGroups, leaseOrigin, type GroupsFile, type ShownEntity } from './show/shown-groups.js'
export { effectiveNetwork, shownNetwork, type NetworkFile } from './show/shown-network.js'
export { originText, type Origin, type ShownKey } from './show/shown-key.js'
export {
  configuredKeys,
  effectiveKeys,
  identityOf,
  ownKeys,
  type EffectiveKey,
  type Host,
  type Identity,
  type KeyValue,
} from './show/effective.js'
export { printable } from './check-context.js'
export { checkNetworkText } from './check.js'
export { checkLease } from './check-lease.js'
export { crossCheck, type CrossFindings, type Written } from './cross-check.js'
export { chooseInterface, type InterfaceResult } from './choose-interface.js'
export { formatDiagnostic } from './format-diagnostic.js'
export { ipv4ToNumber } from './ipv4.js'
export { repairGroups, repairNetwork, type Repair } from './repair.js'
export { sarifLog, type SarifFile } from './sarif.js'
export { configFileNames, type Checked, type FileForm } from './file-kinds.js'
export {
  configTextOf,
  examineGroupsFile,
  examineGroupsIn,
  examineGroupsOctets,
  examineNetworkFile,
  examineNetworkIn,
  examineNetworkOctets,
  isMissing,
  listInterfaces,
  loadConfigText,
  loadGroupsConfig,
  loadGroupsFile,
  loadGroupsOctets,
  loadNetworkConfig,
  loadNetworkFile,
  loadNetworkOctets,
  type ExaminedGroups,
  type ExaminedNetwork,
  type Loaded,
  type LoadedGroupsConfig,
  type LoadedNetworkConfig,
} from './loader.js'
export { loadUserSettings, type LoadedUserSettings, type UserSettings } from './loader-settings.js'
export { nearest } from './nearest.js'
export {
  durationText,
  octetsText,
  parseDuration,
  parseOctets,
  parseSeconds,
  type ParsedQuantity,
} from './quantities.js'
export { groupsSchema } from './schema/groups-schema.js'
export { networkSchema } from './schema/network-schema.js'
