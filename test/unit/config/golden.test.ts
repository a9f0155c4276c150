import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { examineText, formOf, networkKind } from '../../../src/config/file-kinds.js'
import { formatDiagnostic } from '../../../src/config/format-diagnostic.js'

/** Each NAME.conf beside what is said about it, NAME.expected; AIS_REWRITE=1 writes the latter anew. */
const directory = new URL('../../testdata/config/', import.meta.url).pathname
const BROKEN_MIN = 80
const rewrite = process.env.AIS_REWRITE === '1'

const checkedOf = (name: string): ReturnType<typeof networkKind.check> =>
  examineText(readFileSync(directory + name, 'utf8'), formOf(name) as 'classic', networkKind).checked

function answer(name: string): string {
  const checked = checkedOf(name)
  const findings = checked.diagnostics.map((diagnostic) => formatDiagnostic(name, diagnostic))
  const verdict = checked.ok ? JSON.stringify(checked.config, null, 2) : 'not valid'
  return `${[...findings, verdict].join('\n')}\n`
}

describe('what is said about a network.conf', () => {
  const names = readdirSync(directory).filter((name) => !name.endsWith('.expected'))

  test('there are examples, most of them broken', () => {
    expect(names.filter((name) => !checkedOf(name).ok).length).toBeGreaterThanOrEqual(BROKEN_MIN)
  })

  test.each(names)('%s', (name) => {
    const expectedPath = directory + name.replace(/\.conf$/, '') + '.expected'
    if (rewrite) writeFileSync(expectedPath, answer(name))
    expect(answer(name)).toBe(readFileSync(expectedPath, 'utf8'))
  })
})
