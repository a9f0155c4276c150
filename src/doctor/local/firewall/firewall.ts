import type { Check, DoctorContext } from '../../check.js'
import { fail, ok, skip, warn, type Finding } from '../../network/finding.js'
import { obstacles, type Chains, type Packet } from './filter.js'
import { readIptables, tablesToldBy } from './iptables.js'
import { readNftables } from './nftables.js'

/** Where the frames of the cluster go. */
export interface Traffic {
  readonly group: string
  readonly port: number
  readonly address: string
  readonly interface: string
}

interface Described {
  readonly packet: Packet
  readonly what: string
}

function packetsOf({ group, port, address, interface: name }: Traffic): Described[] {
  const on = { interface: name }
  const all = `frames to all (${group}, UDP port ${port})`
  const one = `frames to one node (UDP port ${port - 1})`
  return [
    {
      what: `${all} on their way in`,
      packet: { direction: 'input', source: null, destination: group, port, ...on },
    },
    {
      what: `${one} on their way in`,
      packet: { direction: 'input', source: null, destination: address, port: port - 1, ...on },
    },
    {
      what: `${all} on their way out`,
      packet: { direction: 'output', source: address, destination: group, port, ...on },
    },
    {
      what: `${one} on their way out`,
      packet: { direction: 'output', source: address, destination: null, port: port - 1, ...on },
    },
  ]
}

/** What the rules do to each kind of frame. */
export function judgeFirewall(chains: Chains, traffic: Traffic): Finding {
  const { port } = traffic
  const decided = packetsOf(traffic).flatMap(({ packet, what }) =>
    obstacles(chains, packet).map((found) => ({ what, ...found })),
  )
  const dropped = decided.filter(({ outcome }) => outcome === 'drop')
  const unknown = decided.filter(({ outcome }) => outcome === 'unknown')
  const details = { chains: chains.size, dropped: dropped.length, unknown: unknown.length }
  const lines = (of: typeof decided, verb: string): string =>
    of.map(({ what, by }) => `${what} ${verb} ${by}`).join('\n')
  /** A chain each; what is put at its head decides before all of its rules. */
  const commands = (of: typeof decided): string =>
    [...new Set(of.map(({ chain }) => chain?.letThrough(port - 1, port)))].join(' && ')
  if (dropped.length > 0) return fail(lines(dropped, 'are dropped by'), commands(dropped), details)
  if (unknown.length > 0) {
    const remedy =
      'look at the rules that are named (multicast and --peer try what really passes); ' +
      `these ports are let through by: ${commands(unknown)}`
    return warn(lines(unknown, 'may be dropped: it cannot be judged here because of'), remedy, details)
  }
  if (chains.size === 0) return ok('there are no rules', details)
  return ok(`no rule drops frames to UDP ports ${port - 1} and ${port}`, details)
}

const subject = { id: 'firewall', title: 'firewall' }

async function examine({ network, choice, run }: DoctorContext): Promise<Finding> {
  if (!network.ok || choice === null)
    return skip('without a configuration for this machine no ports are known')
  const { mcastAddress: group, mcastPort: port } = network.config
  const traffic = { group, port, address: choice.address, interface: choice.interface.split(':')[0] }
  const programs = [
    run('nft', ['-j', 'list', 'ruleset']),
    run('iptables-save', []),
    run('iptables-legacy-save', []),
  ]
  const [nft, iptables, legacy] = await Promise.all(programs)
  if (nft === null && iptables === null) {
    return skip('neither nft nor iptables-save is installed: the rules, if there are any, cannot be read')
  }
  const saved = iptables?.code === 0 ? readIptables(iptables.stdout) : null
  const old = legacy?.code === 0 ? readIptables(legacy.stdout, 'iptables-legacy') : []
  // What iptables keeps in nftables is read from iptables, where that works: nft tells less of it.
  const skipped = saved === null ? new Set<string>() : tablesToldBy(iptables?.stdout ?? '')
  const tables = nft?.code === 0 ? readNftables(nft.stdout, skipped) : null
  if (saved === null && tables === null) return skip('the rules can be read by root alone: sudo ais doctor')
  return judgeFirewall(new Map([...(tables ?? []), ...(saved ?? []), ...old]), traffic)
}

/** What to do where frames are dropped on this machine, in words or as a command. */
export async function letThroughRemedy(context: DoctorContext): Promise<string> {
  const { status, remedy } = await examine(context)
  if (remedy !== null) return remedy
  if (status === 'skip') return 'as root, ais doctor --only firewall: it names the rule, and the command'
  return 'no rule of nftables or iptables does it: see ip rule, tc filter show, and bpftool net'
}

/** Do the rules of the packet filter let the frames of the cluster through? */
export const firewall: Check = {
  ...subject,
  run: async (context) => ({ ...subject, ...(await examine(context)) }),
}
