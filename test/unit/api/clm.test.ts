import {
  Clm,
  ClusterChange,
  LOCAL_NODE_ID,
  TrackFlags,
  type AisError,
  type NodeGetResult,
} from '../../../src/api/index.js'
import type { View } from '../../../src/group/index.js'
import { member, view } from '../services/clm/views.js'
import { ClmExecutive } from './clm-executive.js'
import { itemsText } from './clm-reports.js'

const { TRACK_CURRENT, TRACK_CHANGES, TRACK_CHANGES_ONLY } = TrackFlags
const version = { releaseCode: 'B', majorVersion: 1, minorVersion: 1 }

const two = view(20, [member(1), member(2)])
const three = view(30, [member(1), member(2), member(3)], { joined: [member(3)] })
const threeAlone = view(40, [member(1), member(3)], { left: [{ ...member(2), reason: 'failed' }] })

interface Application {
  readonly clm: Clm
  readonly executive: ClmExecutive
  /** What it was told, in order. */
  readonly told: string[]
}

/** An application that listens, beside an executive that has seen these views. */
function application(...views: readonly View[]): Application {
  const executive = new ClmExecutive()
  for (const each of views) executive.view(each)
  const clm = new Clm(executive.connection, version)
  const told: string[] = []
  clm.on('track', (buffer) => told.push(`${buffer.viewNumber}: ${itemsText(buffer.items)}`))
  clm.on('lost', () => told.push('lost'))
  clm.on('restored', () => told.push('restored'))
  return { clm, executive, told }
}

/** The result of a call, or the name of its error. */
async function outcome<T>({ executive }: Application, call: Promise<T>): Promise<T | string> {
  const settled: Promise<T | string> = call.catch((error: unknown) => (error as AisError).code)
  await executive.settle()
  return settled
}

