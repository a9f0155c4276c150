import fc from 'fast-check'
import { capabilityModels } from '../../src/base/index.js'
import type {
  ComponentConfig,
  GroupConfig,
  GroupsConfig,
  UnitConfig,
} from '../../src/config/model/groups-config.js'
import { isName } from '../../src/config/model/groups-text.js'

// Configurations of AMF of all kinds, as a groups.conf without errors can come to.

const MAX = 2 ** 31 - 1
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(isName)
const limitMs = fc.integer({ min: 1, max: MAX })
const bound = fc.option(fc.integer({ min: 0, max: 5 }))

const component = (name: string): fc.Arbitrary<ComponentConfig> =>
  fc.record({
    name: fc.constant(name),
    capability: fc.constantFrom(...capabilityModels),
    maxActiveCsis: bound,
    maxStandbyCsis: bound,
    recovery: fc.constantFrom('component-restart', 'unit-restart', 'component-failover', 'node-failover'),
    restartTimeoutMs: fc.option(limitMs),
    healthcheckIntervalMs: fc.option(limitMs),
    healthcheckMaxDurationMs: limitMs,
    callbackTimeoutMs: limitMs,
  })

const unit = (components: readonly string[], name: string): fc.Arbitrary<UnitConfig> =>
  fc.record({
    name: fc.constant(name),
    node: fc.option(text),
    rank: fc.nat(9),
    components: fc.tuple(...components.map(component)),
  })

/** Names of one group start with `prefix`, so that they differ from those of another. */
function group(prefix: string): fc.Arbitrary<GroupConfig> {
  const numbers = fc.record({ units: fc.integer({ min: 1, max: 4 }), each: fc.integer({ min: 1, max: 3 }) })
  const named = (many: number, letter: string): string[] =>
    Array.from({ length: many }, (_, index) => `${prefix}${letter}${index}`)
  return numbers.chain(({ units, each }) => {
    const components = named(units * each, 'c')
    const attribute = fc.record({
      name: text.filter((one) => !one.includes(':')),
      values: fc.array(fc.oneof(text, fc.constant('')), { minLength: 1, maxLength: 3 }),
    })
    const csi = (name: string): fc.Arbitrary<GroupConfig['serviceInstances'][number]['csis'][number]> =>
      fc.record({
        name: fc.constant(name),
        rank: fc.nat(9),
        members: fc.subarray(components, { minLength: 1 }),
        attributes: fc.uniqueArray(attribute, { maxLength: 3, selector: ({ name: key }) => key }),
      })
    const instance = (name: string): fc.Arbitrary<GroupConfig['serviceInstances'][number]> =>
      fc.record({
        name: fc.constant(name),
        rank: fc.nat(9),
        standbyAssignments: fc.nat(4),
        csis: fc.tuple(csi(`${name}p`), csi(`${name}q`)),
      })
    return fc.constantFrom('2n', 'nplusm', 'noredundancy').chain((model) =>
      fc.record<GroupConfig>({
        name: text.map((one) => prefix + one).filter(isName),
        model: fc.constant(model),
        activeUnits: model === '2n' ? fc.constant(1) : fc.integer({ min: 1, max: 3 }),
        backupUnits: fc.nat(3),
        maxActiveInstances: fc.option(limitMs),
        maxStandbyInstances: fc.option(limitMs),
        isClassic: fc.boolean(),
        componentRestartMax: fc.nat(5),
        componentRestartProbationMs: fc.nat(MAX),
        unitRestartMax: fc.nat(5),
        unitRestartProbationMs: fc.nat(MAX),
        unitFailoverMax: fc.option(fc.nat(5)),
        unitFailoverProbationMs: fc.nat(MAX),
        units: fc.tuple(
          ...named(units, 'u').map((name, at) => unit(components.slice(at * each, at * each + each), name)),
        ),
        serviceInstances: fc.tuple(...named(2, 's').map(instance)),
      }),
    )
  })
}

export const groupsArbitrary: fc.Arbitrary<GroupsConfig> = fc.record({
  leaseMs: fc.option(fc.integer({ min: 50, max: MAX })),
  takeoverDelayMs: fc.nat(MAX),
  noQuorum: fc.constantFrom('stop', 'freeze', 'ignore'),
  groups: fc.oneof(fc.tuple(), fc.tuple(group('a')), fc.tuple(group('a'), group('b'))),
})
