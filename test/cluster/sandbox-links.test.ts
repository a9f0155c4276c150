import { createSocket } from 'node:dgram'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Connection } from '../../src/api/connection.js'
import { Cluster, loopbackHosts, namesOf } from '../helpers/cluster/cluster.mjs'

// Cut links of one daemon alone, with the other end whole: what is not heard is not heard because of them,
// not because the other end keeps silent.

const GROUP = '239.192.77.1'

let cluster: Cluster
beforeEach(async () => (cluster = await Cluster.create({ hosts: loopbackHosts(2) })))
afterEach(() => cluster.close())

const startWithLinks = (): ReturnType<Cluster['start']> =>
  cluster.start(1, {}, [], { AIS_SANDBOX_NODE: cluster.directory })

function cutLinks(...addresses: string[]): void {
  writeFileSync(join(cluster.directory, 'cut-links'), addresses.map((address) => `${address}\n`).join(''))
}

/** Names of the members of each configuration of node-2 since one of its own. */
function seenSince(count: number): string[] {
  return cluster
    .node(1)
    .configurations.slice(count)
    .map((configuration) => namesOf(configuration).join())
}

/** Resolves when node-1 has announced itself some more times to whoever hears it. */
function announcements(count: number): Promise<void> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  return new Promise((done, fail) => {
    let heard = 0
    socket.on('error', fail)
    socket.on('message', (_frame, from) => {
      if (from.address !== '127.0.0.1' || ++heard < count) return
      socket.close()
      done()
    })
    socket.bind({ address: GROUP, port: cluster.port }, () => socket.addMembership(GROUP, '127.0.0.1'))
  })
}

test('a daemon does not hear beyond the links that its file has cut when it starts', async () => {
  await cluster.start(0)
  await cluster.formed([0])
  cutLinks('127.0.0.1')
  const daemon = await startWithLinks()
  await cluster.formed([1])
  await announcements(5)
  expect(new Set(seenSince(0))).toEqual(new Set(['node-2']))
  expect(daemon.log.filter((line) => line.includes('gathering: node-1'))).toEqual([])

  const connection = await Connection.open({ socket: cluster.socketPath(1) })
  expect(await connection.call('sandbox.linksGet')).toEqual({ cut: ['127.0.0.1'] })
  expect(await connection.call('sandbox.linksSet', { cut: [] })).toEqual({ cut: [] })
  connection.close()
  await cluster.formed([0, 1])
})

test('a daemon that was paused looks at its file before it hears anybody', async () => {
  await cluster.start(0)
  const daemon = await startWithLinks()
  await cluster.formed([0, 1])
  const [count, logged] = [daemon.configurations.length, daemon.log.length]
  daemon.signal('SIGSTOP')
  cutLinks('127.0.0.1')
  await cluster.formed([0])
  daemon.signal('SIGCONT')
  await daemon.configuration(({ kind }) => kind === 'regular', 'a ring of its own', { from: count })
  await announcements(5)
  expect(new Set(seenSince(count))).toEqual(new Set(['node-2']))
  expect(daemon.log.slice(logged).filter((line) => line.includes('gathering: node-1'))).toEqual([])
})

test('links are cut and mended by order while all of them run', async () => {
  await cluster.start(0)
  const daemon = await startWithLinks()
  await cluster.formed([0, 1])
  const connection = await Connection.open({ socket: cluster.socketPath(1) })
  const count = daemon.configurations.length
  await connection.call('sandbox.linksSet', { cut: ['127.0.0.1'] })
  await daemon.configuration(({ kind }) => kind === 'regular', 'a ring of its own', { from: count })
  expect(new Set(seenSince(count))).toEqual(new Set(['node-2']))
  for (const cut of ['127.0.0.1', ['here'], [7], Array.from({ length: 99 }, () => '127.0.0.1'), undefined]) {
    const order = connection.call('sandbox.linksSet', { cut: cut as unknown })
    await expect(order).rejects.toMatchObject({ code: 'ERR_INVALID_PARAM' })
  }
  await expect(connection.call('sandbox.linkSet')).rejects.toMatchObject({ code: 'ERR_NOT_SUPPORTED' })
  await connection.call('sandbox.linksSet', { cut: [] })
  await cluster.formed([0, 1])
  connection.close()
})
