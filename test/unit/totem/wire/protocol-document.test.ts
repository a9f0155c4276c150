import { readFileSync } from 'node:fs'
import { limits } from '../../../../src/base/index.js'
import {
  chunkHeaderOctets,
  DATA_HEADER_OCTETS,
  writeChunkHeader,
  writeDataHeader,
} from '../../../../src/totem/wire/data-frame.js'
import { clusterHash, FrameKind, HEADER_OCTETS, sealFrame } from '../../../../src/totem/wire/header.js'
import { encodeToken } from '../../../../src/totem/wire/token.js'
import { checksum } from './checksum.js'

const document = readFileSync('docs/protocol.md', 'utf8')
const ringId = { representative: 1, sequence: 1_790_000_000_001 }
const origin = { clusterHash: clusterHash('test'), nodeId: 2, incarnation: 1_790_000_000_000 }

type Field = readonly [octets: number, meaning: string]

const headerOf = (frame: Uint8Array): readonly Field[] => [
  [4, "magic 'AIS', version 1"],
  [4, 'checksum'],
  [1, 'kind'],
  [1, 'flags'],
  [2, `${frame.length} octets`],
  [4, "cluster hash of 'test'"],
  [4, 'sender: node 2'],
  [8, 'incarnation 1790000000000'],
  [8, 'counter 17'],
]

/** A frame as the document shows it: offset, octets, meaning. */
function dump(frame: Uint8Array, fields: readonly Field[]): string {
  let at = 0
  const lines = [...headerOf(frame), ...fields].map(([octets, meaning]) => {
    const hex = Buffer.from(frame.subarray(at, at + octets)).toString('hex')
    const line = `${String(at).padStart(4)}  ${hex.replace(/..(?=.)/g, '$& ').padEnd(24)} ${meaning}`
    at += octets
    return line
  })
  expect(at).toBe(frame.length)
  return lines.join('\n')
}

test('the data frame of the document is what the code makes', () => {
  const payload = new TextEncoder().encode('hello')
  const frame = new Uint8Array(DATA_HEADER_OCTETS + chunkHeaderOctets(true, true) + payload.length)
  writeDataHeader(frame, ringId, 7)
  frame.set(payload, writeChunkHeader(frame, DATA_HEADER_OCTETS, payload.length, payload.length, true, true))
  sealFrame(frame, origin, FrameKind.data, 0, 17, checksum)
  const fields: Field[] = [
    [4, 'representative: node 1'],
    [8, 'ring sequence 1790000000001'],
    [8, 'sequence number 7'],
    [2, 'chunk: 5 octets'],
    [1, 'first and last of its message'],
    [5, "'hello'"],
  ]
  expect(document).toContain(dump(frame, fields))
})

test('the token of the document is what the code makes', () => {
  const operational = (received: number, delivered: number) => ({ received, delivered, phase: 3 })
  const token = encodeToken({
    ringId,
    count: 42,
    sequence: 7,
    rotationFrames: 1,
    backlog: 0,
    scale: 100,
    entries: [operational(7, 6), operational(7, 7), operational(5, 5)],
    requests: [6],
  })
  sealFrame(token, origin, FrameKind.token, 0, 17, checksum)
  const entry = (who: string, received: number, delivered: number): Field[] => [
    [4, `${who} has received all up to ${received}`],
    [4, `and delivered all up to ${delivered}`],
    [1, 'phase: operational'],
  ]
  const fields: Field[] = [
    [4, 'representative: node 1'],
    [8, 'ring sequence 1790000000001'],
    [8, 'count 42'],
    [8, 'sequence number 7'],
    [4, 'frames of this rotation: 1'],
    [4, 'backlog 0'],
    [2, '3 members'],
    [2, '1 request'],
    [2, 'scale 100'],
    ...entry('node 1', 7, 6),
    ...entry('node 2', 7, 7),
    ...entry('node 3', 5, 5),
    [4, 'frame 6 is missing somewhere'],
  ]
  expect(document).toContain(dump(token, fields))
})

test('the numbers of the document are those of the code', () => {
  const tables = document.replace(/ +\|/g, ' |')
  expect(tables).toContain(`| frame header | ${HEADER_OCTETS} octets |`)
  expect(tables).toContain(`| members of a ring | ${limits.ringMembers} |`)
  expect(tables).toContain(`| parts of a control message | ${limits.controlParts} |`)
  expect(tables).toContain(`| octets of a message | ${limits.messageOctets} |`)
  expect(tables).toContain(`| octets of a name or an address | ${limits.nameOctets} |`)
  expect(tables).toContain(`| processes remembered | ${limits.knownProcesses} |`)
  expect(tables).toContain(`| sequence numbers | 2^${Math.log2(limits.messageSequenceMax)} |`)
  expect(tables).toContain(`| ring sequence numbers | 2^${Math.log2(limits.ringSequenceMax)} |`)
  for (const [name, value] of Object.entries(FrameKind)) {
    const shown = name === 'cancelHold' ? 'cancel hold' : name
    expect(tables).toMatch(new RegExp(`^\\| ${value} +\\| ${shown} `, 'm'))
  }
})
