import { Ajv, type ValidateFunction } from 'ajv'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { examineText, groupsKind, networkKind } from '../../../src/config/file-kinds.js'
import { groupsKeys } from '../../../src/config/model/groups-keys.js'
import { networkKeys } from '../../../src/config/model/network-keys.js'
import { groupsSchema } from '../../../src/config/schema/groups-schema.js'
import { networkSchema } from '../../../src/config/schema/network-schema.js'
import { groupsFileArbitrary, networkFileArbitrary } from '../../helpers/convert-arbitrary.js'
import { roundTrip } from '../../helpers/convert.js'

// The schemas that editors check configurations with, against what the loader takes and refuses.

const compile = (schema: object): ValidateFunction =>
  new Ajv({ allErrors: true, allowUnionTypes: true, strict: true }).compile(schema)
const schemas = { network: compile(networkSchema()), groups: compile(groupsSchema()) }

const minimal = { bindnetaddr: '10.0.0.0', mcastaddr: '239.1.1.1', mcastport: 6000 }
const group = {
  name: 'g',
  model: '2n',
  unit: { name: 'u', component: { name: 'c' } },
  protection: { name: 'p', member: 'c' },
}

/** Does the loader take it? */
function isAccepted(kind: 'network' | 'groups', value: unknown): boolean {
  const text = JSON.stringify(value)
  const { checked } =
    kind === 'network' ? examineText(text, 'json', networkKind) : examineText(text, 'json', groupsKind)
  return checked.ok
}

function pathsOf(kind: 'network' | 'groups', value: unknown): string[] {
  const validate = schemas[kind]
  return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath }) => instancePath)
}

test.each(['network', 'groups'] as const)('conf/%s.schema.json is up to date', (kind) => {
  const url = new URL(`../../../conf/${kind}.schema.json`, import.meta.url)
  const schema = kind === 'network' ? networkSchema() : groupsSchema()
  // npm run docs:schemas writes them.
  expect(JSON.parse(readFileSync(url, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)))
})

test.each([
  ['network', networkFileArbitrary],
  ['groups', groupsFileArbitrary],
] as const)('every %s file that is accepted is valid, as YAML and as JSON', (kind, files) => {
  fc.assert(
    fc.property(files, (text) => {
      for (const to of ['yaml', 'json'] as const) {
        const { text: written } = roundTrip(text, kind, to).there
        expect(written).not.toBeNull()
        const value: unknown = to === 'json' ? JSON.parse(written!) : parse(written!)
        expect(pathsOf(kind, value)).toEqual([])
      }
    }),
    { numRuns: 60 },
  )
})

test('what the loader takes in other ways is valid, too', () => {
  const networks = [
    { ...minimal, $schema: 'file:///network.schema.json' },
    { ...minimal, mcastport: '6000', token: ' 2000 ', nodename: 7.5, clustername: 12 },
    { ...minimal, quorum: 'majority', 'expected-votes': 2, 'two-node': true, 'wait-for-all': true },
    { ...minimal, quorum: false },
    { ...minimal, bindnetaddr: 'eth0', statedir: '/var/lib/x' },
  ]
  for (const value of networks) {
    expect([isAccepted('network', value), pathsOf('network', value)]).toEqual([true, []])
  }
  const groups = [
    null,
    {},
    { $schema: 'file:///groups.schema.json', lease: '400ms', 'takeover-delay': 0 },
    { group },
    { group: [group], lease: '1.5 s' },
    { group: { ...group, protection: [{ name: 7, member: ['c'] }], recovery: 'component-failover' } },
  ]
  for (const value of groups) {
    expect([isAccepted('groups', value), pathsOf('groups', value)]).toEqual([true, []])
  }
})

test.each([
  [{ ...minimal, hlod: 5 }, ''],
  [{ bindnetaddr: '10.0.0.0', mcastaddr: '239.1.1.1' }, ''],
  [{ ...minimal, token: 49 }, '/token'],
  [{ ...minimal, token: '1s' }, '/token'],
  [{ ...minimal, token: 1.5 }, '/token'],
  [{ ...minimal, mcastport: 65_536 }, '/mcastport'],
  [{ ...minimal, bindnetaddr: true }, '/bindnetaddr'],
  [{ ...minimal, quorum: true }, '/quorum'],
  [{ ...minimal, 'two-node': 'maybe' }, '/two-node'],
  [{ ...minimal, statedir: 'var/lib' }, '/statedir'],
  [{ ...minimal, nodename: '' }, '/nodename'],
  [{ ...minimal, clustername: ['a'] }, '/clustername'],
  [[minimal], ''],
])('network: %j is refused at "%s"', (value, path) => {
  expect(isAccepted('network', value)).toBe(false)
  expect(pathsOf('network', value)).toContain(path)
})

test.each([
  [{ groups: [group] }, ''],
  [{ lease: 1 }, '/lease'],
  [{ lease: '3 parsecs' }, '/lease'],
  [{ 'no-quorum': 'panic' }, '/no-quorum'],
  [{ group: 'g' }, '/group'],
  [{ group: { ...group, model: '3n' } }, '/group/model'],
  [{ group: { ...group, unit: undefined } }, '/group'],
  [{ group: { ...group, name: undefined } }, '/group'],
  [{ group: [group, { ...group, 'unit-restart-max': -1 }] }, '/group/1/unit-restart-max'],
  [
    { group: { ...group, unit: { name: 'u', component: { name: 'c', colour: 1 } } } },
    '/group/unit/component',
  ],
  [{ group: { ...group, unit: { name: 'u' } } }, '/group/unit'],
  [{ group: { ...group, protection: { name: 'p', member: [true] } } }, '/group/protection/member/0'],
])('groups: %j is refused at "%s"', (value, path) => {
  const written: unknown = JSON.parse(JSON.stringify(value))
  expect(isAccepted('groups', written)).toBe(false)
  expect(pathsOf('groups', written)).toContain(path)
})

test('every key is described, in every place it can stand', () => {
  const { properties } = networkSchema()
  for (const { name, description } of networkKeys)
    expect(properties![name].description).toContain(description)
  const schema = groupsSchema()
  for (const { name, scopes, description } of groupsKeys) {
    for (const scope of scopes) {
      const at = scope === 'file' ? schema : schema.definitions![scope]
      expect(at.properties![name].description).toContain(description)
    }
  }
})
