import { readFileSync } from 'node:fs'
import { diagnosticCodes } from '../../../src/config/model/diagnostic-codes.js'
import { defaultText, networkKeys, rangeText } from '../../../src/config/model/network-keys.js'
import { totemDefaults } from '../../../src/totem/options.js'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

describe('the table of keys', () => {
  test('has the defaults of the ring', () => {
    const defaults = Object.fromEntries(
      networkKeys.flatMap((key) => (key.kind === 'integer' ? [[key.field, key.default]] : [])),
    )
    expect(defaults).toMatchObject(totemDefaults)
    expect(defaults.ttl).toBe(1)
  })

  test('names every key once', () => {
    const names = networkKeys.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test('is the table of docs/configuration.md', () => {
    const documentation = read('docs/configuration.md')
    const rows = networkKeys.map((key) => {
      const unit = key.unit === '' ? '–' : key.unit
      return `| \`${key.name}\` | ${unit} | ${rangeText(key)} | ${defaultText(key)} | ${key.description} |`
    })
    const squeezed = documentation.split('\n').map((line) => line.replace(/ +/g, ' '))
    for (const row of rows) expect(squeezed).toContain(row)
    expect(
      squeezed.filter((line) => /^\| `[a-z-]+` \| [^|]+ \| [^|]+ \| [^|]+ \| [^|]+ \|$/.test(line)),
    ).toHaveLength(rows.length)
  })
})

describe('the codes of findings', () => {
  test('are the table of docs/configuration.md', () => {
    const rows = [
      ...read('docs/configuration.md').matchAll(/^\| `([a-z0-9-]+)` +\| ((?:error|warning).*) +\|$/gm),
    ]
    const documented = rows.map(([, code, cells]) => [code, ...cells.split('|').map((cell) => cell.trim())])
    const declared = Object.entries(diagnosticCodes).map(([code, facts]) => [
      code,
      facts.severity,
      facts.summary,
    ])
    expect(declared.length).toBeGreaterThan(40)
    expect(documented).toEqual(declared)
  })
})
