import { limits } from '../../../../src/base/index.js'
import { RingSequences } from '../../../../src/totem/membership/ring-sequences.js'
import { portOf } from '../port.js'

/** A process that started at `first` with a block of numbers reserved. */
function started(first: number): { sequences: RingSequences; asked: number[] } {
  const asked: number[] = []
  const port = portOf({ reserve: (sequence) => asked.push(sequence) })
  return { sequences: new RingSequences(port, first, first + limits.ringSequenceBlock), asked }
}

describe('RingSequences', () => {
  test('a number is used once, and none below it after that', () => {
    const { sequences } = started(1000)
    expect(sequences.use(1000)).toBe(false)
    expect(sequences.use(1002)).toBe(true)
    expect(sequences.use(1002)).toBe(false)
    expect(sequences.use(1001)).toBe(false)
    expect(sequences.highest).toBe(1002)
  })

  test('a number that is not durable as reserved is not used until it is', () => {
    const { sequences, asked } = started(1000)
    const far = 1000 + limits.ringSequenceBlock + 1
    expect(sequences.use(far)).toBe(false)
    expect(sequences.highest).toBe(1000)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toBeGreaterThanOrEqual(far)
    sequences.onReserved(far - 1)
    expect(sequences.use(far)).toBe(false)
    sequences.onReserved(asked[0]!)
    expect(sequences.use(far)).toBe(true)
  })

  test('the next block is asked for before the present one ends, once', () => {
    const { sequences, asked } = started(0)
    let refused = 0
    for (let sequence = 1; sequence <= limits.ringSequenceBlock; sequence++)
      if (!sequences.use(sequence)) refused++
    expect(refused).toBe(0)
    expect(asked).toHaveLength(1)
    sequences.onReserved(asked[0]!)
    expect(sequences.use(limits.ringSequenceBlock + 1)).toBe(true)
  })

  test('what the disk says late does not take back what it said', () => {
    const { sequences } = started(0)
    sequences.onReserved(10)
    expect(sequences.use(limits.ringSequenceBlock)).toBe(true)
  })

  test('numbers of any wall clock are believed, a leap beyond it is not', () => {
    const { sequences } = started(1_790_000_000_000)
    expect(sequences.believable(1, 0)).toBe(true)
    expect(sequences.believable(4_000_000_000_000, 0)).toBe(true)
    expect(sequences.believable(2 ** 50, 0)).toBe(false)
    expect(sequences.believable(limits.ringSequenceMax, 0)).toBe(false)
  })

  test('forged leaps cannot use up the numbers within years: they get on step by step at most', () => {
    const { sequences } = started(1_790_000_000_000)
    const hourMs = 3_600_000
    for (let nowMs = 0; nowMs < hourMs; nowMs += 10) sequences.believable(2 ** 51, nowMs)
    expect(sequences.believable(2 ** 51, hourMs)).toBe(false)
  })

  test('whoever honestly is far ahead is believed in time', () => {
    const { sequences } = started(1_790_000_000_000)
    const far = 2 ** 42 + 5 * 2 ** 32
    let nowMs = 0
    while (!sequences.believable(far, nowMs) && nowMs < 60_000) nowMs += 100
    expect(nowMs).toBeGreaterThan(0)
    expect(nowMs).toBeLessThan(60_000)
  })
})
