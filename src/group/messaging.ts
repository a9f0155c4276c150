import type { Configuration, RingId } from './configuration.js'

/**
 * 'agreed': delivered in the total order. 'safe': delivered in that order once every member is
 * known to have received it (in a transitional configuration: every member of that one).
 */
export type Guarantee = 'agreed' | 'safe'

/** What an engine tells its user, in one order that all members of a configuration share. */
export interface GroupListener {
  onConfiguration(configuration: Configuration): void
  /**
   * @param from node id of the sender
   * @param payload valid after the call too; must not be written to
   * @param position place in the order of the last regular configuration; several small messages
   *   may share one, positions never fall within a configuration
   */
  onDeliver(from: number, payload: Uint8Array, position: number, guarantee: Guarantee): void
  /**
   * Every member of configuration `ringId` has delivered all messages up to `position` in it, and with
   * them all that it delivered before. Of a configuration that ended, the members that came along from it
   * count; where one ended before this could be told, the next one speaks for it.
   */
  onStable(ringId: RingId, position: number): void
  /** After a refusal: there is room again. */
  onDrain(): void
}

/** An engine that puts the messages of a group of processes into one total order. */
export interface GroupMessaging {
  /**
   * Hand over a message. The engine keeps the payload until it is sent: it must not be written to again.
   * @returns false when refused: the queue is full (a 'drain' follows), or the process is leaving.
   * @throws RangeError when the payload is larger than `limits.messageOctets`
   */
  multicast(payload: Uint8Array, guarantee: Guarantee): boolean
  /** Leave the group: say so to the others, then stop. */
  leave(): void
}
