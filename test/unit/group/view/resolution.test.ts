import fc from 'fast-check'
import { Lineage, type Epoch } from '../../../../src/group/view/lineage.js'
import { resolve, type Claim } from '../../../../src/group/view/resolution.js'

const regular = (sequence: number): Epoch => {
  return { ringId: { representative: 1, sequence }, transitional: false, group: 0 }
}

function way(...sequences: number[]): Lineage {
  const lineage = new Lineage()
  for (const sequence of sequences) lineage.advance(regular(sequence), 1)
  return lineage
}

const claim = (nodeId: number, lineage: Lineage | null, more: Partial<Claim> = {}): Claim => {
  return { nodeId, lineage, since: lineage?.origin ?? 0, quorate: true, ...more }
}

const winners = (claims: readonly Claim[]): readonly number[] | undefined => resolve(claims).winner?.members
const losers = (claims: readonly Claim[]): (readonly number[])[] => {
  return resolve(claims).conflicts.map(({ members }) => members)
}

describe('whose state a view goes on with', () => {
  test('nobody has anything: all begin empty', () => {
    expect(resolve([claim(1, null), claim(2, new Lineage())])).toEqual({ winner: null, conflicts: [] })
  })

  test('emptiness never beats content, however many are empty', () => {
    expect(winners([claim(1, null), claim(2, new Lineage()), claim(3, way(10))])).toEqual([3])
  })

  test('who holds the same speaks with one voice, that of the lowest node id', () => {
    const { winner, conflicts } = resolve([claim(3, way(10)), claim(2, way(10)), claim(1, null)])
    expect(winner).toMatchObject({ speaker: 2, members: [2, 3] })
    expect(conflicts).toEqual([])
  })

  test('the longer history is kept, without a conflict', () => {
    const claims = [claim(1, way(10)), claim(2, way(10)), claim(3, way(10, 20))]
    expect(winners(claims)).toEqual([3])
    expect(losers(claims)).toEqual([])
  })

  test('both changed: the side with quorum, against more members', () => {
    const minority = { quorate: false }
    const claims = [claim(1, way(10, 20), minority), claim(2, way(10, 20), minority), claim(3, way(10, 21))]
    expect(winners(claims)).toEqual([3])
    expect(losers(claims)).toEqual([[1, 2]])
  })

  test('both changed: the larger side', () => {
    const claims = [claim(1, way(10, 20)), claim(2, way(10, 21)), claim(3, way(10, 21))]
    expect(winners(claims)).toEqual([2, 3])
  })

  test('both changed: members that came after the split do not count', () => {
    const late = { since: 21 }
    const claims = [claim(1, way(10, 20)), claim(2, way(10, 21), late), claim(3, way(10, 21), late)]
    expect(winners(claims)).toEqual([1])
    expect(losers(claims)).toEqual([[2, 3]])
  })

  test('two of three restart together, apart from the third, and change something', () => {
    const claims = [claim(1, way(20)), claim(2, way(20)), claim(3, way(10, 15))]
    expect(winners(claims)).toEqual([3])
    expect(losers(claims)).toEqual([[1, 2]])
  })

  test('both changed, as many each: the lower representative', () => {
    expect(winners([claim(2, way(10, 20)), claim(1, way(10, 21))])).toEqual([1])
  })

  test('three sides that all changed, one older copy, one empty member', () => {
    const claims = [
      claim(1, way(10, 20)),
      claim(2, way(10, 21)),
      claim(3, way(10, 22)),
      claim(4, way(10)),
      claim(5, null),
    ]
    expect(winners(claims)).toEqual([1])
    expect(losers(claims)).toEqual([[2], [3]])
  })

  test('is a function of the claims alone, whatever their order, and loses nobody', () => {
    const ways = [null, new Lineage(), way(10), way(10, 20), way(10, 21), way(10, 20, 30), way(40)]
    const drawn = fc.record({
      lineage: fc.constantFrom(...ways),
      since: fc.constantFrom(0, 10, 20, 21, 40),
      quorate: fc.boolean(),
    })
    fc.assert(
      fc.property(
        fc.array(drawn, { minLength: 1, maxLength: 7 }),
        fc.infiniteStream(fc.nat()),
        (list, keys) => {
          const claims = list.map((rest, index) => ({ nodeId: index + 1, ...rest }))
          const shuffled = claims.map((item) => [keys.next().value as number, item] as const)
          shuffled.sort((a, b) => a[0] - b[0])
          const resolution = resolve(claims)
          expect(resolve(shuffled.map(([, item]) => item))).toEqual(resolution)
          const kept = resolution.winner === null ? [] : [resolution.winner, ...resolution.conflicts]
          for (const { lineage } of claims) {
            if (lineage?.head === undefined) continue
            expect(kept.some((side) => side.lineage.contains(lineage))).toBe(true)
          }
        },
      ),
    )
  })
})
