export {
  adminOperations,
  AisError,
  CheckpointCreationFlags,
  CheckpointOpenFlags,
  ClusterChange,
  CsiFlags,
  errorNumbers,
  entityKinds,
  haStates,
  isAisErrorName,
  LOCAL_NODE_ID,
  recoveries,
  SectionsChosen,
  TIME_END,
  TrackFlags,
  type AdminOperation,
  type AdminState,
  type AisErrorName,
  type AssignmentState,
  type CpgAddress,
  type CpgReason,
  type EntityKind,
  type HaState,
  type OperationalState,
  type PresenceState,
  type ProtectionGroupChange,
  type ReadinessState,
  type Recovery,
  type RedundancyModel,
  type Transition,
  type CheckpointChangeKind,
  type CheckpointCreationAttributes,
  type ClusterNode,
  type ClusterNotification,
  type ClusterQuorum,
  type ClusterView,
} from '../base/index.js'
export type { AnswerCode } from './amf-invocations.js'
export type * from './amf-types.js'
export { Amf, type AmfOptions } from './amf.js'
export { CheckpointVectorError } from './checkpoint-vector-error.js'
export { Checkpoint, type CheckpointEvents } from './checkpoint.js'
export type * from './ckpt-types.js'
export { Ckpt, type CkptEvents, type CkptOptions } from './ckpt.js'
export { Clm, type ClmEvents, type ClmOptions, type NodeGetResult } from './clm.js'
export { CpgGroup } from './cpg-group.js'
export type * from './cpg-types.js'
export { Cpg, type CpgOptions } from './cpg.js'
export {
  NodeConfigurations,
  type ConfigurationFile,
  type EffectiveNetworkKey,
  type NodeConfiguration,
} from './node-configurations.js'
export { NoExecutiveError } from './no-executive-error.js'
export { SectionIterator } from './section-iterator.js'
export type { ClusterNotificationBuffer } from './seen-cluster.js'
export type { Version } from './version.js'
