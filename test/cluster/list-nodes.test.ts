import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { runAis } from '../cli/run-ais.js'
import { Cluster, loopbackHosts } from '../helpers/cluster/cluster.mjs'

const hosts = loopbackHosts(2)
const hasPython = spawnSync('python3', ['--version']).status === 0
const testWithPython = hasPython ? test : test.skip
if (!hasPython) process.stderr.write('skipped: examples/list-nodes.py, for there is no python3 here\n')

function listNodes(socket: string): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('python3', ['examples/list-nodes.py', socket], { encoding: 'utf8', timeout: 20_000 })
}

describe('the socket in another language', () => {
  let cluster: Cluster | undefined

  afterEach(() => cluster?.close())

  testWithPython('examples/list-nodes.py lists the nodes, from whichever it asks', async () => {
    cluster = await Cluster.create({ hosts })
    for (const index of [0, 1]) await cluster.start(index, { nodeid: index + 1 })
    await cluster.formed([0, 1])
    for (const index of [0, 1]) {
      // Unlike the example it waits until there is a view.
      expect((await runAis(['clm', 'nodes', '--socket', cluster.socketPath(index)])).code).toBe(0)
    }
    const expected = hosts.map(({ address }, index) => `${index + 1} ${address} node-${index + 1}\n`).join('')
    for (const index of [0, 1]) {
      expect(listNodes(cluster.socketPath(index))).toMatchObject({ status: 0, stdout: expected, stderr: '' })
    }
  })

  testWithPython('it says so where there is no executive', () => {
    const { status, stderr } = listNodes('/nowhere/ais.sock')
    expect([status, stderr]).toEqual([
      1,
      'no executive listens on /nowhere/ais.sock: No such file or directory\n',
    ])
  })

  test('it has at most 60 lines', () => {
    expect(readFileSync('examples/list-nodes.py', 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(
      60,
    )
  })
})
