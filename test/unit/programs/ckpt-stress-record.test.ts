import fc from 'fast-check'
import { claimOf, fillPattern, isWrite } from '../../../src/programs/ckpt-stress-pattern.js'
import { WriteRecord } from '../../../src/programs/ckpt-stress-record.js'

function payload(writer: number, sequence: number, size = 100): Buffer {
  const octets = Buffer.alloc(size)
  fillPattern(octets, writer, sequence)
  return octets
}

describe('the pattern of a write', () => {
  test('says which write of whom it is, and covers every octet', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4095 }),
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.integer({ min: 8, max: 300 }),
        fc.nat(),
        (writer, sequence, size, at) => {
          const octets = payload(writer, sequence, size)
          expect(claimOf(octets)).toEqual({ writer, sequence })
          expect(isWrite(octets, size, writer, sequence)).toBe(true)
          octets[at % size] ^= 0x10
          expect(isWrite(octets, size, writer, sequence)).toBe(false)
        },
      ),
    )
  })

  test('differs from write to write in both halves of every 16 octets', () => {
    const [one, two] = [payload(3, 7), payload(3, 8)]
    for (let from = 0; from + 8 <= one.length; from += 8) {
      expect(one.subarray(from, from + 8).equals(two.subarray(from, from + 8))).toBe(false)
    }
  })
})

describe('what a section may hold', () => {
  test('is what it began with, until a write is acknowledged', () => {
    const record = new WriteRecord(1)
    expect(record.check(payload(1, 0), 100)).toBeNull()
    record.acknowledge(1)
    expect(record.check(payload(1, 1), 100)).toBeNull()
    expect(record.check(payload(1, 0), 100)).toBe('it holds write 0; the last one acknowledged is 1')
  })

  test('is the last write acknowledged, in whatever order that was told', () => {
    const record = new WriteRecord(1)
    for (const sequence of [2, 1, 3]) record.acknowledge(sequence)
    expect([1, 2, 3, 4].map((sequence) => record.allows(sequence))).toEqual([false, false, true, false])
  })

  test('is also a later write whose outcome is not known, until the next acknowledged one', () => {
    const record = new WriteRecord(1)
    record.acknowledge(4)
    for (const sequence of [3, 5, 6]) record.leaveOpen(sequence)
    const allowed = (): boolean[] => [3, 4, 5, 6, 7].map((sequence) => record.allows(sequence))
    expect(allowed()).toEqual([false, true, true, true, false])
    expect(record.check(payload(1, 7), 100)).toBe(
      'it holds write 7; the last one acknowledged is 4; unknown: 5, 6',
    )
    record.acknowledge(7)
    expect(allowed()).toEqual([false, false, false, false, true])
    expect(record.hasUnknown).toBe(false)
  })

  test('of those that are not known, those behind the acknowledged one stay open', () => {
    const record = new WriteRecord(1)
    for (const sequence of [1, 2, 3]) record.leaveOpen(sequence)
    record.acknowledge(2)
    expect([1, 2, 3].map((sequence) => record.allows(sequence))).toEqual([false, true, true])
  })

  test('is any earlier write once the one replica that was waited for is gone', () => {
    const record = new WriteRecord(1)
    record.acknowledge(9)
    record.fallBack()
    expect([0, 5, 9, 10].map((sequence) => record.allows(sequence))).toEqual([true, true, true, false])
    record.acknowledge(10)
    expect(record.allows(9)).toBe(false)
  })

  test('is one write as a whole', () => {
    const record = new WriteRecord(1)
    record.acknowledge(2)
    const torn = Buffer.concat([payload(1, 2).subarray(0, 48), payload(1, 1).subarray(48)])
    expect(record.check(torn, 100)).toBe('it begins like write 2 of writer 1 and does not go on so')
    expect(record.check(payload(2, 2), 100)).toBe(
      'it begins like write 2 of writer 2 and does not go on so, in the section of writer 1',
    )
    expect(record.check(payload(1, 2, 99), 100)).toBe('it has 99 octets instead of 100')
  })

  test('is told of payloads too small to say which write they are', () => {
    const record = new WriteRecord(1)
    record.acknowledge(300)
    record.leaveOpen(301)
    expect(record.check(payload(1, 300, 1), 1)).toBeNull()
    expect(record.check(payload(1, 301, 1), 1)).toBeNull()
    expect(record.check(payload(1, 299, 1), 1)).toBe(
      'its 1 octets are those of no write it may hold; the last one acknowledged is 300; unknown: 301',
    )
    record.fallBack()
    expect(record.check(payload(1, 299, 1), 1)).toBeNull()
  })
})
