import { readFileSync } from 'node:fs'
import { Kind } from '../../../../src/services/ckpt/wire.js'

const document = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8')
const section = document.slice(document.indexOf('## Messages of CKPT')).split('\n\n## ')[0]!

test('the document has every message of CKPT by its number', () => {
  const rows = [...section.matchAll(/^\| (\d+) +\| /gm)].map(([, kind]) => Number(kind))
  expect(rows).toEqual(Object.values(Kind))
})