describe('clusterTrack', () => {
  test('CURRENT resolves with the view, and nothing is tracked', async () => {
    const app = application(two)
    const buffer = await outcome(app, app.clm.clusterTrack(TRACK_CURRENT))
    expect(buffer).toMatchObject({ viewNumber: 20, quorate: true, localNodeId: 1, numberOfMembers: 2 })
    app.executive.view(three)
    await app.executive.settle()
    expect(app.told).toEqual([])
    expect(await outcome(app, app.clm.clusterTrackStop())).toBe('ERR_NOT_EXIST')
  })

  test.each([
    [TRACK_CHANGES, ['30: same 1, same 2, joined 3', '40: left 2 failed, same 1, same 3']],
    [TRACK_CHANGES_ONLY, ['30: joined 3', '40: left 2 failed']],
  ])('flags %i resolve with nothing; changes come as events', async (flags, expected) => {
    const app = application(two)
    expect(await outcome(app, app.clm.clusterTrack(flags))).toBeUndefined()
    app.executive.view(three)
    app.executive.view(threeAlone)
    await app.executive.settle()
    expect(app.told).toEqual(expected)
  })

  test('a listener may throw: the others are told, and so is the next change', async () => {
    const app = application(two)
    await outcome(app, app.clm.clusterTrack(TRACK_CHANGES_ONLY))
    app.clm.prependOnceListener('track', () => app.told.push('first'))
    app.clm.once('track', () => {
      throw new Error('the application is wrong')
    })
    // What is thrown there would end this process.
    const { nextTick } = process
    const thrown: (() => void)[] = []
    process.nextTick = (callback: () => void) => void thrown.push(callback)
    app.executive.view(three)
    app.executive.view(threeAlone)
    app.executive.arrive()
    process.nextTick = nextTick
    expect(app.told).toEqual(['first', '30: joined 3', '40: left 2 failed'])
    expect(thrown).toHaveLength(1)
    expect(thrown[0]).toThrow('the application is wrong')
  })

  test('a change that arrives together with the answer is told after it', async () => {
    const app = application(two)
    const call = app.clm.clusterTrack(TRACK_CURRENT | TRACK_CHANGES_ONLY).then((buffer) => {
      app.told.push(`answer ${buffer!.viewNumber}`)
    })
    app.executive.view(three)
    app.executive.view(threeAlone)
    app.executive.arrive()
    await call
    await app.executive.settle()
    expect(app.told).toEqual(['answer 20', '30: joined 3', '40: left 2 failed'])
  })

  test('a view that is asked for while tracking comes in its place among the changes', async () => {
    const app = application(two)
    await outcome(app, app.clm.clusterTrack(TRACK_CHANGES_ONLY))
    app.executive.view(three)
    const call = app.clm.clusterTrack(TRACK_CURRENT).then((buffer) => {
      app.told.push(`answer ${itemsText(buffer!.items)}`)
    })
    app.executive.view(threeAlone)
    app.executive.arrive()
    await call
    await app.executive.settle()
    expect(app.told).toEqual(['30: joined 3', 'answer same 1, same 2, same 3', '40: left 2 failed'])
  })

  test('tracking again replaces the flags', async () => {
    const app = application(two)
    await outcome(app, app.clm.clusterTrack(TRACK_CHANGES))
    await outcome(app, app.clm.clusterTrack(TRACK_CHANGES_ONLY))
    app.executive.view(three)
    await app.executive.settle()
    expect(app.told).toEqual(['30: joined 3'])
  })

  test.each([0, TRACK_CHANGES | TRACK_CHANGES_ONLY, 7, 8, 16, 32, -1, 1.5, NaN])(
    'flags %p are bad, and the executive is not even asked',
    async (flags) => {
      const app = application(two)
      expect(await outcome(app, app.clm.clusterTrack(flags))).toBe('ERR_BAD_FLAGS')
      expect(app.executive.calls).toEqual([])
    },
  )

  test('changes need a listener', async () => {
    const app = application(two)
    app.clm.removeAllListeners('track')
    expect(await outcome(app, app.clm.clusterTrack(TRACK_CHANGES))).toBe('ERR_INIT')
    expect(await outcome(app, app.clm.clusterTrack(TRACK_CURRENT | TRACK_CHANGES_ONLY))).toBe('ERR_INIT')
    expect(await outcome(app, app.clm.clusterTrack(TRACK_CURRENT))).toMatchObject({ viewNumber: 20 })
  })

  test('at an executive that has just started it is to be tried again', async () => {
    const app = application()
    expect(await outcome(app, app.clm.clusterTrack(TRACK_CHANGES))).toBe('ERR_TRY_AGAIN')
    app.executive.view(two)
    await app.executive.settle()
    expect(app.told).toEqual([])
  })
})

describe('clusterTrackStop', () => {
  test('ends the changes', async () => {
    const app = application(two)
    await outcome(app, app.clm.clusterTrack(TRACK_CHANGES))
    expect(await outcome(app, app.clm.clusterTrackStop())).toBeUndefined()
    app.executive.view(three)
    await app.executive.settle()
    expect(app.told).toEqual([])
    expect(await outcome(app, app.clm.clusterTrackStop())).toBe('ERR_NOT_EXIST')
  })

  test('of calls that overlap the last one holds', async () => {
    const app = application(two)
    const calls = [
      app.clm.clusterTrack(TRACK_CHANGES_ONLY),
      app.clm.clusterTrackStop(),
      app.clm.clusterTrack(TRACK_CHANGES_ONLY),
    ]
    await app.executive.settle()
    expect(await Promise.all(calls)).toEqual([undefined, undefined, undefined])
    app.executive.view(three)
    await app.executive.settle()
    expect(app.told).toEqual(['30: joined 3'])
    const more = [app.clm.clusterTrack(TRACK_CHANGES_ONLY), app.clm.clusterTrackStop()]
    await app.executive.settle()
    await Promise.all(more)
    app.executive.view(threeAlone)
    await app.executive.settle()
    expect(app.told).toHaveLength(1)
  })
})

