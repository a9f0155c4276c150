import fc from 'fast-check'
import { limits } from '../../../../src/base/index.js'
import {
  Assembler,
  chunkHeaderOctets,
  DATA_HEADER_OCTETS,
  FLAG_RECOVERY,
  FLAG_SAFE,
  guaranteeOf,
  innerFrame,
  readDataFrame,
  writeChunkHeader,
  writeDataHeader,
  type DataFrame,
} from '../../../../src/totem/wire/data-frame.js'
import { clusterHash, FrameKind, sealFrame } from '../../../../src/totem/wire/header.js'
import { writeU64 } from '../../../../src/base/octets.js'
import { checksum } from './checksum.js'

const ringId = { representative: 1, sequence: 1_790_000_000_000 }
const origin = { clusterHash: clusterHash('home'), nodeId: 2, incarnation: 5 }

interface Chunk {
  readonly octets: Uint8Array
  readonly total: number
  readonly first: boolean
  readonly last: boolean
}

function frameOf(chunks: readonly Chunk[], sequence = 1, flags = 0): Uint8Array {
  const size = chunks.reduce((sum, { first, last, octets }) => {
    return sum + chunkHeaderOctets(first, last) + octets.length
  }, DATA_HEADER_OCTETS)
  const frame = new Uint8Array(size)
  writeDataHeader(frame, ringId, sequence)
  let at = DATA_HEADER_OCTETS
  for (const { octets, total, first, last } of chunks) {
    at = writeChunkHeader(frame, at, octets.length, total, first, last)
    frame.set(octets, at)
    at += octets.length
  }
  sealFrame(frame, origin, FrameKind.data, flags, sequence, checksum)
  return frame
}

function read(octets: Uint8Array, flags = 0): DataFrame | null {
  return readDataFrame(octets, origin.nodeId, origin.incarnation, flags)
}

const whole = (octets: Uint8Array): Chunk => ({ octets, total: octets.length, first: true, last: true })

/** A message cut into chunks, each ending a frame of its own. */
function cut(message: Uint8Array, chunkOctets: number): Chunk[] {
  const pieces = Math.max(1, Math.ceil(message.length / chunkOctets))
  return Array.from({ length: pieces }, (_, index) => ({
    octets: message.subarray(index * chunkOctets, (index + 1) * chunkOctets),
    total: message.length,
    first: index === 0,
    last: index === pieces - 1,
  }))
}

function take(assembler: Assembler, octets: Uint8Array): Uint8Array[] {
  const delivered: Uint8Array[] = []
  assembler.take(read(octets)!, (payload) => delivered.push(payload))
  return delivered
}

