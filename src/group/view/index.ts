export { isSameStretch, type Lineage, type LineageEntry, type Stretch } from './lineage.js'
export type { QuorumSettings } from './quorum.js'
export type {
  Gate,
  PlainService,
  ReplicatedService,
  SnapshotReader,
  SnapshotWriter,
  Transferred,
  ViewedService,
  ViewListener,
} from './replicated-service.js'
export type { QuorumState, View, ViewMember } from './view.js'
export type { Apartness } from './views.js'
export { ViewLayer, type ViewLayerOptions, type ViewLayerPort } from './view-layer.js'
export { MESSAGE_HEADER_OCTETS } from './wire.js'
