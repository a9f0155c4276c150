import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { checkNetworkText } from '../../../src/config/check.js'
import { formatDiagnostic } from '../../../src/config/format-diagnostic.js'

/** Each NAME.conf beside what is said about it, NAME.expected; AIS_REWRITE=1 writes the latter anew. */
const directory = new URL('../../testdata/config/', import.meta.url).pathname
const rewrite = process.env.AIS_REWRITE === '1'

function answer(name: string): string {
  const checked = checkNetworkText(readFileSync(directory + name, 'utf8'))
  const findings = checked.diagnostics.map((diagnostic) => formatDiagnostic(name, diagnostic))
  const verdict = checked.ok ? JSON.stringify(checked.config, null, 2) : 'not valid'
  return `${[...findings, verdict].join('\n')}\n`
}

describe('what is said about a network.conf', () => {
  const names = readdirSync(directory).filter((name) => name.endsWith('.conf'))

  test('there are examples', () => expect(names.length).toBeGreaterThan(25))

  test.each(names)('%s', (name) => {
    const expectedPath = directory + name.replace(/\.conf$/, '.expected')
    if (rewrite) writeFileSync(expectedPath, answer(name))
    expect(answer(name)).toBe(readFileSync(expectedPath, 'utf8'))
  })
})
