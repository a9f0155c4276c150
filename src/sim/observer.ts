import type { Configuration, GroupListener, Guarantee, RingId } from '../group/index.js'
import { sameRing } from '../group/index.js'
import { count, type Counters } from '../totem/counters.js'
import { messageKey, ringKey, type History, type ProcessHistory } from './history.js'
import { readMessage } from './load.js'

/**
 * Listens to one process: writes its history, and checks at once what can only be checked at the
 * moment: that a safe delivery and a stable position are true of the other processes right now.
 */
export class Observer implements GroupListener {
  drained = true

  constructor(
    private readonly history: History,
    private readonly process: ProcessHistory,
    private readonly counters: Counters,
    private readonly nowMs: () => number,
    /** Highest ring sequence number that a start after a crash would begin past. */
    private readonly durable: () => number,
  ) {}

  onConfiguration(configuration: Configuration): void {
    const { process } = this
    process.events.push({ kind: 'configuration', atMs: this.nowMs(), configuration })
    count(this.counters, `branch.${configuration.kind}`)
    for (const { reason } of configuration.left) count(this.counters, `branch.${reason}`)
    if (configuration.ringId.sequence > this.durable()) {
      const what = `${process.name} installed ring ${ringKey(configuration.ringId)}, unknown to its disk`
      this.history.violate('7 agreement', what)
    }
    process.inTransition = configuration.kind === 'transitional'
    if (configuration.kind === 'regular') process.regular = configuration
    else process.transitional = configuration
  }

  onDeliver(from: number, payload: Uint8Array, position: number, guarantee: Guarantee): void {
    const { process, history } = this
    const id = readMessage(payload)
    if (!id || id.nodeId !== from) {
      return history.violate(
        '1 no invention',
        `${process.name} delivered ${payload.length} octets nobody sent`,
      )
    }
    const message = messageKey(id)
    process.events.push({ kind: 'deliver', message, guarantee, octets: payload.length, from, position })
    const regular = process.regular
    if (!regular)
      return history.violate('3 total order', `${process.name} delivered before any configuration`)
    const key = ringKey(regular.ringId)
    const positions = process.positions.get(key) ?? []
    positions.push(position)
    process.positions.set(key, positions)
    if (guarantee !== 'safe') return
    count(this.counters, process.inTransition ? 'branch.safeInTransitional' : 'branch.safeInRegular')
    if (!process.inTransition) this.checkSafe(regular, from, position)
  }

  onStable(ringId: RingId, position: number): void {
    const { process, history } = this
    count(this.counters, 'branch.stable')
    const current = process.regular!
    const members = sameRing(current.ringId, ringId) ? current.members : (process.transitional?.members ?? [])
    const key = ringKey(ringId)
    const mine = countUpTo(process.positions.get(key), position)
    for (const member of members) {
      const other = history.processOf(member)
      if (other && countUpTo(other.positions.get(key), position) >= mine) continue
      const what = `${process.name} was told ${key}/${position} is stable; ${member.name} lacks it`
      history.violate('stable position', what)
    }
  }

  onDrain(): void {
    this.drained = true
    count(this.counters, 'branch.drain')
  }

  /** Safe in a regular configuration: the frame has reached every member of it. */
  private checkSafe(regular: Configuration, from: number, position: number): void {
    const key = ringKey(regular.ringId)
    for (const member of regular.members) {
      if (member.nodeId === from || this.history.processOf(member)?.received.get(key)?.has(position)) continue
      const what = `${this.process.name} delivered safe ${key}/${position}; ${member.name} lacks it`
      this.history.violate('5 safe delivery', what)
    }
  }
}

function countUpTo(positions: readonly number[] | undefined, position: number): number {
  if (!positions) return 0
  let low = 0
  let high = positions.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (positions[middle]! <= position) low = middle + 1
    else high = middle
  }
  return low
}
