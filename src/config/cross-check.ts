import { CheckContext, keyPosition, quoted, valuePosition } from './check-context.js'
import { leaseFinding } from './check-lease.js'
import { revaluing } from './fixes.js'
import type { Block } from './groups/block.js'
import type { Diagnostic } from './model/diagnostic.js'
import { effectiveLeaseMs } from './model/effective-lease.js'
import type { GroupsConfig } from './model/groups-config.js'
import type { NetworkConfig } from './model/network-config.js'
import { nearest } from './nearest.js'
import type { Entry } from './parse.js'

/** A configuration without errors, and what was written for it. */
export interface Written<C> {
  readonly config: C
  readonly written: Block
  /** Can findings name a fix, that is: does the value stand where its place says? */
  readonly isFixable: boolean
}

/** What is wrong about two files together, at the file that should change. */
export interface CrossFindings {
  readonly network: readonly Diagnostic[]
  readonly groups: readonly Diagnostic[]
}

/** Names of nodes that are listed in a message. */
const NAMES_MAX = 8

interface Both {
  readonly network: Written<NetworkConfig>
  readonly groups: Written<GroupsConfig>
  readonly inNetwork: CheckContext
  readonly inGroups: CheckContext
}

const entryOf = ({ entries }: Block, key: string): Entry | undefined =>
  entries.find((entry) => entry.key === key)

/** The lines `node=` of all units. */
function nodeEntries({ written }: Written<GroupsConfig>): Entry[] {
  const units = written.blocks.flatMap(({ blocks }) => blocks).filter(({ scope }) => scope === 'unit')
  return units.flatMap(({ entries }) => entries.filter(({ key, value }) => key === 'node' && value !== ''))
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : ''
  return names.slice(0, NAMES_MAX).map(quoted).join(', ') + more
}

/** A lease must be over before the rest of the cluster counts its node as lost. */
function checkTimes({ network, groups, inGroups }: Both): void {
  const finding = leaseFinding(groups.config, network.config)
  const lease = entryOf(groups.written, 'lease')
  if (finding !== null && lease !== undefined) inGroups.error(lease, finding)
  const delay = entryOf(groups.written, 'takeover-delay')
  if (delay === undefined || lease !== undefined) return
  // Beside a lease that is written the file alone tells.
  const leaseMs = effectiveLeaseMs(groups.config, network.config.tokenTimeoutMs)
  if (groups.config.takeoverDelayMs <= leaseMs) return
  const { takeoverDelayMs } = groups.config
  const message =
    `takeover-delay (${takeoverDelayMs}) is longer than lease ` +
    `(${leaseMs}, half of token of network.conf): time is lost`
  inGroups.warning(delay, { code: 'value-conflict', message, expected: `takeover-delay at most ${leaseMs}` })
}

/** What a part without quorum does means nothing where every part has quorum. */
function checkNoQuorum({ network, groups, inGroups }: Both): void {
  const policy = entryOf(groups.written, 'no-quorum')
  if (policy === undefined || network.config.quorumMode !== 'off') return
  inGroups.report('warning', 'no-quorum', keyPosition(policy), {
    code: 'key-unused',
    message: 'no-quorum has no effect while the quorum is off in network.conf',
    expected: 'quorum: majority in network.conf, or no line for no-quorum',
  })
}

/** More nodes than votes: two parts can have a majority each. */
function checkVotes({ network, inNetwork }: Both, nodes: readonly string[]): void {
  const votes = entryOf(network.written, 'expected-votes')
  const { expectedVotes } = network.config
  if (votes === undefined || expectedVotes === null || nodes.length <= expectedVotes) return
  inNetwork.warning(votes, {
    code: 'value-conflict',
    message:
      `expected-votes is ${expectedVotes}, and groups.conf names ${nodes.length} nodes (${listed(nodes)}): ` +
      'two parts of the cluster could each have a majority',
    expected: `expected-votes: ${nodes.length}, or a node= on each of ${expectedVotes} nodes`,
    ...revaluing(votes, String(nodes.length), false),
  })
}

/** The name of this node, and those that units wait for. */
function checkNodeName({ network, groups, inGroups }: Both, entries: readonly Entry[]): void {
  const { nodeName } = network.config
  if (nodeName === null || entries.length === 0) return
  const names = [...new Set(entries.map(({ value }) => value))]
  if (names.includes(nodeName)) return
  const meant = nearest(nodeName, names)
  const alike = meant === null ? undefined : entries.find(({ value }) => value === meant)
  if (alike !== undefined) {
    inGroups.warning(alike, {
      code: 'node-unknown',
      message: `node ${quoted(alike.value)} is not this one: nodename of network.conf is ${quoted(nodeName)}`,
      expected: 'the same name in both files, letter by letter, if the same node is meant',
      ...revaluing(alike, nodeName, false),
    })
    return
  }
  const units = groups.config.groups.flatMap((group) => group.units)
  if (!units.every(({ node }) => node !== null)) return
  inGroups.report('warning', 'node', valuePosition(entries[0]), {
    code: 'node-unknown',
    message: `all units are on other nodes (${listed(names)}): this one, ${quoted(nodeName)}, gets no work`,
    expected: `a unit with node=${quoted(nodeName).slice(1, -1)}, if this node is to have one`,
  })
}

/** Do network.conf and groups.conf go together? Of other nodes' files nothing is known. */
export function crossCheck(network: Written<NetworkConfig>, groups: Written<GroupsConfig>): CrossFindings {
  const inNetwork = new CheckContext({ isFixable: network.isFixable })
  const inGroups = new CheckContext({ isFixable: groups.isFixable })
  const both = { network, groups, inNetwork, inGroups }
  const entries = nodeEntries(groups)
  checkTimes(both)
  checkNoQuorum(both)
  checkVotes(both, [...new Set(entries.map(({ value }) => value))])
  checkNodeName(both, entries)
  return { network: inNetwork.finish(), groups: inGroups.finish() }
}
