import type { Gate, Member, ReplicatedService, RingId, View, ViewLayer } from '../../group/index.js'
import type { ProcessHistory } from '../history.js'

/** What a map holds: the last change of each key, and which changes brought it there. */
export interface MapState {
  readonly entries: Map<number, string>
  /** Every change ever applied. */
  readonly changes: Set<string>
  /** Changes of sides that lost a conflict. */
  readonly aside: Set<string>
  /** Depends on every change and on their order. */
  digest: number
}

export interface WatchedMap extends ReplicatedService {
  readonly process: ProcessHistory
  readonly state: MapState
  readonly gate: Gate
  /** Changes sent and neither acknowledged nor dropped. */
  readonly unanswered: number
}

export interface WatchedServices {
  readonly layer: ViewLayer
  readonly maps: Readonly<Record<string, WatchedMap>>
}

/** Is told all that happens to the maps of a run. */
export interface MapWatcher {
  begin(services: WatchedServices): void
  /** The process is gone, and with it what it held. */
  end(services: WatchedServices): void
  /** Something that a campaign has to have seen. */
  note(what: 'transferCutShort'): void
  onView(map: WatchedMap, view: View): void
  /** Nothing is being applied right now. */
  onRest(map: WatchedMap): void
  onApply(map: WatchedMap, change: string, from: number): void
  onAdopt(map: WatchedMap, before: MapState, after: MapState, conflicts: number): void
  /** @param members who had to apply it */
  onAcknowledged(map: WatchedMap, change: string, ringId: RingId, members: readonly Member[]): void
  /** A change of this process will not be applied here. */
  onDropped(map: WatchedMap): void
  /** A change of this process came back that is not the one due. */
  onDisorder(map: WatchedMap, change: string, expected: string | undefined): void
}
