import { setTimeout as delay } from 'node:timers/promises'
import { limits } from '../../base/index.js'
import { printable } from '../../config/index.js'
import { openGroupSocket, TransportError } from '../../transport/index.js'
import { fail, listed, ok, warn, type Details, type Finding } from './finding.js'
import { isLoopbackAddress, type Place } from './place.js'
import { classify, clusterText, type SeenMember, type Sighting } from './sighting.js'

/** So many announcements of another ring are awaited, and for so long at least. */
const ANNOUNCEMENTS = 3
const LISTEN_MIN_MS = 2000
/** Nobody waits longer for one answer; that it may have been too short is told. */
const LISTEN_MAX_MS = 20_000

/** Frames of one kind from one address. */
export interface Sender {
  readonly address: string
  readonly sighting: Sighting
  frames: number
  /** What its join and presence messages say. */
  member: SeenMember | null
}

export interface Heard {
  readonly durationMs: number
  readonly senders: readonly Sender[]
  /** Senders beyond what can be remembered. */
  readonly isCut: boolean
  readonly error: TransportError | null
}

/** Frames on the group's address, sorted by who sends what. */
export class Senders {
  readonly #senders = new Map<string, Sender>()
  isCut = false

  add(frame: Uint8Array, address: string): void {
    const sighting = classify(frame)
    if (sighting.kind === 'probe') return
    const key = `${address} ${keyOf(sighting)}`
    const known = this.#senders.get(key)
    const member = sighting.kind === 'ais' ? sighting.member : null
    if (known !== undefined) {
      known.frames++
      known.member ??= member
    } else if (this.#senders.size < limits.doctorSenders) {
      this.#senders.set(key, { address, sighting, frames: 1, member })
    } else this.isCut = true
  }

  list(): readonly Sender[] {
    return [...this.#senders.values()]
  }
}

function keyOf(sighting: Sighting): string {
  if (sighting.kind === 'ais') return `ais ${sighting.clusterHash}`
  if (sighting.kind === 'other-version') return `version ${sighting.version}`
  return sighting.kind
}

/** As long as executives need to be heard, the quietest included, which announce themselves, in reason. */
export function listenTimeMs({ mergeIntervalMs }: Pick<Place, 'mergeIntervalMs'>): number {
  return Math.min(LISTEN_MAX_MS, Math.max(LISTEN_MIN_MS, ANNOUNCEMENTS * mergeIntervalMs))
}

export async function listenToGroup(place: Place, durationMs: number): Promise<Heard> {
  const senders = new Senders()
  const ownIsLoopback = isLoopbackAddress(place.address)
  try {
    const socket = openGroupSocket({ type: 'udp4', ...place })
    socket.on('error', () => undefined)
    // As the executive does: clusters on the loopback interface are apart from real ones.
    socket.on('message', (frame, { address }) => {
      if (isLoopbackAddress(address) === ownIsLoopback) senders.add(frame, address)
    })
    await delay(durationMs)
    await new Promise<void>((done) => socket.close(() => done()))
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    return { durationMs: 0, senders: [], isCut: false, error }
  }
  return { durationMs, senders: senders.list(), isCut: senders.isCut, error: null }
}

/** Is an executive of our cluster heard at that address? */
export function isMemberHeard(place: Place, heard: Heard, address: string): boolean {
  return heard.senders.some((sender) => sender.address === address && isOurs(place, sender))
}

function isOurs(place: Place, { sighting }: Sender): boolean {
  return sighting.kind === 'ais' && sighting.clusterHash === place.clusterHash
}

export function judgeOthers(place: Place, heard: Heard): Finding {
  const where = `${place.group}:${place.port}`
  if (heard.error !== null) return fail(heard.error.message, heard.error.hint)
  const ours = heard.senders.filter((sender) => isOurs(place, sender))
  const others = heard.senders.filter((sender) => !isOurs(place, sender))
  const members = ours.map(memberText)
  const details: Details = {
    durationMs: heard.durationMs,
    members: members.join(', '),
    others: others.map(otherText).join(', '),
    frames: others.reduce((sum, { frames }) => sum + frames, 0),
    isCut: heard.isCut,
  }
  const twin = ours.find(
    ({ member, address }) => member?.nodeId === place.nodeId && address !== place.address,
  )
  if (twin !== undefined) {
    const message = `node id ${place.nodeId}, this node's, is used at ${twin.address} (${memberText(twin)})`
    return fail(message, 'write another nodeid, or leave it out: it is then made of the address', details)
  }
  const seconds = `${(heard.durationMs / 1000).toFixed(1)} s`
  const company = members.length === 0 ? '' : `; of this cluster: ${listed(members)}`
  if (others.length === 0) {
    const { mergeIntervalMs } = place
    const doubt =
      heard.durationMs < ANNOUNCEMENTS * mergeIntervalMs
        ? `; with a merge of ${mergeIntervalMs} ms one at rest may not have spoken yet`
        : ''
    return ok(`in ${seconds} no other cluster was heard on ${where}${company}${doubt}`, details)
  }
  const message = `others use ${where}: ${listed(others.map(otherText))}${company}`
  const remedy =
    `if they are to be one cluster, write the same clustername (here "${place.clusterName}"); ` +
    'else give one of them another mcastaddr, or an mcastport at least two apart'
  return warn(message, remedy, details)
}

function memberText({ member, address }: Sender): string {
  return member === null ? address : `${printable(member.name)} (${address})`
}

function otherText(sender: Sender): string {
  const { sighting, address, frames } = sender
  const counted = `${frames} frame${frames === 1 ? '' : 's'}`
  if (sighting.kind === 'ais') {
    return `${memberText(sender)}, a cluster with the ${clusterText(sighting.clusterHash)}, ${counted}`
  }
  if (sighting.kind === 'other-version') {
    return `${address}, an ais of wire version ${sighting.version}, ${counted}`
  }
  if (sighting.kind === 'corosync') {
    return `${address}, an openais or corosync (${sighting.generation}.x), ${counted}`
  }
  const octets = sighting.kind === 'unknown' ? ` (they begin ${sighting.firstOctets})` : ''
  return `${address}, a program that is none of ours${octets}, ${counted}`
}
