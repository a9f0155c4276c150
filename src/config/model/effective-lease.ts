import type { GroupsConfig } from './groups-config.js'

/**
 * How long a component may be active without a word of its executive: `lease`, by default half the token
 * timeout, so that a lease is over before the others of the cluster count its node as lost.
 * @param tokenTimeoutMs of network.conf
 */
export function effectiveLeaseMs({ leaseMs }: GroupsConfig, tokenTimeoutMs: number): number {
  return leaseMs ?? Math.floor(tokenTimeoutMs / 2)
}
