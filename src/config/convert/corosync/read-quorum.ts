import type { Nodes } from './read-nodes.js'
import { sectionsOf, type Source } from './source.js'

const words: Readonly<Record<string, string>> = { '0': 'no', '1': 'yes' }

const countNodes = ({ all }: Nodes, members: number): number => (all.length > 0 ? all.length : members)

/** quorum { provider: corosync_votequorum … } as quorum, expected-votes, two-node and wait-for-all. */
export function takeQuorum(source: Source, nodes: Nodes, members: number): void {
  const quorum = source.merged('quorum', sectionsOf(source.file, 'quorum'))
  if (quorum === null || source.look(quorum, 'provider')?.value !== 'corosync_votequorum') {
    for (const item of quorum?.items ?? []) {
      if (item.key !== 'provider') source.explain(item, 'without corosync_votequorum it has no effect')
    }
    return
  }
  const expectedText = source.look(quorum, 'expected_votes')?.value
  const votes = expectedText === undefined ? countNodes(nodes, members) : Number(expectedText)
  if (votes === 1) {
    for (const item of quorum.items)
      source.explain(item, 'one node alone has quorum, always; from two on it counts')
    return
  }
  const provider = source.take(quorum, 'provider')
  source.give('quorum', provider, 'majority')
  const expected = source.take(quorum, 'expected_votes')
  const counted = countNodes(nodes, members)
  if (expected !== null) source.give('expected-votes', expected)
  else if (counted > 0) source.giveAt('expected-votes', (nodes.list ?? quorum).place, String(counted))
  for (const [theirs, ours] of [
    ['two_node', 'two-node'],
    ['wait_for_all', 'wait-for-all'],
  ]) {
    const entry = source.take(quorum, theirs)
    if (entry !== null) source.give(ours, entry, words[entry.value] ?? entry.value)
  }
}
