import type { Place } from '../../../../src/doctor/network/place.js'
import { clusterHash } from '../../../../src/totem/wire/header.js'

/** A place on the network, for judgements that send nothing. */
export function testPlace(rest: Partial<Place> = {}): Place {
  const clusterName = rest.clusterName ?? 'test'
  return {
    address: '10.99.0.1',
    interface: 'eth0',
    netmask: '255.255.255.0',
    group: '239.192.77.1',
    port: 6000,
    ttl: 1,
    netmtu: 1500,
    clusterName,
    clusterHash: clusterHash(clusterName),
    nodeId: 1,
    mergeIntervalMs: 200,
    tokenTimeoutMs: 1000,
    ...rest,
  }
}
