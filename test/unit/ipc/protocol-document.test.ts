import { readFileSync } from 'node:fs'
import { limits } from '../../../src/base/index.js'
import { FrameWriter, MessageKind, writeHello, writeRequest } from '../../../src/ipc/index.js'

const document = readFileSync('docs/protocol.md', 'utf8')

type Part = readonly [octets: number, meaning: string]

/** The one frame that was written, as the document shows it: offset, octets, meaning. */
function dump(write: (writer: FrameWriter) => void, parts: readonly Part[]): string {
  const writer = new FrameWriter()
  write(writer)
  const [filled] = writer.take(Infinity)
  const frame = Buffer.from(filled!.block.subarray(0, filled!.octets))
  let at = 0
  const lines = parts.map(([octets, meaning]) => {
    const hex = frame.subarray(at, at + octets).toString('hex')
    const line = `${String(at).padStart(4)}  ${hex.replace(/..(?=.)/g, '$& ').padEnd(32)} ${meaning}`
    at += octets
    return line
  })
  expect(at).toBe(frame.length)
  return lines.join('\n')
}

test('the hello of the document is what the code makes', () => {
  const hello = { magic: 'ais', versions: [1], program: 'example', pid: 4711 }
  const text = dump(
    (writer) => writeHello(writer, hello),
    [
      [4, 'length'],
      [1, 'array of 2'],
      [1, `kind: hello (${MessageKind.hello})`],
      [1, 'map of 4'],
      [6, "'magic'"],
      [4, "'ais'"],
      [9, "'versions'"],
      [2, 'array of 1: version 1'],
      [8, "'program'"],
      [8, "'example'"],
      [4, "'pid'"],
      [3, '4711'],
    ],
  )
  expect(document).toContain(text)
})

test('the request of the document is what the code makes', () => {
  const text = dump(
    (writer) => writeRequest(writer, 1, 'clm.clusterTrack', { flags: 1 }),
    [
      [4, 'length'],
      [1, 'array of 4'],
      [1, `kind: request (${MessageKind.request})`],
      [1, 'id: 1'],
      [17, "'clm.clusterTrack'"],
      [1, 'map of 1'],
      [6, "'flags'"],
      [1, '1: TRACK_CURRENT'],
    ],
  )
  expect(document).toContain(text)
})

test('the bounds of the document are those of the code', () => {
  const tables = document.replace(/ +\|/g, ' |')
  const mebi = (octets: number): string => `${octets / 1024 / 1024} MiB`
  expect(tables).toContain(`| octets of a message | ${limits.ipcFrameOctets} |`)
  expect(tables).toContain(`| values of a message, keys of maps included | ${limits.ipcMessageValues} |`)
  expect(tables).toContain(`| arrays and maps within each other | ${limits.ipcMessageDepth} |`)
  expect(tables).toContain(`| requests of a client without an answer | ${limits.ipcClientRequests} |`)
  expect(tables).toContain(`| octets of these | ${mebi(limits.ipcClientRequestOctets)} |`)
  const waiting = 'octets waiting for'
  expect(tables).toContain(`| ${waiting} a client to read them | ${mebi(limits.ipcClientWaitingOctets)} |`)
  const deaf = mebi(limits.ipcClientWaitingOctetsMax)
  expect(tables).toContain(`| ${waiting} a client that reads nothing | ${deaf} |`)
  expect(tables).toContain(`| ${waiting} all clients together | ${mebi(limits.ipcWaitingOctetsMax)} |`)
  const unfinished = mebi(limits.ipcUnfinishedOctetsMax)
  expect(tables).toContain(`| octets of unfinished messages of all clients | ${unfinished} |`)
  expect(tables).toContain(`| octets of requests of all clients | ${mebi(limits.ipcRequestOctetsMax)} |`)
  expect(tables).toContain(`| tracks, handles and the like of a client | ${limits.ipcClientHolds} |`)
  expect(tables).toContain(`| clients | ${limits.ipcClients} |`)
})
