import type { ComponentRecovery } from '../../../base/index.js'

/** Score of a node for a unit of rank 0; of each further rank one less. */
export const RANK_SCORE = 1000

/** What pacemaker takes for the highest score. */
export const INFINITY_SCORE = 1_000_000

/** Meta attribute with the name of a group whose id is another. */
export const NAME_META = 'service-group-name'

/** Meta attribute with the redundancy model: pacemaker has one for both of ours. */
export const MODEL_META = 'redundancy-model'

/** on-fail, by our recovery. A component that is not to be restarted is told from others by its threshold. */
export const onFailWords: Readonly<Record<ComponentRecovery, string>> = {
  'component-restart': 'restart',
  'unit-restart': 'restart',
  'component-failover': 'restart',
  'node-switchover': 'standby',
  'node-failover': 'fence',
}

const units: Readonly<Record<string, number>> = {
  ms: 1,
  msec: 1,
  s: 1000,
  sec: 1000,
  '': 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
}

/** A time of pacemaker in milliseconds; null: not one that is known. Without a unit it is in seconds. */
export function millisecondsOf(text: string): number | null {
  const match = /^[ \t]{0,9}(\d{1,15})[ \t]{0,9}([a-z]{0,4})[ \t]{0,9}$/.exec(text)
  const factor = match === null ? undefined : units[match[2]]
  return match === null || factor === undefined ? null : Number(match[1]) * factor
}
