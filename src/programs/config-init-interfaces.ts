import { chooseInterface, ipv4ToNumber, printable, type InterfaceAddress } from '../config/index.js'

/** An address of this machine that a cluster could speak from. */
export interface ProposedInterface {
  readonly interface: string
  readonly address: string
  readonly netmask: string
  /** What bindnetaddr says for it: its network, so that one file serves all nodes, or else the address. */
  readonly bindnetaddr: string
  /** Why it is where it is in the list, for people. */
  readonly why: string
}

/** Names of interfaces behind which there is no other machine, as a rule. */
const VIRTUAL = /^(?:docker|br-|virbr|veth|cni|flannel|cali|tun|tap|wg|tailscale|podman|lxc|lxd)/

const textOf = (number: number): string => {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.')
}

/** Is this what `ais exec` takes on this machine for that bindnetaddr? */
function isChosen(bindnetaddr: string, wanted: InterfaceAddress, all: readonly InterfaceAddress[]): boolean {
  const bindPosition = { line: 1, column: 1, length: 1, source: '' }
  const address = ipv4ToNumber(bindnetaddr)
  if (address === null || address >>> 24 === 0) return false
  const chosen = chooseInterface(
    { bindTarget: { kind: 'address', text: bindnetaddr, address }, bindPosition },
    all,
  )
  return chosen.ok && chosen.choice.address === wanted.address && chosen.choice.interface === wanted.name
}

function propose(candidate: InterfaceAddress, all: readonly InterfaceAddress[]): ProposedInterface {
  const { name, address, netmask, loopback } = candidate
  const network = textOf(((ipv4ToNumber(address) ?? 0) & (ipv4ToNumber(netmask) ?? 0)) >>> 0)
  const isOfNetwork = !loopback && network !== address && isChosen(network, candidate, all)
  const what = isOfNetwork
    ? 'its network: the same file serves every node on it'
    : 'the address itself: its network does not tell it from others'
  const why = loopback
    ? 'loopback: for a cluster on this machine alone'
    : VIRTUAL.test(name)
      ? `${what}; by its name for containers, machines or tunnels on this one`
      : what
  const bindnetaddr = isOfNetwork ? network : address
  return { interface: printable(name), address, netmask, bindnetaddr, why: printable(why) }
}

function rankOf({ name, loopback, netmask }: InterfaceAddress): number {
  if (loopback) return 3
  // One alone in its network has nobody to talk to.
  if (netmask === '255.255.255.255') return 2
  return VIRTUAL.test(name) ? 1 : 0
}

/**
 * The addresses of this machine, the likeliest first, loopback last.
 * @param all as the system lists them
 */
export function proposeInterfaces(all: readonly InterfaceAddress[]): readonly ProposedInterface[] {
  const ranked = [...all].sort((one, other) => rankOf(one) - rankOf(other))
  return ranked.map((candidate) => propose(candidate, all))
}

/** The one to take when nobody is asked; undefined: there is none but loopback. */
export function firstOutside(all: readonly InterfaceAddress[]): ProposedInterface | undefined {
  return proposeInterfaces(all.filter(({ loopback }) => !loopback))[0]
}

/** Those that a word means: the name of an interface, an address, or a bindnetaddr of the list. */
export function meantInterfaces(
  word: string,
  proposals: readonly ProposedInterface[],
): readonly ProposedInterface[] {
  const exact = proposals.filter(({ address }) => address === word)
  if (exact.length > 0) return exact
  return proposals.filter((one) => one.interface === word || one.bindnetaddr === word)
}

/** "192.168.1.7 (eth0, netmask 255.255.255.0)" */
export function interfaceText({ interface: name, address, netmask }: ProposedInterface): string {
  return `${address} (${name}, netmask ${netmask})`
}
