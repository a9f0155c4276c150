import { jest } from '@jest/globals'
import { Namespaces, namespacesUnavailable } from '../helpers/cluster/namespaces.mjs'
import { CkptScenario, ckptScenarios } from './ckpt-scenarios.js'

jest.setTimeout(120_000)

const unavailable = namespacesUnavailable()
if (unavailable !== undefined) process.stderr.write(`skipped: CKPT on three hosts: ${unavailable}\n`)

const describeWhereAvailable = unavailable === undefined ? describe : describe.skip

describeWhereAvailable('CKPT on three hosts on a bridge', () => {
  let network: Namespaces

  beforeAll(() => {
    network = new Namespaces(3)
  })

  afterAll(() => {
    network.close()
  })

  ckptScenarios(() => network.hosts)

  describe('', () => {
    const scenario = new CkptScenario(() => network.hosts)

    afterEach(async () => {
      await scenario.end()
      network.mend(2)
      network.linkUp(2)
    })

    test.each([
      ['its link goes down', 'linkDown', 'linkUp'],
      ['its cable is cut', 'cut', 'mend'],
    ] as const)(
      'one is apart while %s, and gets what was written meanwhile',
      async (_, breakLink, mendLink) => {
        await scenario.begin(6)
        network[breakLink](2)
        await scenario.cluster.formed([0, 1])
        await scenario.cluster.formed([2])
        network[mendLink](2)
        await scenario.cluster.formed([0, 1, 2])
        await scenario.verified()
        await scenario.agree()
      },
    )
  })
})
