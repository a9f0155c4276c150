import { CheckContext } from '../../../src/config/check-context.js'
import { examineText, examineTree, groupsKind, networkKind } from '../../../src/config/file-kinds.js'
import { readJson } from '../../../src/config/tree/json.js'
import type { Tree } from '../../../src/config/tree/tree.js'
import { readValue } from '../../../src/config/tree/value.js'
import { readYaml } from '../../../src/config/tree/yaml.js'

type Place = [code: string, line: number, column: number]

/** The plain value of a tree. */
function plain(tree: Tree | null): unknown {
  if (tree === null) return undefined
  if (tree.kind === 'list') return tree.items.map(plain)
  if (tree.kind === 'scalar') return tree.value
  return Object.fromEntries(tree.pairs.map(({ key, value }) => [key, plain(value)]))
}

function read(reader: typeof readJson, text: string): { value: unknown; places: Place[] } {
  const context = new CheckContext()
  const value = plain(reader(text, context))
  return { value, places: placesOf(context.finish()) }
}

function placesOf(diagnostics: readonly { code: string; line: number; column: number }[]): Place[] {
  return diagnostics.map(({ code, line, column }) => [code, line, column])
}

describe('JSON', () => {
  test.each([
    '{"a": [1, -2.5e3, "\\u00e9\\n", true, false, null, {}], "b": {"c": []}}',
    '  3 ',
    '"\ud83d\ude00"',
    '\ufeff[]',
  ])('%s is what JSON.parse makes of it', (text) => {
    expect(read(readJson, text)).toEqual({ value: JSON.parse(text.replace('\ufeff', '')), places: [] })
  })

  test.each<[string, Place[]]>([
    ['', [['file-syntax', 1, 1]]],
    ['{', [['file-syntax', 1, 2]]],
    ['{"a"}', [['file-syntax', 1, 5]]],
    ['{"a": }', [['file-syntax', 1, 7]]],
    ["{'a': 1}", [['file-syntax', 1, 2]]],
    ['{a: 1}', [['file-syntax', 1, 2]]],
    ['{"a": 01}', [['file-syntax', 1, 7]]],
    ['{"a": .5}', [['file-syntax', 1, 7]]],
    ['{"a": NaN}', [['file-syntax', 1, 7]]],
    ['{"a": "x\ty"}', [['file-syntax', 1, 9]]],
    ['{"a": "\\x"}', [['file-syntax', 1, 8]]],
    ['{"a": "x}', [['file-syntax', 1, 7]]],
    ['[1 2]', [['file-syntax', 1, 4]]],
    ['[1]\n]', [['file-syntax', 2, 1]]],
    ['\n\n  [1, oops]', [['file-syntax', 3, 7]]],
    ['[1, /* no end', [['file-syntax', 1, 5]]],
    [`${'['.repeat(33)}`, [['file-syntax', 1, 33]]],
  ])('%j has no value', (text, places) => {
    expect(read(readJson, text)).toEqual({ value: undefined, places })
  })

  test.each<[string, unknown, Place[]]>([
    ['[1,]', [1], [['file-syntax', 1, 3]]],
    ['{"a": 1,\n}', { a: 1 }, [['file-syntax', 1, 8]]],
    ['["a" "b"]', ['a', 'b'], [['file-syntax', 1, 6]]],
    ['{"a": 1 // one\n}', { a: 1 }, [['file-syntax', 1, 9]]],
    ['/* \u{1F600} */ [1, 2]', [1, 2], [['file-syntax', 1, 1]]],
    ['{"a": 1,\n "a": 2}', { a: 1 }, [['key-duplicate', 2, 3]]],
  ])('%j is read on', (text, value, places) => {
    expect(read(readJson, text)).toEqual({ value, places })
  })
})