describe('an executive that goes and comes back', () => {
  async function tracking(flags: number): Promise<Application> {
    const app = application(two)
    await outcome(app, app.clm.clusterTrack(flags))
    return app
  }

  test.each([
    [TRACK_CHANGES, '90: left 1 failed, left 2 failed, joined 1, joined 3'],
    [TRACK_CHANGES_ONLY, '90: left 1 failed, left 2 failed, joined 1, joined 3'],
  ])('what changed meanwhile is told as a change (flags %i)', async (flags, change) => {
    const app = await tracking(flags)
    app.executive.kill()
    app.executive.restart(view(90, [member(1, 2, 90), member(3)]))
    await app.executive.settle()
    expect(app.told).toEqual(['lost', 'restored', change])
    const back = member(2, 2, 95)
    app.executive.view(view(95, [member(1, 2, 90), back, member(3)], { joined: [back] }))
    await app.executive.settle()
    expect(app.told[3]).toBe(flags === TRACK_CHANGES ? '95: same 1, joined 2, same 3' : '95: joined 2')
  })

  test('nothing is told where nothing changed', async () => {
    const app = await tracking(TRACK_CHANGES)
    app.executive.kill()
    app.executive.restart(view(90, two.members))
    await app.executive.settle()
    expect(app.told).toEqual(['lost', 'restored'])
  })

  test('changes that arrive together with the view after a restart are told after it', async () => {
    const app = await tracking(TRACK_CHANGES_ONLY)
    app.executive.kill()
    app.executive.restart(view(90, [member(1)]))
    app.executive.view(view(91, [member(1), member(2)], { joined: [member(2)] }))
    await app.executive.settle()
    expect(app.told).toEqual(['lost', 'restored', '90: left 2 failed', '91: joined 2'])
  })

  test('one that has no view yet is asked until it has', async () => {
    const app = await tracking(TRACK_CHANGES_ONLY)
    app.executive.kill()
    app.executive.restart()
    await app.executive.settle()
    expect(app.told).toEqual(['lost'])
    app.executive.view(view(90, [member(1)]))
    const told = new Promise((resolve) => app.clm.once('track', resolve))
    const turns = setInterval(() => app.executive.arrive(), 5)
    await told
    clearInterval(turns)
    expect(app.told).toEqual(['lost', 'restored', '90: left 2 failed'])
  })

  test('one that goes again before it had a view is awaited anew', async () => {
    const app = await tracking(TRACK_CHANGES_ONLY)
    app.executive.kill()
    app.executive.restart()
    await app.executive.settle()
    app.executive.kill()
    app.executive.restart(view(90, [member(1)]))
    await app.executive.settle()
    expect(app.told).toEqual(['lost', 'lost', 'restored', '90: left 2 failed'])
  })

  test('meanwhile calls fail, and tracking can be stopped', async () => {
    const app = await tracking(TRACK_CHANGES_ONLY)
    app.executive.kill()
    expect(await outcome(app, app.clm.clusterTrack(TRACK_CURRENT))).toBe('ERR_TRY_AGAIN')
    expect(await outcome(app, app.clm.clusterNodeGet(1))).toBe('ERR_TRY_AGAIN')
    expect(await outcome(app, app.clm.clusterTrackStop())).toBeUndefined()
    const asked = app.executive.calls.length
    app.executive.restart(view(90, [member(1)]))
    await app.executive.settle()
    expect(app.told).toEqual(['lost', 'restored'])
    expect(app.executive.calls).toHaveLength(asked)
  })

  test('a call that was sent fails with ERR_TIMEOUT: its outcome is not known', async () => {
    const app = await tracking(TRACK_CHANGES_ONLY)
    const call = app.clm.clusterNodeGet(1).catch((error: unknown) => (error as AisError).code)
    app.executive.kill()
    expect(await call).toBe('ERR_TIMEOUT')
  })

  test('changes that had arrived are told before the loss', async () => {
    const app = await tracking(TRACK_CHANGES_ONLY)
    const call = app.clm.clusterTrack(TRACK_CURRENT).catch(() => undefined)
    app.executive.view(three)
    app.executive.arrive()
    app.executive.kill()
    await call
    expect(app.told).toEqual(['30: joined 3', 'lost'])
  })

  test('without tracking it is said all the same', async () => {
    const app = application(two)
    app.executive.kill()
    app.executive.restart(three)
    expect(app.told).toEqual(['lost', 'restored'])
    expect(app.executive.calls).toEqual([])
  })
})

