import {
  Clm,
  ClusterChange,
  LOCAL_NODE_ID,
  TrackFlags,
  type AisError,
  type ClusterNotificationBuffer,
  type NodeGetResult,
  type Version,
} from '../../../src/api/index.js'
import { Cluster, loopbackHosts } from '../../helpers/cluster/cluster.mjs'

// A test a row of the public CLM suite's groups 1, 2, 5, 6, 7 and 9, named after it, against live executives.
// Rows a promise-based API cannot have, and those of later versions, are in docs/divergence.md.

const { TRACK_CURRENT, TRACK_CHANGES, TRACK_CHANGES_ONLY } = TrackFlags
const LOCAL_OF_B4 = 8
const START_STEP = 16
const VALIDATE_STEP = 32
const UNKNOWN_NODE = 77

let cluster: Cluster
const opened: Clm[] = []

/** Node 1, which everything is asked, and node 2, which comes and goes. */
beforeAll(async () => {
  cluster = await Cluster.create({ hosts: loopbackHosts(2) })
  await Promise.all([cluster.start(0, { nodeid: 1 }), cluster.start(1, { nodeid: 2 })])
  await cluster.formed([0, 1])
  await whenMembersAre([1, 2])
})

afterAll(async () => cluster.close())

afterEach(async () => {
  for (const clm of opened.splice(0)) await clm.finalize().catch(() => undefined)
})

async function initialize(version?: Version): Promise<Clm> {
  const socket = cluster.socketPath(0)
  const clm = await Clm.initialize(version === undefined ? { socket } : { socket, version })
  opened.push(clm)
  return clm
}

async function finalized(): Promise<Clm> {
  const clm = await initialize()
  await clm.finalize()
  return clm
}

/** The name of what a call fails with; fails itself if the call does not. */
async function errorOf(call: Promise<unknown>): Promise<string> {
  const outcome = await call.then(
    () => 'no error',
    (error: unknown) => (error as AisError).code,
  )
  expect(outcome).toMatch(/^ERR_/)
  return outcome
}

/** The next change that fits, which may come before this is awaited. */
function nextTrack(
  clm: Clm,
  fits: (buffer: ClusterNotificationBuffer) => boolean,
): Promise<ClusterNotificationBuffer> {
  return new Promise((resolve) => {
    const listener = (buffer: ClusterNotificationBuffer): void => {
      if (!fits(buffer)) return
      clm.off('track', listener)
      resolve(buffer)
    }
    clm.on('track', listener)
  })
}

function nextNodeGet(clm: Clm): Promise<NodeGetResult> {
  return new Promise((resolve) => clm.once('nodeGet', resolve))
}

/** Resolves once CLM on node 1 has a view of exactly these. */
async function whenMembersAre(nodeIds: readonly number[]): Promise<void> {
  const clm = await initialize()
  const isIt = ({ members }: ClusterNotificationBuffer): boolean =>
    members.map(({ nodeId }) => nodeId).join() === nodeIds.join()
  const changed = nextTrack(clm, isIt)
  for (;;) {
    const current = await clm.clusterTrack(TRACK_CURRENT | TRACK_CHANGES_ONLY).catch((error: AisError) => {
      if (error.code !== 'ERR_TRY_AGAIN') throw error
      return undefined
    })
    if (current !== undefined && !isIt(current)) await changed
    if (current !== undefined) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await clm.finalize()
}

/** Kill node 2 and start it again, while something else goes on. */
async function withoutNode2(meanwhile: () => Promise<void>): Promise<void> {
  await cluster.node(1).kill()
  await whenMembersAre([1])
  try {
    await meanwhile()
  } finally {
    cluster.spawn(1)
    await whenMembersAre([1, 2])
  }
}

describe('1 Initialize', () => {
  test('valid: OK', async () => {
    const clm = await initialize({ releaseCode: 'B', majorVersion: 1, minorVersion: 1 })
    expect(clm.version).toEqual({ releaseCode: 'B', majorVersion: 1, minorVersion: 1 })
  })

  test('valid, version A.1.1 of the original: OK', async () => {
    const clm = await initialize({ releaseCode: 'A', majorVersion: 1, minorVersion: 1 })
    expect(clm.version).toEqual({ releaseCode: 'A', majorVersion: 1, minorVersion: 1 })
    expect(await clm.clusterNodeGet(LOCAL_NODE_ID)).toMatchObject({ nodeId: 1 })
  })

  test('no callbacks: OK', async () => {
    const clm = await initialize()
    expect(clm.eventNames()).toEqual([])
    expect(await clm.clusterNodeGet(LOCAL_NODE_ID)).toMatchObject({ nodeId: 1 })
  })

  test.each([
    ['an uninitialised version', {} as Version],
    ['version C.1.1', { releaseCode: 'C', majorVersion: 1, minorVersion: 1 }],
    ['version B.5.1', { releaseCode: 'B', majorVersion: 5, minorVersion: 1 }],
    ['version B.0.0', { releaseCode: 'B', majorVersion: 0, minorVersion: 0 }],
  ])('%s: ERR_VERSION, naming the supported ones', async (_, version) => {
    const call = initialize(version)
    expect(await errorOf(call)).toBe('ERR_VERSION')
    await expect(call).rejects.toThrow('B.1.1, A.1.1')
  })

  test('a lower minor version: OK, and the supported one is told', async () => {
    const clm = await initialize({ releaseCode: 'B', majorVersion: 1, minorVersion: 0 })
    expect(clm.version).toEqual({ releaseCode: 'B', majorVersion: 1, minorVersion: 1 })
  })

  test('many instances: OK', async () => {
    const many = await Promise.all(Array.from({ length: 20 }, () => initialize()))
    const nodes = await Promise.all(many.map((clm) => clm.clusterNodeGet(LOCAL_NODE_ID)))
    expect(new Set(nodes.map(({ nodeId }) => nodeId))).toEqual(new Set([1]))
  })
})

describe('2 Finalize', () => {
  test('valid: OK', async () => {
    const clm = await initialize()
    await expect(clm.finalize()).resolves.toBeUndefined()
  })

  test('already finalized: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await finalized()).finalize())).toBe('ERR_BAD_HANDLE')
  })
})

