import { jest } from '@jest/globals'
import type { TrackLine } from '../../src/programs/clm-text.js'
import { runAis } from '../cli/run-ais.js'
import { loopbackHosts } from '../helpers/cluster/cluster.mjs'
import { ClmScenario, clmScenarios } from './clm-scenarios.js'

jest.setTimeout(120_000)

const hosts = loopbackHosts(3)

clmScenarios(() => hosts)

describe('on a running cluster', () => {
  const scenario = new ClmScenario(() => hosts)

  afterEach(() => scenario.end())

  test('ais clm watch --json: the view, then a kill long before any timeout could find it', async () => {
    const { cluster } = await scenario.begin([0, 1, 2], { token: 20_000 }).then(() => scenario)
    const three = await scenario.agree([0, 1, 2])
    const watcher = scenario.program(['clm', 'watch', '--json'])
    await watcher.line(/"no-change"/)
    const { viewNumber, members } = three
    const named = (index: number): object => {
      return { nodeId: index + 1, nodeName: `node-${index + 1}`, nodeAddress: hosts[index]!.address }
    }
    expect(watcher.documents).toEqual([
      {
        event: 'track',
        viewNumber,
        members,
        changes: [0, 1, 2].map((index) => ({ ...named(index), change: 'no-change', reason: null })),
      },
    ])
    const killedAtMs = performance.now()
    cluster.node(2).signal('SIGKILL')
    const line = await watcher.line(/"failed"/)
    expect(watcher.lineTimesMs[line]! - killedAtMs).toBeLessThan(10_000)
    const gone = watcher.documents[line] as TrackLine
    expect(gone.changes).toEqual([{ ...named(2), change: 'left', reason: 'failed' }])
    expect(gone.members).toEqual(members.slice(0, 2))
    await cluster.node(2).exited
    cluster.spawn(2)
    const back = (await watcher.line(/"joined"/)) as number
    const joined = watcher.documents[back] as TrackLine
    expect(joined.changes).toEqual([{ ...named(2), change: 'joined', reason: null }])
    expect(joined.members.map(({ nodeId }) => nodeId)).toEqual([1, 2, 3])
    expect(watcher.documents.every((document) => (document as TrackLine).event === 'track')).toBe(true)
    expect(await watcher.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect(watcher.errorLines).toEqual([])
  })

  test('ais clm watch --json tells what changed while its executive was away, once', async () => {
    const { cluster } = await scenario.begin([0, 1]).then(() => scenario)
    await scenario.agree([0, 1])
    const watcher = scenario.program(['clm', 'watch', '--json'])
    await watcher.line(/"no-change"/)
    await cluster.node(0).kill()
    await watcher.errorLine(/the executive is gone/)
    await cluster.node(1).kill()
    await scenario.start(2)
    await cluster.formed([2])
    cluster.spawn(0)
    await watcher.errorLine(/the executive is back/)
    await cluster.formed([0, 2])
    await watcher.line(/"nodeId":3,[^}]*"change":"joined"/)
    const told = watcher.documents.slice(1).flatMap((document) => (document as TrackLine).changes)
    const words = told.map(({ nodeId, change }) => `${nodeId} ${change}`)
    expect([...words].sort()).toEqual(['1 joined', '1 left', '2 left', '3 joined'])
    expect(words.indexOf('1 left')).toBeLessThan(words.indexOf('1 joined'))
  })

  test('ais clm watch for people, and one whose reader goes', async () => {
    const { cluster } = await scenario
      .begin([0, 1], { quorum: 'majority', 'expected-votes': 2 })
      .then(() => scenario)
    await scenario.agree([0, 1])
    const watcher = scenario.program(['clm', 'watch'])
    const reading = scenario.program(['clm', 'watch', '--json'])
    await watcher.line(/^\S+Z view \d+: node-1 \(1, 127\.0\.0\.1\) is a member$/)
    await watcher.line(/^\S+Z view \d+: quorate: 2 of 2 votes, 2 needed$/)
    await reading.line(/"no-change"/)
    reading.process.stdout!.destroy()
    await cluster.node(1).stop()
    await watcher.line(/: node-2 \(2, 127\.0\.0\.2\) left$/)
    await watcher.line(/: NOT quorate: 1 of 2 votes, 2 needed$/)
    expect(await reading.exited).toEqual({ code: 0, signal: null })
    expect(reading.errorLines).toEqual([])
  })

  test('ais clm nodes: a table that marks the node that was asked, and says what the quorum is', async () => {
    await scenario.begin([0, 1], { quorum: 'majority', 'expected-votes': 3 })
    const { viewNumber } = await scenario.agree([0, 1])
    const run = await runAis(['clm', 'nodes', '--socket', scenario.cluster.socketPath(1)])
    expect(run).toMatchObject({ code: 0, stderr: '' })
    const lines = run.stdout.trimEnd().split('\n')
    expect(lines[0]).toBe(`cluster test, view ${viewNumber}, ring 1/${viewNumber}`)
    expect(lines[1]).toBe('quorate: 2 of 3 votes, 2 needed')
    expect(lines.slice(2).map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
      ['', 'id', 'name', 'address'],
      ['', '1', 'node-1', '127.0.0.1'],
      ['*', '2', 'node-2', '127.0.0.2'],
    ])
  })

  test('the socket is found by $AIS_SOCKET too; a paused executive times out with exit code 5', async () => {
    const { cluster } = await scenario.begin([0]).then(() => scenario)
    await scenario.agree([0])
    const env = { AIS_SOCKET: cluster.socketPath(0) }
    expect(await runAis(['clm', 'nodes'], { env })).toMatchObject({ code: 0 })
    cluster.node(0).signal('SIGSTOP')
    const run = await runAis(['clm', 'nodes', '--json', '--timeout', '1'], { env })
    cluster.node(0).signal('SIGCONT')
    expect(run.code).toBe(5)
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: 'ERR_TIMEOUT', exitCode: 5 } })
  })
})
