import { quoted, valuePosition, type CheckContext } from './check-context.js'
import { isLine, movingComment, revaluing } from './fixes.js'
import { ipv4ToText, isMulticast, looksLikeIpv6, prefixMask, scanIpv4, type ScannedAddress } from './ipv4.js'
import type { BindTarget } from './model/network-config.js'
import { isUsableBind, isUsablePort, scanPort } from './original-form.js'
import type { Entry } from './parse.js'

const bindExpected =
  'a network address (192.168.1.0), an address, CIDR (192.168.1.0/24) or an interface name (eth0)'
const mcastExpected = 'an IPv4 multicast group, say 226.94.1.1'
const portExpected = 'a UDP port from 2 to 65535, say 6000'

function rejectIpv6(entry: Entry, context: CheckContext): boolean {
  if (!looksLikeIpv6(entry.value)) return false
  const message = `${entry.key} is the IPv6 address ${quoted(entry.value)}: IPv6 is not supported yet`
  context.error(entry, { code: 'ipv6-unsupported', message, expected: 'an IPv4 address' })
  return true
}

/** The original took what it could read and dropped the rest; so do we, but we say so. */
function warnTrailing(entry: Entry, used: string, rest: string, context: CheckContext): void {
  if (rest === '') return
  const why = rest.startsWith('#') ? '; a comment needs a line of its own' : ''
  const message = `${entry.key} is read as ${quoted(used)}, ${quoted(rest)} after it is ignored${why}`
  const position = valuePosition(entry)
  const kept = entry.value.slice(0, entry.value.length - rest.length).trimEnd()
  const fix = rest.startsWith('#') ? movingComment(entry, kept, rest) : revaluing(entry, kept, true)
  const skipped = [...entry.value].length - [...rest].length
  // In YAML a value may go on in the next line.
  const stands = isLine(entry) || position.length === [...entry.value].length
  context.report(
    'warning',
    entry.key,
    stands ? { ...position, column: position.column + skipped, length: [...rest].length } : position,
    { code: 'trailing-text', message, expected: `${entry.key}: ${used}`, ...fix },
  )
}

/** 192.168.1, 010.1.1.1 and 0xc0a80101 are read as inet_aton(3) always did, which may surprise. */
function warnForm(entry: Entry, scanned: ScannedAddress, context: CheckContext): void {
  const plain = ipv4ToText(scanned.address)
  if (plain === scanned.text) return
  const message = `${entry.key} ${quoted(scanned.text)} is read as ${plain}`
  context.warning(entry, {
    code: 'value-form',
    message,
    expected: `${entry.key}: ${plain}`,
    ...revaluing(entry, plain, false),
  })
}

function checkCidr(entry: Entry, context: CheckContext): BindTarget | null {
  const [, addressText, prefixText] = /^([^/]*)\/(.*)$/s.exec(entry.value) ?? []
  const scanned = scanIpv4(addressText)
  const prefixLength = /^\d{1,2}$/.test(prefixText) ? Number(prefixText) : -1
  if (scanned === null || scanned.rest !== '' || prefixLength < 1 || prefixLength > 32) {
    const message = `bindnetaddr ${quoted(entry.value)} is not an address and a prefix length from 1 to 32`
    context.error(entry, { code: 'value-invalid', message, expected: '192.168.1.0/24, for example' })
    return null
  }
  if (!isUsableBind(scanned.address)) return rejectBind(entry, scanned.address, context)
  warnForm(entry, scanned, context)
  return { kind: 'cidr', text: `${scanned.text}/${prefixLength}`, address: scanned.address, prefixLength }
}

function rejectBind(entry: Entry, address: number, context: CheckContext): null {
  const why = isMulticast(address) ? 'a multicast group' : 'an address no machine has'
  const message = `bindnetaddr ${ipv4ToText(address)} is ${why}`
  context.error(entry, { code: 'value-range', message, expected: bindExpected })
  return null
}

