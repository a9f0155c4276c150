import fc from 'fast-check'
import { Packr, Unpackr } from 'msgpackr'
import { limits } from '../../../src/base/index.js'
import { EncodingError, FrameWriter, MessageReader, writeRequest } from '../../../src/ipc/index.js'

// Against another implementation: what other languages read and write is what counts.
const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({
  useRecords: false,
  mapsAsObjects: true,
  copyBuffers: true,
})

/** The message of a request with these params, as we write it. */
function written(params: unknown): Buffer {
  const writer = new FrameWriter()
  writeRequest(writer, 1, 'a.b', params)
  const octets = writer.take(Infinity).map(({ block, octets: length }) => block.subarray(0, length))
  return Buffer.concat(octets).subarray(4)
}

/** The params of a request, as we read them. Lies at an offset, as it does in a chunk of a stream. */
function read(message: Uint8Array): unknown {
  const reader = new MessageReader()
  const chunk = Buffer.concat([Buffer.from('xx'), message, Buffer.from('yyy')])
  if (!reader.read(chunk, 2, 2 + message.length)) throw new Error(reader.problem)
  return reader.body
}

/** The message of a request whose params are these octets. */
function requestWith(...params: (number | number[])[]): Buffer {
  return Buffer.from([0x94, 1, 1, 0xa3, 0x61, 0x2e, 0x62, ...params.flat()])
}

const key = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__proto__')
const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.integer({ min: -40_000, max: 70_000 }),
  fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  fc.bigInt({ min: 2n ** 53n + 1n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) - 1n }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  fc.uint8Array({ maxLength: 300 }),
)
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc.array(tie('tree'), { maxLength: 20 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 20, noNullPrototype: true }),
  ),
}))

test('what we write another implementation reads, and we read it back', () => {
  fc.assert(
    fc.property(tree, (value) => {
      const message = written(value)
      expect(plain(unpackr.unpack(message))).toEqual([1, 1, 'a.b', plain(value)])
      expect(plain(read(message))).toEqual(plain(value))
    }),
    { numRuns: 500 },
  )
})

test('what another implementation writes we read', () => {
  fc.assert(
    fc.property(tree, (value) => {
      expect(plain(read(packr.pack([1, 1, 'a.b', value])))).toEqual(plain(value))
    }),
    { numRuns: 500 },
  )
})

