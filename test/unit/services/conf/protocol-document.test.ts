import { readText } from '../../docs/texts.js'
import { Kind } from '../../../../src/services/conf/wire.js'
import { configurationOf, World } from './world.js'

const { text } = readText('docs/protocol.md')

/** Names in the first cells of the table that has this heading. */
function documented(heading: string): string[] {
  const [, rows = ''] =
    new RegExp(`^\\| ${heading} +\\|.*\\n\\|[- |]+\\n((?:\\|.*\\n)+)`, 'm').exec(text) ?? []
  return [...rows.matchAll(/^\| `([\w.]+)`/gm)].map((match) => match[1]!)
}

test('docs/protocol.md has every field of what a node says of its configuration, and no others', () => {
  const world = new World()
  const [{ result }] = world.node(1).get(1) as [{ result: Record<string, unknown> }]
  expect(documented('field of a configuration')).toEqual(Object.keys(result))
  const { network, groups } = configurationOf(1)
  const fields = [...new Set([...Object.keys(network), ...Object.keys(groups)])]
  expect(documented('field of a file').sort()).toEqual(fields.sort())
})

test('docs/protocol.md has every method and message of conf', () => {
  expect(documented('method of conf')).toEqual(['conf.configurationGet'])
  const [, section = ''] = /^## Messages of conf\n([^#]*)/m.exec(text) ?? []
  const rows = [...section.matchAll(/^\| (\d+) +\| (\w+)/gm)].map((match) => [match[2], Number(match[1])])
  expect(Object.fromEntries(rows)).toEqual(Kind)
})
