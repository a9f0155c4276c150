import fc from 'fast-check'
import { applyFixes } from '../../../src/config/apply-fixes.js'
import { crossCheck, type CrossFindings, type Written } from '../../../src/config/cross-check.js'
import { examineText, groupsKind, networkKind, type FileForm } from '../../../src/config/file-kinds.js'
import type { Fix, TextEdit } from '../../../src/config/model/diagnostic.js'
import { repairGroups, repairNetwork } from '../../../src/config/repair.js'

type TextForm = Exclude<FileForm, 'typescript'>

/** A fix of one edit within a line. */
function edit(line: number, column: number, endColumn: number, text: string, endLine = line): Fix {
  const edits: TextEdit[] = [{ line, column, endLine, endColumn, text }]
  return { title: `write ${text}`, isSafe: true, edits }
}

describe('fixes of a text', () => {
  const made = (text: string, ...fixes: Fix[]): string => applyFixes(text, fixes).text

  test('are made at their places, in whatever order they come', () => {
    const fixes = [edit(2, 1, 3, 'CD'), edit(1, 2, 3, 'BBB'), edit(1, 1, 2, '')]
    expect(made('ab\ncd\n', ...fixes)).toBe('BBB\nCD\n')
    expect(made('ab\ncd\n', ...fixes.reverse())).toBe('BBB\nCD\n')
  })

  test('count characters, not the halves of one, and no mark at the beginning', () => {
    expect(made('\uFEFF\u{1F600}é=x\n', edit(1, 3, 4, ':'))).toBe('\uFEFF\u{1F600}é:x\n')
  })

  test('that touch what another one changes wait; the others are made', () => {
    const [first, second, third] = [edit(1, 1, 4, 'x'), edit(1, 3, 5, 'y'), edit(1, 6, 7, 'z')]
    const { text, applied } = applyFixes('abcdefg', [first, second, third])
    expect(text).toBe('xdezg')
    expect(applied).toEqual([first, third])
  })

  test('take a line out with its end, and put one in with the ends of the file', () => {
    expect(made('a\r\nb\r\nc\r\n', edit(2, 1, 1, '', 3))).toBe('a\r\nc\r\n')
    expect(made('a\r\nb\r\n', edit(2, 1, 1, 'new\n'))).toBe('a\r\nnew\r\nb\r\n')
    expect(made('a\nb', edit(3, 1, 1, 'new\n'))).toBe('a\nb\nnew')
  })

  test('behind the end are at the end', () => {
    expect(made('ab', edit(1, 9, 12, '!'))).toBe('ab!')
    expect(made('', edit(7, 1, 1, 'a'))).toBe('a')
  })
})

const network = ['bindnetaddr: 192.168.1.0', 'mcastaddr: 226.94.1.1', 'mcastport: 6000', ''].join('\n')
const groups = [
  'group {',
  '  name=pair',
  '  model=2n',
  ...['x', 'y'].flatMap((letter) => [
    `  unit {\n    name=${letter}\n    node=node-${letter}`,
    `    component {\n      name=comp-${letter}\n    }\n  }`,
  ]),
  '  protection {\n    name=work\n    member=comp-x\n    member=comp-y\n  }',
  '}',
  '',
].join('\n')

describe('a repair', () => {
  const repaired = (text: string, form: TextForm = 'classic'): string =>
    repairNetwork(text, examineText(text, form, networkKind)).text

  test('goes on while fixes uncover others', () => {
    // A typo of a key, and only then the quotes around its value.
    const { text, fixes, examined } = repairNetwork(
      `${network}quorum: "off"\ntokne: 2s\n`,
      examineText(`${network}quorum: "off"\ntokne: 2s\n`, 'classic', networkKind),
    )
    expect(text).toBe(`${network}quorum: off\ntoken: 2000\n`)
    expect(fixes).toHaveLength(3)
    expect(examined.checked).toMatchObject({ ok: true, config: { tokenTimeoutMs: 2000 } })
  })

  test('leaves what could have been meant otherwise', () => {
    for (const line of ['token: 500\ntoken: 600', 'bindnetaddr: lo', 'two-node: n', 'frobnicate: yes']) {
      expect(repaired(`${network}${line}\n`)).toBe(`${network}${line}\n`)
    }
  })

  test('writes the words that other programs have for yes and no, never the opposite', () => {
    const votes = 'quorum: majority # of two\nexpected-votes: 2\n'
    expect(repaired(`${network}${votes}two-node: on\n`)).toBe(
      `${network}quorum: majority\n# of two\nexpected-votes: 2\ntwo-node: yes\n`,
    )
    expect(repaired(`${network}quorum: False\n`)).toBe(`${network}quorum: off\n`)
    // Nobody knows which quorum a quorum is that is on.
    expect(repaired(`${network}quorum: on\n`)).toBe(`${network}quorum: on\n`)
  })

  test('mends YAML and JSON in their own words, and leaves TypeScript alone', () => {
    expect(repaired(`${network}tokne: 2000\n`, 'yaml')).toBe(`${network}token: 2000\n`)
    const json = `{"bindnetaddr":"10.0.0.0","mcastaddr":"226.94.1.1"\n"mcastport":6000,}`
    expect(JSON.parse(repaired(json, 'json'))).toMatchObject({ mcastport: 6000 })
    const typo = `${network}tokne: 2000\n`
    const asTypeScript = { ...examineText(typo, 'yaml', networkKind), form: 'typescript' as const }
    expect(repairNetwork(typo, asTypeScript)).toMatchObject({ text: typo, fixes: [] })
  })

  test('of a groups.conf mends it as well', () => {
    const wrong = groups.replace('model=2n', 'modle="2n"')
    const { text, examined } = repairGroups(wrong, examineText(wrong, 'classic', groupsKind))
    expect(text).toBe(groups)
    expect(examined.checked).toMatchObject({ ok: true, diagnostics: [] })
  })

  test('leaves a good file what it means, and no file worse than it was', () => {
    const lines = fc.constantFrom(
      ...['tokne: 2s', 'token: "900"', 'quorum: Off', 'ttl = 3', 'ttl 4', 'hold: 8ms', 'nodeid: 3'],
      ...['netmtu: 9000 # jumbo', 'two-node: true', 'mcastport: 6000abc', 'nodeid: 3', 'x', ''],
    )
    const errors = (text: string): number =>
      examineText(text, 'classic', networkKind).checked.diagnostics.filter((it) => it.severity === 'error')
        .length
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 8 }), fc.boolean(), (some, isAfter) => {
        const text = isAfter ? `${network}${some.join('\n')}` : `${some.join('\n')}\n${network}`
        const mended = repaired(text)
        expect(errors(mended)).toBeLessThanOrEqual(errors(text))
        // There is nothing left to be done.
        expect(repaired(mended)).toBe(mended)
      }),
      { numRuns: 400 },
    )
  })
})

