import { limits, LOCAL_NODE_ID } from '../../base/index.js'
import type { NetworkConfig } from './network-config.js'

/** Fields of NetworkConfig that hold a number. */
export type NumberField = {
  [F in keyof NetworkConfig]: NetworkConfig[F] extends number | null ? F : never
}[keyof NetworkConfig]

/** Fields of NetworkConfig that hold text or null. */
export type TextField = 'nodeName' | 'clusterName' | 'stateDir' | 'socket'

/** Fields of NetworkConfig that hold one of a few values. */
export type ChoiceField = 'quorumMode' | 'twoNode' | 'waitForAll'

interface KeyBase {
  readonly name: string
  /** 'ms', 'octets' …; empty for values without a unit. */
  readonly unit: string
  readonly description: string
}

/** One of the three keys the original executive knew. */
export interface OriginalKey extends KeyBase {
  readonly kind: 'original'
  readonly range: string
  readonly example: string
}

export interface IntegerKey extends KeyBase {
  readonly kind: 'integer'
  readonly field: NumberField
  readonly min: number
  readonly max: number
  readonly default: number | null
  /** Stands for the default where it is not a number. */
  readonly defaultText?: string
}

export interface TextKey extends KeyBase {
  readonly kind: 'name' | 'path'
  readonly field: TextField
  readonly octetsMax: number
  readonly default: string | null
  readonly defaultText?: string
}

export interface ChoiceKey extends KeyBase {
  readonly kind: 'choice'
  readonly field: ChoiceField
  /** The words of network.conf. */
  readonly choices: readonly [string, string]
  /** The words that false and true of YAML, JSON and TypeScript stand for; null: for none. */
  readonly booleans: readonly [string, string | null]
  /** null: what the other keys make of it. */
  readonly default: string | null
  readonly defaultText?: string
}

/** A key that came after the original. */
export type AddedKey = IntegerKey | TextKey | ChoiceKey

export type NetworkKey = OriginalKey | AddedKey

const originalKeys: readonly OriginalKey[] = [
  {
    name: 'bindnetaddr',
    kind: 'original',
    unit: '',
    range: 'network address, full address, CIDR or interface name',
    example: 'bindnetaddr: 192.168.1.0',
    description: 'Which address of this machine to speak from.',
  },
  {
    name: 'mcastaddr',
    kind: 'original',
    unit: '',
    range: '224.0.0.0–239.255.255.255',
    example: 'mcastaddr: 226.94.1.1',
    description: 'Multicast group of the cluster.',
  },
  {
    name: 'mcastport',
    kind: 'original',
    unit: '',
    range: '2–65535',
    example: 'mcastport: 6000',
    description: 'UDP port of the group. Unicast frames use the port one below.',
  },
]

const identityKeys: readonly (IntegerKey | TextKey)[] = [
  {
    name: 'nodeid',
    kind: 'integer',
    field: 'nodeId',
    unit: '',
    min: 1,
    max: LOCAL_NODE_ID - 1,
    default: null,
    defaultText: 'the IPv4 address as a number',
    description: 'Identity of this node, different on every node of the cluster.',
  },
  {
    name: 'nodename',
    kind: 'name',
    field: 'nodeName',
    unit: '',
    octetsMax: 255,
    default: null,
    defaultText: 'the host name',
    description: 'Name of this node, as members and logs show it.',
  },
  {
    name: 'clustername',
    kind: 'name',
    field: 'clusterName',
    unit: '',
    octetsMax: 255,
    default: 'ais',
    description: 'Frames of a cluster of another name are ignored and counted.',
  },
  {
    name: 'statedir',
    kind: 'path',
    field: 'stateDir',
    unit: '',
    octetsMax: 4095,
    default: null,
    defaultText: '/var/lib/ais; for non-root $XDG_STATE_HOME/ais',
    description: 'Directory of what must survive a restart; made if missing.',
  },
  {
    name: 'socket',
    kind: 'path',
    field: 'socket',
    unit: '',
    octetsMax: 107,
    default: null,
    defaultText: '/run/ais/ais.sock; for non-root $XDG_RUNTIME_DIR/ais/ais.sock',
    description: 'Unix socket that applications connect to; its directory is made if missing.',
  },
]

