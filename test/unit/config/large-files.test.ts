import { examineText, groupsKind, networkKind } from '../../../src/config/file-kinds.js'

const OCTETS = 1024 * 1024 - 64
/** Of the processor; the measured ones are a third of it on a machine that does nothing else. */
const LIMIT_MS = 3000

const repeated = (part: string): string => part.repeat(Math.floor(OCTETS / part.length))
const listed = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => part(index))
    .join('')
    .slice(0, OCTETS)

/** Texts as large as a file may be, of the kinds that readers have been slow with. */
const texts: readonly (readonly [string, 'yaml' | 'json' | 'classic', string])[] = [
  [
    'blocks in YAML',
    'yaml',
    `group:\n${listed(9000, (at) => `  - name: g${at}\n    model: 2n\n    unit: []\n`)}`,
  ],
  ['anchors', 'yaml', repeated('- &a x\n')],
  ['brackets that do not match', 'yaml', repeated('}]{')],
  ['tags', 'yaml', repeated('!a ')],
  ['deep lists in YAML', 'yaml', repeated('[')],
  ['one line of YAML', 'yaml', `group: [${repeated('a,').slice(0, -20)}]`],
  ['many keys in YAML', 'yaml', `{${listed(70_000, (at) => `k${at}: 1, `)}}`],
  ['one line of JSON', 'json', `{"group":[${repeated('{"name":1},').slice(0, -20)}]}`],
  ['deep lists in JSON', 'json', repeated('[')],
  ['a long text', 'json', `"${repeated('\\n').slice(0, -2)}"`],
  ['empty blocks', 'classic', repeated('group {\n}\n')],
  ['a line without end', 'classic', `group {${repeated('a=').slice(0, -20)}`],
  ['unknown keys', 'classic', repeated('tokne: 1\n')],
  ['one key again and again', 'classic', repeated('bindnetaddr: 10.0.0.1\n')],
]

// Whole seconds here would be seconds in which a user waits for an editor's every keystroke.
describe.each([networkKind, groupsKind])('a large $name', (kind) => {
  test.each(texts)('of %s is judged in no time', (_, form, text) => {
    const before = process.cpuUsage()
    const { checked } =
      kind === networkKind ? examineText(text, form, kind) : examineText(text, form, groupsKind)
    const { user, system } = process.cpuUsage(before)
    expect(checked.diagnostics.length).toBeGreaterThan(0)
    expect((user + system) / 1000).toBeLessThan(LIMIT_MS)
  })
})
