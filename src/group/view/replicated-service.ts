import type { RingId } from '../configuration.js'
import type { Lineage, LineageEntry, Stretch } from './lineage.js'
import type { View } from './view.js'

/**
 * What a service may do with its state. 'open': it is that of the view, calls are served. 'paused': it may be
 * read, but changes wait until the members of a new configuration know each other (milliseconds; longer while
 * sides merge). 'closed': there is none, or a newer one is on its way here.
 */
export type Gate = 'closed' | 'paused' | 'open'

/** Hears of views, at the same place in the order on every member. */
export interface ViewListener {
  onView(view: View): void
}

/**
 * A service without any state that members share: it has messages, in the order of all others, and views.
 * Members may lack it.
 */
export interface PlainService {
  /** On the wire, 1 to 255. */
  readonly id: number
  readonly name: string
  /**
   * @param companions node ids of those who have come along from the last view by the same configurations,
   * and so have got the same messages: not everyone who is in both views, this process always
   */
  onView(view: View, companions: ReadonlySet<number>): void
  /**
   * A message came, whatever the view is doing.
   * @param from node id of the sender
   * @param payload with MESSAGE_HEADER_OCTETS in front of what was sent
   */
  onMessage(from: number, payload: Uint8Array): void
  /** After send() answered false: there is room again. */
  onDrain(): void
}

/**
 * One whose messages come in views alone: members that go together from one view to the next get the same
 * ones in between, and nobody gets any of a member that it does not know of yet.
 */
export interface ViewedService extends PlainService {
  readonly isViewed: true
}

/**
 * A state that all members of the group hold alike: it changes by ordered messages alone, the same way
 * everywhere. Messages and snapshots come from members that run the same code.
 */
export interface ReplicatedService extends ViewListener {
  /** On the wire, 1 to 255. Lower ones transfer their state first. */
  readonly id: number
  readonly name: string
  onGate(gate: Gate): void
  /**
   * A message came in its order; all members whose gate is open, or will be, apply the same ones.
   * @param from node id of the sender
   * @param payload with MESSAGE_HEADER_OCTETS in front of what was sent
   * @param ringId the configuration that counts for `onStable`
   * @param position not applied everywhere before this one is stable
   * @param stretch with `position` the place in the lineage of the state that this change takes
   * @returns true when the state is another one now
   */
  apply(from: number, payload: Uint8Array, ringId: RingId, position: number, stretch: Stretch): boolean
  /** A message of this process will not be applied here; whether it was elsewhere is not known. */
  onDropped(payload: Uint8Array): void
  /** Every member that was to apply all up to `position` has done so. */
  onStable(ringId: RingId, position: number): void
  /** After send() answered false: there is room again. */
  onDrain(): void
  /**
   * The state as of this moment, to be read while changes go on.
   * @param receivers the ways the states of those came who will read it, null: one that has none. What all of
   * them have anyhow need not be sent.
   */
  freeze(receivers: readonly (Lineage | null)[]): SnapshotReader
  /** A snapshot will come: take it in beside the present state, which holds until `adopt`. */
  receive(): SnapshotWriter
  /**
   * Go on with another state: the winner's, and what is kept of those in conflict with it, by
   * precedence. A function of these alone: all members must end with the same.
   * @param decided the place in the lineage of the new state that the outcome of a conflict takes; null where
   * there is none
   */
  adopt(winner: Transferred, conflicts: readonly Transferred[], decided: LineageEntry | null): void
}

/** The state of those who hold it alike, as it came here. */
export interface Transferred {
  /** null: it is this replica's own. */
  readonly writer: SnapshotWriter | null
  readonly lineage: Lineage
  /** Node ids of those who held it, ascending. */
  readonly members: readonly number[]
}

export interface SnapshotReader {
  /**
   * Put the next octets into `into` from index `at` on.
   * @returns how many; 0 at the end
   */
  read(into: Uint8Array, at: number): number
  /** Nobody reads on: what was kept for it can go. */
  release(): void
}

export interface SnapshotWriter {
  /** The next octets, as they were read; valid after the call too. */
  write(octets: Uint8Array): void
}
