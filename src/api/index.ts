export {
  AisError,
  ClusterChange,
  errorNumbers,
  isAisErrorName,
  LOCAL_NODE_ID,
  TrackFlags,
  type AisErrorName,
  type ClusterNode,
  type ClusterNotification,
  type ClusterQuorum,
  type ClusterView,
} from '../base/index.js'
export { Clm, type ClmEvents, type ClmOptions, type NodeGetResult } from './clm.js'
export { NoExecutiveError } from './no-executive-error.js'
export type { ClusterNotificationBuffer } from './seen-cluster.js'
export type { Version } from './version.js'
