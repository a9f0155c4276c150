import { limits } from '../../../../src/base/index.js'
import { groupFingerprint, Lineage, type Epoch } from '../../../../src/group/view/lineage.js'

const ring = (sequence: number, representative = 1) => ({ representative, sequence })
const regular = (sequence: number): Epoch => ({ ringId: ring(sequence), transitional: false, group: 0 })
const onTheWayTo = (sequence: number, group = 0): Epoch => {
  return { ringId: ring(sequence), transitional: true, group }
}

/** A lineage of changes at [epoch, position]. */
function grown(...changes: (readonly [Epoch, number])[]): Lineage {
  const lineage = new Lineage()
  for (const [epoch, position] of changes) lineage.advance(epoch, position)
  return lineage
}

describe('the way a state came', () => {
  test('begins with nothing, and everything contains nothing', () => {
    const empty = new Lineage()
    expect(empty.head).toBeUndefined()
    expect(empty.contains(new Lineage())).toBe(true)
    expect(empty.equals(new Lineage())).toBe(true)
    expect(grown([regular(10), 1]).contains(empty)).toBe(true)
    expect(empty.contains(grown([regular(10), 1]))).toBe(false)
  })

  test('has one entry a stretch, with the position of the last change', () => {
    const lineage = grown([regular(10), 3], [regular(10), 7], [regular(12), 2])
    expect(lineage.entries.map(({ ringId, position }) => [ringId.sequence, position])).toEqual([
      [10, 7],
      [12, 2],
    ])
    expect(lineage.origin).toBe(10)
  })

  test('contains what it went through, and not what was changed behind that', () => {
    const longer = grown([regular(10), 7], [regular(12), 2])
    expect(longer.contains(grown([regular(10), 5]))).toBe(true)
    expect(longer.contains(grown([regular(10), 7]))).toBe(true)
    expect(longer.contains(grown([regular(10), 8]))).toBe(false)
    expect(grown([regular(10), 7]).contains(longer)).toBe(false)
  })

  test('includes the places it went through, whatever came later', () => {
    const lineage = grown([regular(10), 3], [regular(10), 7], [onTheWayTo(12), 2], [regular(12), 4])
    const [first, way, last] = lineage.entries.map((entry) => ({ ...entry }))
    expect(lineage.includes(first!, 1)).toBe(true)
    expect(lineage.includes(first!, 7)).toBe(true)
    expect(lineage.includes(first!, 8)).toBe(false)
    expect(lineage.includes(way!, 2)).toBe(true)
    expect(lineage.includes(last!, 5)).toBe(false)
    expect(lineage.includes({ ...last!, chain: last!.chain + 1 }, 4)).toBe(false)
    expect(lineage.includes({ ...way!, transitional: false }, 2)).toBe(false)
    expect(grown([regular(10), 3]).includes(last!, 1)).toBe(false)
  })

  test('no longer includes what is older than it remembers', () => {
    const lineage = grown([regular(1), 1])
    const first = { ...lineage.head! }
    for (let sequence = 2; sequence <= limits.lineageEntries; sequence++)
      lineage.advance(regular(sequence), 1)
    expect(lineage.includes(first, 1)).toBe(true)
    lineage.advance(regular(1000), 1)
    expect(lineage.includes(first, 1)).toBe(false)
  })

  test('the stretch of the next change is the one it will be in, and the same until then', () => {
    const lineage = grown([regular(10), 3])
    expect(lineage.stretchOf(regular(10))).toBe(lineage.head)
    const coming = lineage.stretchOf(regular(12))
    expect(lineage.stretchOf(regular(12))).toBe(coming)
    expect(lineage.includes(coming, 1)).toBe(false)
    lineage.advance(regular(12), 5)
    expect(lineage.head).toMatchObject({ ...coming, position: 5 })
    expect(lineage.includes(coming, 5)).toBe(true)
  })

  test('the stretch of the next change tells by whom and from where it came', () => {
    const stretches = [
      grown([regular(10), 3]).stretchOf(regular(12)),
      grown([regular(10), 4]).stretchOf(regular(12)),
      grown([regular(10), 3]).stretchOf(onTheWayTo(12)),
      grown([regular(10), 3]).stretchOf(onTheWayTo(12, 7)),
      grown([regular(10), 3]).stretchOf(regular(13)),
    ]
    const texts = stretches.map(
      ({ ringId, transitional, chain }) => `${ringId.sequence} ${transitional} ${chain}`,
    )
    expect(new Set(texts).size).toBe(5)
  })

  test('two that were changed in one configuration, coming from different states, are strangers', () => {
    const one = grown([regular(10), 1], [regular(20), 5])
    const other = grown([regular(11), 1], [regular(20), 5])
    expect(one.equals(other)).toBe(false)
    expect(one.contains(other) || other.contains(one)).toBe(false)
    expect(one.lastCommonSequence(other)).toBeNull()
  })

  test('what was changed on the way differs from the configuration, and by who came along', () => {
    const base = [regular(10), 1] as const
    const way = grown(base, [onTheWayTo(20), 5])
    expect(way.equals(grown(base, [regular(20), 5]))).toBe(false)
    expect(way.equals(grown(base, [onTheWayTo(20), 5]))).toBe(true)
    const group = groupFingerprint([{ nodeId: 1, incarnation: 7 }])
    expect(way.equals(grown(base, [onTheWayTo(20, group), 5]))).toBe(false)
    expect(group).not.toBe(groupFingerprint([{ nodeId: 1, incarnation: 8 }]))
  })

  test('after a conflict it contains all sides, and equals none of them', () => {
    const common = [regular(10), 1] as const
    const winner = grown(common, [regular(20), 3])
    const loser = grown(common, [regular(21), 4])
    const merged = winner.merged([loser], ring(30), 9)
    for (const side of [winner, loser]) {
      expect(merged.contains(side)).toBe(true)
      expect(side.contains(merged)).toBe(false)
    }
    expect(merged.equals(loser.merged([winner], ring(30), 9))).toBe(false)
    merged.advance(regular(30), 12)
    expect(merged.entries.map(({ ringId }) => ringId.sequence)).toEqual([10, 20, 21, 30])
    expect(merged.head?.position).toBe(12)
    expect(winner.head?.position).toBe(3)
  })

  test('forgets what is oldest, and then does not take it for contained', () => {
    const stretches = Array.from({ length: limits.lineageEntries + 1 }, (_, index) => {
      return [regular(10 + index), 1] as const
    })
    const lineage = grown(...stretches)
    expect(lineage.entries).toHaveLength(limits.lineageEntries)
    expect(lineage.contains(grown(stretches[0]!))).toBe(false)
    expect(lineage.contains(grown(...stretches.slice(0, 2)))).toBe(true)
    expect(lineage.origin).toBe(10)
  })

  test('a copy goes its own way', () => {
    const lineage = grown([regular(10), 1])
    const copy = lineage.copy()
    lineage.advance(regular(10), 5)
    expect(copy.head?.position).toBe(1)
    expect(lineage.contains(copy)).toBe(true)
  })
})
