import type { Configuration, Member } from '../../group/index.js'
import type { ProcessId } from '../../totem/wire/control.js'
import { processKey } from '../../totem/membership/gathering.js'
import { ringKey, type History, type ProcessHistory } from '../history.js'

/** From one regular configuration to the next: what a process delivered in between. */
export interface Passage {
  readonly process: ProcessHistory
  readonly from: Configuration
  /** Null: the process ended, or the run did, in this configuration. */
  to: Configuration | null
  transitional: Configuration | null
  readonly regularMessages: string[]
  readonly transitionalMessages: string[]
  readonly safe: Set<string>
}

export function passagesOf(process: ProcessHistory): Passage[] {
  const passages: Passage[] = []
  let open: Passage | undefined
  for (const event of process.events) {
    if (event.kind === 'configuration') {
      const { configuration } = event
      if (configuration.kind === 'transitional') {
        if (open) open.transitional = configuration
        continue
      }
      if (open) open.to = configuration
      open = begin(process, configuration)
      passages.push(open)
    } else if (event.kind === 'deliver' && open) {
      ;(open.transitional ? open.transitionalMessages : open.regularMessages).push(event.message)
      if (event.guarantee === 'safe') open.safe.add(event.message)
    }
  }
  return passages
}

function begin(process: ProcessHistory, from: Configuration): Passage {
  const [regularMessages, transitionalMessages] = [[], []]
  return {
    process,
    from,
    to: null,
    transitional: null,
    regularMessages,
    transitionalMessages,
    safe: new Set(),
  }
}

/** Promise 4: who goes together from one regular configuration to the next has seen the same. */
export function checkVirtualSynchrony(history: History): void {
  const first = new Map<string, Passage>()
  for (const process of history.processes) {
    for (const passage of passagesOf(process)) {
      if (!passage.to) continue
      checkTransition(history, passage)
      const key = `${ringKey(passage.from.ringId)} -> ${ringKey(passage.to.ringId)}`
      const other = first.get(key)
      if (!other) first.set(key, passage)
      else if (view(other) !== view(passage)) {
        const difference = firstDifference(view(other), view(passage))
        const what = `${other.process.name} and ${process.name} went ${key} and saw: ${difference}`
        history.violate('4 virtual synchrony', what)
      }
    }
  }
}

/** The transitional configuration lies between its neighbours, and says who left and who joined. */
function checkTransition(history: History, { process, from, to, transitional }: Passage): void {
  const where = `${process.name} ${ringKey(from.ringId)} -> ${ringKey(to!.ringId)}`
  if (!transitional)
    return history.violate('4 virtual synchrony', `${where} without transitional configuration`)
  const stayed = keys(transitional.members)
  const left = keys(transitional.left)
  const joined = keys(to!.joined)
  const accounted =
    keys(from.members).every((key) => stayed.includes(key) !== left.includes(key)) &&
    keys(to!.members).every((key) => stayed.includes(key) !== joined.includes(key)) &&
    stayed.length + left.length === from.members.length &&
    stayed.length + joined.length === to!.members.length
  if (!accounted) history.violate('4 virtual synchrony', `${where}: left, stayed and joined do not add up`)
  for (const member of transitional.left) {
    if (member.reason !== 'left' || history.processOf(member)?.end === 'left') continue
    history.violate('4 virtual synchrony', `${where}: ${member.name} did not leave`)
  }
}

function view(passage: Passage): string {
  const { transitional } = passage
  const members = keys(transitional?.members ?? []).join(' ')
  const left = (transitional?.left ?? []).map((member) => `${processKey(member)}=${member.reason}`).join(' ')
  const regular = passage.regularMessages.join(' ')
  return `${regular} | ${members} | ${left} | ${passage.transitionalMessages.join(' ')}`
}

