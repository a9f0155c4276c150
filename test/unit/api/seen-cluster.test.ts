import { readBuffer } from '../../../src/api/clm-documents.js'
import { changesBuffer, currentBuffer, SeenCluster } from '../../../src/api/seen-cluster.js'
import { TrackFlags } from '../../../src/base/index.js'
import type { View } from '../../../src/group/index.js'
import { member, view } from '../services/clm/views.js'
import { changesDocument, currentDocument, itemsText } from './clm-reports.js'

const { TRACK_CHANGES, TRACK_CHANGES_ONLY } = TrackFlags
const two = view(20, [member(1), member(2)])

function seen(first: View): SeenCluster {
  return new SeenCluster(readBuffer(currentDocument(first)))
}

/** What an application is told, with CHANGES and with CHANGES_ONLY. */
function told(difference: ReturnType<SeenCluster['catchUp']>): [string, string] | null {
  if (difference === null) return null
  const text = (flags: number): string => itemsText(changesBuffer(difference, flags).items)
  return [text(TRACK_CHANGES), text(TRACK_CHANGES_ONLY)]
}

test('the current view is its members', () => {
  const buffer = currentBuffer(readBuffer(currentDocument(two)))
  expect(itemsText(buffer.items)).toBe('same 1, same 2')
  expect(buffer.members).toEqual(buffer.items.map(({ clusterNode }) => clusterNode))
  expect(buffer).toMatchObject({ viewNumber: 20, quorate: true, localNodeId: 1, numberOfMembers: 2 })
})

test('changes are told in full or alone, whatever the executive was asked', () => {
  const cluster = seen(two)
  const three = view(30, [member(1), member(2), member(3)], { joined: [member(3)] })
  const joined = cluster.follow(readBuffer(changesDocument(three)))
  expect(told(joined)).toEqual(['same 1, same 2, joined 3', 'joined 3'])
  const gone = view(40, [member(1), member(3)], { left: [{ ...member(2), reason: 'left' }] })
  const left = cluster.follow(readBuffer(changesDocument(gone)))
  expect(told(left)).toEqual(['left 2 left, same 1, same 3', 'left 2 left'])
  expect(left.members.map(({ nodeId }) => nodeId)).toEqual([1, 3])
  const again = member(3, 2, 50)
  const restarted = view(50, [member(1), again], {
    joined: [again],
    left: [{ ...member(3), reason: 'failed' }],
  })
  expect(told(cluster.follow(readBuffer(changesDocument(restarted))))).toEqual([
    'left 3 failed, same 1, joined 3',
    'left 3 failed, joined 3',
  ])
})

describe('after a time without the executive', () => {
  const catchUp = (before: View, after: View): [string, string] | null =>
    told(seen(before).catchUp(readBuffer(currentDocument(after))))

  test('nothing changed: nothing is told', () => {
    expect(catchUp(two, view(90, [member(1), member(2)]))).toBeNull()
  })

  test('who went and who came', () => {
    expect(catchUp(two, view(90, [member(1), member(3)]))).toEqual([
      'left 2 failed, same 1, joined 3',
      'left 2 failed, joined 3',
    ])
  })

  test('its own node, started again, left and joined', () => {
    expect(catchUp(two, view(90, [member(1, 2, 90), member(2)]))).toEqual([
      'left 1 failed, joined 1, same 2',
      'left 1 failed, joined 1',
    ])
  })

  test('the quorum alone', () => {
    const lost = view(90, two.members, { quorum: { ...two.quorum, quorate: false } })
    expect(catchUp(two, lost)).toEqual(['same 1, same 2', ''])
  })

  test('once told, not told again', () => {
    const cluster = seen(two)
    const later = readBuffer(currentDocument(view(90, [member(1)])))
    expect(told(cluster.catchUp(later))).toEqual(['left 2 failed, same 1', 'left 2 failed'])
    expect(cluster.catchUp(later)).toBeNull()
    const back = view(95, [member(1), member(2)], { joined: [member(2)] })
    expect(told(cluster.follow(readBuffer(changesDocument(back))))).toEqual(['same 1, joined 2', 'joined 2'])
  })
})
