/** How one process takes part in the ring. Times in milliseconds; see docs/configuration.md. */
export interface TotemOptions {
  readonly nodeId: number
  readonly nodeName: string
  /** Own address, as text: where the others send unicast frames. */
  readonly address: string
  readonly clusterName: string
  /** Which life of this node this is: the first ring sequence number reserved by this start. */
  readonly incarnation: number
  /** No token for this long: the ring is lost. */
  readonly tokenTimeoutMs: number
  /** A process silent for this long while a ring is being formed counts as failed. */
  readonly consensusTimeoutMs: number
  /** Between two join messages while a ring is being formed. */
  readonly joinIntervalMs: number
  /** Between two presence announcements of a ring's representative (merge detection). */
  readonly mergeIntervalMs: number
  /** How long the representative keeps an idle token; 0 lets it spin. */
  readonly holdMs: number
  /** Longest wait before an unanswered token is sent again; the shortest is 10. */
  readonly retransmitMaxMs: number
  /** Frames all members together may multicast in one rotation of the token. */
  readonly windowFrames: number
  /** Frames one member may multicast in one visit of the token. */
  readonly maxMessagesPerVisit: number
  /** Frames of a visit sent after the token (Accelerated Ring); 0 gives the plain protocol. */
  readonly acceleratedWindowFrames: number
  /** Largest IP packet, octets; a frame is this less 28 for the IP and UDP headers. */
  readonly netmtu: number
  /** Number before the first frame of this node's rings; only tests start elsewhere than at 0. */
  readonly firstSequence?: number
}

/** The defaults of docs/configuration.md. */
export const totemDefaults = {
  tokenTimeoutMs: 1000,
  consensusTimeoutMs: 200,
  joinIntervalMs: 50,
  mergeIntervalMs: 200,
  holdMs: 8,
  retransmitMaxMs: 250,
  windowFrames: 120,
  maxMessagesPerVisit: 50,
  acceleratedWindowFrames: 20,
  netmtu: 1500,
} as const
