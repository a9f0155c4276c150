import { ClusterChange, LOCAL_NODE_ID, TrackFlags } from '../../../../src/base/index.js'
import type { View } from '../../../../src/group/index.js'
import { ClmService, type BufferDocument, type Client } from '../../../../src/services/index.js'
import { member, view } from './views.js'

const { TRACK_CURRENT, TRACK_CHANGES, TRACK_CHANGES_ONLY } = TrackFlags
const { NODE_JOINED, NODE_LEFT, NODE_NO_CHANGE } = ClusterChange

interface Told {
  readonly subscription: number
  readonly body: BufferDocument
}

class TestClient implements Client {
  static #ids = 0
  readonly id = ++TestClient.#ids
  readonly told: Told[] = []
  holds = 0

  event(subscription: number, body: unknown): void {
    this.told.push({ subscription, body: body as BufferDocument })
  }

  hold(): boolean {
    if (this.holds >= 2) return false
    this.holds++
    return true
  }

  release(): void {
    this.holds--
  }

  readonly waitingOctets = 0
  readonly takenOctets = 0

  whenTaken(): void {
    // Everything is read at once.
  }

  cut(): void {
    // Nothing that is asked here is sent so fast.
  }
}

/** What a call is answered with: its result, or the name of its error. Fails if there is not exactly one. */
function call(clm: ClmService, client: Client, method: string, params: unknown): unknown {
  const outcomes: unknown[] = []
  clm.onRequest({
    client,
    method,
    params,
    answer: (result) => outcomes.push(result),
    fail: (code, message) => {
      expect(message).not.toBe('')
      outcomes.push(code)
    },
  })
  expect(outcomes).toHaveLength(1)
  return outcomes[0]
}

function changesOf({ items }: BufferDocument): readonly (readonly [number, number, string | null])[] {
  return items.map(({ clusterNode, clusterChange, reason }) => [clusterNode.nodeId, clusterChange, reason])
}

const two = view(20, [member(1), member(2)])
const alone = view(30, [member(1)], { left: [{ ...member(2), reason: 'failed' }] })

function started(...views: readonly View[]): { readonly clm: ClmService; readonly client: TestClient } {
  const clm = new ClmService({ nodeId: 1, clusterName: 'payments' })
  for (const each of views) clm.onView(each)
  return { clm, client: new TestClient() }
}

describe('before the first view', () => {
  test.each([
    ['clusterTrack', { flags: TRACK_CURRENT }],
    ['clusterTrack', { flags: TRACK_CHANGES, subscription: 1 }],
    ['clusterNodeGet', { nodeId: LOCAL_NODE_ID }],
  ])('%s %j is to be tried again', (method, params) => {
    const { clm, client } = started()
    expect(call(clm, client, method, params)).toBe('ERR_TRY_AGAIN')
    clm.onView(two)
    expect(client.told).toEqual([])
  })

  test('what is wrong is wrong all the same', () => {
    const { clm, client } = started()
    expect(call(clm, client, 'clusterTrack', { flags: 0 })).toBe('ERR_BAD_FLAGS')
    expect(call(clm, client, 'clusterNodeGet', { nodeId: 0 })).toBe('ERR_INVALID_PARAM')
    expect(call(clm, client, 'clusterTrack', { flags: 2, subscription: -1 })).toBe('ERR_INVALID_PARAM')
  })
})