/** @returns null after an error was reported */
export function checkBind(entry: Entry, context: CheckContext): BindTarget | null {
  const { value } = entry
  if (rejectIpv6(entry, context)) return null
  const scanned = scanIpv4(value)
  if (scanned !== null) {
    if (!isUsableBind(scanned.address)) return rejectBind(entry, scanned.address, context)
    warnForm(entry, scanned, context)
    warnTrailing(entry, scanned.text, scanned.rest, context)
    return { kind: 'address', text: scanned.text, address: scanned.address }
  }
  if (value.includes('/')) return checkCidr(entry, context)
  const mistypedAddress = /^\d+\./.test(value) || /^[\d.]+$/.test(value)
  if (mistypedAddress || !/^[A-Za-z0-9][\w.:@-]{0,14}$/.test(value)) {
    const message = `bindnetaddr ${quoted(value)} is neither an IPv4 address nor the name of an interface`
    context.error(entry, { code: 'value-invalid', message, expected: bindExpected })
    return null
  }
  if (value === 'lo') {
    const message =
      'bindnetaddr "lo" would keep the cluster on this machine: that is asked for by address only'
    context.error(entry, {
      code: 'interface-loopback',
      message,
      expected: 'bindnetaddr: 127.0.0.1',
      ...revaluing(entry, '127.0.0.1', false),
    })
    return null
  }
  return { kind: 'interface', text: value, name: value }
}

/** Groups set aside for others, with the reason to keep away. */
const reservedGroups: readonly (readonly [string, number, string])[] = [
  [
    '224.0.0.0',
    24,
    'is link-local control traffic: switches flood it to every port and it never crosses a router',
  ],
  [
    '224.0.1.0',
    24,
    'is set aside for Internet control protocols such as NTP, whose hosts would hear the cluster',
  ],
  ['224.0.0.0', 8, 'is assigned by IANA to well-known protocols, whose hosts would hear the cluster'],
  ['232.0.0.0', 8, 'is for source-specific multicast: routers do not forward a group anyone may send to'],
]

function warnReserved(entry: Entry, address: number, context: CheckContext): void {
  const inside = (network: string, prefixLength: number): boolean => {
    const mask = prefixMask(prefixLength)
    return (address & mask) === ((scanIpv4(network)?.address ?? 0) & mask)
  }
  const found = reservedGroups.find(([network, prefixLength]) => inside(network, prefixLength))
  if (found === undefined) return
  const [network, prefixLength, reason] = found
  const message = `mcastaddr ${ipv4ToText(address)}: ${network}/${prefixLength} ${reason}`
  const expected = 'a group of your own: 239.x.x.x, or 226.94.1.1 as in the example'
  context.warning(entry, { code: 'mcastaddr-reserved', message, expected })
}

/** @returns the group as a dotted quad, or null after an error was reported */
export function checkMcastAddress(entry: Entry, context: CheckContext): string | null {
  if (rejectIpv6(entry, context)) return null
  const scanned = scanIpv4(entry.value)
  if (scanned === null) {
    const message = `mcastaddr ${quoted(entry.value)} is not an IPv4 address`
    context.error(entry, { code: 'value-invalid', message, expected: mcastExpected })
    return null
  }
  const plain = ipv4ToText(scanned.address)
  if (!isMulticast(scanned.address)) {
    const message = `mcastaddr ${plain} is not a multicast group: those are 224.0.0.0 to 239.255.255.255`
    context.error(entry, { code: 'value-range', message, expected: mcastExpected })
    return null
  }
  warnForm(entry, scanned, context)
  warnTrailing(entry, scanned.text, scanned.rest, context)
  warnReserved(entry, scanned.address, context)
  return plain
}

function warnPort(entry: Entry, port: number, context: CheckContext): void {
  if (port <= 1024) {
    const message = `mcastport ${port}: ports below 1024 need root, and ${port - 1} is used as well`
    context.warning(entry, { code: 'mcastport-privileged', message, expected: 'a port above 1024, say 6000' })
  }
  if (port % 2 === 1) {
    const message =
      `mcastport ${port}: a cluster uses its port and the one below; ` +
      `a cluster on ${port - 1} or ${port + 1} would share ${port - 1} or ${port} with this one`
    const expected = 'an even port: clusters on 6000, 6002, 6004 … never meet'
    context.warning(entry, { code: 'mcastport-neighbour', message, expected })
  }
}

/** @returns the port, or null after an error was reported */
export function checkMcastPort(entry: Entry, context: CheckContext): number | null {
  const { port, text, rest } = scanPort(entry.value)
  if (Number.isNaN(port)) {
    const message = `mcastport ${quoted(entry.value)} is not a number`
    context.error(entry, { code: 'value-invalid', message, expected: portExpected })
    return null
  }
  if (!isUsablePort(port)) {
    const message = `mcastport ${quoted(text)} is out of range: the cluster uses this port and the one below`
    context.error(entry, { code: 'value-range', message, expected: portExpected })
    return null
  }
  warnTrailing(entry, String(port), rest, context)
  warnPort(entry, port, context)
  return port
}
