import type { SafKind } from '../saf/tree.js'

// Classes of OpenSAF's information model for availability management, and what becomes of their attributes.

export type Conversion = 'plain' | 'time' | 'model' | 'capability' | 'recovery' | 'category' | 'rdn' | 'type'

/** What an attribute is in amf.conf; null: it only ties the model together, or says what is so anyhow. */
export type Meaning = null | readonly [attribute: string, conversion: Conversion]

export interface ImmClass {
  /** Objects that amf.conf has as well. */
  readonly kind: SafKind | null
  /** The attribute with the name of the object's type, whose values hold where it has none of its own. */
  readonly type: string | null
  readonly attributes: Readonly<Record<string, Meaning>>
}

const structure = (...names: string[]): ImmClass => ({
  kind: null,
  type: null,
  attributes: Object.fromEntries(names.map((name) => [name, null])),
})

const instance = (
  kind: SafKind,
  type: string | null,
  attributes: Readonly<Record<string, Meaning>>,
): ImmClass => ({ kind, type, attributes: type === null ? attributes : { ...attributes, [type]: null } })

const typeOf = (attributes: Readonly<Record<string, Meaning>>): ImmClass => ({
  kind: null,
  type: null,
  attributes,
})

const same = (...names: string[]): Record<string, Meaning> =>
  Object.fromEntries(names.map((name) => [name, [name, 'plain'] as const]))

const times = (...names: string[]): Record<string, Meaning> =>
  Object.fromEntries(names.map((name) => [name, [name, 'time'] as const]))

const groups: Readonly<Record<string, ImmClass>> = {
  SaAmfApplication: instance('safApp', 'saAmfAppType', {}),
  SaAmfSG: instance('safSg', 'saAmfSGType', {
    ...same('saAmfSGAutoRepair', 'saAmfSGAutoAdjust', 'saAmfSGNumPrefActiveSUs', 'saAmfSGNumPrefStandbySUs'),
    ...same('saAmfSGNumPrefInserviceSUs', 'saAmfSGNumPrefAssignedSUs', 'saAmfSGSuHostNodeGroup'),
    ...same('saAmfSGCompRestartMax', 'saAmfSGSuRestartMax', 'saAmfSGAdminState'),
    ...times('saAmfSGCompRestartProb', 'saAmfSGSuRestartProb', 'saAmfSGAutoAdjustProb'),
    saAmfSGMaxActiveSIsperSU: ['saAmfSGMaxActiveSIsperSUs', 'plain'],
    saAmfSGMaxStandbySIsperSU: ['saAmfSGMaxStandbySIsperSUs', 'plain'],
  }),
  SaAmfSGType: typeOf({
    saAmfSgtRedundancyModel: ['saAmfSGRedundancyModel', 'model'],
    saAmfSgtValidSuTypes: null,
    saAmfSgtDefAutoRepair: ['saAmfSGAutoRepair', 'plain'],
    saAmfSgtDefAutoAdjust: ['saAmfSGAutoAdjust', 'plain'],
    saAmfSgtDefAutoAdjustProb: ['saAmfSGAutoAdjustProb', 'time'],
    saAmfSgtDefCompRestartProb: ['saAmfSGCompRestartProb', 'time'],
    saAmfSgtDefCompRestartMax: ['saAmfSGCompRestartMax', 'plain'],
    saAmfSgtDefSuRestartProb: ['saAmfSGSuRestartProb', 'time'],
    saAmfSgtDefSuRestartMax: ['saAmfSGSuRestartMax', 'plain'],
  }),
  SaAmfSU: instance('safSu', 'saAmfSUType', {
    ...same('saAmfSURank', 'saAmfSUFailover', 'saAmfSUAdminState'),
    saAmfSUHostNodeOrNodeGroup: ['saAmfSUHostedByNode', 'plain'],
  }),
  SaAmfSUType: typeOf({
    saAmfSutIsExternal: ['saAmfSUIsExternal', 'plain'],
    saAmfSutDefSUFailover: ['saAmfSUFailover', 'plain'],
    saAmfSutProvidesSvcTypes: null,
  }),
}

