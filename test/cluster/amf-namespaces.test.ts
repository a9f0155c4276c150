import { jest } from '@jest/globals'
import { Namespaces, namespacesUnavailable } from '../helpers/cluster/namespaces.mjs'
import { all, AmfScenario } from './amf-scenarios.js'

jest.setTimeout(120_000)

const unavailable = namespacesUnavailable()
if (unavailable !== undefined) process.stderr.write(`skipped: AMF on three hosts: ${unavailable}\n`)

const describeWhereAvailable = unavailable === undefined ? describe : describe.skip

describeWhereAvailable('AMF on three hosts on a bridge', () => {
  let network: Namespaces
  const scenario = new AmfScenario(() => network.hosts)

  beforeAll(() => {
    network = new Namespaces(3)
  })

  afterEach(async () => {
    await scenario.end()
    for (const index of [1, 2]) {
      network.mend(index)
      network.linkUp(index)
    }
  })

  afterAll(() => {
    network.close()
  })

  test.each([
    ['its link goes down', 'linkDown', 'linkUp'],
    ['its cable is cut', 'cut', 'mend'],
  ] as const)(
    'with quorum a node that is alone is demoted before another is active, when %s',
    async (_, breakLink, mendLink) => {
      await scenario.begin(3, { quorum: 'majority', 'expected-votes': 3 })
      const [active, standby] = await scenario.pair(1, 2)
      network[breakLink](1)
      await all(standby, 'active')
      await all(active, null)
      const demotedMs = Math.max(...active.map((component) => component.atMs('csi-remove', null)))
      const activeMs = Math.min(...standby.map((component) => component.atMs('csi-set', 'active')))
      expect(demotedMs).toBeLessThan(activeMs)
      expect(standby[0]!.epoch).toBeGreaterThan(active[0]!.epoch)
      network[mendLink](1)
      await all(active, 'standby')
      const { groups, quorum } = await scenario.agree([0, 1, 2])
      expect(quorum).toMatchObject({ quorate: true, votes: 3, expected: 3 })
      expect(groups[0]!.serviceInstances[0]).toMatchObject({ active: ['raidC'], standby: ['raidB'] })
    },
  )

  test('without quorum both sides of a cut have one active, and one of them when it is mended', async () => {
    await scenario.begin(2)
    const [active, standby] = await scenario.pair(0, 1)
    network.cut(1)
    await all(standby, 'active')
    expect(active.map(({ haState }) => haState)).toEqual(['active', 'active'])
    network.mend(1)
    await Promise.any([all(active, 'standby'), all(standby, 'standby')])
    const { groups } = await scenario.agree([0, 1])
    const { active: actives, standby: standbys } = groups[0]!.serviceInstances[0]!
    expect([...actives, ...standbys].sort()).toEqual(['raidB', 'raidC'])
    expect(actives).toHaveLength(1)
    const held = [active, standby].map((unit) => unit.map(({ haState }) => haState).join())
    expect(held.sort()).toEqual(['active,active', 'standby,standby'])
  })
})
