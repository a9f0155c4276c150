import fc from 'fast-check'
import {
  OctetReader,
  OctetWriter,
  readU16,
  readU32,
  readU64,
  writeU16,
  writeU32,
  writeU64,
} from '../../../src/base/octets.js'

const u53 = fc.maxSafeNat()

describe('octets', () => {
  test('numbers are little-endian', () => {
    const octets = new Uint8Array(14)
    writeU16(octets, 0, 0x0201)
    writeU32(octets, 2, 0x06050403)
    writeU64(octets, 6, 0x0d_0c0b_0a09_0807)
    expect([...octets]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0])
  })

  test('every number comes back', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffff_ffff), u53, (a, b, c) => {
        const octets = new Uint8Array(14)
        writeU16(octets, 0, a)
        writeU32(octets, 2, b)
        writeU64(octets, 6, c)
        expect([readU16(octets, 0), readU32(octets, 2), readU64(octets, 6)]).toEqual([a, b, c])
      }),
    )
  })

  test('a writer grows as needed', () => {
    const out = new OctetWriter()
    for (let i = 0; i < 1000; i++) out.u64(i)
    out.bytes(new Uint8Array(5000).fill(7))
    const from = new OctetReader(out.finish())
    for (let i = 0; i < 1000; i++) expect(from.u64()).toBe(i)
    expect(from.bytes(5000)).toEqual(new Uint8Array(5000).fill(7))
    expect(from.done()).toBe(true)
  })

  test('text of more than 255 octets is refused by the writer', () => {
    expect(() => new OctetWriter().text('ä'.repeat(127))).not.toThrow()
    expect(() => new OctetWriter().text('ä'.repeat(128))).toThrow(RangeError)
  })

  test.each([
    ['a u8', (from: OctetReader) => from.u8(), 1],
    ['a u16', (from: OctetReader) => from.u16(), 2],
    ['a u32', (from: OctetReader) => from.u32(), 4],
    ['a u64', (from: OctetReader) => from.u64(), 8],
  ])('%s past the end is 0 and breaks the reader', (_, read, size) => {
    const from = new OctetReader(new Uint8Array(size - 1).fill(255))
    expect(read(from)).toBe(0)
    expect(from.broken).toBe(true)
    expect(from.u8()).toBe(0)
    expect(from.done()).toBe(false)
  })

  test('a u64 that a number cannot hold breaks the reader', () => {
    const octets = new Uint8Array(16)
    writeU64(octets, 0, Number.MAX_SAFE_INTEGER)
    writeU64(octets, 8, 2 ** 53)
    const from = new OctetReader(octets)
    expect(from.u64()).toBe(Number.MAX_SAFE_INTEGER)
    expect(from.broken).toBe(false)
    expect(from.u64()).toBe(0)
    expect(from.broken).toBe(true)
  })

  test('a count is refused when it is over the limit or when its items cannot be there', () => {
    const read = (value: number, limit: number, itemOctets: number): OctetReader => {
      const octets = new Uint8Array(2 + 12)
      writeU16(octets, 0, value)
      const from = new OctetReader(octets)
      from.count(limit, itemOctets)
      return from
    }
    expect(read(3, 3, 4).broken).toBe(false)
    expect(read(3, 2, 4).broken).toBe(true)
    expect(read(4, 100, 4).broken).toBe(true)
  })

  test.each([
    ['nothing', []],
    ['octets that are not UTF-8', [0xc3, 0x28]],
    ['a line break', [0x61, 0x0a, 0x62]],
    ['a terminal escape', [0x1b, 0x5b, 0x32, 0x4a]],
    ['a C1 control character', [0xc2, 0x9b]],
  ])('%s is no text', (_, octets) => {
    const from = new OctetReader(Uint8Array.of(octets.length, ...octets))
    expect(from.text()).toBe('')
    expect(from.broken).toBe(true)
  })

  test('octets left over are not done', () => {
    const from = new OctetReader(Uint8Array.of(1, 2))
    from.u8()
    expect(from.done()).toBe(false)
    from.u8()
    expect(from.done()).toBe(true)
  })
})
