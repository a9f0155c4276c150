import type { Diagnostic } from './model/diagnostic.js'
import type { GroupsConfig } from './model/groups-config.js'
import type { NetworkConfig } from './model/network-config.js'

/**
 * Does groups.conf go with network.conf? A lease must be over before the rest of the cluster counts its
 * node as lost: two leases within one token timeout, for it is renewed until the last word of the others is
 * a lease old.
 * @returns findings about groups.conf as a whole, for the places of its keys are not known any more
 */
export function checkLease({ leaseMs }: GroupsConfig, network: NetworkConfig): Diagnostic[] {
  const longestMs = Math.floor(network.tokenTimeoutMs / 2)
  if (leaseMs === null || leaseMs <= longestMs) return []
  return [
    {
      severity: 'error',
      code: 'value-conflict',
      line: 1,
      column: 1,
      length: 1,
      key: 'lease',
      message: `lease (${leaseMs}) is longer than half of token (${network.tokenTimeoutMs}) of network.conf`,
      expected: `lease at most ${longestMs}, or a token of ${2 * leaseMs} or more`,
      source: null,
      fix: null,
    },
  ]
}
