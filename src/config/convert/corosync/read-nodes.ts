import { keyPosition, quoted } from '../../check-context.js'
import { scanIpv4 } from '../../ipv4.js'
import type { Entry } from '../../parse.js'
import type { Section } from './parse.js'
import { sectionsOf, type Merged, type Source } from './source.js'

export interface Nodes {
  readonly list: Merged | null
  readonly all: readonly Section[]
  /** The one that is asked for. */
  readonly own: Section | null
}

const valueOf = (node: Section, key: string): string | undefined =>
  node.items.findLast((item) => item.key === key)?.value

/** What a node may be asked for by: its name, its ID, its address. */
function namesOf(node: Section): string[] {
  return ['name', 'nodeid', 'ring0_addr'].flatMap((key) => valueOf(node, key) ?? [])
}

/** The names of the nodes as a message lists them. */
export function listOfNodes(nodes: readonly Section[]): string {
  const names = nodes.slice(0, 10).map((node) => namesOf(node)[0] ?? '?')
  return `${names.map(quoted).join(', ')}${nodes.length > 10 ? ' …' : ''}`
}

/** @param wanted whom the user asked for. @returns null after an error was reported */
export function readNodes(source: Source, wanted: string | null): Nodes | null {
  const lists = sectionsOf(source.file, 'nodelist')
  const list = source.merged('nodelist', lists)
  const all = sectionsOf(list ?? { sections: [] }, 'node')
  if (wanted === null) return { list, all, own: null }
  const own = all.find((node) => namesOf(node).includes(wanted)) ?? null
  if (own !== null) return { list, all, own }
  source.context.report('error', null, list?.place ?? source.file.place, {
    code: 'name-unknown',
    message: `there is no node ${quoted(wanted)} in the nodelist`,
    ...(all.length === 0 ? {} : { expected: `--node with one of ${listOfNodes(all)}` }),
  })
  return null
}

/** An address that can stand as bindnetaddr; a name of a host cannot: it would be taken for an interface. */
function addressOf(source: Source, entry: Entry | null): Entry | null {
  if (entry === null) return null
  const scanned = scanIpv4(entry.value)
  if (scanned !== null && scanned.rest === '') return entry
  source.explain(entry, 'a host name or an IPv6 address is no bindnetaddr')
  return null
}

/** The identity of the node that is asked for. @returns its address as bindnetaddr, if it has one */
export function takeOwnNode(source: Source, { all, own }: Nodes): Entry | null {
  for (const node of all) takeVotes(source, node)
  if (own === null) return null
  // The others of the list have files of their own.
  for (const node of all) {
    if (node !== own)
      for (const item of node.items) if (item.key !== 'quorum_votes') source.take({ items: [item] }, item.key)
  }
  source.give('nodename', source.take(own, 'name'))
  source.give('nodeid', source.take(own, 'nodeid'))
  const address = addressOf(source, source.look(own, 'ring0_addr'))
  return address === null ? null : source.take(own, 'ring0_addr')
}

/** One vote each is what it is here anyhow. */
function takeVotes(source: Source, node: Section): void {
  if (source.look(node, 'quorum_votes')?.value === '1') source.take(node, 'quorum_votes')
}

/** Report that the file does not say which of its nodes is meant. */
export function refuseWithoutNode(source: Source, { list, all }: Nodes): void {
  const first = all[0]?.items.find((item) => item.key === 'ring0_addr')
  const place = first === undefined ? (list ?? source.file).place : keyPosition(first)
  source.context.report('error', 'bindnetaddr', place, {
    code: 'key-missing',
    message: 'there is no bindnetaddr, and which node of the nodelist is meant is not said',
    expected: `--node with one of ${listOfNodes(all)}`,
  })
}
