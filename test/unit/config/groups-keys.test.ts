import { readFileSync } from 'node:fs'
import { checkGroupsText } from '../../../src/config/groups/check-groups.js'
import { groupsKeys, groupsRangeText } from '../../../src/config/model/groups-keys.js'

const documentation = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
const squeezed = documentation.split('\n').map((line) => line.replace(/ +/g, ' '))

describe('the table of keys of groups.conf', () => {
  test('has every key of a kind of block once', () => {
    const places = groupsKeys.flatMap(({ name, scopes }) => scopes.map((scope) => `${scope}/${name}`))
    expect(new Set(places).size).toBe(places.length)
  })

  test('is the table of docs/configuration.md', () => {
    const rows = groupsKeys.map((key) => {
      const where = key.scopes.map((scope) => (scope === 'file' ? 'top' : scope)).join(', ')
      const unit = key.kind === 'duration' ? 'ms' : '–'
      const cells = [`\`${key.name}\``, where, unit, groupsRangeText(key), key.defaultText, key.description]
      return `| ${cells.join(' | ')} |`
    })
    for (const row of rows) expect(squeezed).toContain(row)
    const inDocumentation = squeezed.filter((line) => /^\| `[a-z-]+` (\| [^|]+ ){5}\|$/.test(line))
    expect(inDocumentation).toHaveLength(rows.length)
  })
})

test('the examples of docs/configuration.md are good', () => {
  const blocks = [...documentation.matchAll(/```\n(group \{[^]*?)```/g)].map((match) => match[1])
  expect(blocks).toHaveLength(1)
  for (const block of blocks) expect(checkGroupsText(block)).toMatchObject({ ok: true })
})
