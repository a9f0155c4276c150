import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { checkGroupsText } from '../../../src/config/groups/check-groups.js'

/** A groups.conf as somebody wrote it for the original executive, before it is spelled. */
interface Written {
  readonly groups: readonly WrittenGroup[]
}

interface WrittenGroup {
  readonly model: '2n' | 'nplusm' | 'noredundancy'
  readonly activeUnits: number
  readonly backupUnits: number
  /** Of each unit the capability models of its components. */
  readonly units: readonly (readonly string[])[]
}

const capability = fc.constantFrom(
  'x_active_and_y_standby',
  'x_active_or_y_standby',
  '1_active_or_y_standby',
  '1_active_or_1_standby',
  'x_active',
  '1_active',
)
const group: fc.Arbitrary<WrittenGroup> = fc
  .record({
    model: fc.constantFrom('2n', 'nplusm', 'noredundancy'),
    activeUnits: fc.integer({ min: 1, max: 3 }),
    backupUnits: fc.integer({ min: 0, max: 3 }),
    more: fc.nat({ max: 2 }),
    components: fc.array(capability, { minLength: 1, maxLength: 3 }),
  })
  .map(({ model, activeUnits, backupUnits, more, components }): WrittenGroup => {
    const active = model === '2n' ? 1 : activeUnits
    const backup = { '2n': Math.min(1, backupUnits), nplusm: backupUnits, noredundancy: 0 }[model]
    const units = Array.from({ length: active + backup + more }, () => components)
    return { model, activeUnits: active, backupUnits: backup, units }
  })
const written: fc.Arbitrary<Written> = fc.record({
  groups: fc.array(group, { minLength: 1, maxLength: 3 }),
})

/** How the lines of a file are spelled; the original's reader saw no difference. */
interface Spelling {
  readonly indent: string
  readonly equals: string
  readonly brace: string
  readonly end: string
  readonly comment: string | null
}

const spelling: fc.Arbitrary<Spelling> = fc.record({
  indent: fc.constantFrom('', '  ', '\t'),
  equals: fc.constantFrom('=', ' = ', '=\t', ' ='),
  brace: fc.constantFrom(' {', '{', '\t{'),
  end: fc.constantFrom('\n', '  \n', '\t\n'),
  comment: fc.option(fc.constantFrom('# a remark', '#', '#name=nobody', '# }')),
})

const unitName = (index: number, unit: number): string => `unit ${index}.${unit}`
const componentName = (index: number, unit: number, slot: number): string => `comp_${index}_${unit}_${slot}`

function spelled({ groups }: Written, { indent, equals, brace, end, comment }: Spelling): string {
  const lines: string[] = []
  const block = (depth: number, kind: string, fill: () => void): void => {
    lines.push(`${indent.repeat(depth)}${kind}${brace}`)
    if (comment !== null) lines.push(comment)
    fill()
    lines.push(`${indent.repeat(depth)}}`)
  }
  const key = (depth: number, name: string, value: string | number): void => {
    lines.push(`${indent.repeat(depth)}${name}${equals}${value}`)
  }
  for (const [index, { model, activeUnits, backupUnits, units }] of groups.entries()) {
    block(0, 'group', () => {
      key(1, 'name', `group ${index}`)
      key(1, 'model', model)
      key(1, 'active-units', activeUnits)
      key(1, 'backup-units', backupUnits)
      for (const [unit, components] of units.entries()) {
        block(1, 'unit', () => {
          key(2, 'name', unitName(index, unit))
          for (const [slot, name] of components.entries()) {
            block(2, 'component', () => {
              key(3, 'name', componentName(index, unit, slot))
              key(3, 'model', name)
            })
          }
        })
      }
      for (const slot of units[0].keys()) {
        block(1, 'protection', () => {
          key(2, 'name', `pg_${index}_${slot}`)
          for (const unit of units.keys()) key(2, 'member', componentName(index, unit, slot))
        })
      }
    })
  }
  return lines.map((line) => line + end).join('')
}

test('a groups.conf that the original read whole is accepted with the meaning its author wrote', () => {
  fc.assert(
    fc.property(written, spelling, (file, style) => {
      const checked = checkGroupsText(spelled(file, style))
      if (!checked.ok) throw new Error(checked.diagnostics.map(({ message }) => message).join('\n'))
      const meaning = checked.config.groups.map((one) => ({
        ...{ name: one.name, model: one.model, isClassic: one.isClassic },
        ...{ activeUnits: one.activeUnits, backupUnits: one.backupUnits },
        units: one.units.map(({ name, node, components }) => {
          return {
            name,
            node,
            components: components.map((component) => [component.name, component.capability]),
          }
        }),
        csis: one.serviceInstances[0].csis.map(({ name, members }) => ({ name, members })),
        checks: one.units.flatMap(({ components }) => components.map((it) => it.healthcheckIntervalMs)),
      }))
      const meant = file.groups.map(({ model, activeUnits, backupUnits, units }, index) => ({
        ...{ name: `group ${index}`, model, isClassic: true, activeUnits, backupUnits },
        units: units.map((components, unit) => ({
          name: unitName(index, unit),
          node: null,
          components: components.map((name, slot) => [componentName(index, unit, slot), name]),
        })),
        csis: units[0].map((_, slot) => ({
          name: `pg_${index}_${slot}`,
          members: units.map((__, unit) => componentName(index, unit, slot)),
        })),
        checks: units.flatMap((components) => components.map(() => 100)),
      }))
      expect(meaning).toEqual(meant)
    }),
    { numRuns: 300 },
  )
})

