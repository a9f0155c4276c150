import { jest } from '@jest/globals'
import { Cluster, loopbackHosts, type NetworkKeys } from '../helpers/cluster/cluster.mjs'
import { livesOf, violationsOf } from '../helpers/cluster/check-configurations.js'

jest.setTimeout(60_000)

describe('neighbours on one network', () => {
  const clusters: Cluster[] = []

  const create = async (count: number, network?: NetworkKeys, prefix?: string): Promise<Cluster> => {
    const hosts = loopbackHosts(count, prefix)
    const cluster = await Cluster.create(network === undefined ? { hosts } : { hosts, network })
    clusters.push(cluster)
    return cluster
  }

  afterEach(async () => {
    try {
      for (const cluster of clusters) expect(violationsOf(livesOf(cluster))).toEqual([])
    } finally {
      await Promise.all(clusters.splice(0).map((cluster) => cluster.close()))
    }
  })

  test('two clusters share a group on different ports', async () => {
    const [here, there] = [await create(2), await create(2)]
    expect(here.port).not.toBe(there.port)
    await Promise.all([here.startAll(), there.startAll()])
    await Promise.all([here.formed([0, 1]), there.formed([0, 1])])
    for (const { daemon } of [...here.lives, ...there.lives]) {
      expect(daemon.configurations.every(({ members }) => members.length <= 2)).toBe(true)
    }
  })

  test('a foreign cluster on the same address and port is named in the log and left alone', async () => {
    const here = await create(2, { clustername: 'red' })
    const there = await create(2, { clustername: 'blue', mcastport: here.port }, '127.0.1')
    await here.startAll()
    await here.formed([0, 1])
    const before = here.node(0).configurations.length
    await there.startAll()
    await there.formed([0, 1])
    await here.node(0).logLine(/warning totem .*cluster/)
    expect(here.node(0).configurations).toHaveLength(before)
    expect(there.lives.every(({ daemon }) => daemon.configurations.every((c) => c.members.length <= 2))).toBe(
      true,
    )
  })

  test('a node id that two nodes claim is named in the log and harms nobody else', async () => {
    const cluster = await create(3)
    await Promise.all([cluster.start(0, { nodeid: 1 }), cluster.start(1, { nodeid: 2 })])
    await cluster.formed([0, 1])
    const before = [0, 1].map((index) => cluster.node(index).configurations.length)
    await cluster.start(2, { nodeid: 2 })
    const addresses =
      /error +totem +node id 2 is used by two daemons, at 127\.0\.0\.[23] and at 127\.0\.0\.[23]/
    await Promise.all([0, 1, 2].map((index) => cluster.node(index).logLine(addresses)))
    expect([0, 1].map((index) => cluster.node(index).configurations.length)).toEqual(before)
  })
})
