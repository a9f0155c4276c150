// Names and values of the Availability Management Framework, for every room. Sources: SAI-AIS-AMF-B.01.01
// chapter 3 and 6, SAI-AIS-AMF-A.01.01.

/** How the units of a group back each other (SaAmfRedundancyModelT). */
export const redundancyModels = ['2n', 'nplusm', 'nway', 'nwayactive', 'noredundancy'] as const
export type RedundancyModel = (typeof redundancyModels)[number]

/** What a component can be for its component service instances (SaAmfComponentCapabilityModelT). */
export const capabilityModels = [
  'x_active_and_y_standby',
  'x_active_or_y_standby',
  '1_active_or_y_standby',
  '1_active_or_1_standby',
  'x_active',
  '1_active',
  'no_active',
] as const
export type CapabilityModel = (typeof capabilityModels)[number]

/**
 * What is to be done about an error (SaAmfRecommendedRecoveryT of B.01.01). 'no-recommendation': what is
 * configured. node-failfast is done as node-failover; application-restart and cluster-reset are not
 * offered.
 */
export const recoveries = [
  'no-recommendation',
  'component-restart',
  'unit-restart',
  'component-failover',
  'node-switchover',
  'node-failover',
] as const
export type Recovery = (typeof recoveries)[number]
export type ComponentRecovery = Exclude<Recovery, 'no-recommendation'>

/** State of a component or unit for one assignment (SaAmfHAStateT). */
export const haStates = ['active', 'standby', 'quiescing', 'quiesced'] as const
export type HaState = (typeof haStates)[number]

/** May it be given assignments (SaAmfReadinessStateT)? */
export const readinessStates = ['out-of-service', 'in-service', 'stopping'] as const
export type ReadinessState = (typeof readinessStates)[number]

export const operationalStates = ['enabled', 'disabled'] as const
export type OperationalState = (typeof operationalStates)[number]

/** What the administrator wants (SaAmfAdminStateT). */
export const adminStates = ['unlocked', 'locked', 'locked-instantiation', 'shutting-down'] as const
export type AdminState = (typeof adminStates)[number]

/** Is there a process (SaAmfPresenceStateT)? */
export const presenceStates = [
  'uninstantiated',
  'instantiating',
  'instantiated',
  'terminating',
  'restarting',
  'instantiation-failed',
  'termination-failed',
] as const
export type PresenceState = (typeof presenceStates)[number]

/** SaAmfAdminOperationIdT. */
export const adminOperations = [
  'lock',
  'unlock',
  'lock-in',
  'unlock-in',
  'shutdown',
  'restart',
  'repaired',
  'si-swap',
] as const
export type AdminOperation = (typeof adminOperations)[number]

/** Kinds of things that have a name and a state. */
export const entityKinds = ['node', 'group', 'unit', 'component', 'service-instance', 'csi'] as const
export type EntityKind = (typeof entityKinds)[number]

/** How a component comes to be active (SaAmfCSITransitionDescriptorT). */
export const transitions = ['new-assignment', 'quiesced', 'not-quiesced', 'still-active'] as const
export type Transition = (typeof transitions)[number]

/** Which CSIs of a component a callback is about (SaAmfCSIFlagsT). */
export const CsiFlags = {
  /** One that the component did not have (SA_AMF_CSI_ADD_ONE). */
  CSI_ADD_ONE: 1,
  /** One that it has (SA_AMF_CSI_TARGET_ONE). */
  CSI_TARGET_ONE: 2,
  /** All that it has (SA_AMF_CSI_TARGET_ALL). */
  CSI_TARGET_ALL: 4,
} as const

/** What became of a component of a protection group (SaAmfProtectionGroupChangesT). */
export const protectionGroupChanges = ['no-change', 'added', 'removed', 'state-change'] as const
export type ProtectionGroupChange = (typeof protectionGroupChanges)[number]

/**
 * How much of a service instance is assigned: all it asks for, some of it (an active at least), no active.
 */
export const assignmentStates = ['full', 'partial', 'none'] as const
export type AssignmentState = (typeof assignmentStates)[number]
