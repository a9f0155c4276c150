import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '../../../src/base/index.js'
import {
  FrameDecoder,
  FrameSocket,
  MessageReader,
  writeGoodbye,
  writeRequest,
} from '../../../src/ipc/index.js'

let directory: string
let server: Server
let sender: FrameSocket
let receiver: Socket
let closed: Promise<Error | undefined>
let onWritten: () => void

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ais-frames-'))
  const path = join(directory, 'sock')
  server = createServer({ pauseOnConnect: true }).listen(path)
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const socket = createConnection(path)
  const connected = once(socket, 'connect')
  onWritten = () => undefined
  closed = new Promise((resolve) => {
    sender = new FrameSocket(socket, {
      onInput: () => undefined,
      onWritten: () => onWritten(),
      onClosed: resolve,
    })
  })
  await connected
  ;[receiver] = await accepted
  receiver.on('error', () => undefined)
})

afterEach(async () => {
  sender.destroy()
  receiver.destroy()
  await new Promise((resolve) => server.close(resolve))
  rmSync(directory, { recursive: true, force: true })
})

/** Ids of the requests that came, whose params are octets of that id and nothing else. */
async function receive(count: number): Promise<number[]> {
  const decoder = new FrameDecoder()
  const reader = new MessageReader()
  const ids: number[] = []
  for await (const chunk of receiver) {
    decoder.push(chunk as Buffer)
    while (decoder.next()) {
      expect(reader.read(decoder.octets, decoder.start, decoder.end)).toBe(true)
      const octets = reader.body as Uint8Array
      if (octets.every((octet) => octet === (reader.id & 0xff))) ids.push(reader.id)
    }
    if (ids.length >= count) break
    // Now and then it reads slowly: the buffers of the system are full then.
    if (ids.length % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return ids
}

test('whatever is written when, and however slowly it is read, it arrives as it was, in order', async () => {
  const random = seededRandom(7)
  const total = 3000
  const received = receive(total)
  onWritten = () => sender.flush()
  for (let id = 0; id < total;) {
    for (let burst = random.below(20); burst >= 0 && id < total; burst--, id++) {
      const octets = new Uint8Array(random.pick([0, 1, 100, 5000, 20_000, 70_000, 300_000]))
      writeRequest(sender.writer, id, 'a.b', octets.fill(id & 0xff))
      // Several times a turn, as answers and the end of a slice do.
      if (random.chance(0.3)) sender.flush()
    }
    sender.flush()
    while (sender.waitingOctets > 4_000_000) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await received).toEqual(Array.from({ length: total }, (_, id) => id))
  expect(sender.framesHanded).toBe(total)
  expect(sender.waitingOctets).toBe(0)
})

test('while the other side does not read, what was not handed over is still ours', async () => {
  for (let id = 0; id < 100; id++) writeRequest(sender.writer, id, 'a.b', new Uint8Array(100_000))
  sender.flush()
  sender.flush()
  await new Promise((resolve) => setImmediate(resolve))
  sender.flush()
  expect(sender.framesHanded).toBeGreaterThan(0)
  expect(sender.framesHanded).toBeLessThan(30)
  expect(sender.waitingOctets).toBeGreaterThan(9_000_000)
})

test('end() writes all that has gathered, however much, then ends', async () => {
  const received = receive(100)
  for (let id = 0; id < 100; id++) writeRequest(sender.writer, id, 'a.b', new Uint8Array(100_000).fill(id))
  sender.end()
  expect(await received).toHaveLength(100)
  expect(await closed).toBeUndefined()
})

test('cut() sends a last word if there is room, and does not wait', async () => {
  writeGoodbye(sender.writer, 'ERR_NO_RESOURCES', 'full')
  sender.cut()
  expect(sender.isClosed).toBe(true)
  const chunks: Buffer[] = []
  for await (const chunk of receiver) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString('latin1')).toContain('ERR_NO_RESOURCES')
})

test('cut() of one that does not read drops what waits', async () => {
  for (let id = 0; id < 100; id++) writeRequest(sender.writer, id, 'a.b', new Uint8Array(100_000))
  sender.flush()
  sender.cut()
  expect(sender.isClosed).toBe(true)
  let octets = 0
  for await (const chunk of receiver) octets += (chunk as Buffer).length
  expect(octets).toBeLessThan(2_000_000)
})

test('when the other side ends, it is closed, and what waits is dropped', async () => {
  receiver.resume().end()
  expect(await closed).toBeUndefined()
  writeRequest(sender.writer, 1, 'a.b', null)
  sender.flush()
  expect(sender.framesHanded).toBe(0)
})

test('a write that fails at once is not counted as handed over', async () => {
  receiver.destroy()
  writeRequest(sender.writer, 1, 'a.b', null)
  sender.flush()
  expect(sender.framesHanded).toBe(0)
  expect(await closed).toBeDefined()
})
