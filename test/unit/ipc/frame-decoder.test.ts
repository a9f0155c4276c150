import fc from 'fast-check'
import { limits } from '../../../src/base/index.js'
import { FrameDecoder } from '../../../src/ipc/index.js'
import { framesOf, messagesOf } from './frames.js'

/** What comes out when the octets come in these pieces. */
function decoded(pieces: readonly Buffer[]): Buffer[] {
  const decoder = new FrameDecoder()
  return pieces.flatMap((piece) => {
    decoder.push(Buffer.from(piece))
    return messagesOf(decoder)
  })
}

const octets = framesOf([null, 'x'.repeat(40), new Uint8Array(300), { a: [1, 2, 3] }, 7])
const whole = decoded([octets])

test('many frames of one read come one after the other', () => {
  expect(whole).toHaveLength(5)
  expect(Buffer.concat(whole)).toHaveLength(octets.length - 5 * 4)
})

test('split in two at every octet, the same frames come', () => {
  for (let at = 0; at <= octets.length; at++) {
    expect(decoded([octets.subarray(0, at), octets.subarray(at)])).toEqual(whole)
  }
})

test('octet by octet, the same frames come', () => {
  expect(decoded([...octets].map((octet) => Buffer.of(octet)))).toEqual(whole)
})

test('split anywhere, any number of times, the same frames come', () => {
  const many = framesOf([new Uint8Array(50_000), 1, 'x'.repeat(9000), new Uint8Array(200_000), 2, 3])
  const expected = decoded([many])
  fc.assert(
    fc.property(fc.array(fc.nat(many.length), { maxLength: 40 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), many.length]
      const pieces = places.slice(1).map((end, index) => many.subarray(places[index]!, end))
      expect(Buffer.concat(decoded(pieces)).equals(Buffer.concat(expected))).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('frames left over are handed out before the next octets are taken', () => {
  const decoder = new FrameDecoder()
  decoder.push(octets)
  expect(decoder.next()).toBe(true)
  expect(Buffer.from(decoder.octets.subarray(decoder.start, decoder.end))).toEqual(whole[0])
  expect(messagesOf(decoder)).toEqual(whole.slice(1))
  decoder.push(octets)
  expect(messagesOf(decoder)).toEqual(whole)
})

test('a frame of the largest size passes, one octet more ends the stream', () => {
  const largest = Buffer.alloc(4 + limits.ipcFrameOctets, 0xc0)
  largest.writeUInt32LE(limits.ipcFrameOctets)
  expect(decoded([largest])[0]).toHaveLength(limits.ipcFrameOctets)
  const decoder = new FrameDecoder()
  largest.writeUInt32LE(limits.ipcFrameOctets + 1)
  decoder.push(largest)
  expect(messagesOf(decoder)).toEqual([])
  expect(decoder.broken).toBe('a frame of 1064961 octets; at most 1064960 are possible')
  decoder.push(octets)
  expect(messagesOf(decoder)).toEqual([])
})

test.each([0, 1, 2, 3])('a length of 4 GiB is refused, %i octets of it in the first piece', (split) => {
  const decoder = new FrameDecoder()
  const length = Buffer.from([0xff, 0xff, 0xff, 0xff])
  for (const piece of [length.subarray(0, split), length.subarray(split)]) {
    decoder.push(piece)
    expect(messagesOf(decoder)).toEqual([])
  }
  expect(decoder.broken).toMatch(/a frame of 4294967295 octets/)
})

test('a frame of no octets is refused', () => {
  const decoder = new FrameDecoder()
  decoder.push(Buffer.alloc(4))
  expect(messagesOf(decoder)).toEqual([])
  expect(decoder.broken).toBe('a frame of no octets')
})

test('frames before a bad one are handed out', () => {
  const decoder = new FrameDecoder()
  decoder.push(Buffer.concat([octets, Buffer.alloc(4)]))
  expect(messagesOf(decoder)).toEqual(whole)
  expect(decoder.broken).toBeDefined()
})

test('what was only announced takes no memory; octet by octet a frame takes little more than it is', () => {
  const announced = Buffer.alloc(5)
  announced.writeUInt32LE(limits.ipcFrameOctets)
  const before = process.memoryUsage().arrayBuffers
  const decoders = Array.from({ length: 1000 }, () => new FrameDecoder())
  for (const decoder of decoders) {
    decoder.push(Buffer.from(announced))
    messagesOf(decoder)
    expect(decoder.unfinishedOctets).toBe(5)
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024)
  const slow = decoders[0]!
  const startOctets = process.memoryUsage().arrayBuffers
  let found = 0
  for (let at = 5; at < 300_000; at++) {
    slow.push(Buffer.of(1))
    if (slow.next()) found++
  }
  expect(found).toBe(0)
  expect(slow.unfinishedOctets).toBe(300_000)
  expect(process.memoryUsage().arrayBuffers - startOctets).toBeLessThan(1024 * 1024)
})
