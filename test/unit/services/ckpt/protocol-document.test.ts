import { readText } from '../../docs/texts.js'
import { attributesDocument, conflictDocument } from '../../../../src/services/ckpt/documents.js'
import { attributes, octets, open, OrderedWorld, TestClient } from './ordered-world.js'

/** Names in the first cells of the table of docs/protocol.md that has this heading. */
function documented(heading: string): string[] {
  const { text } = readText('docs/protocol.md')
  const [, rows = ''] =
    new RegExp(`^\\| ${heading} +\\|.*\\n\\|[- |]+\\n((?:\\|.*\\n)+)`, 'm').exec(text) ?? []
  return [...rows.matchAll(/^\| `([\w.]+)`/gm)].map((match) => match[1]!)
}

const world = new OrderedWorld(1)
const client = new TestClient(1)

test('docs/protocol.md has every method of CKPT, and no others', () => {
  const { code, text } = world.call(1, client, 'unknown', {})
  expect(code).toBe('ERR_NOT_SUPPORTED')
  const known = /it has (.*)$/.exec(text!)![1]!.split(', ')
  expect(known.length).toBeGreaterThan(20)
  expect(documented('method of CKPT').sort()).toEqual(known.map((method) => `ckpt.${method}`).sort())
})

test('docs/protocol.md has every field of what CKPT says, and no others', () => {
  const handle = open(world, 1, client, 'a')
  const created = attributesDocument({ ...attributes }, 5)
  expect(documented('field of the attributes')).toEqual(Object.keys(created))
  const { result: status } = world.call(1, client, 'statusGet', { handle })
  const others = Object.keys(created).filter((name) => name !== 'creationFlags')
  expect(documented('field of a status')).toEqual(
    Object.keys(status as object).filter((name) => !others.includes(name)),
  )
  const section = { handle, sectionId: octets('s'), expirationTime: 2n ** 63n - 1n, data: octets('') }
  world.call(1, client, 'sectionCreate', section)
  const { result } = world.call(1, client, 'iterationInitialize', { handle, choice: 5 })
  const { iteration } = result as { iteration: number }
  const { result: sections } = world.call(1, client, 'iterationNext', { iteration, count: 1 })
  expect(documented('field of a section')).toEqual(Object.keys((sections as [object])[0]))
  const conflict = { nodes: [], keptNodes: [] } as unknown as Parameters<typeof conflictDocument>[0]
  expect(documented('field of a conflict')).toEqual(Object.keys(conflictDocument(conflict)))
})
