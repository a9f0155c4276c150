import { limits } from '../../base/index.js'
import { ipv4ToNumber } from '../ipv4.js'
import { effectiveLeaseMs } from '../model/effective-lease.js'
import type { GroupsConfig } from '../model/groups-config.js'
import type { InterfaceChoice, NetworkConfig } from '../model/network-config.js'
import { networkKeys, type NetworkKey } from '../model/network-keys.js'

/** What a key comes to; null: nothing. */
export type KeyValue = string | number | null

/** A key of network.conf, or what follows from several, and what the executive makes of it. */
export interface EffectiveKey {
  readonly key: string
  readonly value: KeyValue
}

/** A path that the machine or the environment gives. */
export interface UsualPath {
  readonly path: string
  /** The variable of the environment it comes from; null: none. */
  readonly variable: string | null
}

/** What a configuration leaves to the machine. */
export interface Host {
  readonly hostName: string
  readonly stateDirectory: UsualPath
  readonly socket: UsualPath
}

/** Who a node is, and where it keeps what it has: a configuration completed by its machine. */
export interface Identity {
  readonly nodeId: number
  readonly nodeName: string
  readonly stateDirectory: string
  /** Where applications connect. */
  readonly socketPath: string
  /** How long a component may hold what it holds without a word of its executive. */
  readonly leaseMs: number
}

/** The first octets of a text, as far as a name may go. */
function nameOf(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, limits.nameOctets))
}

export function identityOf(
  config: NetworkConfig,
  groups: GroupsConfig,
  choice: InterfaceChoice,
  host: Host,
): Identity {
  return {
    nodeId: config.nodeId ?? ipv4ToNumber(choice.address)!,
    nodeName: config.nodeName ?? nameOf(host.hostName),
    stateDirectory: config.stateDir ?? host.stateDirectory.path,
    socketPath: config.socket ?? host.socket.path,
    leaseMs: effectiveLeaseMs(groups, config.tokenTimeoutMs),
  }
}

/** What the configuration says of a key, as network.conf would write it; null: nothing, and no default. */
export function configuredValue(key: NetworkKey, config: NetworkConfig): KeyValue {
  if (key.kind === 'original') {
    if (key.name === 'bindnetaddr') return config.bindTarget.text
    return key.name === 'mcastaddr' ? config.mcastAddress : config.mcastPort
  }
  const value = config[key.field]
  if (typeof value !== 'boolean') return value
  return value ? 'yes' : 'no'
}

/** What a configuration says of the keys of network.conf, in their order. */
export function configuredKeys(config: NetworkConfig): EffectiveKey[] {
  return networkKeys.map((key) => ({ key: key.name, value: configuredValue(key, config) }))
}

/** Keys that name or place one node: they differ from node to node. */
export const ownKeys: readonly string[] = [
  'bindnetaddr',
  'interface',
  'address',
  'nodeid',
  'nodename',
  'statedir',
  'socket',
]

/** All that the executive goes by: the keys of network.conf in their order, and what follows from them. */
export function effectiveKeys(
  config: NetworkConfig,
  choice: InterfaceChoice,
  identity: Identity,
): EffectiveKey[] {
  const { nodeId, nodeName, stateDirectory, socketPath } = identity
  const completed: NetworkConfig = {
    ...config,
    nodeId,
    nodeName,
    stateDir: stateDirectory,
    socket: socketPath,
  }
  const keys = networkKeys.flatMap((key): EffectiveKey[] => {
    const own = { key: key.name, value: configuredValue(key, completed) }
    if (key.name === 'mcastport') return [own, { key: 'unicastport', value: config.mcastPort - 1 }]
    if (key.name !== 'bindnetaddr') return [own]
    return [own, { key: 'interface', value: choice.interface }, { key: 'address', value: choice.address }]
  })
  return [...keys, { key: 'lease', value: identity.leaseMs }]
}
