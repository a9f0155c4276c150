import { jest } from '@jest/globals'
import { loopbackHosts } from '../helpers/cluster/cluster.mjs'
import { arrivals, departures, membershipScenarios, Scenario } from './scenarios.js'

jest.setTimeout(60_000)

describe('on loopback', () => {
  membershipScenarios(() => loopbackHosts(3))

  describe('', () => {
    const scenario = new Scenario(() => loopbackHosts(5))

    afterEach(() => scenario.end())

    test('nodes join a ring that runs, one after another and together', async () => {
      const cluster = await scenario.begin(2)
      await cluster.formed([0, 1])
      await cluster.start(2)
      await cluster.formed([0, 1, 2])
      await cluster.startAll([3, 4])
      await cluster.formed([0, 1, 2, 3, 4])
      expect(
        arrivals(cluster.node(0))
          .filter((name) => name !== 'node-1')
          .sort(),
      ).toEqual(['node-2', 'node-3', 'node-4', 'node-5'])
      expect(departures(cluster.node(0))).toEqual([])
    })

    test('two nodes that fail together are both taken out', async () => {
      const cluster = await scenario.begin(5)
      await cluster.formed([0, 1, 2, 3, 4])
      // On a busy machine a node may have been given up for a moment while they started.
      const from = cluster.node(0).configurations.length
      await Promise.all([cluster.node(1).kill(), cluster.node(2).kill()])
      await cluster.formed([0, 3, 4])
      expect(departures(cluster.node(0), from).sort()).toEqual(['node-2 failed', 'node-3 failed'])
    })
  })
})