describe('5 ClusterNodeGet', () => {
  test('valid: OK', async () => {
    const clm = await initialize()
    expect(await clm.clusterNodeGet(2, 5000)).toEqual({
      nodeId: 2,
      nodeAddress: '127.0.0.2',
      nodeName: 'node-2',
      clusterName: 'test',
      member: true,
      bootTimestamp: expect.any(BigInt) as bigint,
      initialViewNumber: expect.any(Number) as number,
    })
  })

  test('bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await finalized()).clusterNodeGet(2))).toBe('ERR_BAD_HANDLE')
  })

  test('timeout 0: OK', async () => {
    const clm = await initialize()
    expect(await clm.clusterNodeGet(2, 0)).toMatchObject({ nodeId: 2 })
  })

  test('unknown id: ERR_NOT_EXIST', async () => {
    const clm = await initialize()
    expect(await errorOf(clm.clusterNodeGet(UNKNOWN_NODE))).toBe('ERR_NOT_EXIST')
  })

  test('a node that is no member: ERR_NOT_EXIST', async () => {
    const clm = await initialize()
    await withoutNode2(async () => {
      expect(await errorOf(clm.clusterNodeGet(2))).toBe('ERR_NOT_EXIST')
    })
    expect(await clm.clusterNodeGet(2)).toMatchObject({ nodeId: 2, member: true })
  })

  test('LOCAL_NODE_ID: OK', async () => {
    const clm = await initialize()
    expect(await clm.clusterNodeGet(LOCAL_NODE_ID)).toMatchObject({ nodeId: 1, nodeName: 'node-1' })
  })
})

describe('6 ClusterNodeGetAsync', () => {
  test('valid: OK, and the callback delivers', async () => {
    const clm = await initialize()
    const answer = nextNodeGet(clm)
    await clm.clusterNodeGetAsync(600, 2)
    expect(await answer).toMatchObject({ invocation: 600, clusterNode: { nodeId: 2 }, error: null })
  })

  test('bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await finalized()).clusterNodeGetAsync(601, 2))).toBe('ERR_BAD_HANDLE')
  })

  test('invocation 0: ERR_INVALID_PARAM', async () => {
    const clm = await initialize()
    clm.on('nodeGet', () => undefined)
    expect(await errorOf(clm.clusterNodeGetAsync(0, 2))).toBe('ERR_INVALID_PARAM')
  })

  test('node id 0: ERR_INVALID_PARAM', async () => {
    const clm = await initialize()
    clm.on('nodeGet', () => undefined)
    expect(await errorOf(clm.clusterNodeGetAsync(602, 0))).toBe('ERR_INVALID_PARAM')
  })

  test('unknown id: OK, the error is in the callback', async () => {
    const clm = await initialize()
    const answer = nextNodeGet(clm)
    await clm.clusterNodeGetAsync(603, UNKNOWN_NODE)
    expect(await answer).toMatchObject({
      invocation: 603,
      clusterNode: null,
      error: { code: 'ERR_NOT_EXIST' },
    })
  })

  test('a node that is no member: OK, the error is in the callback', async () => {
    const clm = await initialize()
    await withoutNode2(async () => {
      const answer = nextNodeGet(clm)
      await clm.clusterNodeGetAsync(604, 2)
      expect(await answer).toMatchObject({ invocation: 604, error: { code: 'ERR_NOT_EXIST' } })
    })
  })

  test('LOCAL_NODE_ID: OK', async () => {
    const clm = await initialize()
    const answer = nextNodeGet(clm)
    await clm.clusterNodeGetAsync(605, LOCAL_NODE_ID)
    expect(await answer).toMatchObject({ invocation: 605, clusterNode: { nodeId: 1 } })
  })

  test('no callback registered: ERR_INIT', async () => {
    const clm = await initialize()
    expect(await errorOf(clm.clusterNodeGetAsync(606, 2))).toBe('ERR_INIT')
  })
})