describe('clusterNodeGet', () => {
  test.each([
    [2, 2],
    [LOCAL_NODE_ID, 1],
  ])('node %i is node %i', async (asked, nodeId) => {
    const app = application(two)
    expect(await outcome(app, app.clm.clusterNodeGet(asked))).toEqual({
      nodeId,
      nodeAddress: `10.0.0.${nodeId}`,
      nodeName: `node${nodeId}`,
      clusterName: 'payments',
      member: true,
      bootTimestamp: member(nodeId).bootTimestamp,
      initialViewNumber: 10,
    })
  })

  test.each([
    [undefined, 10_000],
    [0, 10_000],
    [250, 250],
    [0.1, 1],
    [Infinity, 2 ** 31 - 1],
  ])('timeout %p is %i ms', async (timeoutMs, limitMs) => {
    const app = application(two)
    await outcome(app, app.clm.clusterNodeGet(1, timeoutMs))
    expect(app.executive.timeouts).toEqual([limitMs])
  })

  test.each([-1, NaN, '5', null])('timeout %p is none', async (timeoutMs) => {
    const app = application(two)
    expect(await outcome(app, app.clm.clusterNodeGet(1, timeoutMs as number))).toBe('ERR_INVALID_PARAM')
  })

  test.each([0, -1, 1.5, 2 ** 32, NaN, '1', null])('node id %p is none', async (nodeId) => {
    const app = application(two)
    expect(await outcome(app, app.clm.clusterNodeGet(nodeId as number))).toBe('ERR_INVALID_PARAM')
    expect(app.executive.calls).toEqual([])
  })

  test('a node that is no member does not exist', async () => {
    const app = application(two)
    expect(await outcome(app, app.clm.clusterNodeGet(3))).toBe('ERR_NOT_EXIST')
  })
})

describe('clusterNodeGetAsync', () => {
  function listening(app: Application): NodeGetResult[] {
    const results: NodeGetResult[] = []
    app.clm.on('nodeGet', (result) => results.push(result))
    return results
  }

  test('answers with the invocation', async () => {
    const app = application(two)
    const results = listening(app)
    expect(await outcome(app, app.clm.clusterNodeGetAsync(7, 2))).toBeUndefined()
    await outcome(app, app.clm.clusterNodeGetAsync(2n ** 64n - 1n, 3))
    expect(results).toMatchObject([
      { invocation: 7, clusterNode: { nodeId: 2 }, error: null },
      { invocation: 2n ** 64n - 1n, clusterNode: null, error: { code: 'ERR_NOT_EXIST' } },
    ])
  })

  test('says in the event what becomes of a call that was good', async () => {
    const app = application(two)
    const results = listening(app)
    await app.clm.clusterNodeGetAsync(1, 2)
    app.executive.kill()
    await app.executive.settle()
    expect(results).toMatchObject([{ invocation: 1, clusterNode: null, error: { code: 'ERR_TIMEOUT' } }])
    expect(await outcome(app, app.clm.clusterNodeGetAsync(2, 2))).toBe('ERR_TRY_AGAIN')
    expect(results).toHaveLength(1)
  })

  test.each([0, -1, 1.5, NaN, 0n, -1n, 2n ** 64n, '1'])('invocation %p is none', async (invocation) => {
    const app = application(two)
    listening(app)
    const call = app.clm.clusterNodeGetAsync(invocation as number, 2)
    expect(await outcome(app, call)).toBe('ERR_INVALID_PARAM')
  })

  test('needs a listener', async () => {
    const app = application(two)
    expect(await outcome(app, app.clm.clusterNodeGetAsync(1, 2))).toBe('ERR_INIT')
  })
})

