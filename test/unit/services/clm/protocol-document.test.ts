import { readText } from '../../docs/texts.js'
import { changesDocument } from '../../api/clm-reports.js'
import { ClmService } from '../../../../src/services/index.js'
import { member, view } from './views.js'

/** Names in the first cells of the table of docs/protocol.md that has this heading. */
function documented(heading: string): string[] {
  const { text } = readText('docs/protocol.md')
  const [, rows = ''] =
    new RegExp(`^\\| ${heading} +\\|.*\\n\\|[- |]+\\n((?:\\|.*\\n)+)`, 'm').exec(text) ?? []
  return [...rows.matchAll(/^\| `([\w.]+)`/gm)].map((match) => match[1]!)
}

test('docs/protocol.md has every field of what CLM says, and no others', () => {
  const gone = [{ ...member(2), reason: 'failed' as const }]
  const buffer = changesDocument(view(9, [member(1)], { left: gone }))
  expect(documented('field of a buffer')).toEqual(Object.keys(buffer))
  expect(documented('field of an item')).toEqual(Object.keys(buffer.items[0]!))
  expect(documented('field of a node')).toEqual(Object.keys(buffer.items[0]!.clusterNode))
})

test('docs/protocol.md has every method of CLM', () => {
  const clm = new ClmService({ nodeId: 1, clusterName: 'test' })
  const client = {
    id: 1,
    event: () => undefined,
    hold: () => true,
    release: () => undefined,
    waitingOctets: 0,
    takenOctets: 0,
    whenTaken: () => undefined,
    cut: () => undefined,
  }
  let message = ''
  clm.onRequest({
    client,
    method: 'unknown',
    params: {},
    answer: () => undefined,
    fail: (_, text) => (message = text),
  })
  const known = /it has (.*)$/.exec(message)![1]!.split(', ')
  expect(known.length).toBeGreaterThan(2)
  expect(documented('method')).toEqual(known.map((method) => `clm.${method}`))
})