/** Octets as one and the same type, whatever array carried them; integers that a number holds as one. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { octets: Buffer.from(value).toString('hex') }
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, content]) => [name, plain(content)]))
}

test.each([
  0,
  1,
  127,
  128,
  255,
  256,
  65_535,
  65_536,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  -1,
  -32,
  -33,
  -128,
  -129,
  -32_768,
  -32_769,
  -(2 ** 31),
  -(2 ** 31) - 1,
  -(2 ** 53) + 1,
  1.5,
  2 ** 60,
  Infinity,
  NaN,
])('the number %p stays what it is', (value) => {
  expect(read(written(value))).toBe(value)
  expect(plain(unpackr.unpack(written(value)))).toEqual([1, 1, 'a.b', value])
})

test.each([2n ** 53n, 2n ** 64n - 1n, -(2n ** 63n), -(2n ** 53n)])(
  'the integer %p stays what it is',
  (value) => {
    expect(read(written(value))).toBe(value)
  },
)

test('an integer that a number holds exactly is read as one, however it was written', () => {
  expect(read(written(5n))).toBe(5)
  expect(read(written(-5n))).toBe(-5)
  expect(read(requestWith(0xcf, [0, 0, 0, 0, 0, 0, 0, 7]))).toBe(7)
})

test.each([31, 32, 255, 256, 65_535, 65_536])('text and octets of %i octets stay what they are', (length) => {
  expect(read(written('x'.repeat(length)))).toBe('x'.repeat(length))
  expect(read(written(new Uint8Array(length).fill(7)))).toEqual(new Uint8Array(length).fill(7))
  expect(read(written('é'.repeat(length)))).toBe('é'.repeat(length))
})

test.each([15, 16, 8000])('arrays and maps of %i stay what they are', (length) => {
  const array = Array.from({ length }, (_, index) => index)
  const map = Object.fromEntries(array.map((index) => [`key ${index}`, index]))
  expect(read(written(array))).toEqual(array)
  expect(read(written(map))).toEqual(map)
})

test('nothing is undefined but nil, and octets are a plain array of them', () => {
  expect(read(written([undefined, { a: undefined }]))).toEqual([null, { a: null }])
  expect((read(written(Buffer.from('ab'))) as object).constructor).toBe(Uint8Array)
})

test('few octets of a large chunk do not keep it alive', () => {
  const small = read(written([new Uint8Array(1000), 'x'.repeat(200_000)])) as Uint8Array[]
  expect(small[0]!.buffer.byteLength).toBe(1000)
  const large = read(written(new Uint8Array(200_000))) as Uint8Array
  expect(large.buffer.byteLength).toBeGreaterThan(200_000)
})

test.each<[string, unknown]>([
  ['a function', () => undefined],
  ['a symbol', Symbol('x')],
  ['a Map', new Map()],
  ['a Set', new Set()],
  ['a Date', new Date(0)],
  ['other arrays of numbers', new Float64Array(2)],
  ['an integer of more than 64 bits', 2n ** 64n],
  ['a negative one', -(2n ** 63n) - 1n],
])('%s cannot be sent', (_, value) => {
  expect(() => written([value])).toThrow(EncodingError)
})

test('what goes round in circles, is nested too deep, has too many values or octets cannot be sent', () => {
  const circle: unknown[] = []
  circle.push(circle)
  expect(() => written(circle)).toThrow(/nested more than 32 deep/)
  expect(() => written(new Array(limits.ipcMessageValues).fill(0))).toThrow(/more than 16384 values/)
  expect(() => written(new Uint8Array(limits.ipcFrameOctets))).toThrow(/at most|more than/)
  expect(() => written(['x'.repeat(limits.ipcFrameOctets), 1])).toThrow(EncodingError)
})

test('after a value that cannot be sent the writer goes on as if nothing had been', () => {
  const writer = new FrameWriter()
  writeRequest(writer, 1, 'first', null)
  for (const bad of [Symbol('x'), [1, 'x'.repeat(5000), () => 1], new Uint8Array(limits.ipcFrameOctets)]) {
    expect(() => writeRequest(writer, 2, 'bad', bad)).toThrow(EncodingError)
  }
  writeRequest(writer, 3, 'second', null)
  const expected = new FrameWriter()
  writeRequest(expected, 1, 'first', null)
  writeRequest(expected, 3, 'second', null)
  expect(writer.waitingOctets).toBe(expected.waitingOctets)
  expect(octetsOf(writer)).toEqual(octetsOf(expected))
})

function octetsOf(writer: FrameWriter): Buffer {
  return Buffer.concat(writer.take(Infinity).map(({ block, octets }) => block.subarray(0, octets)))
}

test('as much as the writer lets through the reader takes', () => {
  const many = new Array(limits.ipcMessageValues - 6).fill(0)
  expect(read(written(many))).toEqual(many)
  const most = new Uint8Array(limits.ipcFrameOctets - 20)
  expect(read(written(most))).toEqual(most)
  let deep: unknown = 1
  for (let depth = 0; depth < limits.ipcMessageDepth; depth++) deep = depth % 2 === 0 ? [deep] : { deep }
  expect(read(written(deep))).toEqual(deep)
})

describe('hostile octets are refused', () => {
  test.each<[string, Buffer, RegExp]>([
    ['an array of 4 billion', requestWith(0xdd, [255, 255, 255, 255]), /shorter than its arrays/],
    ['a map of 4 billion', requestWith(0xdf, [255, 255, 255, 255]), /shorter than its arrays/],
    ['octets of 4 GiB', requestWith(0xc6, [255, 255, 255, 255]), /in the middle of a value/],
    ['text of 4 GiB', requestWith(0xdb, [255, 255, 255, 255]), /in the middle of a value/],
    ['an array of 65,535', requestWith(0xdc, [255, 255], 1, 2, 3), /shorter than its arrays/],
    ['nesting', requestWith(new Array(100_000).fill(0x91)), /nested more than 32 deep/],
    ['nesting of maps', requestWith(new Array(50_000).fill([0x81, 0xa0]).flat()), /nested more than 32 deep/],
    ['an extension', requestWith(0xd4, 0x72, 1), /begins no value/],
    ['an extension of 8 bits', requestWith(0xc7, 1, 0xff, 0), /begins no value/],
    ['a timestamp', requestWith(0xd6, 0xff, 0, 0, 0, 0), /begins no value/],
    ['the octet nobody uses', requestWith(0xc1), /begins no value/],
    ['a key that is a number', requestWith(0x81, 1, 1), /key of a map is not text/],
    ['a key that is a map', requestWith(0x81, 0x80, 1), /key of a map is not text/],
    ['__proto__ as a key', requestWith(0x81, 0xa9, [...Buffer.from('__proto__')], 0x80), /__proto__/],
    ['text that is not UTF-8', requestWith(0xa2, 0xc3, 0x28), /not UTF-8/],
    ['long text that is not UTF-8', requestWith(0xd9, 200, new Array(200).fill(0xff)), /not UTF-8/],
    ['a lone surrogate', requestWith(0xa3, 0xed, 0xa0, 0x80), /not UTF-8/],
    ['nothing where params are', requestWith(), /in the middle of a value/],
    ['half an integer', requestWith(0xce, 1, 2), /in the middle of a value/],
    ['two values', requestWith(1, 2), /behind its end/],
  ])('%s', (_, message, problem) => {
    expect(() => read(message)).toThrow(problem)
  })

  test('a replacement character that was sent is text like any other', () => {
    expect(read(written('a\ufffdb'))).toBe('a\ufffdb')
  })

  test('more values than a message may have', () => {
    const octets = [0xdd, [0, 0, 255, 255], new Array(65_535).fill(0)].flat()
    expect(() => read(requestWith(octets))).toThrow(/more than 16384 values/)
  })

  test('whatever octets there are, reading ends and throws nothing', () => {
    const reader = new MessageReader()
    const mutated = fc.tuple(tree, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat())
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (drawn) => {
        let octets: Buffer
        if (drawn instanceof Uint8Array) octets = Buffer.from(drawn)
        else {
          const [value, changes, cut] = drawn
          octets = written(value)
          for (const [at, octet] of changes) octets[at % octets.length] = octet
          if (cut % 2 === 0) octets = octets.subarray(0, cut % (octets.length + 1))
        }
        const isRead = reader.read(octets, 0, octets.length)
        expect(isRead || reader.problem !== '').toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})
