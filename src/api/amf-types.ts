import type {
  AdminState,
  AisError,
  AssignmentState,
  EntityKind,
  HaState,
  OperationalState,
  PresenceState,
  ProtectionGroupChange,
  ReadinessState,
  RedundancyModel,
  Transition,
} from '../base/index.js'

/** What a component is to work on, and how (SaAmfCSIDescriptorT). */
export interface CsiDescriptor {
  /** One of CsiFlags: for one CSI that is new to the component, for the one named, or for all it has. */
  readonly flags: number
  readonly csiName: string
  /** The service instance that the CSI is a part of. */
  readonly instance: string
  /** Of the CSI, as groups.conf gives them. */
  readonly attributes: ReadonlyMap<string, readonly string[]>
  /**
   * Fencing token: grows with each activation of the service instance. A storage that is handed it with each
   * write can refuse an earlier active that does not know yet that it is none.
   */
  readonly epoch: bigint
  /** For an active: what became of the one before. */
  readonly transition: Transition
  /** Component that is, or was last, active for this CSI; null: none. */
  readonly activeComponent: string | null
  /** Node of that component; null: none. */
  readonly activeNode: string | null
  /** For a standby: 0 takes over first. */
  readonly standbyRank: number
}

/** To be answered with `response`, once. */
export interface ComponentInvocation {
  readonly invocation: number
  readonly component: string
}

/** SaAmfCSISetCallbackT. */
export interface CsiSet extends ComponentInvocation {
  readonly haState: HaState
  readonly csiDescriptor: CsiDescriptor
}

/** SaAmfCSIRemoveCallbackT. */
export interface CsiRemove extends ComponentInvocation {
  readonly csiName: string
  readonly instance: string
  readonly flags: number
}

/** SaAmfHealthcheckCallbackT. */
export interface Healthcheck extends ComponentInvocation {
  readonly key: string
}

/** SaAmfComponentTerminateCallbackT. */
export type ComponentTerminate = ComponentInvocation

/** SaAmfReadinessStateSetCallbackT of A.01.01. */
export interface ReadinessStateSet extends ComponentInvocation {
  readonly readiness: ReadinessState
}

/** The library took back, by itself, what a component held. */
export interface Lapsed {
  readonly component: string
  /**
   * 'lease-over': the executive did not renew the lease in time, or this process did not run;
   * 'connection-lost': the executive is gone; 'demoted': it declared the component failed.
   */
  readonly why: 'lease-over' | 'connection-lost' | 'demoted'
  /** For people. */
  readonly text: string
  /** Names of the CSIs that were taken back. */
  readonly csis: readonly string[]
}

/** SaAmfProtectionGroupMemberT and SaAmfProtectionGroupNotificationT. */
export interface ProtectionGroupMember {
  readonly component: string
  /** null: it has no assignment. */
  readonly haState: HaState | null
  readonly readiness: ReadinessState
  /** Among the standbys. */
  readonly rank: number
  readonly change: ProtectionGroupChange
}

/** SaAmfProtectionGroupTrackCallbackT. */
export interface ProtectionGroupBuffer {
  readonly csiName: string
  readonly members: readonly ProtectionGroupMember[]
  /** Of the group now, whatever is told. */
  readonly numberOfMembers: number
}

/** With what `healthcheckStart` was called beyond the name of the check. */
export interface HealthcheckOptions {
  /** Between two checks, milliseconds; as configured if not given. */
  readonly periodMs?: number
  /** For an answer, milliseconds; as configured if not given. */
  readonly maxDurationMs?: number
}

export interface AmfComponentStatus {
  readonly name: string
  /** Where it is registered; null: nowhere. */
  readonly node: string | null
  readonly operational: OperationalState
  readonly presence: PresenceState
  readonly readiness: ReadinessState
  readonly csis: readonly { readonly csi: string; readonly haState: HaState }[]
  /** Why it is disabled; null: it is not. */
  readonly error: string | null
}

export interface AmfUnitStatus {
  readonly name: string
  readonly node: string | null
  readonly admin: AdminState
  readonly operational: OperationalState
  readonly presence: PresenceState
  readonly readiness: ReadinessState
  readonly haStates: readonly { readonly si: string; readonly haState: HaState }[]
  readonly components: readonly AmfComponentStatus[]
}

