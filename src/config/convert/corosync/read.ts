import { keyPosition, type CheckContext } from '../../check-context.js'
import type { SourcePosition } from '../../model/network-config.js'
import type { Entry } from '../../parse.js'
import { splitLines } from '../../parse.js'
import type { Read, ReadOptions } from '../format.js'
import { clusterGroup } from './cluster-group.js'
import { parseSections, type Section } from './parse.js'
import { readNodes, refuseWithoutNode, takeOwnNode, type Nodes } from './read-nodes.js'
import { takeQuorum } from './read-quorum.js'
import { takeTimers } from './read-timers.js'
import { sectionsOf, Source, type Merged } from './source.js'

/** The port of a corosync.conf that names none. */
const DEFAULT_PORT = '5405'

/** Values that mean what is so here anyhow. */
const meantAnyhow: readonly (readonly [string, string])[] = [
  ['version', '2'],
  ['secauth', 'off'],
  ['crypto_cipher', 'none'],
  ['crypto_hash', 'none'],
  ['rrp_mode', 'none'],
  ['ip_version', 'ipv4'],
  ['transport', 'udp'],
]

/** The interface sections of ring 0; the others are explained. */
function takeInterfaces(source: Source, totem: Merged): Merged | null {
  const own: Section[] = []
  for (const section of sectionsOf(totem, 'interface')) {
    const number = source.look(section, 'ringnumber') ?? source.look(section, 'linknumber')
    if (number === null || /^0+$/.test(number.value)) {
      source.take(section, 'ringnumber')
      source.take(section, 'linknumber')
      own.push(section)
    } else source.explainAll(section, 'only ring 0 is used; bond interfaces below it')
  }
  return source.merged('totem.interface', own)
}

/** The multicast group; null after an error was reported. */
function takeGroup(
  source: Source,
  totem: Merged,
  link: Merged | null,
  transport: Entry | null,
  { mcastAddress }: ReadOptions,
): true | null {
  const given = source.take(link, 'mcastaddr')
  const place: SourcePosition = link?.place ?? totem.place
  const broadcast = source.look(link, 'broadcast')
  if (broadcast?.value === 'no') source.take(link, 'broadcast')
  if (given !== null) source.give('mcastaddr', given)
  else if (mcastAddress !== null) source.giveAt('mcastaddr', place, mcastAddress)
  else {
    const name = source.look(totem, 'cluster_name')
    const isMulticast = transport?.value === 'udp' && broadcast?.value !== 'yes'
    if (!isMulticast || name === null) return refuseWithoutGroup(source, totem, transport, broadcast)
    source.give('mcastaddr', name, clusterGroup(name.value))
    source.notes.set('mcastaddr', 'as corosync derives it from cluster_name')
  }
  return true
}

function refuseWithoutGroup(
  source: Source,
  totem: Merged,
  transport: Entry | null,
  broadcast: Entry | null,
): null {
  const speaks = broadcast?.value === 'yes' ? 'broadcast' : (transport?.value ?? 'knet')
  const entry = broadcast ?? transport
  const what =
    speaks === 'udp' ? 'names no multicast group' : `speaks ${speaks}, which knows no multicast group`
  source.context.report('error', 'mcastaddr', entry === null ? totem.place : keyPosition(entry), {
    code: 'key-missing',
    message: `this cluster ${what}, and ours are on one`,
    expected: '--mcastaddr with a group of your own, say 226.94.1.1, the same on all nodes',
  })
  return null
}

function takePort(source: Source, totem: Merged, link: Merged | null, { mcastPort }: ReadOptions): void {
  const given = source.take(link, 'mcastport')
  if (given !== null) source.give('mcastport', given)
  else if (mcastPort !== null) source.giveAt('mcastport', (link ?? totem).place, mcastPort)
  else source.giveAt('mcastport', (link ?? totem).place, DEFAULT_PORT, "corosync's default")
}

/** Which address to speak from; null after an error was reported. */
function takeBind(source: Source, link: Merged | null, nodes: Nodes): true | null {
  const ownAddress = takeOwnNode(source, nodes)
  if (ownAddress !== null) {
    source.give('bindnetaddr', ownAddress)
    return true
  }
  const given = source.take(link, 'bindnetaddr')
  if (given !== null) {
    source.give('bindnetaddr', given)
    return true
  }
  if (nodes.all.length > 0 && nodes.own === null) {
    refuseWithoutNode(source, nodes)
    return null
  }
  // What is missing is reported with the other keys.
  return true
}

/** Addresses of a list of members, as corosync 1.4 has it: only their number counts here. */
function membersOf(link: Merged | null): number {
  return sectionsOf(link ?? { sections: [] }, 'member').length
}

function takeTotem(source: Source, totem: Merged, nodes: Nodes, options: ReadOptions): true | null {
  const link = takeInterfaces(source, totem)
  const transport = source.look(totem, 'transport')
  for (const [key, value] of meantAnyhow) {
    if (source.look(totem, key)?.value === value) source.take(totem, key)
  }
  if (takeGroup(source, totem, link, transport, options) === null) return null
  if (takeBind(source, link, nodes) === null) return null
  takePort(source, totem, link, options)
  source.give('ttl', source.take(link, 'ttl'))
  source.give('clustername', source.take(totem, 'cluster_name'))
  if (!source.has('nodeid')) source.give('nodeid', source.take(totem, 'nodeid'))
  // What corosync 3 speaks where nothing is said; before it, all files had a group.
  const isKnet = transport === null ? source.look(link, 'mcastaddr') === null : transport.value === 'knet'
  takeTimers(source, totem, nodes.all.length, isKnet)
  takeQuorum(source, nodes, membersOf(link))
  return true
}

/** A corosync.conf of 1.4, 2 or 3, or a totem section of an openais.conf, as a network.conf. */
export function readCorosync(text: string, options: ReadOptions, context: CheckContext): Read | null {
  const file = parseSections(text, context)
  if (file === null) return null
  const source = new Source(file, context)
  const totem = source.merged('totem', sectionsOf(file, 'totem'))
  if (totem === null) {
    const message = 'there is no section totem'
    context.report('error', null, file.place, { code: 'key-missing', message, expected: 'totem { … }' })
    return null
  }
  const nodes = readNodes(source, options.node)
  if (nodes === null || takeTotem(source, totem, nodes, options) === null) return null
  source.reportLost()
  const { entries, notes } = source
  return { kind: 'network', parsed: { entries, strange: [], endLine: splitLines(text).length + 1 }, notes }
}
