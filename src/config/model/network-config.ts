/** What bindnetaddr asks for. Addresses are unsigned 32-bit numbers in network order. */
export type BindTarget =
  | { readonly kind: 'address'; readonly text: string; readonly address: number }
  | { readonly kind: 'cidr'; readonly text: string; readonly address: number; readonly prefixLength: number }
  | { readonly kind: 'interface'; readonly text: string; readonly name: string }

/** Where a value of the file was written, for diagnostics that come later (interface choice). */
export interface SourcePosition {
  readonly line: number
  readonly column: number
  readonly length: number
  readonly source: string
}

/** network.conf, checked. Times in milliseconds. null: not given, the executive finds the default. */
export interface NetworkConfig {
  readonly bindTarget: BindTarget
  readonly bindPosition: SourcePosition
  /** Multicast group, dotted quad. */
  readonly mcastAddress: string
  /** UDP port of the group; unicast goes to the port one below. */
  readonly mcastPort: number
  /** null: the IPv4 address of the chosen interface as a number (`ipv4ToNumber`). */
  readonly nodeId: number | null
  /** null: the host name. */
  readonly nodeName: string | null
  readonly clusterName: string
  /** null: /var/lib/ais, or for non-root $XDG_STATE_HOME/ais. */
  readonly stateDir: string | null
  /** null: /run/ais/ais.sock, or for non-root below $XDG_RUNTIME_DIR. */
  readonly socket: string | null
  readonly tokenTimeoutMs: number
  readonly consensusTimeoutMs: number
  readonly joinIntervalMs: number
  readonly mergeIntervalMs: number
  readonly holdMs: number
  readonly retransmitMaxMs: number
  readonly windowFrames: number
  readonly maxMessagesPerVisit: number
  readonly acceleratedWindowFrames: number
  /** Largest IP packet, octets. */
  readonly netmtu: number
  readonly ttl: number
  /** 'majority': a view is quorate with more than half of the expected votes; 'off': always. */
  readonly quorumMode: 'off' | 'majority'
  /** Votes of the whole cluster, one a node; null when the quorum is off. */
  readonly expectedVotes: number | null
  /** One node of two is enough once both have been seen; false when the quorum is off. */
  readonly twoNode: boolean
  /** Not quorate before all nodes have been seen once; true with twoNode, false when the quorum is off. */
  readonly waitForAll: boolean
}

/** An IPv4 address of this machine, as the operating system lists it. */
export interface InterfaceAddress {
  readonly name: string
  /** Dotted quad. */
  readonly address: string
  /** Dotted quad. */
  readonly netmask: string
  readonly loopback: boolean
}

/** The address a process speaks from, and why this one. */
export interface InterfaceChoice {
  readonly address: string
  readonly interface: string
  /** A sentence for the log. */
  readonly reason: string
}
