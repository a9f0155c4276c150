import {
  readChanges,
  readConflicts,
  readConflictSections,
  readDigests,
  readOpened,
  readPage,
  readSections,
  vectorError,
} from '../../../src/api/ckpt-documents.js'
import type { AisError } from '../../../src/base/index.js'
import { status, wireAttributes } from './ckpt-executive.js'

const octets = new Uint8Array([1, 2])
const section = { sectionId: octets, expirationTime: 5n, sectionSize: 2, sectionState: 1, lastUpdate: 9n }
const replica = { name: 'c', digest: 'd', numberOfSections: 1, memoryUsed: 2 }
const conflict = {
  id: 'i',
  name: 'c',
  ringSequence: 9,
  digest: 'd',
  keptDigest: 'k',
  numberOfSections: 1,
  memoryUsed: 3,
  nodes: [1],
  keptNodes: [2],
  stored: 'memory',
}

/** What each reads, and what of it may be nil. */
const documents: [string, (value: unknown) => unknown, unknown, string[]][] = [
  ['opened', readOpened, { handle: 1, attributes: wireAttributes }, ['retentionDurationMs']],
  [
    'page',
    readPage,
    { checkpoints: [{ ...status, digest: 'd' }], more: true },
    ['retentionDurationMs', 'activeReplica'],
  ],
  ['sections', readSections, [section], []],
  [
    'digests',
    readDigests,
    { viewNumber: 1, members: [{ nodeId: 1, nodeName: 'n', checkpoints: [replica] }] },
    ['digest'],
  ],
  ['conflicts', readConflicts, { conflicts: [conflict], more: false }, ['digest', 'keptDigest']],
  [
    'conflict sections',
    readConflictSections,
    { sections: [{ sectionId: octets, size: 1 }], more: false },
    [],
  ],
  ['changes', readChanges, { name: 'c', changes: [['written', octets, 0, 2]] }, ['1']],
  ['vector error', (value) => vectorError('call', value), { error: 'ERR_EXIST', text: 't', index: 0 }, []],
]

/** Every document that differs from this one in one place. */
function* broken(document: unknown, wrong: unknown, mayBeNil: string[]): Generator<unknown> {
  if (typeof document !== 'object' || document === null || document instanceof Uint8Array) return
  for (const [key, value] of Object.entries(document)) {
    const replaced = (other: unknown): unknown => {
      if (!Array.isArray(document)) return { ...document, [key]: other }
      return document.map((each: unknown, index) => (String(index) === key ? other : each))
    }
    // The name in an event is for those who read the socket; a number may be where another number was.
    const isNoMatter = key === 'name' && 'changes' in document
    if (!isNoMatter && !(wrong === null && mayBeNil.includes(key))) yield replaced(wrong)
    for (const inner of broken(value, wrong, mayBeNil)) yield replaced(inner)
  }
}

test.each(documents)(
  '%s: is read; anything else is an error of the library',
  (_, read, document, mayBeNil) => {
    expect(() => read(document)).not.toThrow()
    let tried = 0
    for (const wrong of [undefined, null, 0.5, NaN, {}, [0.5]]) {
      for (const value of [wrong, ...broken(document, wrong, mayBeNil)]) {
        tried++
        let code = ''
        try {
          read(value)
        } catch (error) {
          code = (error as AisError).code
        }
        expect([value, code]).toEqual([value, 'ERR_LIBRARY'])
      }
    }
    expect(tried).toBeGreaterThan(20)
  },
)

test('whole numbers may come in any form MessagePack has; octets are not copied', () => {
  const [read] = readSections([{ ...section, sectionSize: 2n, expirationTime: 5, lastUpdate: 2n ** 62n }])
  expect(read).toMatchObject({ sectionSize: 2, expirationTime: 5n, lastUpdate: 2n ** 62n })
  expect(read!.sectionId.buffer).toBe(octets.buffer)
})
