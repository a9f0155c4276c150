import { TIME_END, type CheckpointSummary } from '../../../src/api/index.js'
import {
  changeLine,
  changeText,
  checkpointCells,
  checkpointDetailLine,
  checkpointLine,
  creationFlagsText,
  expirationText,
  sectionIdOf,
  sectionName,
  sectionText,
} from '../../../src/programs/ckpt-text.js'

const summary: CheckpointSummary = {
  name: 'or\u001bders',
  creationFlags: 1,
  checkpointSize: 64 * 1024 * 1024,
  retentionDurationMs: Infinity,
  maxSections: 64,
  maxSectionSize: 1024 * 1024,
  maxSectionIdSize: 255,
  numberOfSections: 2,
  memoryUsed: 2000,
  openers: 3,
  activeReplica: null,
  replicas: [1, 2],
  unlinked: false,
  digest: '0123456789abcdef0123456789abcdef',
}

test('a checkpoint as a line of JSON: for ever is null', () => {
  const { activeReplica, replicas, unlinked, ...shown } = summary
  expect(checkpointLine(summary)).toEqual({ ...shown, retentionDurationMs: null })
  const detail = checkpointDetailLine(summary)
  expect(detail).toEqual({ ...shown, retentionDurationMs: null, activeReplica, replicas, unlinked })
  expect(checkpointLine({ ...summary, retentionDurationMs: 500 }).retentionDurationMs).toBe(500)
})

test('a checkpoint as a row of a table, without what a terminal would obey', () => {
  const cells = ['or\uFFFDders', 'all', '2/64', '1.95 KiB', '64 MiB', '3', 'forever', '0123456789ab']
  expect(checkpointCells(summary)).toEqual(cells)
})

test('creation flags', () => {
  expect([1, 2, 4, 9, 10].map(creationFlagsText)).toEqual([
    'all',
    'active',
    'weak',
    'all, collocated',
    'active, collocated',
  ])
})

test('sections as JSON: times are decimal strings, never is null, an id that is no text has none', () => {
  const section = { sectionSize: 5, sectionState: 1, lastUpdate: 1_700_000_000_000_000_001n }
  const sections = [
    { ...section, sectionId: Buffer.from('a'), expirationTime: TIME_END },
    { ...section, sectionId: Buffer.from([0xff, 0]), expirationTime: 1_800_000_000_000_000_001n },
  ]
  expect(JSON.parse(JSON.stringify(checkpointDetailLine(summary, sections).sections))).toEqual([
    {
      section: 'a',
      sectionHex: '61',
      sectionSize: 5,
      sectionState: 1,
      expirationTime: null,
      lastUpdate: '1700000000000000001',
    },
    {
      section: null,
      sectionHex: 'ff00',
      sectionSize: 5,
      sectionState: 1,
      expirationTime: '1800000000000000001',
      lastUpdate: '1700000000000000001',
    },
  ])
})

test.each([
  ['', '(default)'],
  ['a', 'a'],
  ['größe', 'größe'],
  [' a', '0x2061'],
  ['a\n', '0x610a'],
  ['\u202e', '0xe280ae'],
])('the section id %j is shown as %s', (id, text) => expect(sectionText(Buffer.from(id))).toBe(text))

test('a section id that is no text is shown in hexadecimal, and can be given so', () => {
  const id = Buffer.from([0xc0, 0xff, 0xee])
  expect([sectionText(id), sectionName(id)]).toEqual(['0xc0ffee', { section: null, sectionHex: 'c0ffee' }])
  expect(sectionIdOf('0xC0FFEE', true)).toEqual(id)
  expect(sectionIdOf('c0ffee', true)).toEqual(id)
  expect(sectionIdOf('c0ffee', false)).toEqual(Buffer.from('c0ffee'))
  expect([sectionIdOf('c0f', true), sectionIdOf('none', true)]).toEqual([null, null])
})

test('when a section ends, as people read it', () => {
  const nowMs = Date.UTC(2030, 0, 1)
  const at = (ms: number): bigint => BigInt(nowMs + ms) * 1_000_000n
  expect(expirationText(TIME_END, nowMs)).toBe('never')
  expect(expirationText(at(1500), nowMs)).toBe('2030-01-01T00:00:01.500Z (in 1500ms)')
  expect(expirationText(at(600_400), nowMs)).toBe('2030-01-01T00:10:00.400Z (in 10m)')
  expect(expirationText(at(-1), nowMs)).toBe('2029-12-31T23:59:59.999Z (now)')
})

test('changes', () => {
  const section = { sectionId: Buffer.from('a'), dataOffset: 8, dataSize: 5 }
  expect(changeText({ change: 'written', ...section })).toBe('written a, 5 octets at 8')
  expect(changeText({ change: 'overwritten', ...section })).toBe('overwritten a, 5 octets')
  expect(changeText({ change: 'expired', ...section })).toBe('expired a')
  expect(changeText({ change: 'unlinked', sectionId: null, dataOffset: 0, dataSize: 0 })).toBe('unlinked')
  expect(changeLine('c', { change: 'written', ...section })).toEqual({
    event: 'change',
    name: 'c',
    change: 'written',
    section: 'a',
    sectionHex: '61',
    dataOffset: 8,
    dataSize: 5,
  })
})
