import type { ClusterNotificationBuffer } from '../../../src/api/index.js'
import { readBuffer } from '../../../src/api/clm-documents.js'
import { changesBuffer, currentBuffer, SeenCluster } from '../../../src/api/seen-cluster.js'
import { instantText, nodesLine, quorumText, trackLine } from '../../../src/programs/clm-text.js'
import { stateText } from '../../../src/programs/test-clm.js'
import type { View } from '../../../src/group/index.js'
import { changesDocument, currentDocument } from '../api/clm-reports.js'
import { member, view } from '../services/clm/views.js'

const two = view(20, [member(1), { ...member(2), name: 'zwei\u001b[31m\n' }])

function current(of: View, nodeId = 1): ClusterNotificationBuffer {
  return currentBuffer(readBuffer(currentDocument(of, nodeId)))
}

/** What one is told who watches for changes only. */
function change(before: View, after: View): ClusterNotificationBuffer {
  const seen = new SeenCluster(readBuffer(currentDocument(before)))
  return changesBuffer(seen.follow(readBuffer(changesDocument(after))), 4)
}

test('the members as a line of JSON', () => {
  const document = JSON.parse(JSON.stringify(nodesLine(current(two)))) as unknown
  expect(document).toEqual({
    viewNumber: 20,
    ringId: { representative: 1, sequence: 20 },
    clusterName: 'payments',
    localNodeId: 1,
    quorate: true,
    members: [1, 2].map((nodeId) => ({
      nodeId,
      nodeAddress: `10.0.0.${nodeId}`,
      nodeName: nodeId === 1 ? 'node1' : 'zwei\u001b[31m\n',
      clusterName: 'payments',
      member: true,
      bootTimestamp: `170000000000000${nodeId}001`,
      initialViewNumber: 10,
    })),
  })
})

test('a change as a line of JSON', () => {
  const again = member(2, 2, 30)
  const after = view(30, [member(1), again, member(3)], {
    joined: [again, member(3)],
    left: [
      { ...member(2), reason: 'failed' },
      { ...member(4), reason: 'left' },
    ],
  })
  const line = trackLine(change(view(20, [member(1), member(2), member(4)]), after))
  expect(line).toMatchObject({ event: 'track', viewNumber: 30 })
  expect(line.members.map(({ nodeId, bootTimestamp }) => [nodeId, bootTimestamp])).toEqual([
    [1, '1700000000000001001'],
    [2, '1700000000000002002'],
    [3, '1700000000000003001'],
  ])
  const named = (nodeId: number): object => {
    return { nodeId, nodeName: `node${nodeId}`, nodeAddress: `10.0.0.${nodeId}` }
  }
  expect(line.changes).toEqual([
    { ...named(2), change: 'left', reason: 'failed' },
    { ...named(4), change: 'left', reason: 'left' },
    { ...named(2), change: 'joined', reason: null },
    { ...named(3), change: 'joined', reason: null },
  ])
})

test('what the test program says of a node', () => {
  const gone = view(30, [member(1)], { left: [{ ...member(2), reason: 'failed' }] })
  const { items } = change(view(20, [member(1), member(2)]), gone)
  expect(items.map(stateText)).toEqual([
    [
      'NODE STATE LEFT.',
      'Node Information',
      '\tnode id is 2',
      '\tnode address is 10.0.0.2',
      '\tnode name is node2',
      '\tcluster name is payments',
      '\tmember is 0',
      '\tboot time is 1700000000000002001 nanoseconds',
      '\treason is failed',
    ].join('\n'),
  ])
  expect(current(two).items.map((item) => stateText(item).split('\n')[0])).toEqual([
    'NODE STATE NO CHANGE.',
    'NODE STATE NO CHANGE.',
  ])
  expect(stateText(current(two).items[1]!)).toContain('\tnode name is zwei\uFFFD[31m\uFFFD\n')
})

test('the quorum, where there is one', () => {
  expect(quorumText(current(two))).toBe('')
  const of = (quorate: boolean, waitingForAll: boolean): ClusterNotificationBuffer =>
    current(
      view(20, two.members, { quorum: { quorate, expectedVotes: 3, votes: 2, needed: 2, waitingForAll } }),
    )
  expect(quorumText(of(true, false))).toBe('quorate: 2 of 3 votes, 2 needed')
  expect(quorumText(of(false, true))).toBe(
    'NOT quorate: 2 of 3 votes, 2 needed, waiting until all have been seen once',
  )
})

test('an instant no calendar has is shown in nanoseconds', () => {
  expect(instantText(1_700_000_000_123_456_789n)).toBe('2023-11-14T22:13:20.123Z')
  expect(instantText(2n ** 64n - 1n)).toBe('2554-07-21T23:34:33.709Z')
  expect(instantText(10n ** 30n)).toBe(`${10n ** 30n} ns`)
})