const components: Readonly<Record<string, ImmClass>> = {
  SaAmfComp: instance('safComp', 'saAmfCompType', {
    ...same('saAmfCompDisableRestart'),
    ...times('saAmfCompInstantiateTimeout', 'saAmfCompQuiescingCompleteTimeout'),
    saAmfCompRecoveryOnError: ['saAmfCompRecoveryOnError', 'recovery'],
  }),
  SaAmfCompType: typeOf({
    saAmfCtCompCategory: ['saAmfCompCategory', 'category'],
    saAmfCtDefClcCliTimeout: ['saAmfCompDefaultClcCliTimeout', 'time'],
    saAmfCtDefCallbackTimeout: ['saAmfCompDefaultCallbackTimeOut', 'time'],
    saAmfCtDefQuiescingCompleteTimeout: ['saAmfCompQuiescingCompleteTimeout', 'time'],
    saAmfCtDefRecoveryOnError: ['saAmfCompRecoveryOnError', 'recovery'],
    saAmfCtDefDisableRestart: ['saAmfCompDisableRestart', 'plain'],
  }),
  SaAmfCompCsType: typeOf({
    saAmfCompNumMaxActiveCSIs: ['saAmfCompNumMaxActiveCsi', 'plain'],
    saAmfCompNumMaxStandbyCSIs: ['saAmfCompNumMaxStandbyCsi', 'plain'],
  }),
  SaAmfCtCsType: typeOf({
    saAmfCtCompCapability: ['saAmfCompCapability', 'capability'],
    saAmfCtDefNumMaxActiveCSIs: ['saAmfCompNumMaxActiveCsi', 'plain'],
    saAmfCtDefNumMaxStandbyCSIs: ['saAmfCompNumMaxStandbyCsi', 'plain'],
  }),
  SaAmfHealthcheck: typeOf(times('saAmfHealthcheckPeriod', 'saAmfHealthcheckMaxDuration')),
  SaAmfHealthcheckType: typeOf({
    saAmfHctDefPeriod: ['saAmfHealthcheckPeriod', 'time'],
    saAmfHctDefMaxDuration: ['saAmfHealthcheckMaxDuration', 'time'],
  }),
}

const instances: Readonly<Record<string, ImmClass>> = {
  SaAmfSI: instance('safSi', 'saAmfSvcType', {
    ...same('saAmfSIRank', 'saAmfSIPrefActiveAssignments', 'saAmfSIPrefStandbyAssignments'),
    ...same('saAmfSIAdminState'),
    saAmfSIProtectedbySG: ['saAmfSIProtectedbySG', 'rdn'],
  }),
  SaAmfCSI: instance('safCsi', null, { saAmfCSType: ['saAmfCSTypeName', 'type'] }),
  SaAmfCSIAttribute: instance('safCSIAttr', null, { saAmfCSIAttriValue: ['value', 'plain'] }),
  SaAmfCSType: structure('saAmfCSAttrName'),
}

const nodes: Readonly<Record<string, ImmClass>> = {
  SaAmfCluster: instance('safAmfCluster', null, {
    saAmfClusterClmCluster: null,
    saAmfClusterStartupTimeout: ['saAmfClusterStartupTimeout', 'time'],
  }),
  SaAmfNode: instance('safAmfNode', null, {
    ...same('saAmfNodeSuFailoverMax', 'saAmfNodeAdminState', 'saAmfNodeAutoRepair'),
    ...same('saAmfNodeFailfastOnTerminationFailure', 'saAmfNodeFailfastOnInstantiationFailure'),
    ...times('saAmfNodeSuFailOverProb'),
    saAmfNodeClmNode: ['saAmfNodeClmNode', 'rdn'],
  }),
  SaAmfNodeGroup: structure('saAmfNGNodeList'),
  SaClmCluster: structure(),
  SaClmNode: structure(),
}

/** Types that only tie others together. */
const ties: Readonly<Record<string, ImmClass>> = {
  SaAmfAppBaseType: structure(),
  SaAmfSGBaseType: structure(),
  SaAmfSUBaseType: structure(),
  SaAmfCompBaseType: structure(),
  SaAmfSvcBaseType: structure(),
  SaAmfCSBaseType: structure(),
  SaAmfAppType: structure('saAmfApptSGTypes'),
  SaAmfSvcType: structure(),
  SaAmfSutCompType: structure(),
  SaAmfSvcTypeCSTypes: structure(),
}

/** By the class; what is not here is reported and left out. */
export const immClasses: ReadonlyMap<string, ImmClass> = new Map(
  Object.entries({ ...groups, ...components, ...instances, ...nodes, ...ties }),
)
