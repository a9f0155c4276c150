import fc from 'fast-check'
import { checkNetworkText } from '../../../../src/config/check.js'
import { convertText, type Conversion } from '../../../../src/config/convert/convert.js'
import type { NetworkConfig } from '../../../../src/config/model/network-config.js'
import { groupsFileArbitrary, networkFileArbitrary } from '../../../helpers/convert-arbitrary.js'
import { meaningOf, plainOptions, roundTrip } from '../../../helpers/convert.js'

const numRuns = 150

const errorsOf = ({ diagnostics }: Conversion): unknown[] =>
  diagnostics.filter(({ severity }) => severity === 'error')
const lostOf = ({ diagnostics }: Conversion): string[] =>
  diagnostics.flatMap(({ code, key }) => (code === 'not-convertible' ? [key ?? '?'] : []))

function networkOf(text: string): NetworkConfig {
  const checked = checkNetworkText(text)
  if (!checked.ok) throw new Error(`not valid:\n${text}`)
  return checked.config
}

/** What each key of ours says, as far as corosync may not hold it. */
const fieldsOf: Readonly<Record<string, readonly (keyof NetworkConfig)[]>> = {
  bindnetaddr: ['bindTarget'],
  nodeid: ['nodeId'],
  nodename: ['nodeName'],
  statedir: ['stateDir'],
  socket: ['socket'],
  hold: ['holdMs'],
  retransmit: ['retransmitMaxMs'],
  consensus: ['consensusTimeoutMs'],
  join: ['joinIntervalMs'],
  merge: ['mergeIntervalMs'],
  'accelerated-window': ['acceleratedWindowFrames'],
}

/** The configuration without the places of its keys, and without what was listed as lost. */
function keptOf(config: NetworkConfig, lost: readonly string[]): Partial<NetworkConfig> {
  const gone = new Set<string>(['bindPosition', ...lost.flatMap((key) => fieldsOf[key] ?? [key])])
  return Object.fromEntries(Object.entries(config).filter(([field]) => !gone.has(field)))
}

describe('classic to another format of ours and back means the same', () => {
  const ours = fc.constantFrom('yaml', 'json', 'classic')

  test('network', () => {
    fc.assert(
      fc.property(networkFileArbitrary, ours, (text, format) => {
        const { there, back } = roundTrip(text, 'network', format)
        expect(lostOf(there)).toEqual([])
        expect(errorsOf(back!)).toEqual([])
        expect(meaningOf(back!.text!, 'network')).toBe(meaningOf(text, 'network'))
      }),
      { numRuns },
    )
  })

  test('groups', () => {
    fc.assert(
      fc.property(groupsFileArbitrary, ours, (text, format) => {
        const { there, back } = roundTrip(text, 'groups', format)
        expect(lostOf(there)).toEqual([])
        expect(errorsOf(back!)).toEqual([])
        expect(meaningOf(back!.text!, 'groups')).toBe(meaningOf(text, 'groups'))
      }),
      { numRuns },
    )
  })
})

describe('classic to corosync.conf and back', () => {
  test('keeps all that is not listed as lost', () => {
    fc.assert(
      fc.property(networkFileArbitrary, (text) => {
        const { there, back } = roundTrip(text, 'network', 'corosync')
        const lost = lostOf(there)
        // An interface that is not named by its address, a { in a name: refused, and said why.
        if (there.text === null) return expect(errorsOf(there)).not.toEqual([])
        expect(lostOf(back!)).toEqual([])
        const config = keptOf(networkOf(text), lost)
        return expect(keptOf(networkOf(back!.text!), lost)).toEqual(config)
      }),
      { numRuns },
    )
  })

  test('keeps who a node is where all nodes are given', () => {
    fc.assert(
      fc.property(networkFileArbitrary, fc.integer({ min: 1, max: 4_294_967_294 }), (text, id) => {
        const named = text.replace(
          /^(nodename|nodeid|expected-votes|quorum|two-node|wait-for-all): .*\n/gm,
          '',
        )
        const source = `${named}nodename: left\nnodeid: ${id}\n`
        const members = [`left=10.0.0.1,${id}`, 'right=10.0.0.2']
        const { there } = roundTrip(source, 'network', 'corosync', { members })
        if (there.text === null) return expect(errorsOf(there)).not.toEqual([])
        const options = { ...plainOptions, from: 'corosync', to: 'classic', node: 'left' } as const
        const back = convertText(there.text, options)
        const lost = [...lostOf(there), 'bindnetaddr']
        expect(networkOf(back.text!).bindTarget.text).toBe('10.0.0.1')
        return expect(keptOf(networkOf(back.text!), lost)).toEqual(keptOf(networkOf(source), lost))
      }),
      { numRuns },
    )
  })
})