describe('7 ClusterTrack', () => {
  test('CURRENT with a buffer: OK, and nothing is tracked afterwards', async () => {
    const clm = await initialize()
    const buffer = await clm.clusterTrack(TRACK_CURRENT)
    expect(
      buffer!.items.map(({ clusterNode, clusterChange }) => [clusterNode.nodeId, clusterChange]),
    ).toEqual([
      [1, ClusterChange.NODE_NO_CHANGE],
      [2, ClusterChange.NODE_NO_CHANGE],
    ])
    expect(buffer).toMatchObject({ numberOfMembers: 2, viewNumber: expect.any(Number) as number })
    expect(await errorOf(clm.clusterTrackStop())).toBe('ERR_NOT_EXIST')
  })

  test('bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await finalized()).clusterTrack(TRACK_CURRENT))).toBe('ERR_BAD_HANDLE')
  })

  test('flags 0: ERR_BAD_FLAGS', async () => {
    expect(await errorOf((await initialize()).clusterTrack(0))).toBe('ERR_BAD_FLAGS')
  })

  test.each([TRACK_CHANGES, TRACK_CHANGES_ONLY])('no callback, flags %i: ERR_INIT', async (flags) => {
    expect(await errorOf((await initialize()).clusterTrack(flags))).toBe('ERR_INIT')
  })

  test.each([
    ['START_STEP alone', START_STEP],
    ['VALIDATE_STEP alone', VALIDATE_STEP],
    ['CHANGES with START_STEP', TRACK_CHANGES | START_STEP],
    ['CURRENT with LOCAL', TRACK_CURRENT | LOCAL_OF_B4],
  ])('%s: ERR_BAD_FLAGS', async (_, flags) => {
    const clm = await initialize()
    clm.on('track', () => undefined)
    expect(await errorOf(clm.clusterTrack(flags))).toBe('ERR_BAD_FLAGS')
  })

  test('CHANGES with CHANGES_ONLY: ERR_BAD_FLAGS', async () => {
    const clm = await initialize()
    clm.on('track', () => undefined)
    expect(await errorOf(clm.clusterTrack(TRACK_CHANGES | TRACK_CHANGES_ONLY))).toBe('ERR_BAD_FLAGS')
  })

  test.each([
    ['CHANGES', TRACK_CHANGES, 2],
    ['CHANGES_ONLY', TRACK_CHANGES_ONLY, 1],
  ])('%s: OK, and the callback delivers who leaves and who joins', async (_, flags, itemsOfEach) => {
    const clm = await initialize()
    const told: ClusterNotificationBuffer[] = []
    clm.on('track', (buffer) => told.push(buffer))
    expect(await clm.clusterTrack(flags)).toBeUndefined()
    const joined = nextTrack(clm, ({ members }) => members.length === 2)
    await withoutNode2(async () => undefined)
    await joined
    const [first, last] = [told[0]!, told.at(-1)!]
    const of2 = ({ items }: ClusterNotificationBuffer): object | undefined =>
      items.find(({ clusterNode }) => clusterNode.nodeId === 2)
    expect(of2(first)).toMatchObject({
      clusterNode: { member: false, nodeAddress: '127.0.0.2' },
      clusterChange: ClusterChange.NODE_LEFT,
      reason: 'failed',
    })
    expect(of2(last)).toMatchObject({
      clusterNode: { member: true, nodeName: 'node-2', initialViewNumber: last.viewNumber },
      clusterChange: ClusterChange.NODE_JOINED,
      reason: null,
    })
    expect([first.items.length, last.items.length]).toEqual([itemsOfEach, itemsOfEach])
    expect([first.numberOfMembers, last.numberOfMembers]).toEqual([1, 2])
    expect(last.viewNumber).toBeGreaterThan(first.viewNumber)
  })
})

describe('9 ClusterTrackStop', () => {
  test('valid: OK', async () => {
    const clm = await initialize()
    clm.on('track', () => undefined)
    await clm.clusterTrack(TRACK_CHANGES)
    await expect(clm.clusterTrackStop()).resolves.toBeUndefined()
    expect(await errorOf(clm.clusterTrackStop())).toBe('ERR_NOT_EXIST')
  })

  test('bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await finalized()).clusterTrackStop())).toBe('ERR_BAD_HANDLE')
  })
})
