/** Identity of one configuration: no two rings that were ever installed share it. */
export interface RingId {
  /** Node id of the ring's representative (its lowest node id). */
  readonly representative: number
  /** Grows with every ring a process takes part in, across its crashes too. */
  readonly sequence: number
}

/** One process of the executive: a node during one life of its daemon. */
export interface Member {
  readonly nodeId: number
  /** Which life of the node's daemon this is; grows with each start. */
  readonly incarnation: number
  /** Address its unicast frames are sent to, as text. */
  readonly address: string
  readonly name: string
}

/** A member that is gone: it said so ('left') or it vanished ('failed'). */
export interface Departed extends Member {
  readonly reason: 'left' | 'failed'
}

/**
 * A configuration change, in order with the deliveries (Moser et al., "Extended Virtual Synchrony", 1994).
 * Between two regular configurations comes a transitional one: those members of the old
 * configuration that go to the new one together. It reports who left; the regular one who joined.
 */
export interface Configuration {
  readonly kind: 'regular' | 'transitional'
  /** Of the new regular configuration, for the transitional one that leads to it as well. */
  readonly ringId: RingId
  /** Sorted by node id. */
  readonly members: readonly Member[]
  readonly joined: readonly Member[]
  readonly left: readonly Departed[]
}

export function sameRing(a: RingId, b: RingId): boolean {
  return a.sequence === b.sequence && a.representative === b.representative
}
