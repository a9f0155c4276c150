import { seededRandom } from '../../../src/base/index.js'

describe('seededRandom', () => {
  test('the same seed gives the same sequence, another seed another', () => {
    const draw = (seed: number): number[] => {
      const random = seededRandom(seed)
      return Array.from({ length: 8 }, () => random.below(1_000_000))
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  test('seeds that differ only above 32 bits differ', () => {
    expect(seededRandom(1).next()).not.toBe(seededRandom(1 + 2 ** 32).next())
  })

  test('below() stays in range and reaches every value', () => {
    const random = seededRandom(3)
    const seen = new Set(Array.from({ length: 500 }, () => random.below(6)))
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5])
  })
})
