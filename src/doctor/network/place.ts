import {
  ipv4ToNumber,
  type InterfaceAddress,
  type InterfaceChoice,
  type NetworkConfig,
} from '../../config/index.js'
import { clusterHash } from '../../totem/wire/header.js'

/** IPv4 and UDP headers: how much smaller a frame is than the packet that carries it. */
export const HEADERS_OCTETS = 28

/** Where this node is on the network, by its configuration. */
export interface Place {
  readonly address: string
  readonly interface: string
  /** Of the address; null where the system does not list it, as with addresses of 127/8 but one. */
  readonly netmask: string | null
  readonly group: string
  /** The group's; unicast has the one below. */
  readonly port: number
  readonly ttl: number
  readonly netmtu: number
  readonly clusterName: string
  readonly clusterHash: number
  readonly nodeId: number
  readonly mergeIntervalMs: number
  readonly tokenTimeoutMs: number
}

export function placeOf(
  config: NetworkConfig,
  choice: InterfaceChoice,
  interfaces: readonly InterfaceAddress[],
): Place {
  const own = interfaces.find(({ address }) => address === choice.address)
  return {
    address: choice.address,
    interface: choice.interface,
    netmask: own?.netmask ?? (isLoopbackAddress(choice.address) ? '255.0.0.0' : null),
    group: config.mcastAddress,
    port: config.mcastPort,
    ttl: config.ttl,
    netmtu: config.netmtu,
    clusterName: config.clusterName,
    clusterHash: clusterHash(config.clusterName),
    nodeId: config.nodeId ?? ipv4ToNumber(choice.address)!,
    mergeIntervalMs: config.mergeIntervalMs,
    tokenTimeoutMs: config.tokenTimeoutMs,
  }
}

export function isLoopbackAddress(address: string): boolean {
  return address.startsWith('127.')
}

/** Is the address in the network of the chosen interface? */
export function isNeighbour(place: Pick<Place, 'address' | 'netmask'>, address: string): boolean {
  const [own, other, mask] = [place.address, address, place.netmask ?? '255.255.255.255'].map(ipv4ToNumber)
  if (own === null || other === null || mask === null) return false
  return (own! & mask!) === (other! & mask!)
}

/** '10.99.0.0/24', the network of the chosen interface. */
export function networkText({ address, netmask }: Pick<Place, 'address' | 'netmask'>): string {
  const mask = ipv4ToNumber(netmask ?? '255.255.255.255')!
  const network = (ipv4ToNumber(address)! & mask) >>> 0
  const bits = mask.toString(2).replaceAll('0', '').length
  return `${[24, 16, 8, 0].map((shift) => (network >>> shift) & 255).join('.')}/${bits}`
}
