import { Quarantine } from '../../../../src/totem/membership/quarantine.js'

/** How long after `nowMs` node 7 is kept out. */
function blockedFor(quarantine: Quarantine, hearsUs: boolean, nowMs: number): number {
  let ms = 0
  while (quarantine.blocks(7, hearsUs, nowMs + ms)) ms += 100
  return ms
}

/** Strikes in a row, the next one as soon as the last one is over. @returns how long each keeps out */
function strikes(quarantine: Quarantine, times: number, hearsUs: boolean): number[] {
  let nowMs = 0
  return Array.from({ length: times }, () => {
    quarantine.strike(7, nowMs)
    const ms = blockedFor(quarantine, hearsUs, nowMs)
    nowMs += ms
    return ms
  })
}

describe('Quarantine', () => {
  test('nobody is kept out without a failure', () => {
    const quarantine = new Quarantine()
    expect(quarantine.blocks(7, false, 0)).toBe(false)
    expect(quarantine.active(0)).toBe(false)
  })

  test('the first failure is free, each further one in a row keeps out twice as long, with a bound', () => {
    const heard = strikes(new Quarantine(), 8, true)
    expect(heard[0]).toBe(0)
    expect(heard[1]).toBeGreaterThan(0)
    expect(heard[2]).toBe(2 * heard[1]!)
    expect(heard.at(-1)).toBe(heard.at(-2))
    expect(heard.at(-1)).toBeLessThanOrEqual(16_000)
  })

  test('one that does not say that it hears us is kept out longer', () => {
    const [heard, unheard] = [strikes(new Quarantine(), 6, true), strikes(new Quarantine(), 6, false)]
    for (let i = 1; i < 6; i++) expect(unheard[i]).toBeGreaterThan(heard[i]!)
    expect(unheard.at(-1)).toBeLessThanOrEqual(60_000)
  })

  test('it counts the failures in a row', () => {
    const quarantine = new Quarantine()
    expect([0, 1, 2].map((nowMs) => quarantine.strike(7, nowMs))).toEqual([1, 2, 3])
    expect(quarantine.strike(8, 3)).toBe(1)
  })

  test('each node has its own record', () => {
    const quarantine = new Quarantine()
    for (const nowMs of [0, 1]) quarantine.strike(7, nowMs)
    expect(quarantine.blocks(7, true, 2)).toBe(true)
    expect(quarantine.blocks(8, true, 2)).toBe(false)
  })

  test('once together it is kept out no more, and its past is forgotten only after a good while', () => {
    const quarantine = new Quarantine()
    for (const nowMs of [0, 1, 2]) quarantine.strike(7, nowMs)
    quarantine.together(7, 10)
    expect(quarantine.blocks(7, false, 11)).toBe(false)
    expect(quarantine.active(11)).toBe(false)
    // Apart again soon: the row of failures goes on.
    expect(quarantine.strike(7, 1000)).toBe(4)
    quarantine.together(7, 2000)
    quarantine.together(7, 9000)
    expect(quarantine.strike(7, 2000 + 60_000)).toBe(1)
  })

  test('while somebody is kept out, we are to be heard of', () => {
    const quarantine = new Quarantine()
    for (const nowMs of [0, 1]) quarantine.strike(7, nowMs)
    expect(quarantine.active(2)).toBe(true)
    expect(quarantine.active(1_000_000)).toBe(false)
  })
})
