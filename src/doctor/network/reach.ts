import { fail, ok, skip, warn, type Details, type Finding } from './finding.js'
import { isNeighbour, networkText, type Place } from './place.js'
import { AnswerBy } from './probe-frame.js'
import type { Answer, Prober } from './prober.js'
import { lacksArp, type ReadText } from './system.js'

/** Requests of each kind: so many frames in a row are hardly lost by accident. */
const ATTEMPTS = 3
const ANSWER_TIMEOUT_MS = 600

/** What passes between this machine and one peer. */
export interface PeerReach {
  readonly peer: string
  /** The port it answers on, the executive's unicast port rather than that of the group; null: on none. */
  readonly viaPort: number | null
  /** The executive's unicast port was asked and did not answer, while the other port did. */
  readonly isLowPortSilent: boolean
  /** An executive, or something else, has that port there: it is not for the doctor to answer. */
  readonly isPortHeld: boolean
  /** Frames that arrived as the peer's executive would send them to ours; asked 0: could not be tried. */
  readonly back: { readonly asked: number; readonly port: number | null; readonly arrived: number }
  /** Requests by the group that it answered, and answers by the group that arrived. */
  readonly group: { readonly out: number; readonly back: number; readonly backAsked: number }
  /** What the system said to frames for its ports: error codes. */
  readonly errors: readonly string[]
  /** As the peer's own configuration has it; null: it did not answer. */
  readonly netmtu: number | null
  readonly clusterHash: number | null
}

/** Ask one peer in every way. Takes a second and a half where it does not answer. */
export async function reachPeer(place: Place, peer: string, prober: Prober): Promise<PeerReach> {
  const ports = [place.port - 1, place.port]
  const low: Answer[] = []
  const high: Answer[] = []
  const byGroup: Answer[] = []
  const expected = [peer]
  const timeoutMs = ANSWER_TIMEOUT_MS
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const questions = [
      ...ports.map((port) => ({ to: peer, port, expected, timeoutMs })),
      { to: null, port: place.port, expected, timeoutMs },
    ]
    const [fromLow, fromHigh, fromGroup] = await Promise.all(
      questions.map((question) => prober.ask(question)),
    )
    low.push(...fromLow!)
    high.push(...fromHigh!)
    byGroup.push(...fromGroup!.filter(({ from }) => from === peer))
  }
  const answer = low[0] ?? high[0] ?? byGroup[0]
  const viaPort = low.length > 0 ? place.port - 1 : high.length > 0 ? place.port : null
  const isPortHeld = answer?.probe.isPortHeld ?? false
  const errors = ports.map((port) => prober.errorOf(peer, port)?.code ?? '').filter((code) => code !== '')
  return {
    peer,
    viaPort,
    isLowPortSilent: low.length === 0 && answer !== undefined && !isPortHeld,
    isPortHeld,
    ...(await askBack(peer, viaPort, prober, byGroup.length)),
    errors: [...new Set(errors)],
    netmtu: answer?.probe.netmtu ?? null,
    clusterHash: answer?.probe.clusterHash ?? null,
  }
}

/** Have the peer send of its own accord: by a new flow to our port, and by the group. */
async function askBack(
  peer: string,
  viaPort: number | null,
  prober: Prober,
  out: number,
): Promise<Pick<PeerReach, 'back' | 'group'>> {
  const port = prober.backPort
  const back = { asked: 0, port, arrived: 0 }
  const group = { out, back: 0, backAsked: 0 }
  if (viaPort === null) return { back, group }
  const question = { to: peer, port: viaPort, expected: [peer], timeoutMs: ANSWER_TIMEOUT_MS }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const asked = [
      prober.ask({ ...question, answerBy: AnswerBy.group }),
      ...(port === null ? [] : [prober.ask({ ...question, answerBy: AnswerBy.newFlow })]),
    ]
    const [byGroup, byFlow] = await Promise.all(asked)
    group.backAsked++
    group.back += byGroup!.length
    back.asked += port === null ? 0 : 1
    back.arrived += byFlow?.length ?? 0
  }
  return { back, group }
}

/**
 * Is the peer there, and does unicast pass both ways?
 * @param isExecutiveHeard frames of an executive at the peer's address were heard on the group
 * @param filterRemedy what to do if a packet filter of this machine drops what comes
 */
