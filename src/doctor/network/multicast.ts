import { TransportError } from '../../transport/index.js'
import { fail, listed, ok, warn, type Details, type Finding } from './finding.js'
import type { PeerReach } from './reach.js'
import { isLoopbackAddress, type Place } from './place.js'
import { Prober } from './prober.js'
import { hasMulticastRoute, readInterface, type InterfaceState, type ReadText } from './system.js'

/** Our own frame comes back at once, or not at all. */
const OWN_FRAME_TIMEOUT_MS = 400
const ATTEMPTS = 3
const LET_THROUGH = 'ais doctor --only firewall names the rule, and the command that lets it through'

export interface MulticastObservation {
  /** Why the group could not be listened on. */
  readonly openError: TransportError | null
  /** Why sending failed: an error code of the system. */
  readonly sendError: string | null
  readonly cameBack: boolean
  readonly interface: InterfaceState | null
  readonly hasRoute: boolean | null
  /** What to do if a packet filter of this machine is what drops it. */
  readonly filterRemedy?: string | undefined
}

/** Multicast on the group and port of the configuration, as the executive does, beside one that may run. */
export async function observeMulticast(place: Place, readText: ReadText): Promise<MulticastObservation> {
  const state = await readInterface(place.interface, readText)
  const hasRoute = await hasMulticastRoute(readText)
  const observed = { openError: null, sendError: null, cameBack: false, interface: state, hasRoute }
  let prober: Prober
  try {
    prober = new Prober(place)
  } catch (error) {
    if (error instanceof TransportError) return { ...observed, openError: error }
    return { ...observed, sendError: (error as NodeJS.ErrnoException).code ?? String(error) }
  }
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await prober.hearsItself(OWN_FRAME_TIMEOUT_MS)) return { ...observed, cameBack: true }
    }
    return { ...observed, sendError: prober.errorOf(null, place.port)?.code ?? null }
  } finally {
    await prober.close()
  }
}

/** @param peers those that were asked, if any were */
export function judgeMulticast(
  place: Place,
  seen: MulticastObservation,
  peers: readonly PeerReach[],
): Finding {
  const { interface: name, group, port } = place
  const details: Details = {
    group,
    port,
    interface: name,
    sent: seen.openError === null && seen.sendError === null,
    received: seen.cameBack,
    multicastFlag: seen.interface?.hasMulticast ?? null,
    route: seen.hasRoute,
  }
  const lacksFlag = seen.interface?.hasMulticast === false && !isLoopbackAddress(place.address)
  if (seen.openError !== null) {
    return fail(
      `${group}:${port} cannot be listened on: ${seen.openError.message}`,
      seen.openError.hint,
      details,
    )
  }
  if (seen.interface?.isUp === false) {
    return fail(`the interface ${name} is down`, `ip link set ${name} up`, details)
  }
  const flagRemedy = `ip link set ${name} multicast on`
  if (seen.sendError !== null) return judgeSendError(place, seen, lacksFlag, details)
  if (!seen.cameBack) {
    const message = `what is multicast to ${group}:${port} by ${name} does not come back to this machine`
    if (lacksFlag) return fail(`${message}: ${name} has its multicast switched off`, flagRemedy, details)
    return fail(`${message}: a packet filter drops it`, seen.filterRemedy ?? LET_THROUGH, details)
  }
  const unheard = judgePeers(place, peers, details)
  if (unheard !== null) return unheard
  if (lacksFlag) {
    const message = `${name} has its multicast switched off, although frames of this machine come back`
    return warn(message, flagRemedy, details)
  }
  return ok(successText(place, seen, peers), details)
}

/** What the system says to a frame for the group. */
function judgeSendError(
  place: Place,
  { sendError: code, filterRemedy }: MulticastObservation,
  lacksFlag: boolean,
  details: Details,
): Finding {
  const { interface: name, group, port } = place
  const message = `multicast to ${group}:${port} by ${name} cannot be sent: ${code}`
  const all = { ...details, error: code }
  if (lacksFlag)
    return fail(`${message}: its multicast is switched off`, `ip link set ${name} multicast on`, all)
  if (code === 'ENETUNREACH' || code === 'EHOSTUNREACH') {
    return fail(`${message}: there is no route`, `ip route add 224.0.0.0/4 dev ${name}`, all)
  }
  if (code === 'EPERM' || code === 'EACCES') {
    return fail(`${message}: a packet filter of this machine forbids it`, filterRemedy ?? LET_THROUGH, all)
  }
  return fail(message, `see: ip link show ${name}; ip address show ${name}`, all)
}

/** Peers that answer by unicast and do not hear the group, or are not heard by it. */
function judgePeers(place: Place, peers: readonly PeerReach[], details: Details): Finding | null {
  const { group, port } = place
  const answering = peers.filter(({ viaPort, group: byGroup }) => viaPort !== null || byGroup.out > 0)
  const deaf = answering.filter(({ group: byGroup }) => byGroup.out === 0).map(({ peer }) => peer)
  const mute = answering
    .filter(({ group: byGroup }) => byGroup.back === 0 && byGroup.backAsked > 0)
    .map(({ peer }) => peer)
  if (deaf.length === 0 && mute.length === 0) return null
  const said = [
    ...(deaf.length > 0 ? [`it does not reach ${listed(deaf)}`] : []),
    ...(mute.length > 0 ? [`what ${listed(mute)} multicasts does not arrive here`] : []),
  ]
  const message = `multicast to ${group}:${port} comes back to this machine alone: ${said.join('; ')}`
  const remedy =
    'unicast passes, so it is the switch or a packet filter between: IGMP snooping needs a querier ' +
    '(on a Linux bridge: echo 1 > /sys/class/net/BRIDGE/bridge/multicast_querier, or mcast_snooping 0 and ' +
    `bridge link set dev PORT mcast_flood on), and the peers must let UDP to ${group} port ${port} in`
  return fail(message, remedy, { ...details, deafPeers: deaf.join(' '), mutePeers: mute.join(' ') })
}

function successText(place: Place, seen: MulticastObservation, peers: readonly PeerReach[]): string {
  const { interface: name, address, group, port } = place
  const heardBy = peers.filter(({ group: byGroup }) => byGroup.out > 0).map(({ peer }) => peer)
  const who = heardBy.length === 0 ? 'came back' : `came back, and reached ${listed(heardBy)}`
  const route =
    seen.hasRoute === false
      ? '; there is no default route, and none is needed: the interface is set on the socket'
      : ''
  return `multicast to ${group}:${port} by ${name} (${address}) ${who}${route}`
}