export interface AmfInstanceStatus {
  readonly name: string
  readonly admin: AdminState
  readonly assignment: AssignmentState
  /** Names of units. */
  readonly active: readonly string[]
  readonly standby: readonly string[]
}

export interface AmfGroupStatus {
  readonly name: string
  readonly model: RedundancyModel
  readonly admin: AdminState
  readonly units: readonly AmfUnitStatus[]
  readonly serviceInstances: readonly AmfInstanceStatus[]
  readonly protectionGroups: readonly {
    readonly csi: string
    readonly members: readonly {
      readonly component: string
      readonly readiness: ReadinessState
      readonly haState: HaState | null
    }[]
  }[]
}

export interface AmfNodeStatus {
  readonly name: string
  /** null: it is not in the cluster. */
  readonly nodeId: number | null
  readonly admin: AdminState
  readonly operational: OperationalState
  /** It is in the cluster, and its configuration is that of the cluster. */
  readonly participates: boolean
  /** Of its configuration; null: it is not in the cluster. */
  readonly digest: string | null
}

/** The whole of AMF, as `ais amf status` shows it. */
export interface AmfStatus {
  readonly groups: readonly AmfGroupStatus[]
  readonly quorum: {
    readonly quorate: boolean
    readonly votes: number
    /** null: no quorum is configured. */
    readonly expected: number | null
  }
  /** Nothing is under way: all is as it is going to stay until something happens. */
  readonly settled: boolean
  readonly nodes: readonly AmfNodeStatus[]
  /** Digest of the configuration that all hold. */
  readonly configuration: string
}

/** One line of why things are as they are. */
export interface AmfDecision {
  /** Grows by one. */
  readonly sequence: number
  /** Milliseconds since 1970, by the clock of the node below. */
  readonly atMs: number
  /** Whose message led to it. */
  readonly node: string
  readonly kind: EntityKind
  readonly name: string
  /** In one word: 'registered', 'failed', 'assigned' … */
  readonly what: string
  /** The event and the rule. */
  readonly text: string
}

/** Why something is in the state it is in. */
export interface AmfExplanation {
  readonly entity: { readonly kind: EntityKind; readonly name: string }
  /** Its states by name. */
  readonly states: Readonly<Record<string, string | number | boolean | null>>
  /** About it and what it stands on, the newest last. */
  readonly decisions: readonly AmfDecision[]
}

/** What an application is told, and with what: `amf.on('csiSet', (csiSet) => …)`. */
export interface AmfEvents {
  /** A component is given an HA state for a CSI (SaAmfCSISetCallbackT). */
  csiSet: [csiSet: CsiSet]
  /** A CSI is taken from a component (SaAmfCSIRemoveCallbackT). */
  csiRemove: [csiRemove: CsiRemove]
  /** Is the component well (SaAmfHealthcheckCallbackT)? The library answers OK if nobody listens. */
  healthcheck: [healthcheck: Healthcheck]
  /**
   * The component is to end: answer, then end the process (SaAmfComponentTerminateCallbackT). If nobody
   * listens the answer is ERR_FAILED_OPERATION.
   */
  componentTerminate: [componentTerminate: ComponentTerminate]
  /** Readiness of the component (SaAmfReadinessStateSetCallbackT of A.01.01). OK if nobody listens. */
  readiness: [readiness: ReadinessStateSet]
  /** A protection group changed (SaAmfProtectionGroupTrackCallbackT). */
  protectionGroupTrack: [buffer: ProtectionGroupBuffer]
  /** The library took back what a component held; csiSet(quiesced) and csiRemove were told before. */
  lapsed: [lapsed: Lapsed]
  /** The executive would not register a component again, or track a group, that it did before. */
  dropped: [name: string, error: AisError]
  /**
   * The executive is gone: no component holds anything, and calls fail with ERR_TRY_AGAIN until it is back.
   */
  lost: [error: AisError]
  /** The executive is back, and what was registered, checked and tracked is again. */
  restored: []
}