const shipped = readFileSync(new URL('../../../conf/groups.conf', import.meta.url), 'utf8')
const lineOf = (text: string, line: string): number => text.split('\n').indexOf(line) + 1
/** A group of two units, of which one mistake is made. */
const good = [
  'group {',
  '  name=raid',
  '  model=nplusm',
  '  active-units=1',
  '  backup-units=1',
  ...['x', 'y'].flatMap((letter) => [
    '  unit {',
    `    name=raid_${letter}`,
    '    component {',
    `      name=comp_${letter}`,
    '      model=x_active_and_y_standby',
    '    }',
    '  }',
  ]),
  '  protection {',
  '    name=pgA',
  '    member=comp_x',
  '    member=comp_y',
  '  }',
  '}',
  '',
].join('\n')

/** What the original swallowed, or died of: which line, which column, which code. */
const swallowed: readonly (readonly [string, (text: string) => string, string, number, string])[] = [
  ['text after the groups', (text) => `${text}and so on\n`, 'and so on', 1, 'line-malformed'],
  ['a key after the groups', (text) => `${text}name=more\n`, 'name=more', 1, 'key-misplaced'],
  ['a group that is never closed', (text) => text.replace(/}\n$/, ''), 'group {', 1, 'block-unclosed'],
  [
    'a unit that is closed by the next one',
    (text) => text.replace('    }\n  }\n  unit', '    }\n  unit'),
    '  unit {',
    3,
    'block-unclosed',
  ],
  [
    'a member that is no component',
    (text) => text.replace('member=comp_y', 'member=comp_z'),
    '    member=comp_z',
    12,
    'name-unknown',
  ],
  ['no active unit', (text) => text.replace('e-units=1', 'e-units=0'), '  active-units=0', 16, 'value-range'],
  [
    'a number that is none',
    (text) => text.replace('e-units=1', 'e-units=one'),
    '  active-units=one',
    16,
    'value-invalid',
  ],
  [
    'a number with something behind it',
    (text) => text.replace('p-units=1', 'p-units=1 or 2'),
    '  backup-units=1 or 2',
    16,
    'value-invalid',
  ],
  [
    'a number no group can have',
    (text) => text.replace('p-units=1', 'p-units=4294967297'),
    '  backup-units=4294967297',
    16,
    'value-range',
  ],
  [
    'a name of two components',
    (text) => text.replace('name=comp_y', 'name=comp_x'),
    '    member=comp_y',
    12,
    'name-unknown',
  ],
  [
    'a model that nothing was written for',
    (text) => text.replace('nplusm', 'nway'),
    '  model=nway',
    9,
    'model-unserved',
  ],
  [
    'a comment that is indented',
    (text) => text.replace('  model', '  # why\n  model'),
    '  # why',
    3,
    'comment-indented',
  ],
  [
    'words before a key',
    (text) => text.replace('  name=raid\n', '  its name=raid\n'),
    '  its name=raid',
    3,
    'line-malformed',
  ],
]

test.each(swallowed)('%s is an error with its place', (_, spoil, line, column, code) => {
  const text = spoil(good)
  const checked = checkGroupsText(text)
  expect(checked.ok).toBe(false)
  const errors = checked.diagnostics.filter(({ severity }) => severity === 'error')
  const found = errors.map((error) => ({ line: error.line, column: error.column, code: error.code }))
  expect(found).toContainEqual({ line: lineOf(text, line), column, code })
})

test('the last line of a file may lack its end, and loses nothing by it', () => {
  expect(checkGroupsText(good)).toMatchObject({ ok: true, diagnostics: [] })
  const { config } = checkGroupsText(good.trimEnd()) as { config: unknown }
  expect(config).toEqual((checkGroupsText(good) as { config: unknown }).config)
})

test('the file of the test programs is the one that the original shipped', () => {
  const checked = checkGroupsText(shipped)
  if (!checked.ok) throw new Error('conf/groups.conf is not valid')
  const [raid] = checked.config.groups
  expect(raid).toMatchObject({ name: 'raid', model: 'nplusm', activeUnits: 1, backupUnits: 2 })
  expect(raid.units.map(({ name }) => name)).toEqual(['raidA', 'raidB', 'raidC'])
  expect(raid.serviceInstances[0].csis.map(({ name, members }) => [name, ...members])).toEqual([
    ['pgA', 'comp_a_in_su_x', 'comp_a_in_su_y', 'comp_a_in_su_z'],
    ['pgB', 'comp_b_in_su_x', 'comp_b_in_su_y', 'comp_b_in_su_z'],
  ])
})