describe('YAML', () => {
  test.each<[string, unknown]>([
    [
      'a: 1\nb: [x, "y", \'z\']\nc:\n  - d: ~\n  - true\n',
      { a: 1, b: ['x', 'y', 'z'], c: [{ d: null }, true] },
    ],
    ['a: yes\nb: no\nc: on\nd: 0x10\n', { a: 'yes', b: 'no', c: 'on', d: 16 }],
    ['a: &x {b: 1}\nc: *x\n', { a: { b: 1 }, c: { b: 1 } }],
    ['a: &x 1\nb: &x 2\nc: *x\n', { a: 1, b: 2, c: 2 }],
    ['a: !!str 1\n', { a: '1' }],
    ['%YAML 1.2\n---\na: |\n  x\n  y\n...\n', { a: 'x\ny\n' }],
    ['\ufeffa: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
    ['1: x\ntrue: y\n', { '1': 'x', true: 'y' }],
    ['', null],
    ['# nothing\n', null],
  ])('%j', (text, value) => {
    expect(read(readYaml, text)).toEqual({ value, places: [] })
  })

  test.each<[string, unknown, Place[]]>([
    ['a: 1\na: 2\n', { a: 1 }, [['key-duplicate', 2, 1]]],
    ['a: &x {b: 1}\nc:\n  <<: *x\n', { a: { b: 1 }, c: {} }, [['yaml-unsupported', 3, 3]]],
    ['a: !secret x\n', { a: 'x' }, [['yaml-unsupported', 1, 12]]],
    ['a: !!binary aGk=\n', { a: 'aGk=' }, [['yaml-unsupported', 1, 13]]],
    ['a: *nobody\n', { a: null }, [['yaml-unsupported', 1, 4]]],
    ['a: &x [*x]\n', { a: [null] }, [['yaml-unsupported', 1, 8]]],
    ['? [1]\n: 2\nb: 3\n', { b: 3 }, [['yaml-unsupported', 1, 3]]],
    ['a: [1\n', undefined, [['file-syntax', 2, 1]]],
    ['a: "x\n', undefined, [['file-syntax', 2, 1]]],
    ['a: b: c\n', undefined, [['file-syntax', 1, 4]]],
    ['a:\n\t- 1\n', undefined, [['file-syntax', 2, 1]]],
    ['a: 1\n---\nb: 2\n', undefined, [['file-syntax', 3, 1]]],
  ])('%j is refused', (text, value, places) => {
    expect(read(readYaml, text)).toEqual({ value, places })
  })

  test('an alias of aliases of aliases is not followed for ever', () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const names = Array.from({ length: 9 }, () => `*a${level}`)
      return `a${level + 1}: &a${level + 1} {group: [${names.join(', ')}]}`
    })
    const text = ['a0: &a0 {name: x}', ...levels, 'group: *a30', ''].join('\n')
    const { checked } = examineText(text, 'yaml', groupsKind)
    expect(checked.ok).toBe(false)
    expect(checked.diagnostics.length).toBeLessThanOrEqual(101)
  })
})

describe('values that a program made', () => {
  const cycle: Record<string, unknown> = { name: 'x' }
  cycle['group'] = [cycle]

  test.each<[string, unknown]>([
    ['a function', { token: () => 3 }],
    ['a symbol', { token: Symbol('x') }],
    ['a date', { token: new Date(0) }],
    ['a map', new Map([['token', 1000]])],
    ['a cycle', cycle],
    ['more than there may be', { nodename: Array.from({ length: 100_001 }, () => 1) }],
  ])('%s is refused', (_, value) => {
    const context = new CheckContext({ isFixable: false })
    expect(readValue(value, '', context)).toBeNull()
    expect(context.finish()).toMatchObject([{ code: 'file-syntax', fix: null }])
  })

  test('a finding is where the source names the key', () => {
    const text = "export default {\n  bindnetaddr: 'eth0', mcastaddr: '1.2.3.4',\n  mcastport: 6000,\n}\n"
    const context = new CheckContext({ isFixable: false })
    const value = { bindnetaddr: 'eth0', mcastaddr: '1.2.3.4', mcastport: 6000, nodename: undefined }
    const { checked } = examineTree(readValue(value, text, context), 'typescript', networkKind, context)
    expect(placesOf(checked.diagnostics)).toEqual([['value-range', 2, 36]])
  })
})

describe('what stands there counts', () => {
  const network = 'bindnetaddr: eth0\nmcastaddr: 226.94.1.1\n'

  test.each<[string, Record<string, unknown>]>([
    [`${network}mcastport: 0x1770\n`, { mcastPort: 6000 }],
    [`${network}mcastport: 6e3\n`, { mcastPort: 6000 }],
    [`${network}mcastport: 6000\nnodename: 1.10\n`, { nodeName: '1.10' }],
    [`${network}mcastport: 6000\nclustername: off\n`, { clusterName: 'off' }],
    [`$schema: https://example.org/network.schema.json\n${network}mcastport: 6000\n`, { mcastPort: 6000 }],
  ])('%j', (text, config) => {
    expect(examineText(text, 'yaml', networkKind).checked).toMatchObject({
      ok: true,
      config,
      diagnostics: [],
    })
  })

  test('columns count characters', () => {
    const addresses = '"bindnetaddr": "eth0", "mcastaddr": "226.94.1.1"'
    const text = `{"nodename": "\u{1F600}\u{1F600}", "mcastport": 1, ${addresses}}`
    const { checked } = examineText(text, 'json', networkKind)
    expect(checked.diagnostics).toMatchObject([{ code: 'value-range', line: 1, column: 33, length: 1 }])
  })

  test('$schema means nothing at the top alone', () => {
    const text = '$schema: x\ngroup:\n  $schema: x\n  name: g\n'
    const { checked } = examineText(text, 'yaml', groupsKind)
    expect(placesOf(checked.diagnostics)).toContainEqual(['key-unknown', 3, 3])
  })
})
