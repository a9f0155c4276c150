import { jest } from '@jest/globals'
import { Namespaces, namespacesUnavailable } from '../helpers/cluster/namespaces.mjs'
import { departures, isOf, membershipScenarios, Scenario } from './scenarios.js'

jest.setTimeout(60_000)

const unavailable = namespacesUnavailable()
if (unavailable !== undefined) process.stderr.write(`skipped: three hosts on a bridge: ${unavailable}\n`)

const describeWhereAvailable = unavailable === undefined ? describe : describe.skip

describeWhereAvailable('three hosts on a bridge', () => {
  let network: Namespaces

  beforeAll(() => {
    network = new Namespaces(3)
  })

  afterAll(() => {
    network.close()
  })

  membershipScenarios(() => network.hosts)

  describe('', () => {
    const scenario = new Scenario(() => network.hosts)

    afterEach(() => scenario.end())

    test.each([
      ['its link goes down', 'linkDown', 'linkUp'],
      ['its cable is cut, unnoticed by any interface', 'cut', 'mend'],
    ] as const)('a host is alone while %s, and merges again', async (_, breakLink, mendLink) => {
      const cluster = await scenario.begin(3, { token: 300 })
      await cluster.formed([0, 1, 2])
      const from = cluster.node(0).configurations.length
      network[breakLink](2)
      await Promise.all([
        cluster.formed([0, 1]),
        cluster.node(2).until(() => isOf('node-3')(cluster.node(2).last!), 'being alone'),
      ])
      network[mendLink](2)
      await cluster.formed([0, 1, 2])
      expect(departures(cluster.node(0), from)).toEqual(['node-3 failed'])
    })

    test('all links fall and come back', async () => {
      const cluster = await scenario.begin(3, { token: 300 })
      await cluster.formed([0, 1, 2])
      for (const index of [0, 1, 2]) network.linkDown(index)
      for (const index of [0, 1, 2]) {
        const name = `node-${index + 1}`
        await cluster.node(index).until(() => isOf(name)(cluster.node(index).last!), 'being alone')
      }
      for (const index of [0, 1, 2]) network.linkUp(index)
      await cluster.formed([0, 1, 2])
    })
  })
})