describe('clusterTrack', () => {
  test('CURRENT answers with the view once', () => {
    const { clm, client } = started(two)
    expect(call(clm, client, 'clusterTrack', { flags: TRACK_CURRENT })).toEqual({
      viewNumber: 20,
      ringId: { representative: 1, sequence: 20 },
      quorate: true,
      quorum: { expectedVotes: null, votes: 2, needed: null, waitingForAll: false },
      localNodeId: 1,
      numberOfMembers: 2,
      items: [1, 2].map((nodeId) => ({
        clusterNode: {
          nodeId,
          nodeAddress: `10.0.0.${nodeId}`,
          nodeName: `node${nodeId}`,
          clusterName: 'payments',
          member: true,
          bootTimestamp: member(nodeId).bootTimestamp,
          initialViewNumber: 10,
          incarnation: 1,
        },
        clusterChange: NODE_NO_CHANGE,
        reason: null,
      })),
    })
    clm.onView(alone)
    expect(client.told).toEqual([])
  })

  test('CHANGES tells every member, CHANGES_ONLY those that changed, each with its change', () => {
    const { clm, client } = started(two)
    expect(call(clm, client, 'clusterTrack', { flags: TRACK_CHANGES, subscription: 5 })).toBeNull()
    expect(call(clm, client, 'clusterTrack', { flags: TRACK_CHANGES_ONLY, subscription: 6 })).toBeNull()
    clm.onView(view(40, [member(1), member(2), member(3, 1, 40)], { joined: [member(3, 1, 40)] }))
    expect(client.told.map(({ subscription }) => subscription)).toEqual([5, 6])
    const [all, only] = client.told.map(({ body }) => body)
    expect(changesOf(all)).toEqual([
      [1, NODE_NO_CHANGE, null],
      [2, NODE_NO_CHANGE, null],
      [3, NODE_JOINED, null],
    ])
    expect(changesOf(only)).toEqual([[3, NODE_JOINED, null]])
    expect(only).toMatchObject({ viewNumber: 40, numberOfMembers: 3, localNodeId: 1 })
    expect(only.items[0].clusterNode).toMatchObject({
      nodeName: 'node3',
      nodeAddress: '10.0.0.3',
      member: true,
    })
  })

  test('who left is told first, with the reason, and is no member any more', () => {
    const { clm, client } = started(two)
    call(clm, client, 'clusterTrack', { flags: TRACK_CHANGES, subscription: 1 })
    clm.onView(
      view(50, [member(1), member(4)], {
        joined: [member(4)],
        left: [
          { ...member(2), reason: 'failed' },
          { ...member(3), reason: 'left' },
        ],
      }),
    )
    expect(changesOf(client.told[0].body)).toEqual([
      [2, NODE_LEFT, 'failed'],
      [3, NODE_LEFT, 'left'],
      [1, NODE_NO_CHANGE, null],
      [4, NODE_JOINED, null],
    ])
    expect(client.told[0].body.items[0].clusterNode.member).toBe(false)
  })

  test.each([TRACK_CHANGES, TRACK_CHANGES_ONLY])(
    'a node killed and restarted between two views has left and joined in one notification (flags %i)',
    (flags) => {
      const { clm, client } = started(two)
      call(clm, client, 'clusterTrack', { flags, subscription: 1 })
      const again = member(2, 2, 60)
      clm.onView(
        view(60, [member(1), again], { joined: [again], left: [{ ...member(2), reason: 'failed' }] }),
      )
      expect(client.told).toHaveLength(1)
      const { items } = client.told[0].body
      const ofNode2 = items.filter(({ clusterNode }) => clusterNode.nodeId === 2)
      expect(ofNode2.map(({ clusterChange }) => clusterChange)).toEqual([NODE_LEFT, NODE_JOINED])
      expect(ofNode2.map(({ clusterNode }) => clusterNode.incarnation)).toEqual([1, 2])
      expect(ofNode2.map(({ clusterNode }) => clusterNode.bootTimestamp)).toEqual([
        member(2).bootTimestamp,
        again.bootTimestamp,
      ])
    },
  )

  test('a view with the same members is no change, unless the quorum came or went', () => {
    const { clm, client } = started(two)
    call(clm, client, 'clusterTrack', { flags: TRACK_CHANGES, subscription: 1 })
    clm.onView(view(21, two.members))
    expect(client.told).toEqual([])
    clm.onView(view(22, two.members, { quorum: { ...two.quorum, quorate: false, waitingForAll: true } }))
    expect(client.told.map(({ body }) => [body.quorate, ...changesOf(body)])).toEqual([
      [false, [1, NODE_NO_CHANGE, null], [2, NODE_NO_CHANGE, null]],
    ])
  })

  test('CURRENT is added to changes: the view at once, changes later', () => {
    const { clm, client } = started(two)
    const flags = TRACK_CURRENT | TRACK_CHANGES_ONLY
    expect(call(clm, client, 'clusterTrack', { flags, subscription: 1 })).toMatchObject({ viewNumber: 20 })
    clm.onView(alone)
    expect(client.told.map(({ body }) => changesOf(body))).toEqual([[[2, NODE_LEFT, 'failed']]])
  })

  test('tracking again replaces the flags; CURRENT alone leaves them', () => {
    const { clm, client } = started(two)
    call(clm, client, 'clusterTrack', { flags: TRACK_CHANGES, subscription: 1 })
    call(clm, client, 'clusterTrack', { flags: TRACK_CHANGES_ONLY, subscription: 1 })
    call(clm, client, 'clusterTrack', { flags: TRACK_CURRENT, subscription: 1 })
    clm.onView(alone)
    expect(client.told.map(({ body }) => changesOf(body))).toEqual([[[2, NODE_LEFT, 'failed']]])
  })

  test.each([0, 6, 7, 8, 9, -1, 1.5, '1', null, undefined, 2n, NaN])('flags %p are bad', (flags) => {
    const { clm, client } = started(two)
    expect(call(clm, client, 'clusterTrack', { flags, subscription: 1 })).toBe('ERR_BAD_FLAGS')
  })

  test.each([undefined, null, -1, 0.5, '1', 2 ** 53, {}])('subscription %p is invalid', (subscription) => {
    const { clm, client } = started(two)
    const params = { flags: TRACK_CHANGES, subscription }
    expect(call(clm, client, 'clusterTrack', params)).toBe('ERR_INVALID_PARAM')
    expect(call(clm, client, 'clusterTrackStop', { subscription })).toBe('ERR_INVALID_PARAM')
  })

  test('a connection has so many trackings and no more', () => {
    const { clm, client } = started(two)
    const track = (subscription: number): unknown =>
      call(clm, client, 'clusterTrack', { flags: TRACK_CHANGES, subscription })
    expect([7, 8, 9, 8, 7].map(track)).toEqual([null, null, 'ERR_NO_RESOURCES', null, null])
    expect(client.holds).toBe(2)
    expect(call(clm, client, 'clusterTrackStop', { subscription: 7 })).toBeNull()
    expect(client.holds).toBe(1)
    expect(track(9)).toBeNull()
    clm.onView(alone)
    expect(client.told.map(({ subscription }) => subscription)).toEqual([8, 9])
  })
})

