import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { examineText, formOf, groupsKind } from '../../../src/config/file-kinds.js'
import { formatDiagnostic } from '../../../src/config/format-diagnostic.js'

/** Each NAME.conf beside what is said about it, NAME.expected; AIS_REWRITE=1 writes the latter anew. */
const directory = new URL('../../testdata/groups/', import.meta.url).pathname
const rewrite = process.env.AIS_REWRITE === '1'
const BROKEN_MIN = 150

const checkedOf = (name: string): ReturnType<typeof groupsKind.check> =>
  examineText(readFileSync(directory + name, 'utf8'), formOf(name) as 'classic', groupsKind).checked

function answer(name: string): string {
  const checked = checkedOf(name)
  const findings = checked.diagnostics.map((diagnostic) => formatDiagnostic(name, diagnostic))
  const verdict = checked.ok ? JSON.stringify(checked.config, null, 2) : 'not valid'
  return `${[...findings, verdict].join('\n')}\n`
}

describe('what is said about a groups.conf', () => {
  const names = readdirSync(directory).filter((name) => !name.endsWith('.expected'))

  test('there are examples, most of them broken', () => {
    const broken = names.filter((name) => !checkedOf(name).ok)
    expect(broken.length).toBeGreaterThanOrEqual(BROKEN_MIN)
    expect(names.length - broken.length).toBeGreaterThan(10)
  })

  test.each(names)('%s', (name) => {
    const expectedPath = directory + name.replace(/\.conf$/, '') + '.expected'
    if (rewrite) writeFileSync(expectedPath, answer(name))
    expect(answer(name)).toBe(readFileSync(expectedPath, 'utf8'))
  })
})