describe('data frames', () => {
  test('the header comes back', () => {
    const octets = frameOf([whole(Uint8Array.of(1, 2, 3))], 2 ** 52, FLAG_SAFE)
    expect(read(octets, FLAG_SAFE)).toEqual({
      octets,
      sender: 2,
      incarnation: 5,
      representative: 1,
      ringSequence: ringId.sequence,
      sequence: 2 ** 52,
      safe: true,
      recovery: false,
    })
    expect(guaranteeOf(read(octets, FLAG_SAFE)!)).toBe('safe')
    expect(guaranteeOf(read(octets)!)).toBe('agreed')
  })

  test('small messages share a frame and come out in order', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 20 }), (messages) => {
        expect(take(new Assembler(), frameOf(messages.map(whole)))).toEqual(messages)
      }),
    )
  })

  test('a large message comes out whole, once, with its last chunk', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 3000 }), fc.nat(300), (message, extra) => {
        const assembler = new Assembler()
        const frames = cut(message, 1 + extra).map((chunk, index) => frameOf([chunk], index + 1))
        const delivered = frames.map((frame) => take(assembler, frame))
        expect(delivered.slice(0, -1).flat()).toEqual([])
        expect(delivered[delivered.length - 1]).toEqual([message])
      }),
    )
  })

  test('messages of several senders do not mix', () => {
    const assembler = new Assembler()
    const [first, last] = cut(Uint8Array.of(1, 2, 3, 4), 2).map((chunk) => frameOf([chunk]))
    const delivered: Uint8Array[] = []
    const deliver = (payload: Uint8Array): void => void delivered.push(payload)
    assembler.take(readDataFrame(first, 8, 1, 0)!, deliver)
    assembler.take(readDataFrame(last, 9, 1, 0)!, deliver)
    expect(delivered).toEqual([])
    assembler.take(readDataFrame(last, 8, 1, 0)!, deliver)
    expect(delivered).toEqual([Uint8Array.of(1, 2, 3, 4)])
  })

  const body = (...octets: number[]): Uint8Array => {
    const frame = new Uint8Array(DATA_HEADER_OCTETS + octets.length)
    writeDataHeader(frame, ringId, 1)
    frame.set(octets, DATA_HEADER_OCTETS)
    return frame
  }
  const u32 = (value: number): number[] =>
    [value, value >>> 8, value >>> 16, value >>> 24].map((o) => o & 255)

  test.each([
    ['no chunk', []],
    ['half a chunk header', [1, 0]],
    ['a chunk longer than the frame', [5, 0, 3, 1, 2]],
    ['unknown chunk flags', [1, 0, 4, 9]],
    ['a beginning without its total', [0, 0, 1]],
    ['a total that its first chunk reaches', [1, 0, 1, ...u32(1), 9]],
    ['a total over the limit', [1, 0, 1, ...u32(limits.messageOctets + 1), 9]],
    ['something behind an unfinished message', [1, 0, 1, ...u32(5), 9, 1, 0, 3, 9]],
    ['a tail of one octet', [1, 0, 3, 9, 1]],
    ['nothing but padding', [0, 0, 0, 0, 0]],
  ])('a frame with %s is malformed', (_, octets) => {
    expect(read(body(...octets))).toBeNull()
  })

  test.each([[[0]], [[0, 0]], [[0, 0, 0]], [[0, 0, 0, 7, 7]]])(
    'padding behind the last chunk, %j, is fine',
    (padding) => {
      const frame = read(body(1, 0, 3, 9, ...padding))
      const payloads: number[][] = []
      new Assembler().take(frame!, (payload) => payloads.push([...payload]))
      expect(payloads).toEqual([[9]])
    },
  )

  test('a total at the limit is fine', () => {
    expect(read(body(1, 0, 1, ...u32(limits.messageOctets), 9))).not.toBeNull()
  })

  test.each([
    [40, limits.ringSequenceMax + 1],
    [48, limits.messageSequenceMax + 1],
    [48, Number.MAX_SAFE_INTEGER],
  ])('a number over its limit at octet %d is malformed', (at, value) => {
    const frame = body(1, 0, 3, 9)
    writeU64(frame, at, value)
    expect(read(frame)).toBeNull()
  })

  test('chunks without a beginning, or longer than announced, deliver nothing', () => {
    const assembler = new Assembler()
    expect(take(assembler, body(1, 0, 2, 9))).toEqual([])
    expect(take(assembler, body(1, 0, 1, ...u32(3), 9))).toEqual([])
    expect(take(assembler, body(4, 0, 2, 9, 9, 9, 9))).toEqual([])
    expect(take(assembler, body(1, 0, 2, 9))).toEqual([])
  })

  test('a recovery frame carries a whole frame; nothing else opens as one', () => {
    const inner = frameOf([whole(Uint8Array.of(4, 5, 6))], 17)
    const outer = new Uint8Array(DATA_HEADER_OCTETS + inner.length)
    writeDataHeader(outer, { representative: 1, sequence: ringId.sequence + 1 }, 1)
    outer.set(inner, DATA_HEADER_OCTETS)
    const frame = read(outer, FLAG_RECOVERY)!
    expect(frame.recovery).toBe(true)
    expect(innerFrame(frame, origin.clusterHash, checksum)).toMatchObject({ sequence: 17, sender: 2 })
    expect(innerFrame(frame, origin.clusterHash + 1, checksum)).toBeNull()
    outer[outer.length - 1]! ^= 1
    expect(innerFrame(frame, origin.clusterHash, checksum)).toBeNull()
    const control = inner.slice()
    sealFrame(control, origin, FrameKind.join, 0, 1, checksum)
    outer.set(control, DATA_HEADER_OCTETS)
    expect(innerFrame(frame, origin.clusterHash, checksum)).toBeNull()
  })

  test('whatever the octets are, what is accepted can be taken', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(3), (octets, flags) => {
        const frame = read(body(...octets), flags & ~FLAG_RECOVERY)
        if (!frame) return
        const assembler = new Assembler()
        const taken = (): void => assembler.take(frame, (payload) => expect(payload.length).toBeLessThan(60))
        expect(taken).not.toThrow()
      }),
      { numRuns: 2000 },
    )
  })
})
