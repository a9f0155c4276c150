import type { Check } from '../check.js'
import { ok, skip, warn, type Finding } from '../network/finding.js'

interface HostsLine {
  readonly line: number
  readonly address: string
}

/** The lines of /etc/hosts that give this name an address of the machine itself. */
export function loopbackLines(hosts: string, hostName: string): HostsLine[] {
  return hosts.split('\n').flatMap((text, index) => {
    const [address, ...names] = text.replace(/#.*/, '').trim().split(/\s+/)
    const isLoopback = address.startsWith('127.') || address === '::1'
    return isLoopback && names.some((name) => name.toLowerCase() === hostName.toLowerCase())
      ? [{ line: index + 1, address }]
      : []
  })
}

/** @param address that of this node in the cluster; null: not known */
export function judgeNameResolution(hosts: string | null, hostName: string, address: string | null): Finding {
  if (hosts === null) return skip('there is no /etc/hosts to read')
  const [found] = loopbackLines(hosts, hostName)
  const details = { hostName, line: found?.line ?? null, address: found?.address ?? null }
  if (found === undefined) return ok(`/etc/hosts gives ${hostName} no loopback address`, details)
  if (address?.startsWith('127.') === true) {
    return ok(
      `this host is ${found.address} in /etc/hosts, and so is its cluster: on this machine alone`,
      details,
    )
  }
  const message =
    `/etc/hosts:${found.line} says that this host, ${hostName}, is ${found.address}. ais looks no names ` +
    'up and is not misled; corosync, and applications that connect to this host by its name, end up here'
  const line = address === null ? `ADDRESS ${hostName}` : `${address} ${hostName}`
  return warn(message, `write "${line}" in place of line ${found.line} of /etc/hosts`, details)
}

const subject = { id: 'name-resolution', title: 'name resolution' }

/** Debian and its like name a host 127.0.1.1 in its own /etc/hosts: others cannot reach it there. */
export const nameResolution: Check = {
  ...subject,
  run: async ({ readText, host, choice }) => {
    const hosts = await readText('/etc/hosts')
    return { ...subject, ...judgeNameResolution(hosts, host.hostName, choice?.address ?? null) }
  },
}