export async function judgeReach(
  place: Place,
  reach: PeerReach,
  isExecutiveHeard: boolean,
  readText: ReadText,
  filterRemedy: () => Promise<string>,
): Promise<Finding> {
  const { peer, viaPort, back } = reach
  const low = place.port - 1
  const details: Details = {
    peer,
    answersOnPort: viaPort,
    unicastPortHeldThere: reach.isPortHeld,
    backAsked: back.asked,
    backArrived: back.arrived,
    groupOut: reach.group.out,
    groupBack: reach.group.back,
    errors: reach.errors.join(' '),
  }
  if (viaPort === null) return judgeSilence(place, reach, isExecutiveHeard, readText, details)
  if (reach.isLowPortSilent) {
    const message = `${peer} answers on UDP port ${viaPort}, not on ${low}, the port of unicast frames`
    return fail(message, letIn(peer, low), details)
  }
  if (back.asked > 0 && back.arrived === 0) {
    const message = `${peer} answers, but what it sends by itself to port ${back.port} does not arrive`
    const remedy = `on this machine let UDP to port ${back.port} in: ${await filterRemedy()}`
    return fail(message, remedy, details)
  }
  if (reach.clusterHash !== place.clusterHash) {
    const message = `${peer} answers, and has another clustername than "${place.clusterName}" of here`
    return warn(
      message,
      `write clustername: ${place.clusterName} there, if it is to be in this cluster`,
      details,
    )
  }
  const held = reach.isPortHeld ? ', beside what holds its unicast port (an executive)' : ''
  const ways =
    back.asked > 0 ? 'both ways' : 'as asked; both of our own ports are held, the way back was not tried'
  return ok(`${peer} answers on port ${viaPort}${held}: unicast passes ${ways}`, details)
}

/** Which table and chain it is only the machine itself can tell. */
function letIn(peer: string, port: number): string {
  return `let UDP to port ${port} in on ${peer}: as root, ais doctor --only firewall there names the rule`
}

/** Nobody answers by unicast: say why, as far as that can be told from here. */
async function judgeSilence(
  place: Place,
  reach: PeerReach,
  isExecutiveHeard: boolean,
  readText: ReadText,
  details: Details,
): Promise<Finding> {
  const { peer, errors } = reach
  const start = 'ais doctor --listen'
  if (errors.includes('ENETUNREACH') || (errors.length > 0 && !isNeighbour(place, peer))) {
    return judgeNoRoute(place, peer, errors, details)
  }
  if (errors.includes('ECONNREFUSED')) {
    return fail(`${peer} is there, and nobody answers`, `run there: ${start}`, details)
  }
  if (reach.group.out > 0) {
    const message = `${peer} answers what is multicast, and no unicast: it is dropped on the way`
    return fail(message, letIn(peer, place.port - 1), details)
  }
  if (isExecutiveHeard) {
    return fail(
      `an executive runs on ${peer}, and no doctor answers`,
      `run there beside it: ${start}`,
      details,
    )
  }
  if (await lacksArp(peer, readText)) {
    const message = `${peer} does not answer ARP on ${place.interface}: no machine has that address there`
    const remedy = `see there: ip address; here and there the cluster's network is ${networkText(place)}`
    return fail(message, remedy, details)
  }
  if (!isNeighbour(place, peer)) return judgeNoRoute(place, peer, errors, details)
  const message = `${peer} does not answer: no doctor listens there, or a packet filter drops what is sent`
  const ports = `${place.port - 1} and ${place.port}`
  return fail(message, `run there: ${start}; and let UDP to the ports ${ports} in`, details)
}

function judgeNoRoute(place: Place, peer: string, errors: readonly string[], details: Details): Finding {
  const own = networkText(place)
  const said = errors.length > 0 ? ` (${errors.join(', ')})` : ''
  if (isNeighbour(place, peer)) {
    const remedy = `ip route add ${own} dev ${place.interface}`
    return fail(`there is no route to ${peer}${said}`, remedy, details)
  }
  const message = `${peer} is not in the network of ${place.interface}, ${own}, and is not reached${said}`
  const remedy =
    `give both machines an address in the same network (ip address add … dev ${place.interface}), ` +
    'or bindnetaddr the network they share'
  return fail(message, remedy, details)
}

/** For the checks that need a peer that answers. */
export function unanswered(peer: string): Finding {
  return skip(`${peer} does not answer`, { peer })
}
