import { readFileSync, readdirSync, readlinkSync } from 'node:fs'

/**
 * Process id of the process on this host that holds the UDP port at an IPv4 address, or at all of them.
 * @returns undefined where it cannot be learnt: another pid or network namespace, another user's process,
 *   not Linux
 */
export function udpSocketOwner(address: string, port: number): number | undefined {
  try {
    const table = readFileSync('/proc/net/udp', 'ascii')
    const inode = inodeOf(table, address, port) ?? inodeOf(table, '0.0.0.0', port) ?? inodeOfAny(port)
    return inode === undefined ? undefined : holderOf(inode)
  } catch {
    return undefined
  }
}

/** Inode of the socket bound to `address:port`, from the text of /proc/net/udp. */
export function inodeOf(table: string, address: string, port: number): string | undefined {
  return inodesOf(table, address, port)[0]
}

/** Of all sockets bound there. */
export function inodesOf(table: string, address: string, port: number): string[] {
  const octets = address.split('.').map(Number)
  return inodesAt(table, `${octets.reverse().map(hexOctet).join('')}:${hexPort(port)}`)
}

/** Of a socket that takes IPv6 as well, and with it the port at every IPv4 address. */
function inodeOfAny(port: number): string | undefined {
  return inodesAt(readFileSync('/proc/net/udp6', 'ascii'), `${'0'.repeat(32)}:${hexPort(port)}`)[0]
}

function inodesAt(table: string, local: string): string[] {
  const sockets = table.split('\n').map((line) => line.trim().split(/\s+/))
  return sockets.filter((fields) => fields[1] === local).map((fields) => fields[9]!)
}

function hexPort(port: number): string {
  return `${hexOctet(port >> 8)}${hexOctet(port & 0xff)}`
}

function hexOctet(octet: number): string {
  return octet.toString(16).toUpperCase().padStart(2, '0')
}

function holderOf(inode: string): number | undefined {
  const wanted = linkTo(inode)
  for (const pid of readdirSync('/proc')) {
    if (/^\d+$/.test(pid) && descriptorsOf(pid).some((path) => linkOf(path) === wanted)) return Number(pid)
  }
  return undefined
}

function descriptorsOf(pid: string): string[] {
  const directory = `/proc/${pid}/fd`
  try {
    return readdirSync(directory).map((name) => `${directory}/${name}`)
  } catch {
    return [] // another user's process, or one that has just ended
  }
}

/** What the descriptor of a socket is a link to. */
export function linkTo(inode: string): string {
  return `socket:[${inode}]`
}

export function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
