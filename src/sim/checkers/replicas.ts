import type { Lineage } from '../../group/view/lineage.js'
import { sameRing, type Member, type RingId, type View } from '../../group/index.js'
import { count, type Counters } from '../../totem/counters.js'
import { ringKey, type History } from '../history.js'
import type { MapState, MapWatcher, WatchedMap, WatchedServices } from '../services/map-watcher.js'

/**
 * Sees all replicas of a run at once, and checks what the view layer promises at every moment:
 * equal lineages are equal states; a state gives way only to one that has all its changes, or has them set
 * aside; what was acknowledged is in every open replica of its view, and is lost only with all who held it.
 */
export class ReplicaWatch implements MapWatcher {
  private readonly living = new Map<WatchedMap, WatchedServices>()
  private readonly digests = new Map<string, string>()
  private readonly views = new Map<string, string>()
  private readonly lastView = new Map<WatchedMap, number>()
  /** How many living processes hold a change, by map and change. */
  private readonly holders = new Map<string, number>()
  private readonly acknowledged = new Set<string>()
  /** Changes that at some moment nobody held who lived. */
  private readonly extinct = new Set<string>()

  constructor(
    private readonly history: History,
    private readonly counters: Counters,
  ) {}

  begin(services: WatchedServices): void {
    for (const map of Object.values(services.maps)) this.living.set(map, services)
  }

  end(services: WatchedServices): void {
    for (const map of Object.values(services.maps)) {
      this.living.delete(map)
      for (const change of [...map.state.changes, ...map.state.aside]) this.release(map, change)
    }
  }

  note(what: string): void {
    count(this.counters, `views.${what}`)
  }

  onView(map: WatchedMap, view: View): void {
    count(this.counters, 'views.begun')
    if (!view.quorum.quorate) count(this.counters, 'views.inquorate')
    const { process } = map
    const last = this.lastView.get(map) ?? 0
    if (view.number <= last)
      this.violate('views', `${process.name} saw view ${view.number} after view ${last}`)
    this.lastView.set(map, view.number)
    const said = textOf(view)
    const key = ringKey(view.ringId)
    const known = this.views.get(key)
    this.views.set(key, said)
    if (known !== undefined && known !== said) {
      this.violate('views', `${process.name} sees view ${key} as ${said}, another member as ${known}`)
    }
    this.onRest(map)
  }

  /** Whoever has the same lineage has the same state. */
  onRest(map: WatchedMap): void {
    const lineage = this.lineageOf(map)
    if (!lineage) return
    const place = lineage.head
      ? `${ringKey(lineage.head.ringId)} ${JSON.stringify(lineage.head)}`
      : 'the beginning'
    const key = `${map.name} at ${place}`
    const held = `${map.state.digest} with ${map.state.changes.size} changes, ${map.state.aside.size} aside`
    const known = this.digests.get(key)
    this.digests.set(key, held)
    if (known === undefined || known === held) return
    this.violate('replicas equal', `${map.process.name} holds ${held} of ${key}, another ${known}`)
  }

  onApply(map: WatchedMap, change: string, from: number): void {
    const key = `${map.name} ${change}`
    const { process, state } = map
    if (state.changes.has(change)) this.violate('replicas equal', `${process.name} applied ${key} twice`)
    if (!change.startsWith(`${from}.`)) this.violate('replicas equal', `${key} came from node ${from}`)
    if (!state.aside.has(change)) this.hold(map, change)
  }

  onAdopt(map: WatchedMap, before: MapState, after: MapState, conflicts: number): void {
    count(this.counters, conflicts > 0 ? 'views.merged' : 'views.adopted')
    if (conflicts > 1) count(this.counters, 'views.mergedThree')
    if (before.changes.size > 0 && conflicts === 0) count(this.counters, 'views.contained')
    const kept = (change: string): boolean => after.changes.has(change) || after.aside.has(change)
    for (const change of [...before.changes, ...before.aside]) {
      if (kept(change)) continue
      this.violate('nothing lost', `${map.process.name} gave up ${map.name} ${change} for a state without it`)
    }
    for (const change of [...after.changes, ...after.aside]) {
      if (!before.changes.has(change) && !before.aside.has(change)) this.hold(map, change)
    }
    for (const change of [...before.changes, ...before.aside]) if (!kept(change)) this.release(map, change)
  }

