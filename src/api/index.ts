export {
  AisError,
  CheckpointCreationFlags,
  CheckpointOpenFlags,
  ClusterChange,
  errorNumbers,
  isAisErrorName,
  LOCAL_NODE_ID,
  SectionsChosen,
  TIME_END,
  TrackFlags,
  type AisErrorName,
  type CheckpointChangeKind,
  type CheckpointCreationAttributes,
  type ClusterNode,
  type ClusterNotification,
  type ClusterQuorum,
  type ClusterView,
} from '../base/index.js'
export { CheckpointVectorError } from './checkpoint-vector-error.js'
export { Checkpoint, type CheckpointEvents } from './checkpoint.js'
export type * from './ckpt-types.js'
export { Ckpt, type CkptEvents, type CkptOptions } from './ckpt.js'
export { Clm, type ClmEvents, type ClmOptions, type NodeGetResult } from './clm.js'
export { NoExecutiveError } from './no-executive-error.js'
export { SectionIterator } from './section-iterator.js'
export type { ClusterNotificationBuffer } from './seen-cluster.js'
export type { Version } from './version.js'