describe('after finalize', () => {
  test('everything fails with ERR_BAD_HANDLE, and nothing is told', async () => {
    const app = application(two)
    app.clm.on('nodeGet', () => app.told.push('nodeGet'))
    await outcome(app, app.clm.clusterTrack(TRACK_CHANGES))
    expect(await outcome(app, app.clm.finalize())).toBeUndefined()
    const calls: Promise<unknown>[] = [
      app.clm.clusterTrack(TRACK_CURRENT),
      app.clm.clusterTrack(0),
      app.clm.clusterTrackStop(),
      app.clm.clusterNodeGet(1),
      app.clm.clusterNodeGetAsync(1, 1),
      app.clm.finalize(),
    ]
    for (const call of calls) expect(await outcome(app, call)).toBe('ERR_BAD_HANDLE')
    app.executive.view(three)
    await app.executive.settle()
    expect(app.told).toEqual([])
  })

  test('calls that were on their way fail likewise', async () => {
    const app = application(two)
    app.clm.on('nodeGet', () => app.told.push('nodeGet'))
    await app.clm.clusterNodeGetAsync(1, 1)
    const calls: Promise<unknown>[] = [
      app.clm.clusterTrack(TRACK_CURRENT),
      app.clm.clusterTrackStop(),
      app.clm.clusterNodeGet(1),
    ]
    const outcomes = calls.map((call) => outcome(app, call))
    await app.clm.finalize()
    expect(await Promise.all(outcomes)).toEqual(['ERR_BAD_HANDLE', 'ERR_BAD_HANDLE', 'ERR_BAD_HANDLE'])
    await app.executive.settle()
    expect(app.told).toEqual([])
  })
})

describe('initialize', () => {
  const initialize = (wanted: unknown): Promise<string> =>
    Clm.initialize({ socket: '/nonexistent/ais.sock', version: wanted as typeof version }).then(
      () => 'connected',
      (error: unknown) => (error as AisError).code,
    )
  const of = (releaseCode: string, majorVersion: number, minorVersion: number): typeof version => {
    return { releaseCode, majorVersion, minorVersion }
  }

  test.each([of('B', 1, 1), of('B', 1, 0), of('B', 1, 2), of('B', 1, 255), of('A', 1, 1), undefined])(
    'version %j is served, so the executive is looked for',
    async (wanted) => expect(await initialize(wanted)).toBe('ERR_TRY_AGAIN'),
  )

  test.each([
    of('C', 1, 1),
    of('B', 5, 1),
    of('B', 2, 1),
    of('B', 0, 0),
    of('', 1, 1),
    of('b', 1, 1),
    of('B', 1, -1),
    of('B', 1, 256),
    of('B', 1, 0.5),
    of('A', 2, 1),
    {},
    null,
    'B.1.1',
  ])('version %j is not', async (wanted) => expect(await initialize(wanted)).toBe('ERR_VERSION'))

  test('what is supported is said', async () => {
    const call = Clm.initialize({ version: of('C', 1, 1) })
    await expect(call).rejects.toThrow('CLM is not served in version C.1.1; supported: B.1.1, A.1.1')
  })
})

test('the constants are those of the standard', () => {
  expect(TrackFlags).toEqual({ TRACK_CURRENT: 1, TRACK_CHANGES: 2, TRACK_CHANGES_ONLY: 4 })
  expect(ClusterChange).toEqual({ NODE_NO_CHANGE: 1, NODE_JOINED: 2, NODE_LEFT: 3 })
  expect(LOCAL_NODE_ID).toBe(0xffffffff)
})
