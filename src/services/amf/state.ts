import type {
  AdminState,
  EntityKind,
  HaState,
  OperationalState,
  PresenceState,
  ReadinessState,
  Transition,
} from '../../base/index.js'
import type { FailureCause } from './messages.js'

/** What a component is to do next. It has at most one operation at a time; its node sees to it. */
export type Operation = {
  /** Grows over all components. */
  readonly id: number
} & (
  | { readonly kind: 'readiness'; readonly readiness: ReadinessState }
  | {
      readonly kind: 'csi-set'
      readonly instance: string
      readonly csi: string
      readonly haState: HaState
      /** Fencing token of the activation; that of the last one for other states than active. */
      readonly epoch: bigint
      readonly transition: Transition
      /** Component and node active for this CSI, or the one that was before; null: none. */
      readonly activeComponent: string | null
      readonly activeNode: string | null
      /** Among the standbys, 0 the first; 0 for other states. */
      readonly standbyRank: number
    }
  | { readonly kind: 'csi-remove'; readonly instance: string; readonly csi: string }
  | { readonly kind: 'terminate' }
)

/** A CSI that a component holds, as far as it has answered. */
export interface HeldCsi {
  readonly instance: string
  readonly haState: HaState
  readonly epoch: bigint
  /** The operation by which it came to this. */
  readonly operation: number
}

/** Events within a probation time. */
export interface Counter {
  readonly count: number
  /** Of the first of them, milliseconds since 1970. */
  readonly sinceMs: number
}

export interface ComponentState {
  readonly name: string
  /** Where it is registered; 0: it is not. */
  node: number
  incarnation: number
  registration: number
  proxy: string | null
  presence: PresenceState
  operational: OperationalState
  /** What it was told last. */
  readiness: ReadinessState
  /** Why it is disabled; null: it is not. */
  error: { readonly cause: FailureCause; readonly text: string } | null
  /** It failed, and may hold what it held before. */
  isCleaning: boolean
  /** It has agreed to end: the end of its connection is awaited. */
  isEnding: boolean
  readonly csis: Map<string, HeldCsi>
  operation: Operation | null
  restarts: Counter | null
}

export interface UnitState {
  readonly name: string
  admin: AdminState
  /** Both follow from its components, its node, and what administrators ordered. */
  operational: OperationalState
  readiness: ReadinessState
  /** Since when by `stamp`; the later one counts when sides merge. */
  adminStamp: number
  restarts: Counter | null
}

export interface InstanceState {
  readonly name: string
  admin: AdminState
  adminStamp: number
  /** Of the last activation; 0n: none yet. */
  epoch: bigint
  /** What is aimed at: units. */
  active: readonly string[]
  standby: readonly string[]
}

/** Of groups, by name. */
export interface GroupState {
  readonly name: string
  admin: AdminState
  adminStamp: number
}

/** A node that holds this state, as long as it is a member. */
export interface PresentNode {
  readonly nodeId: number
  readonly incarnation: number
  readonly name: string
  readonly digest: string
}

/** What stays of a node when it goes, by name. */
export interface KnownNode {
  readonly name: string
  admin: AdminState
  adminStamp: number
  operational: OperationalState
  unitFailovers: Counter | null
}

/** One line of why things are as they are. */
export interface Decision {
  /** Grows by one. */
  readonly sequence: number
  /** By the clock of the node whose message led to it, milliseconds since 1970. */
  readonly atMs: number
  /** Name of that node. */
  readonly node: string
  readonly kind: EntityKind
  readonly name: string
  /** In one word: 'registered', 'failed', 'in-service', 'assigned' … */
  readonly what: string
  /** A sentence: the event and the rule. */
  readonly text: string
}

export interface AmfState {
  /** Of the last view message. */
  viewNumber: number
  /** Node id and incarnation. */
  members: readonly (readonly [number, number])[]
  quorate: boolean
  votes: number
  expected: number | null
  /** Of the configuration all hold; '' while there is none. */
  digest: string
  text: string
  readonly present: Map<number, PresentNode>
  readonly nodes: Map<string, KnownNode>
  readonly groups: Map<string, GroupState>
  readonly units: Map<string, UnitState>
  readonly components: Map<string, ComponentState>
  readonly instances: Map<string, InstanceState>
  /** Of the last operation. */
  lastOperation: number
  /** Of the last change of an administrative state. */
  lastStamp: number
  decisions: Decision[]
  lastDecision: number
}