describe('both files together', () => {
  function crossed(lines: string, changed: (text: string) => string = (text) => text): CrossFindings {
    const both = [
      examineText(`${network}${lines}`, 'classic', networkKind).checked,
      examineText(changed(groups), 'classic', groupsKind).checked,
    ] as const
    if (!both[0].ok || !both[1].ok) throw new Error(JSON.stringify(both.map((it) => it.diagnostics)))
    return crossCheck({ ...both[0], isFixable: true }, {
      ...both[1],
      isFixable: true,
    } satisfies Written<unknown>)
  }
  const brief = ({ network: one, groups: other }: CrossFindings): unknown =>
    [one, other].map((list) =>
      list.map(({ severity, code, line, column, fix }) => [
        `${severity} ${code} ${line}:${column}`,
        fix?.title ?? null,
      ]),
    )
  const lease = (text: string) => (all: string) => `${text}\n${all}`

  test('that agree are left in peace', () => {
    expect(brief(crossed('nodename: node-x\n'))).toEqual([[], []])
    expect(brief(crossed('', lease('lease=500')))).toEqual([[], []])
  })

  test('a lease is at most half of token', () => {
    const findings = crossed('token: 900\n', lease('lease=451'))
    expect(brief(findings)).toEqual([[], [['error value-conflict 1:7', null]]])
    expect(findings.groups[0].expected).toBe('lease at most 450, or a token of 902 or more')
  })

  test('a takeover-delay longer than the lease that follows from token loses time', () => {
    const findings = crossed('token: 400\n', lease('takeover-delay=201'))
    expect(brief(findings)).toEqual([[], [['warning value-conflict 1:16', null]]])
    expect(brief(crossed('token: 400\n', lease('takeover-delay=200')))).toEqual([[], []])
  })

  test('no-quorum needs a quorum', () => {
    const policy = lease('no-quorum=stop')
    expect(brief(crossed('', policy))).toEqual([[], [['warning key-unused 1:1', null]]])
    expect(brief(crossed('quorum: majority\nexpected-votes: 3\n', policy))).toEqual([[], []])
  })

  test('more nodes than votes could be two majorities', () => {
    const third = (text: string): string => text.replace(/^}\n$/m, groupOf('node-z'))
    const groupOf = (node: string): string =>
      `  unit {\n    name=z\n    node=${node}\n    component {\n      name=comp-z\n    }\n  }\n}\n`
    const quorum = 'quorum: majority\nexpected-votes: 2\n'
    expect(brief(crossed(quorum, third))).toEqual([[['warning value-conflict 5:17', 'write "3"']], []])
    expect(brief(crossed(quorum))).toEqual([[], []])
  })

  test('a name nearly that of this node is named; another one only if nothing is left for this node', () => {
    const findings = crossed('nodename: nod-x\n')
    expect(brief(findings)).toEqual([[], [['warning node-unknown 6:10', 'write "nod-x"']]])
    expect(findings.groups[0].fix).toMatchObject({ isSafe: false })
    expect(brief(crossed('nodename: far-away\n'))).toEqual([[], [['warning node-unknown 6:10', null]]])
    const anywhere = (text: string): string => text.replace('    node=node-y\n', '')
    expect(brief(crossed('nodename: far-away\n', anywhere))).toEqual([[], []])
  })
})
