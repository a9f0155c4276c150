/** A seeded generator: the same seed gives the same sequence on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform integer in [0, bound). */
  below(bound: number): number
  /** True with the given probability. */
  chance(probability: number): boolean
  /** One element, uniformly. */
  pick<T>(items: readonly T[]): T
}

/** sfc32 (Chris Doty-Humphrey's Small Fast Counting generator, 32 bit), seeded by one number. */
export function seededRandom(seed: number): Random {
  let a = seed >>> 0
  let b = Math.floor(seed / 0x1_0000_0000) >>> 0
  let c = 0x9e3779b9
  let counter = 1
  const nextU32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let i = 0; i < 12; i++) nextU32()
  const below = (bound: number): number => Math.floor((nextU32() / 0x1_0000_0000) * bound)
  return {
    next: () => nextU32() / 0x1_0000_0000,
    below,
    chance: (probability) => nextU32() / 0x1_0000_0000 < probability,
    pick: (items) => items[below(items.length)]!,
  }
}
