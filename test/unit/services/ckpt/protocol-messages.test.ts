import { readFileSync } from 'node:fs'
import { RecordKind } from '../../../../src/services/ckpt/snapshot-records.js'
import { Kind } from '../../../../src/services/ckpt/wire.js'

const document = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8')
const section = document.slice(document.indexOf('## Messages of CKPT')).split('\n\n## ')[0]!

test('the document has every message of CKPT by its number', () => {
  const rows = [...section.matchAll(/^\| (\d+) +\| /gm)].map(([, kind]) => Number(kind))
  expect(rows).toEqual(Object.values(Kind))
})

test('the document has every record of a snapshot by its number', () => {
  const text = document.slice(document.indexOf('## Snapshots of CKPT')).split('\n\n## ')[0]!
  const rows = [...text.matchAll(/^\| (\d+) +\| (\w+) /gm)].map(([, kind, name]) => [name, Number(kind)])
  expect(Object.fromEntries(rows)).toEqual(RecordKind)
})
