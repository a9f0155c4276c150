const encoder = new TextEncoder()

/** The multicast group that corosync makes of the name of a cluster that names none. */
export function clusterGroup(clusterName: string): string {
  let id = 0
  for (const octet of encoder.encode(clusterName)) {
    // Its characters have a sign.
    const character = octet > 0x7f ? octet - 0x100 : octet
    id = ((id << 1) + character) | 0
  }
  const cluster = id & 0xffff
  return `239.192.${cluster >>> 8}.${cluster % 0xff}`
}