  /** Every member of the configuration it was delivered in has it, unless it is gone or not open. */
  onAcknowledged(map: WatchedMap, change: string, ringId: RingId, members: readonly Member[]): void {
    count(this.counters, 'views.acknowledged')
    this.acknowledged.add(`${map.name} ${change}`)
    for (const other of this.living.keys()) {
      const { regular } = other.process
      if (!regular || !sameRing(regular.ringId, ringId)) continue
      if (other.name !== map.name || other.gate === 'closed' || !isOneOf(members, other)) continue
      if (other.state.changes.has(change)) continue
      const { name } = other.process
      const what = `${map.process.name} was acknowledged ${map.name} ${change}, ${name} lacks it`
      this.violate('acknowledged is everywhere', what)
    }
  }

  /** Only a state that has been superseded may let changes go; their sender is told. */
  onDropped(map: WatchedMap): void {
    count(this.counters, 'views.dropped')
    if (map.gate === 'closed') return
    this.violate('nothing lost', `${map.process.name} dropped a change of ${map.name}, which it holds`)
  }

  onDisorder(map: WatchedMap, change: string, expected: string | undefined): void {
    const what = `${map.process.name} got its ${map.name} ${change} back instead of ${expected ?? 'nothing'}`
    this.violate('calls are answered in order', what)
  }

  /** All is quiet and one ring: one state, and nothing acknowledged is missing. */
  checkQuiet(): void {
    const first = new Map<string, WatchedMap>()
    for (const map of this.living.keys()) {
      this.onRest(map)
      const other = first.get(map.name) ?? map
      first.set(map.name, other)
      const names = `${other.process.name} and ${map.process.name}`
      if (other.state.digest !== map.state.digest || !sameContent(other.state, map.state)) {
        this.violate('replicas equal', `${names} differ in ${map.name} at rest`)
      }
      if (this.lineageOf(other)?.equals(this.lineageOf(map)!) !== true) {
        this.violate('replicas equal', `${names} say that ${map.name} came different ways`)
      }
      if (map.unanswered === 0) continue
      const what = `${map.process.name} has ${map.unanswered} calls of ${map.name} without an answer`
      this.violate('calls are answered in order', what)
    }
    for (const key of this.acknowledged) {
      const [name = '', change = ''] = key.split(' ')
      const state = first.get(name)?.state
      if (!state || state.changes.has(change) || state.aside.has(change) || this.extinct.has(key)) continue
      this.violate('nothing lost', `${key} was acknowledged, was always held by somebody, and is gone`)
    }
  }

  private lineageOf(map: WatchedMap): Lineage | null {
    return this.living.get(map)?.layer.lineageOf(map) ?? null
  }

  private hold(map: WatchedMap, change: string): void {
    const key = `${map.name} ${change}`
    this.holders.set(key, (this.holders.get(key) ?? 0) + 1)
  }

  private release(map: WatchedMap, change: string): void {
    const key = `${map.name} ${change}`
    const left = (this.holders.get(key) ?? 0) - 1
    this.holders.set(key, left)
    if (left > 0) return
    this.extinct.add(key)
    count(this.counters, 'views.extinct')
  }

  private violate(promise: string, message: string): void {
    this.history.violate(promise, message)
  }
}

function isOneOf(members: readonly Member[], { process }: WatchedMap): boolean {
  const { nodeId, incarnation } = process.id
  return members.some((member) => member.nodeId === nodeId && member.incarnation === incarnation)
}

function sameContent(a: MapState, b: MapState): boolean {
  const text = ({ entries, aside }: MapState): string => {
    return JSON.stringify([[...entries].sort(), [...aside].sort()])
  }
  return text(a) === text(b)
}

function textOf({ number, members, quorum }: View): string {
  const names = members.map(({ nodeId, incarnation, initialViewNumber, bootTimestamp }) => {
    return `${nodeId}/${incarnation}@${initialViewNumber}/${bootTimestamp}`
  })
  return `${number}: ${names.join(' ')} ${JSON.stringify(quorum)}`
}