const timeKeys: readonly IntegerKey[] = [
  {
    name: 'token',
    kind: 'integer',
    field: 'tokenTimeoutMs',
    unit: 'ms',
    min: 50,
    max: 600_000,
    default: 1000,
    description: 'No token for this long: the ring is lost and formed anew.',
  },
  {
    name: 'consensus',
    kind: 'integer',
    field: 'consensusTimeoutMs',
    unit: 'ms',
    min: 10,
    max: 600_000,
    default: 200,
    description: 'A process silent for this long while a ring is being formed counts as failed.',
  },
  {
    name: 'join',
    kind: 'integer',
    field: 'joinIntervalMs',
    unit: 'ms',
    min: 5,
    max: 60_000,
    default: 50,
    description: 'Time between two join messages while a ring is being formed.',
  },
  {
    name: 'merge',
    kind: 'integer',
    field: 'mergeIntervalMs',
    unit: 'ms',
    min: 10,
    max: 600_000,
    default: 200,
    description: 'Time between two announcements by which separated rings find each other.',
  },
  {
    name: 'hold',
    kind: 'integer',
    field: 'holdMs',
    unit: 'ms',
    min: 0,
    max: 10,
    default: 8,
    description: 'How long an idle token is kept; 0 lets it spin.',
  },
  {
    name: 'retransmit',
    kind: 'integer',
    field: 'retransmitMaxMs',
    unit: 'ms',
    min: 10,
    max: 250,
    default: 250,
    description: 'Longest wait before an unanswered token is sent again.',
  },
]

const flowKeys: readonly IntegerKey[] = [
  {
    name: 'window',
    kind: 'integer',
    field: 'windowFrames',
    unit: 'frames',
    min: 1,
    max: 1000,
    default: 120,
    description: 'Frames all members together may multicast in one rotation of the token.',
  },
  {
    name: 'max-messages',
    kind: 'integer',
    field: 'maxMessagesPerVisit',
    unit: 'frames',
    min: 1,
    max: 1000,
    default: 50,
    description: 'Frames one member may multicast in one visit of the token.',
  },
  {
    name: 'accelerated-window',
    kind: 'integer',
    field: 'acceleratedWindowFrames',
    unit: 'frames',
    min: 0,
    max: 1000,
    default: 20,
    description: 'Frames of a visit sent after the token (Accelerated Ring); 0 gives the plain protocol.',
  },
  {
    name: 'netmtu',
    kind: 'integer',
    field: 'netmtu',
    unit: 'octets',
    min: 576,
    max: 65_535,
    default: 1500,
    description: 'Largest IP packet; a frame is 28 octets smaller.',
  },
  {
    name: 'ttl',
    kind: 'integer',
    field: 'ttl',
    unit: 'hops',
    min: 0,
    max: 255,
    default: 1,
    description: 'Routers a multicast frame may cross, plus one; 0 keeps it on this machine.',
  },
]

const quorumKeys: readonly (IntegerKey | ChoiceKey)[] = [
  {
    name: 'quorum',
    kind: 'choice',
    field: 'quorumMode',
    unit: '',
    choices: ['majority', 'off'],
    booleans: ['off', null],
    default: 'off',
    description: 'Who may act for the cluster: a part with more than half of the votes, or every part.',
  },
  {
    name: 'expected-votes',
    kind: 'integer',
    field: 'expectedVotes',
    unit: 'nodes',
    min: 2,
    max: limits.ringMembers,
    default: null,
    defaultText: 'required by `quorum: majority`',
    description: 'Nodes the whole cluster has; each has one vote.',
  },
  {
    name: 'two-node',
    kind: 'choice',
    field: 'twoNode',
    unit: '',
    choices: ['yes', 'no'],
    booleans: ['no', 'yes'],
    default: 'no',
    description: 'In a cluster of two one is enough, once both were seen. Needs `expected-votes: 2`.',
  },
  {
    name: 'wait-for-all',
    kind: 'choice',
    field: 'waitForAll',
    unit: '',
    choices: ['yes', 'no'],
    booleans: ['no', 'yes'],
    default: null,
    defaultText: 'no; yes with `two-node: yes`',
    description: 'After a start of the whole cluster no part is quorate before all nodes were seen.',
  },
]

/** Keys that came after the original: what the original stopped reading at. */
export const addedKeys: readonly AddedKey[] = [...identityKeys, ...timeKeys, ...flowKeys, ...quorumKeys]

/** All keys of network.conf, in the order of docs/configuration.md. The one table of them. */
export const networkKeys: readonly NetworkKey[] = [...originalKeys, ...addedKeys]

export function findNetworkKey(name: string): NetworkKey | undefined {
  return networkKeys.find((key) => key.name === name)
}

/** The range of a key as the documentation and the diagnostics state it. */
export function rangeText(key: NetworkKey): string {
  if (key.kind === 'original') return key.range
  if (key.kind === 'integer') return `${key.min}–${key.max}`
  if (key.kind === 'choice') return key.choices.join(' or ')
  if (key.kind === 'name') return `1–${key.octetsMax} octets of UTF-8, no control characters`
  return `absolute path of at most ${key.octetsMax} octets`
}

/** The default of a key as the documentation states it. */
export function defaultText(key: NetworkKey): string {
  if (key.kind === 'original') return 'required'
  return key.defaultText ?? String(key.default)
}