function firstDifference(a: string, b: string): string {
  let at = 0
  while (a[at] === b[at]) at++
  return `"${a.slice(Math.max(0, at - 40), at + 40)}" and "${b.slice(Math.max(0, at - 40), at + 40)}"`
}

/**
 * Promise 5, as applications see it: a safe message delivered in a configuration is delivered by
 * every member of it that does not end before: in it or in the transitional one after it.
 */
export function checkSafeDelivery(history: History): void {
  const delivered = new Map<string, Set<string>>()
  for (const process of history.processes) {
    const messages = process.events.flatMap((event) => (event.kind === 'deliver' ? [event.message] : []))
    delivered.set(processKey(process.id), new Set(messages))
  }
  for (const process of history.processes) {
    for (const passage of passagesOf(process)) {
      for (const message of passage.regularMessages) {
        if (passage.safe.has(message)) requireAll(history, delivered, passage, passage.from.members, message)
      }
      for (const message of passage.transitionalMessages) {
        if (!passage.safe.has(message)) continue
        requireAll(history, delivered, passage, passage.transitional!.members, message)
      }
    }
  }
}

function requireAll(
  history: History,
  delivered: ReadonlyMap<string, ReadonlySet<string>>,
  passage: Passage,
  members: readonly Member[],
  message: string,
): void {
  for (const member of members) {
    const other = history.processOf(member)
    if (!other || other.end !== null || delivered.get(processKey(member))!.has(message)) continue
    const what = `${passage.process.name} delivered safe ${message}, ${member.name} lives and never did`
    history.violate('5 safe delivery', what)
  }
}

/** No process changes its ring more often than this in a second, whatever happens. */
const CHANGES_A_SECOND = 100

/** Promise 8, second half: configurations settle; processes must not throw each other from ring to ring. */
export function checkSettling(history: History): void {
  for (const process of history.processes) {
    const times = process.events.flatMap((event) => (event.kind === 'configuration' ? [event.atMs] : []))
    const storm = times.findIndex(
      (atMs, index) => atMs - (times[index - 2 * CHANGES_A_SECOND] ?? -Infinity) < 1000,
    )
    if (storm < 0) continue
    const what = `${process.name} changed its ring over ${CHANGES_A_SECOND} times within a second`
    history.violate('8 progress', `${what}, up to ${times[storm]!.toFixed(0)} ms`)
  }
}

/** Promise 7: members of a configuration see the same one; ring ids only grow, across crashes too. */
export function checkAgreement(history: History): void {
  const rings = new Map<string, string>()
  const highest = new Map<number, number>()
  for (const process of history.processes) {
    let last = highest.get(process.id.nodeId) ?? -1
    for (const event of process.events) {
      if (event.kind !== 'configuration' || event.configuration.kind !== 'regular') continue
      const { ringId, members } = event.configuration
      const key = ringKey(ringId)
      if (ringId.sequence <= last) {
        history.violate('7 agreement', `${process.name} installed ring ${key} after sequence ${last}`)
      }
      last = ringId.sequence
      checkMembers(history, process, rings, key, members)
      if (members[0]?.nodeId !== ringId.representative) {
        history.violate('7 agreement', `ring ${key} is not named after its lowest member`)
      }
    }
    highest.set(process.id.nodeId, last)
  }
}

function checkMembers(
  history: History,
  process: ProcessHistory,
  rings: Map<string, string>,
  key: string,
  members: readonly Member[],
): void {
  const described = members
    .map((member) => `${processKey(member)}@${member.address}/${member.name}`)
    .join(' ')
  const known = rings.get(key)
  rings.set(key, described)
  if (known !== undefined && known !== described) {
    history.violate('7 agreement', `ring ${key} has the members ${known} and ${described}`)
  }
  if (!keys(members).includes(processKey(process.id))) {
    history.violate('7 agreement', `${process.name} is not a member of its own ring ${key}`)
  }
}

function keys(processes: readonly ProcessId[]): string[] {
  return processes.map(processKey)
}
