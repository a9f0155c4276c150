import { jest } from '@jest/globals'
import { Namespaces, namespacesUnavailable } from '../helpers/cluster/namespaces.mjs'
import { ClmScenario, clmScenarios, StateReader } from './clm-scenarios.js'

jest.setTimeout(120_000)

const unavailable = namespacesUnavailable()
if (unavailable !== undefined) process.stderr.write(`skipped: CLM on three hosts: ${unavailable}\n`)

const describeWhereAvailable = unavailable === undefined ? describe : describe.skip

describeWhereAvailable('CLM on three hosts on a bridge', () => {
  let network: Namespaces

  beforeAll(() => {
    network = new Namespaces(3)
  })

  afterAll(() => {
    network.close()
  })

  clmScenarios(() => network.hosts)

  describe('', () => {
    const scenario = new ClmScenario(() => network.hosts)

    afterEach(async () => {
      await scenario.end()
      network.mend(2)
      network.linkUp(2)
    })

    test.each([
      ['its link goes down', 'linkDown', 'linkUp'],
      ['its cable is cut', 'cut', 'mend'],
    ] as const)(
      'both sides show the other leave while %s, and merge again',
      async (_, breakLink, mendLink) => {
        await scenario.begin([0, 1, 2], { token: 300, quorum: 'majority', 'expected-votes': 3 })
        const three = await scenario.agree([0, 1, 2])
        const ofPair = new StateReader(scenario.program(['clm', 'test'], 0))
        const ofAlone = new StateReader(scenario.program(['clm', 'test'], 2))
        for (const states of [ofPair, ofAlone]) {
          for (const name of ['node-1', 'node-2', 'node-3']) await states.next('NO CHANGE', name)
        }
        network[breakLink](2)
        expect(await ofPair.next('LEFT', 'node-3')).toContain('\treason is failed')
        for (const name of ['node-1', 'node-2']) {
          expect(await ofAlone.next('LEFT', name)).toContain('\treason is failed')
        }
        const pair = await scenario.agree([0, 1])
        const alone = await scenario.agree([2])
        expect([pair.quorate, alone.quorate]).toEqual([true, false])
        network[mendLink](2)
        await ofPair.next('JOINED', 'node-3')
        for (const name of ['node-1', 'node-2']) await ofAlone.next('JOINED', name)
        const merged = await scenario.agree([0, 1, 2])
        expect(merged.quorate).toBe(true)
        // The side with the quorum was the cluster: who was cut off has come into it anew.
        expect(merged.members.slice(0, 2)).toEqual(three.members.slice(0, 2))
        expect(merged.members[2]!.initialViewNumber).toBeGreaterThan(alone.viewNumber)
      },
    )
  })
})
