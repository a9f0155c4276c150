import { readFileSync, readdirSync, readlinkSync } from 'node:fs'

/**
 * Process id of the process on this host that holds the UDP port at an IPv4 address, or undefined where it
 * cannot be learnt: another pid or network namespace, another user's process, not Linux.
 */
export function udpSocketOwner(address: string, port: number): number | undefined {
  try {
    const inode = inodeOf(readFileSync('/proc/net/udp', 'ascii'), address, port)
    return inode === undefined ? undefined : holderOf(inode)
  } catch {
    return undefined
  }
}

/** Inode of the socket bound to `address:port`, from the text of /proc/net/udp. */
export function inodeOf(table: string, address: string, port: number): string | undefined {
  const octets = address.split('.').map(Number)
  const local = `${octets.reverse().map(hexOctet).join('')}:${hexOctet(port >> 8)}${hexOctet(port & 0xff)}`
  for (const line of table.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/)
    if (fields[1] === local) return fields[9]
  }
  return undefined
}

function hexOctet(octet: number): string {
  return octet.toString(16).toUpperCase().padStart(2, '0')
}

function holderOf(inode: string): number | undefined {
  const wanted = `socket:[${inode}]`
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

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
