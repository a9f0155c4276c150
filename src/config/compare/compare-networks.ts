import { findNetworkKey } from '../model/network-keys.js'
import { ownKeys, type EffectiveKey } from '../show/effective.js'
import { sharedValues, type Difference } from './difference.js'

/** What one node goes by. */
export interface NetworkOfNode {
  readonly node: string
  readonly keys: readonly EffectiveKey[]
}

/** They follow from keys that are compared. */
const derivedKeys = ['unicastport', 'lease']

/** Value of a key that the version of a node does not know. */
const UNKNOWN = 'unknown to its version'

function unitOf(key: string): string {
  return findNetworkKey(key)?.unit ?? (key === 'lease' ? 'ms' : '')
}

/**
 * Keys that are not the same on all nodes, in the order of network.conf.
 * @param withOwn those that name or place a node, too: they differ in every cluster
 */
export function compareNetworks(networks: readonly NetworkOfNode[], withOwn: boolean): Difference[] {
  const names = [...new Set(networks.flatMap(({ keys }) => keys.map(({ key }) => key)))]
  return names
    .filter((key) => !derivedKeys.includes(key) && (withOwn || !ownKeys.includes(key)))
    .map((key): Difference => {
      const had = networks.map(({ node, keys }) => {
        const found = keys.find((one) => one.key === key)
        return [node, found === undefined ? UNKNOWN : found.value] as const
      })
      return { file: 'network', path: [], key, unit: unitOf(key), values: sharedValues(had) }
    })
    .filter(({ values }) => values.length > 1)
}
