import { fail, ok, warn, type Details, type Finding } from './finding.js'
import { HEADERS_OCTETS, type Place } from './place.js'
import { PROBE_OCTETS } from './probe-frame.js'
import type { Prober } from './prober.js'
import type { PeerReach } from './reach.js'
import type { InterfaceState } from './system.js'

/** Of each size; one answer shows that it passes. */
const ATTEMPTS = 3
const ANSWER_TIMEOUT_MS = 400
/** The least that netmtu may be, less the headers. */
const FRAME_OCTETS_MIN = 576 - HEADERS_OCTETS

export interface PeerSizes {
  /** The largest frames that pass, octets; 0: not even the smallest. */
  readonly out: number
  readonly back: number
  /** By the group; null: nothing passes by the group anyhow. */
  readonly group: number | null
  /** What the system said to the largest ones. */
  readonly error: string | null
}

/**
 * The largest size that passes, if all smaller ones do as well.
 * @param highest tried first: where it passes, nothing else is tried
 */
export async function largestPassing(
  lowest: number,
  highest: number,
  passes: (octets: number) => Promise<boolean>,
): Promise<number> {
  if (await passes(highest)) return highest
  if (!(await passes(lowest))) return 0
  let [good, bad] = [lowest, highest]
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    if (await passes(middle)) good = middle
    else bad = middle
  }
  return good
}

export async function measureSizes(place: Place, reach: PeerReach, prober: Prober): Promise<PeerSizes> {
  const { peer } = reach
  const port = reach.viaPort ?? place.port - 1
  const highest = place.netmtu - HEADERS_OCTETS
  const tried = async (to: string | null, octets: number, answerOctets: number): Promise<boolean> => {
    const question = { to, port, octets, answerOctets, expected: [peer], timeoutMs: ANSWER_TIMEOUT_MS }
    const asked = Array.from({ length: ATTEMPTS }, () => prober.ask(question))
    const answers = (await Promise.all(asked)).flat().filter(({ from }) => from === peer)
    return answers.some((answer) => answer.octets === answerOctets && answer.probe.requestOctets === octets)
  }
  const out = await largestPassing(PROBE_OCTETS, highest, (octets) => tried(peer, octets, PROBE_OCTETS))
  const error = prober.errorOf(peer, port)?.code ?? null
  const back =
    out === 0 ? 0 : await largestPassing(PROBE_OCTETS, out, (octets) => tried(peer, octets, octets))
  const hasGroup = reach.group.out > 0
  const byGroup = (octets: number): Promise<boolean> => tried(null, octets, PROBE_OCTETS)
  const group = hasGroup ? await largestPassing(PROBE_OCTETS, highest, byGroup) : null
  return { out, back, group, error: out < highest ? error : null }
}

/** @param state of the chosen interface, null where the system does not say */
export function judgeSizes(
  place: Place,
  reach: PeerReach,
  sizes: PeerSizes,
  state: InterfaceState | null,
): Finding {
  const { peer } = reach
  const wanted = place.netmtu - HEADERS_OCTETS
  const largest = Math.min(sizes.out, sizes.back, sizes.group ?? wanted)
  const netmtu = largest + HEADERS_OCTETS
  const details: Details = {
    peer,
    netmtu: place.netmtu,
    largestPacketOut: packetOf(sizes.out),
    largestPacketBack: packetOf(sizes.back),
    largestPacketByGroup: sizes.group === null ? null : packetOf(sizes.group),
    interfaceMtu: state?.mtu ?? null,
    peerNetmtu: reach.netmtu,
    error: sizes.error,
  }
  if (largest < wanted) {
    // A way back that takes what the way there takes is not what is narrow.
    const way = sizes.back < sizes.out ? `from ${peer}` : sizes.out < wanted ? `to ${peer}` : 'by the group'
    const own = `netmtu is ${place.netmtu}`
    const message = `packets of more than ${netmtu} octets vanish on the way ${way}; ${own}`
    if (largest < FRAME_OCTETS_MIN) {
      const remedy = `see the mtu of every interface on the way: at least 576 octets must pass, ${netmtu} do`
      return fail(message, remedy, details)
    }
    return fail(message, `write netmtu: ${netmtu} on all nodes, or raise the mtu on the way`, details)
  }
  if (reach.netmtu !== null && reach.netmtu !== place.netmtu) {
    const message = `netmtu is ${place.netmtu} here and ${reach.netmtu} on ${peer}`
    return warn(message, 'write the same netmtu on all nodes, the smaller one to be safe', details)
  }
  const mtu = state?.mtu ?? null
  if (mtu !== null && mtu < place.netmtu) {
    const cause = `the mtu of ${place.interface} is ${mtu}`
    const message = `packets of ${place.netmtu} octets pass, in fragments: ${cause}`
    return warn(message, `write netmtu: ${mtu} on all nodes: a fragment that is lost loses all`, details)
  }
  return ok(`packets of ${place.netmtu} octets (netmtu) pass to ${peer} and back`, details)
}

function packetOf(octets: number): number {
  return octets === 0 ? 0 : octets + HEADERS_OCTETS
}