describe('clusterTrackStop', () => {
  test('ends the changes; without tracking there is nothing to stop', () => {
    const { clm, client } = started(two)
    expect(call(clm, client, 'clusterTrackStop', { subscription: 1 })).toBe('ERR_NOT_EXIST')
    call(clm, client, 'clusterTrack', { flags: TRACK_CHANGES, subscription: 1 })
    expect(call(clm, new TestClient(), 'clusterTrackStop', { subscription: 1 })).toBe('ERR_NOT_EXIST')
    expect(call(clm, client, 'clusterTrackStop', { subscription: 1 })).toBeNull()
    expect(call(clm, client, 'clusterTrackStop', { subscription: 1 })).toBe('ERR_NOT_EXIST')
    clm.onView(alone)
    expect(client.told).toEqual([])
  })

  test('a client that is gone is told nothing', () => {
    const { clm, client } = started(two)
    const stays = new TestClient()
    for (const each of [client, stays])
      call(clm, each, 'clusterTrack', { flags: TRACK_CHANGES, subscription: 1 })
    clm.onClientGone(client)
    clm.onView(alone)
    expect([client.told.length, stays.told.length]).toEqual([0, 1])
  })

  test('a client that goes while it is told does not keep others from being told', () => {
    const { clm, client } = started(two)
    const others = [new TestClient(), new TestClient()]
    client.event = () => clm.onClientGone(client)
    for (const each of [client, ...others]) {
      call(clm, each, 'clusterTrack', { flags: TRACK_CHANGES, subscription: 1 })
    }
    clm.onView(alone)
    expect(others.map(({ told }) => told.length)).toEqual([1, 1])
  })
})

describe('clusterNodeGet', () => {
  test.each([
    [2, 2],
    [1, 1],
    [LOCAL_NODE_ID, 1],
  ])('node %i is node %i', (asked, nodeId) => {
    const { clm, client } = started(two)
    expect(call(clm, client, 'clusterNodeGet', { nodeId: asked })).toMatchObject({ nodeId, member: true })
  })

  test('is as of the last view', () => {
    const { clm, client } = started(two, alone)
    expect(call(clm, client, 'clusterNodeGet', { nodeId: 2 })).toBe('ERR_NOT_EXIST')
  })

  test.each([0, -1, 1.5, 2 ** 32, '1', null, undefined, 1n])('node id %p is invalid', (nodeId) => {
    const { clm, client } = started(two)
    expect(call(clm, client, 'clusterNodeGet', { nodeId })).toBe('ERR_INVALID_PARAM')
  })
})

test.each(['', 'nodes', 'constructor', '__proto__', 'onView'])('there is no method %p', (method) => {
  const { clm, client } = started(two)
  expect(call(clm, client, method, {})).toBe('ERR_NOT_SUPPORTED')
})

test.each([null, undefined, 1, 'x', [1]])('parameters %p are no map', (params) => {
  const { clm, client } = started(two)
  for (const method of ['clusterTrack', 'clusterTrackStop', 'clusterNodeGet']) {
    expect(call(clm, client, method, params)).toBe('ERR_INVALID_PARAM')
  }
})
