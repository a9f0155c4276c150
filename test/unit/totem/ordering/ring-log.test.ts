import { limits } from '../../../../src/base/index.js'
import { LOG_FRAMES, RingLog } from '../../../../src/totem/ordering/ring-log.js'
import { frameOf, incarnationOf, member, OLD, ringOf } from './frames.js'

describe('RingLog', () => {
  test('"received" stops before a hole and jumps when it is filled', () => {
    const log = ringOf([1, 2])
    for (const sequence of [1, 2, 4, 5]) expect(log.store(frameOf(sequence, 1))).toBe(true)
    expect([log.received, log.highest]).toEqual([2, 5])
    expect(log.missing(5, 10)).toEqual([3])
    log.store(frameOf(3, 2))
    expect([log.received, log.highest]).toEqual([5, 5])
    expect(log.missing(5, 10)).toEqual([])
  })

  test('a frame is taken once, the first of a number stays', () => {
    const log = ringOf([1, 2])
    const first = frameOf(2, 1)
    expect(log.store(first)).toBe(true)
    expect(log.store(frameOf(2, 2))).toBe(false)
    expect(log.get(2)).toBe(first)
    log.store(frameOf(1, 1))
    expect(log.store(frameOf(1, 1))).toBe(false)
  })

  test('"missing" asks for no more than was allowed, lowest first, nothing beyond the limit', () => {
    const log = ringOf([1, 2])
    log.store(frameOf(9, 1))
    expect(log.missing(20, 3)).toEqual([1, 2, 3])
    expect(log.missing(2, 10)).toEqual([1, 2])
    expect(log.missing(20, 100)).toHaveLength(19)
  })

  test('a frame is kept until it is both delivered here and received everywhere', () => {
    const log = ringOf([1, 2])
    for (let sequence = 1; sequence <= 4; sequence++) log.store(frameOf(sequence, 1))
    log.delivered = 3
    log.markSafe(2)
    expect([1, 2, 3, 4].map((sequence) => log.get(sequence) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
    ])
    log.markSafe(4)
    expect(log.get(3)).toBeUndefined()
    expect(log.get(4)).toBeDefined()
    log.delivered = 4
    log.release()
    expect(log.get(4)).toBeUndefined()
  })

  test('a released number is not taken again', () => {
    const log = ringOf([1])
    log.store(frameOf(1, 1))
    log.delivered = 1
    log.markSafe(1)
    expect(log.store(frameOf(1, 1))).toBe(false)
    expect(log.get(1)).toBeUndefined()
  })

  test('"safe" never goes back and never beyond what is here', () => {
    const log = ringOf([1, 2])
    log.store(frameOf(1, 1))
    log.store(frameOf(2, 1))
    log.markSafe(2)
    log.markSafe(1)
    expect(log.safe).toBe(2)
    log.markSafe(50)
    expect(log.safe).toBe(2)
  })

  test('numbers outside of what can be outstanding are refused: they bound the memory', () => {
    const log = ringOf([1])
    expect(log.store(frameOf(LOG_FRAMES, 1))).toBe(true)
    expect(log.store(frameOf(LOG_FRAMES + 1, 1))).toBe(false)
    expect(log.store(frameOf(0, 1))).toBe(false)
    expect(log.highest).toBe(LOG_FRAMES)
  })

  test('the window moves on with what is released, round and round', () => {
    const log = ringOf([1])
    for (let sequence = 1; sequence <= 3 * LOG_FRAMES; sequence++) {
      expect(log.store(frameOf(sequence, 1))).toBe(true)
      log.delivered = sequence
      log.markSafe(sequence)
    }
    expect(log.received).toBe(3 * LOG_FRAMES)
    expect(log.get(2 * LOG_FRAMES)).toBeUndefined()
  })

  test('it counts on near the end of the numbers', () => {
    const first = limits.messageSequenceMax - 10
    const log = ringOf([1], OLD, first)
    for (let i = 1; i <= 10; i++) expect(log.store(frameOf(first + i, 1))).toBe(true)
    expect(log.received).toBe(limits.messageSequenceMax)
    expect(log.missing(limits.messageSequenceMax, 5)).toEqual([])
  })

  test('a member is a node in one life', () => {
    const log = new RingLog(OLD, [2, 5, 9].map(member), 0, 17)
    expect([2, 5, 9, 7].map((nodeId) => log.indexOf(nodeId))).toEqual([0, 1, 2, -1])
    expect(log.memberOf(5)?.name).toBe('n5')
    expect(log.memberOf(7)).toBeUndefined()
    expect(log.has({ nodeId: 5, incarnation: incarnationOf(5) })).toBe(true)
    expect(log.has({ nodeId: 5, incarnation: incarnationOf(5) + 1 })).toBe(false)
    expect(log.heardAtMs).toEqual([17, 17, 17])
  })
})
