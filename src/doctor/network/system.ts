/** What the checks of the network read of this system, null where it cannot be read. */
export type ReadText = (path: string) => Promise<string | null>

const FLAG_UP = 0x1
const FLAG_MULTICAST = 0x1000

export interface InterfaceState {
  readonly isUp: boolean
  readonly hasMulticast: boolean
  /** Octets of an IP packet that it sends in one piece; null: not known. */
  readonly mtu: number | null
}

/** @returns null where the system does not say (not Linux, or the interface is an alias such as eth0:1) */
export async function readInterface(name: string, readText: ReadText): Promise<InterfaceState | null> {
  const [flagsText, mtuText] = await Promise.all(
    ['flags', 'mtu'].map((file) => readText(`/sys/class/net/${name.split(':')[0]}/${file}`)),
  )
  const flags = Number(flagsText?.trim() || Number.NaN)
  if (!Number.isInteger(flags)) return null
  const mtu = Number(mtuText?.trim() || Number.NaN)
  return {
    isUp: (flags & FLAG_UP) !== 0,
    hasMulticast: (flags & FLAG_MULTICAST) !== 0,
    mtu: Number.isInteger(mtu) ? mtu : null,
  }
}

/** Is there a default route, or one for multicast? null: not known. */
export async function hasMulticastRoute(readText: ReadText): Promise<boolean | null> {
  const table = await readText('/proc/net/route')
  if (table === null) return null
  return table
    .split('\n')
    .slice(1)
    .some((line) => {
      const [, destination, , flags, , , , mask] = line.trim().split(/\s+/)
      const isUsable = (Number.parseInt(flags ?? '', 16) & 1) !== 0
      const isDefault = destination === '00000000' && mask === '00000000'
      return isUsable && (isDefault || (destination === '000000E0' && mask === '000000F0'))
    })
}

/** Did a neighbour fail to answer ARP? null: nobody asked lately. */
export async function lacksArp(address: string, readText: ReadText): Promise<boolean | null> {
  const table = await readText('/proc/net/arp')
  for (const line of (table ?? '').split('\n').slice(1)) {
    const [ip, , flags] = line.trim().split(/\s+/)
    if (ip === address) return (Number.parseInt(flags ?? '', 16) & 2) === 0
  }
  return null
}

/** The name of a process, for people; null where there is none, or it may not be seen. */
export async function programOf(pid: number, readText: ReadText): Promise<string | null> {
  const name = (await readText(`/proc/${pid}/comm`))?.trim()
  return name === undefined || name === '' ? null : name
}
