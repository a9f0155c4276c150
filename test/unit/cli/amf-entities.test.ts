import { entityKinds } from '../../../src/base/index.js'
import { chooseEntity, entitiesOf, shellWord, type EntityName } from '../../../src/cli/amf-entities.js'
import { raidStatus } from '../programs/amf-status.js'

const entities = entitiesOf(raidStatus())
const choose = (name: string, kinds: readonly EntityName['kind'][] = entityKinds): unknown =>
  chooseEntity(entities, name, kinds, 'ais amf lock')

test('everything that has a name is found by it', () => {
  expect(entities.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'node node1',
    'node node2',
    'group raid',
    'unit raidA',
    'component comp_a_in_su_x',
    'component comp_b_in_su_x',
    'unit raidB',
    'component comp_a_in_su_y',
    'component comp_b_in_su_y',
    'service-instance raid',
    'csi pgA',
    'csi pgB',
  ])
  expect(choose('raidB')).toEqual({ entity: { kind: 'unit', name: 'raidB' } })
})

test('of several with one name the user says which', () => {
  expect(choose('raid')).toEqual({
    problem: '"raid" is a group and a service-instance',
    suggestions: ['ais amf lock raid --kind group', 'ais amf lock raid --kind service-instance'],
  })
  expect(choose('raid', ['service-instance'])).toEqual({ entity: { kind: 'service-instance', name: 'raid' } })
})

test.each([
  ['raidX', ['unit'], 'there is no unit "raidX"; did you mean "raidA"?', ['ais amf lock raidA']],
  ['comp_a_in_su_xx', ['component'], 'there is no component "comp_a_in_su_xx"; did you mean', undefined],
  ['something', ['unit', 'node'], 'there is no unit or node "something"', ['ais amf status']],
  ['raidA', ['component'], '"raidA" is a unit; this is for a component', []],
] as const)('%s among %j: %s', (name, kinds, problem, suggestions) => {
  const choice = choose(name, kinds) as { problem: string; suggestions: string[] }
  expect(choice.problem).toContain(problem)
  if (suggestions !== undefined) expect(choice.suggestions).toEqual(suggestions)
})

test('a name in a suggestion can be pasted', () => {
  expect(shellWord('raidA')).toBe('raidA')
  expect(shellWord("it's here")).toBe("'it'\\''s here'")
})
