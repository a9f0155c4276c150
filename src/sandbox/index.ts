export { takeDown, type DownResult } from './down.js'
export { findNode, loadSandbox } from './find-node.js'
export { readGroupsFile, type GroupsFile } from './groups-file.js'
export { clusterCommand } from './hints.js'
export { parseAdded, type AddedLine } from './node-configuration.js'
export {
  killNodes,
  pauseNodes,
  resumeNodes,
  startNodes,
  stopNodes,
  type OrderOptions,
  type OrderResult,
  type TimedOrderOptions,
} from './orders.js'
export { sidesText } from './partition.js'
export type { Presence } from './presence.js'
export { reached, signal } from './processes.js'
export type { Progress } from './progress.js'
export { defaultSocketPath, usualSandboxDirectory } from './runtime-directory.js'
export { SandboxConfigurationError, SandboxError } from './sandbox-error.js'
export type { SandboxNode, SandboxState, Sides } from './sandbox-file.js'
export { heal, partition, type SplitResult } from './split.js'
export { statusOf, type NodeStatus, type SandboxStatus } from './status.js'
export { bringUp, type UpOptions } from './up.js'
