import type { HaState, ReadinessState } from '../base/index.js'
import type {
  ComponentTerminate,
  CsiRemove,
  CsiSet,
  Healthcheck,
  ProtectionGroupBuffer,
  ReadinessStateSet,
} from '../api/index.js'
import { printable } from '../config/index.js'

/** What `ais amf test --json` prints for each callback. What there is not is null. */
export interface CallbackLine {
  readonly callback: 'csi-set' | 'csi-remove' | 'healthcheck' | 'readiness' | 'terminate' | 'protection-group'
  /** null: about a protection group. */
  readonly component: string | null
  readonly csi: string | null
  readonly haState: HaState | null
  readonly readiness: ReadinessState | null
}

/** A csi-set has more to tell. */
export interface CsiSetLine extends CallbackLine {
  readonly si: string
  readonly flags: number
  /** Fencing token, in decimal: it is more than a number of JSON holds. */
  readonly epoch: string
  readonly transition: string
  readonly activeComponent: string | null
  readonly activeNode: string | null
  readonly standbyRank: number
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

const haNames: Readonly<Record<HaState, string>> = {
  active: 'SA_AMF_ACTIVE',
  standby: 'SA_AMF_STANDBY',
  quiescing: 'SA_AMF_QUIESCING',
  quiesced: 'SA_AMF_QUIESCED',
}

const readinessNames: Readonly<Record<ReadinessState, string>> = {
  'out-of-service': 'SA_AMF_OUT_OF_SERVICE',
  'in-service': 'SA_AMF_IN_SERVICE',
  stopping: 'SA_AMF_STOPPING',
}

/** The test program of the original package told of health checks by the score. */
const HEALTHCHECKS_TOLD = 20

/** A callback as the test programs of the original package told of it, and as --json does. */
export interface ToldCallback {
  /** null: not worth a line for people. */
  readonly text: string | null
  readonly line: CallbackLine
}

export function toldCsiSet({ component, haState, csiDescriptor }: CsiSet): ToldCallback {
  const { csiName: csi, instance: si, attributes, epoch, ...rest } = csiDescriptor
  const line: CsiSetLine = {
    callback: 'csi-set',
    component,
    csi,
    haState,
    readiness: null,
    si,
    ...rest,
    epoch: String(epoch),
    attributes: Object.fromEntries(attributes),
  }
  const who = printable(`'${component}' for CSI '${csi}'`)
  return { text: `CSISetCallback: ${who} requested to enter hastate ${haNames[haState]}.`, line }
}

export function toldCsiRemove({ component, csiName: csi }: CsiRemove): ToldCallback {
  const line: CallbackLine = { callback: 'csi-remove', component, csi, haState: null, readiness: null }
  return { text: `CSIRemoveCallback: ${printable(`'${component}' for CSI '${csi}'`)}`, line }
}

export function toldReadiness({ component, readiness }: ReadinessStateSet): ToldCallback {
  const line: CallbackLine = { callback: 'readiness', component, csi: null, haState: null, readiness }
  const state = readinessNames[readiness]
  const who = printable(`'${component}'`)
  return { text: `ReadinessStateSetCallback: ${who} requested to enter operational state ${state}.`, line }
}

export function toldTerminate({ component }: ComponentTerminate): ToldCallback {
  const line: CallbackLine = {
    callback: 'terminate',
    component,
    csi: null,
    haState: null,
    readiness: null,
  }
  return { text: `ComponentTerminateCallback: ${printable(`'${component}'`)}`, line }
}

/** @param count of the health checks of this component, with this one */
export function toldHealthcheck({ component, key }: Healthcheck, count: number): ToldCallback {
  const isTold = count % HEALTHCHECKS_TOLD === 0
  const text = `${count} HealthcheckCallback have occured for component: ${printable(component)}`
  const line = {
    callback: 'healthcheck' as const,
    component,
    csi: null,
    haState: null,
    readiness: null,
    key,
    count,
  }
  return { text: isTold ? text : null, line }
}

export function toldProtectionGroup({ csiName: csi, ...rest }: ProtectionGroupBuffer): ToldCallback {
  const members = rest.members.map(
    ({ component, haState, readiness }) =>
      `${component} ${haState === null ? readinessNames[readiness] : haNames[haState]}`,
  )
  const line = {
    callback: 'protection-group' as const,
    component: null,
    csi,
    haState: null,
    readiness: null,
    ...rest,
  }
  return { text: printable(`ProtectionGroupTrackCallback: '${csi}': ${members.join(', ')}`), line }
}
