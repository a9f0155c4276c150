import { printable } from './check-context.js'
import { ipv4ToNumber, ipv4ToText, isLoopback, prefixMask, sameNetwork } from './ipv4.js'
import type { Diagnostic, DiagnosticCode } from './model/diagnostic.js'
import type { BindTarget, InterfaceAddress, InterfaceChoice, NetworkConfig } from './model/network-config.js'

export type InterfaceResult =
  | { readonly ok: true; readonly choice: InterfaceChoice }
  | { readonly ok: false; readonly diagnostic: Diagnostic }

type BindConfig = Pick<NetworkConfig, 'bindTarget' | 'bindPosition'>

/** The three octets the original compared, whatever the netmask. */
const originalMask = prefixMask(24)

const numberOf = (text: string): number => ipv4ToNumber(text) ?? 0

function maskBits(netmask: string): number {
  return numberOf(netmask).toString(2).replaceAll('0', '').length
}

function describe(candidate: InterfaceAddress): string {
  const note = candidate.loopback ? ', loopback: only when asked for by a 127.x value' : ''
  return `${candidate.address}/${maskBits(candidate.netmask)} (${candidate.name}${note})`
}

function list(candidates: readonly InterfaceAddress[]): string {
  return candidates.length === 0 ? 'none' : candidates.map(describe).join(', ')
}

function refuse(
  config: BindConfig,
  code: DiagnosticCode,
  message: string,
  expected: string,
): InterfaceResult {
  const { line, column, length, source } = config.bindPosition
  const diagnostic: Diagnostic = {
    severity: 'error',
    code,
    line,
    column,
    length: Math.max(1, length),
    key: 'bindnetaddr',
    message: printable(message),
    expected: printable(expected),
    source: printable(source),
    fix: null,
  }
  return { ok: false, diagnostic }
}

function choose(target: BindTarget, candidate: InterfaceAddress, why: string): InterfaceResult {
  const reason = `bindnetaddr ${target.text} ${why} ${describe(candidate)}`
  return { ok: true, choice: { address: candidate.address, interface: candidate.name, reason } }
}

function addressOf(target: BindTarget): number | null {
  return target.kind === 'interface' ? null : target.address
}

/** Any address of 127/8 can be spoken from, although the system lists 127.0.0.1 alone. */
function chooseLoopback(
  config: BindConfig,
  address: number,
  all: readonly InterfaceAddress[],
): InterfaceResult {
  const target = config.bindTarget
  const listed = all.filter((candidate) => candidate.loopback && isLoopback(numberOf(candidate.address)))
  if (listed.length === 0) {
    const message = `bindnetaddr ${target.text} asks for the loopback interface, and none is up`
    return refuse(config, 'interface-none', message, 'a loopback interface: ip link set lo up')
  }
  const mask = prefixMask(target.kind === 'cidr' ? target.prefixLength : 8)
  const isNetwork =
    ipv4ToText(address) === '127.0.0.0' || (mask !== prefixMask(32) && (address & ~mask) === 0)
  if (isNetwork) {
    const within = listed.find((candidate) => sameNetwork(numberOf(candidate.address), address, mask))
    if (within !== undefined) return choose(target, within, 'is the network of')
    return refuse(
      config,
      'interface-none',
      `bindnetaddr ${target.text} is no address`,
      'bindnetaddr: 127.0.0.1',
    )
  }
  if (address === 0x7fff_ffff) {
    const message = `bindnetaddr ${target.text} is the broadcast address of the loopback interface`
    return refuse(config, 'interface-none', message, 'bindnetaddr: 127.0.0.1')
  }
  const carrier = listed.find((candidate) => candidate.address === ipv4ToText(address)) ?? listed[0]
  const choice = { address: ipv4ToText(address), interface: carrier.name }
  const reason = `bindnetaddr ${target.text} is an address of the loopback interface ${carrier.name}`
  return { ok: true, choice: { ...choice, reason } }
}

function matches(target: BindTarget, candidate: InterfaceAddress): boolean {
  if (target.kind === 'interface') return candidate.name === target.name
  const mask = target.kind === 'cidr' ? prefixMask(target.prefixLength) : numberOf(candidate.netmask)
  return sameNetwork(numberOf(candidate.address), target.address, mask)
}

/** The advice of an error: the one candidate whose first three octets agree, as the original compared. */
function advice(target: BindTarget, candidates: readonly InterfaceAddress[]): string {
  const address = addressOf(target)
  const near =
    address === null
      ? []
      : candidates.filter((candidate) => sameNetwork(numberOf(candidate.address), address, originalMask))
  if (near.length === 1) {
    const [only] = near
    return `bindnetaddr: ${only.address} (${only.name}), whose first three octets agree`
  }
  if (candidates.length > 0) return `bindnetaddr: ${candidates.map(({ address: own }) => own).join(' or ')}`
  return 'an interface with an IPv4 address; for a cluster on this machine alone, bindnetaddr: 127.0.0.1'
}

function refuseNone(config: BindConfig, all: readonly InterfaceAddress[]): InterfaceResult {
  const target = config.bindTarget
  const usable = all.filter((candidate) => !candidate.loopback)
  const what =
    target.kind === 'interface' ? `names no interface with an IPv4 address` : `matches no interface`
  const message = `bindnetaddr ${target.text} ${what} of this machine; candidates: ${list(all)}`
  return refuse(config, 'interface-none', message, advice(target, usable))
}

/**
 * The address to speak from. An address of this machine wins; else the value must lie in the network
 * of exactly one interface. The loopback interface is taken for a 127.x value only, never as a fallback.
 * @param interfaces the IPv4 addresses of this machine
 */
export function chooseInterface(
  config: BindConfig,
  interfaces: readonly InterfaceAddress[],
): InterfaceResult {
  const target = config.bindTarget
  const address = addressOf(target)
  if (address !== null && isLoopback(address)) return chooseLoopback(config, address, interfaces)
  const onLoopback = interfaces.find(
    (candidate) =>
      candidate.loopback && (candidate.name === target.text || numberOf(candidate.address) === address),
  )
  if (onLoopback !== undefined) {
    const message = `bindnetaddr ${target.text} is on the loopback interface, taken for a 127.x value only`
    return refuse(config, 'interface-loopback', message, 'bindnetaddr: 127.0.0.1, or another interface')
  }
  const usable = interfaces.filter((candidate) => !candidate.loopback)
  const exact = usable.filter((candidate) => numberOf(candidate.address) === address)
  if (exact.length === 1) return choose(target, exact[0], 'is the address')
  const matching = exact.length > 1 ? exact : usable.filter((candidate) => matches(target, candidate))
  if (matching.length === 1) {
    return choose(
      target,
      matching[0],
      target.kind === 'interface' ? 'names the interface of' : 'is the network of',
    )
  }
  if (matching.length === 0) return refuseNone(config, interfaces)
  const message = `bindnetaddr ${target.text} matches several addresses: ${list(matching)}`
  return refuse(config, 'interface-several', message, advice(target, matching))
}
