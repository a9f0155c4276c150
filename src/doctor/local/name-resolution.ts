import type { Check, DoctorContext } from '../check.js'
import { ok, skip, warn, type Details, type Finding } from '../network/finding.js'

/** Of files, at once; of a name server that does not answer nothing is to be learnt. */
const LOOKUP_TIMEOUT_MS = 2000

interface HostsLine {
  readonly line: number
  readonly address: string
  /** It names localhost as well, which has to stay. */
  readonly isLocalhost: boolean
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

/** The lines of /etc/hosts that give this name an address of the machine itself. */
export function loopbackLines(hosts: string, hostName: string): HostsLine[] {
  return hosts.split('\n').flatMap((text, index) => {
    const [address, ...names] = text.replace(/#.*/, '').trim().toLowerCase().split(/\s+/)
    const isLocalhost = names.some((name) => /^(localhost|ip6-)/.test(name))
    return isLoopback(address) && names.includes(hostName.toLowerCase())
      ? [{ line: index + 1, address, isLocalhost }]
      : []
  })
}

const escaped = (text: string): string => text.replaceAll('.', '\\.')

/** The command that gives this host its address, and leaves localhost what it has. */
function mend(lines: readonly HostsLine[], hostName: string, address: string | null): string {
  const own = address ?? 'ADDRESS'
  const numbers = lines.map(({ line }) => line).join(', ')
  if (!/^[\w.-]+$/.test(hostName)) return `give this host its own address, ${own}, in line ${numbers}`
  const replaced = lines.find(({ isLocalhost }) => !isLocalhost)
  const edits = lines.map((one) => {
    if (one === replaced) return `${one.line}s/${escaped(one.address)}/${own}/`
    return one.isLocalhost
      ? `${one.line}s/[[:space:]]${escaped(hostName)}([[:space:]]|$)/\\1/i`
      : `${one.line}d`
  })
  if (replaced === undefined) edits.push(`${lines[0].line}a ${own} ${hostName}`)
  return `sed -E -i ${edits.map((edit) => `-e '${edit}'`).join(' ')} /etc/hosts`
}

/**
 * @param address that of this node in the cluster; null: not known
 * @param resolved what this system says of the name first, by /etc/nsswitch.conf; null: nothing
 */
export function judgeNameResolution(
  hosts: string | null,
  hostName: string,
  address: string | null,
  resolved: string | null = null,
): Finding {
  const lines = loopbackLines(hosts ?? '', hostName)
  const wrong = lines[0]?.address ?? (resolved !== null && isLoopback(resolved) ? resolved : null)
  const details: Details = { hostName, line: lines[0]?.line ?? null, address: wrong, resolved }
  if (wrong === null) {
    if (hosts === null && resolved === null) return skip('there is no /etc/hosts to read')
    const said = resolved === null ? '' : `; this system says ${resolved}`
    return ok(`/etc/hosts gives ${hostName} no loopback address${said}`, details)
  }
  if (address?.startsWith('127.') === true) {
    return ok(`this host is ${wrong} by its name, and so is its cluster: on this machine alone`, details)
  }
  const where = lines.length > 0 ? `/etc/hosts:${lines[0].line}` : `this system (getent ahosts ${hostName})`
  const message =
    `${where} says that this host, ${hostName}, is ${wrong}. ais looks no names ` +
    'up and is not misled; corosync, and applications that connect to this host by its name, end up here'
  if (lines.length > 0) return warn(message, mend(lines, hostName, address), details)
  return warn(message, `echo '${address ?? 'ADDRESS'} ${hostName}' >>/etc/hosts`, details)
}

async function resolve({ run, host }: DoctorContext): Promise<string | null> {
  if (host.hostName.startsWith('-')) return null
  const answer = await run('getent', ['ahosts', host.hostName], LOOKUP_TIMEOUT_MS)
  return answer?.code === 0 ? (/^\S+/.exec(answer.stdout)?.[0] ?? null) : null
}

const subject = { id: 'name-resolution', title: 'name resolution' }

/** Debian and its like name a host 127.0.1.1 in its own /etc/hosts: others cannot reach it there. */
export const nameResolution: Check = {
  ...subject,
  run: async (context) => {
    const { readText, host, choice } = context
    const [hosts, resolved] = await Promise.all([readText('/etc/hosts'), resolve(context)])
    return { ...subject, ...judgeNameResolution(hosts, host.hostName, choice?.address ?? null, resolved) }
  },
}
