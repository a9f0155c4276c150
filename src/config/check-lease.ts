import type { Finding } from './check-context.js'
import type { Diagnostic } from './model/diagnostic.js'
import type { GroupsConfig } from './model/groups-config.js'
import type { NetworkConfig } from './model/network-config.js'

/**
 * Does groups.conf go with network.conf? A lease must be over before the rest of the cluster counts its
 * node as lost: two leases within one token timeout, for it is renewed until the last word of the others is
 * a lease old.
 * @returns null if it does
 */
export function leaseFinding({ leaseMs }: GroupsConfig, network: NetworkConfig): Finding | null {
  const longestMs = Math.floor(network.tokenTimeoutMs / 2)
  if (leaseMs === null || leaseMs <= longestMs) return null
  return {
    code: 'value-conflict',
    message: `lease (${leaseMs}) is longer than half of token (${network.tokenTimeoutMs}) of network.conf`,
    expected: `lease at most ${longestMs}, or a token of ${2 * leaseMs} or more`,
  }
}

/** The same as a finding about groups.conf as a whole, for those who do not know the places of its keys. */
export function checkLease(groups: GroupsConfig, network: NetworkConfig): Diagnostic[] {
  const finding = leaseFinding(groups, network)
  if (finding === null) return []
  const { code, message, expected = null } = finding
  const place = { line: 1, column: 1, length: 1, key: 'lease', source: null }
  return [{ severity: 'error', code, message, expected, fix: null, ...place }]
}
