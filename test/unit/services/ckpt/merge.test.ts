import { limits } from '../../../../src/base/index.js'
import type { Checkpoint } from '../../../../src/services/ckpt/checkpoint.js'
import { contentsText } from './states.js'
import * as w from './world.js'
import { World } from './world.js'

/** What every member says, which is the same. */
function agreed(world: World, ...nodeIds: number[]): w.Member {
  const [first, ...others] = nodeIds
  for (const other of others) expect(world.text(other)).toEqual(world.text(first!))
  return world.member(first!)
}

const contents = (member: w.Member, name: string): unknown => {
  const checkpoint = member.state.byName.get(name)
  return checkpoint === undefined ? null : contentsText(checkpoint)
}

const aside = ({ state }: w.Member): unknown => {
  return [...state.conflicts.values()].map(({ name, nodes, keptNodes, keptKey, checkpoint }) => {
    return { name, nodes, keptNodes, keptKey, contents: checkpoint && contentsText(checkpoint) }
  })
}

/** Three members that hold checkpoint `c` with section a, fallen apart into 1, 2 and 3. */
function parted(...changes: w.Change[]): World {
  const world = new World(3)
  const before = [w.create(1, 'c'), w.put('c', 'a', 'base'), ...changes]
  for (const change of before) world.change([1, 2, 3], change)
  world.meet(1, 2)
  world.meet(3)
  return world
}

const LARGE = [1, 2]
const SMALL = [3]

describe('sides that meet again', () => {
  test('where only one changed something, that is what there is, and nothing was in conflict', () => {
    const world = parted()
    world.change(SMALL, w.put('c', 'a', 'three'))
    const adoptions = world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(contents(member, 'c')).toEqual({ a: 'three' })
    expect(aside(member)).toEqual([])
    expect(adoptions.map(({ replaced }) => [...replaced])).toEqual([[1], [1]])
  })

  test('each changed another checkpoint: both are kept, and only what changed moves', () => {
    const world = parted(w.create(2, 'd'), w.create(3, 'e'), w.put('e', 'x', 'same'))
    world.change(LARGE, w.put('c', 'a', 'large'))
    world.change(SMALL, w.put('d', 'b', 'small'))
    const adoptions = world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(contents(member, 'c')).toEqual({ a: 'large' })
    expect(contents(member, 'd')).toEqual({ b: 'small' })
    expect(contents(member, 'e')).toEqual({ x: 'same' })
    expect(aside(member)).toEqual([])
    expect(adoptions.map(({ replaced }) => [...replaced])).toEqual([[2], [2], [1]])
    // Of what the others have: d and e for node 3, c and e for nodes 1 and 2.
    expect(world.omitted).toBe(2 + 2 * 2)
  })

  test('both changed the same: the side with precedence wins, the other is set aside everywhere', () => {
    const world = parted()
    world.change(LARGE, w.put('c', 'a', 'large'))
    world.change(SMALL, w.put('c', 'a', 'small'))
    const adoptions = world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(contents(member, 'c')).toEqual({ a: 'large' })
    const conflict = { name: 'c', nodes: [3], keptNodes: [1, 2], keptKey: 1, contents: { a: 'small' } }
    expect(aside(member)).toEqual([conflict])
    for (const { setAside, notes } of adoptions) {
      expect(setAside).toHaveLength(1)
      expect(notes).toEqual([
        {
          level: 'warning',
          message:
            'checkpoint c was changed on both sides: what was on nodes 1, 2 is kept, what was on node 3 is ' +
            `set aside as conflict ${setAside[0]!.id} (ais ckpt conflicts)`,
        },
      ])
    }
    expect(adoptions.map(({ replaced }) => [...replaced])).toEqual([[], [], [1]])
  })

  test('and who was not there gets what they have agreed on, in place of what it has', () => {
    const world = parted()
    world.change(LARGE, w.put('c', 'a', 'large'))
    world.change(SMALL, w.put('c', 'a', 'small'))
    world.meet(1, 3)
    expect(aside(agreed(world, 1, 3))).toHaveLength(1)
    world.meet(2)
    world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(contents(member, 'c')).toEqual({ a: 'large' })
    expect(aside(member)).toHaveLength(1)
  })

  test('that had settled the same conflict in two ways settle it once more', () => {
    const world = new World(4)
    for (const change of [w.create(1, 'c'), w.put('c', 'a', 'base')]) world.change([1, 2, 3, 4], change)
    world.meet(1, 2)
    world.meet(3, 4)
    world.change([1, 2], w.put('c', 'a', 'one'))
    world.change([3, 4], w.put('c', 'a', 'other'))
    world.meet(1, 3)
    // Here those of the other side held more: it wins.
    world.restart(2)
    world.meet(2)
    world.meet(2, 4)
    world.change([2, 4], w.put('c', 'b', 'later'))
    world.meet(1, 2, 3, 4)
    const member = agreed(world, 1, 2, 3, 4)
    const kept = [
      contents(member, 'c'),
      ...(aside(member) as { contents: unknown }[]).map((one) => one.contents),
    ]
    expect(kept).toContainEqual({ a: 'one' })
    expect(kept).toContainEqual({ a: 'other', b: 'later' })
  })

  test.each([
    ['the other way round', [2, 3], [1]],
    ['as ever', [1], [2, 3]],
  ])('only expired on one side, written on the other is no conflict: %s', (_case, expired, written) => {
    const world = new World(3)
    const before = [w.create(1, 'c'), w.put('c', 'a', 'base'), w.put('c', 'b', 'short')]
    for (const change of before) world.change([1, 2, 3], change)
    world.meet(...expired)
    world.meet(...written)
    world.change(expired, w.drop('c', 'b', true))
    world.change(written, w.put('c', 'a', 'new'))
    world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(contents(member, 'c')).toEqual({ a: 'new', b: 'short' })
    expect(aside(member)).toEqual([])
  })

  test('an unlink is kept where the other side changed nothing, whoever has precedence', () => {
    for (const [unlinking, other] of [
      [LARGE, SMALL],
      [SMALL, LARGE],
    ] as const) {
      const world = parted(w.create(2, 'd'))
      world.change(unlinking, w.unlink('c'))
      world.change(other, w.put('d', 'x', 'y'))
      world.meet(1, 2, 3)
      const member = agreed(world, 1, 2, 3)
      expect(contents(member, 'c')).toBeNull()
      expect(aside(member)).toEqual([])
      expect([...member.state.tombstones.keys()]).toEqual([1])
    }
  })

  test('an unlink wins over a write by precedence: what was written is set aside', () => {
    const world = parted()
    world.change(LARGE, w.unlink('c'))
    world.change(SMALL, w.put('c', 'a', 'small'))
    const [adoption] = world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(contents(member, 'c')).toBeNull()
    const conflict = { name: 'c', nodes: [3], keptNodes: [1, 2], keptKey: 0, contents: { a: 'small' } }
    expect(aside(member)).toEqual([conflict])
    expect(adoption!.notes[0]!.message).toMatch(
      /^checkpoint c was changed on both sides: that it was unlinked on/,
    )
    // A third party that comes later with what was there before does not bring it back.
    expect(member.state.tombstones.has(1)).toBe(true)
  })

  test('a write wins over an unlink by precedence: the log says that the unlink was not kept', () => {
    const world = parted()
    world.change(LARGE, w.put('c', 'a', 'large'))
    world.change(SMALL, w.unlink('c'))
    const [adoption] = world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(contents(member, 'c')).toEqual({ a: 'large' })
    expect(aside(member)).toEqual([])
    expect(member.state.tombstones.size).toBe(0)
    expect(adoption!.notes).toEqual([
      {
        level: 'notice',
        message:
          'checkpoint c was unlinked on one side and changed on the other: ' +
          'that node 3 unlinked it was not kept',
      },
    ])
  })

  test('an unlink whose tombstone is forgotten still holds for what was not changed', () => {
    const world = parted(w.create(2, 'd'))
    world.change(LARGE, w.unlink('c'))
    world.change(LARGE, w.forgetTombstones)
    world.change(SMALL, w.put('d', 'x', 'y'))
    world.meet(1, 2, 3)
    expect(contents(agreed(world, 1, 2, 3), 'c')).toBeNull()
  })

  test('what is unlinked and open lives on where it is open, and there alone', () => {
    const world = parted()
    world.change(SMALL, w.open('c', world.member(3)))
    world.change(SMALL, w.unlink('c'))
    world.change(SMALL, w.putByKey(1, 'a', 'late'))
    world.change(LARGE, w.create(2, 'd'))
    world.meet(1, 2, 3)
    const { state } = agreed(world, 1, 2, 3)
    expect(state.byName.has('c')).toBe(false)
    expect(contentsText(state.checkpoints.get(1)!)).toEqual({ a: 'late' })
  })

  test('an unlink that loses leaves nothing aside: the winner goes on from what was unlinked', () => {
    for (const hasWritten of [false, true]) {
      const world = parted()
      world.change(SMALL, w.open('c', world.member(3)))
      world.change(SMALL, w.unlink('c'))
      if (hasWritten) world.change(SMALL, w.putByKey(1, 'a', 'late'))
      world.change(LARGE, w.put('c', 'a', 'large'))
      const [adoption] = world.meet(1, 2, 3)
      const member = agreed(world, 1, 2, 3)
      expect(contents(member, 'c')).toEqual({ a: 'large' })
      expect(aside(member)).toMatchObject(hasWritten ? [{ contents: { a: 'late' } }] : [])
      expect(adoption!.notes[0]!.message).toMatch(/that node 3 unlinked it was not kept$/)
      expect(member.state.byName.get('c')!.openers.map(({ nodeId }) => nodeId)).toEqual([3])
    }
  })

  test('an unlink that stays open wins over a section that expired', () => {
    const world = parted(w.put('c', 'b', 'short'))
    world.change(LARGE, w.drop('c', 'b', true))
    world.change(SMALL, w.open('c', world.member(3)))
    world.change(SMALL, w.unlink('c'))
    world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(contents(member, 'c')).toBeNull()
    expect(aside(member)).toEqual([])
    expect(member.state.checkpoints.has(1)).toBe(true)
  })

  test('what was unlinked together is closed on one side, and stays for who has it open on the other', () => {
    const world = new World(3)
    for (const change of [
      w.create(1, 'c'),
      w.put('c', 'a', 'base'),
      w.open('c', world.member(1)),
      w.open('c', world.member(3)),
      w.unlink('c'),
      w.putByKey(1, 'a', 'late'),
    ]) {
      world.change([1, 2, 3], change)
    }
    world.meet(1, 2)
    world.meet(3)
    world.change([1, 2], (state) => {
      state.remove(state.checkpoints.get(1)!)
      return true
    })
    world.change([3], w.create(2, 'd'))
    world.meet(1, 2, 3)
    const { state } = agreed(world, 1, 2, 3)
    const { openers } = state.checkpoints.get(1)!
    expect(openers.map(({ nodeId }) => nodeId)).toEqual([3])
    expect(contentsText(state.checkpoints.get(1)!)).toEqual({ a: 'late' })
  })

  test('what was unlinked on both sides stays for who has it open on the one without precedence', () => {
    const world = parted()
    world.change(LARGE, w.unlink('c'))
    world.change(SMALL, w.open('c', world.member(3)))
    world.change(SMALL, w.unlink('c'))
    world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(contentsText(member.state.checkpoints.get(1)!)).toEqual({ a: 'base' })
    expect(member.state.byName.has('c')).toBe(false)
    expect(aside(member)).toEqual([])
  })

  test('a name that was taken anew on both sides belongs to the one with precedence', () => {
    const world = parted()
    world.change(LARGE, w.create(10, 'new'))
    world.change(LARGE, w.put('new', 'x', 'large'))
    world.change(SMALL, w.create(20, 'new'))
    world.change(SMALL, w.put('new', 'x', 'small'))
    world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(member.state.byName.get('new')!.key).toBe(10)
    expect(contents(member, 'new')).toEqual({ x: 'large' })
    const conflict = { name: 'new', nodes: [3], keptNodes: [1, 2], keptKey: 10, contents: { x: 'small' } }
    expect(aside(member)).toEqual([conflict])
    expect(member.state.tombstones.has(20)).toBe(true)
  })

  test('two of one name and kind, the one without data gives way in silence', () => {
    const world = parted()
    world.change(LARGE, w.create(10, 'new'))
    world.change(SMALL, w.create(20, 'new'))
    const [adoption] = world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(member.state.byName.get('new')!.key).toBe(10)
    expect(aside(member)).toEqual([])
    expect(adoption!.notes).toEqual([])
  })

  test('unlinked and made anew on one side, changed on the other', () => {
    for (const [renewing, writing, kept, lost] of [
      [LARGE, SMALL, { n: 'new' }, { a: 'written' }],
      [SMALL, LARGE, { a: 'written' }, { n: 'new' }],
    ] as const) {
      const world = parted()
      world.change(renewing, w.unlink('c'))
      world.change(renewing, w.create(2, 'c'))
      world.change(renewing, w.put('c', 'n', 'new'))
      world.change(writing, w.put('c', 'a', 'written'))
      world.meet(1, 2, 3)
      const member = agreed(world, 1, 2, 3)
      expect(contents(member, 'c')).toEqual(kept)
      expect(aside(member)).toMatchObject([{ name: 'c', contents: lost }])
    }
  })

  test('a retention that ended on one side ends nothing for the other', () => {
    for (const [ended, other] of [
      [LARGE, SMALL],
      [SMALL, LARGE],
    ] as const) {
      const world = parted(w.create(2, 'd', { retentionDurationMs: 5000 }), w.put('d', 'x', 'y'))
      world.change(ended, w.retire('d'))
      world.change(other, w.open('d', world.member(other[0]!)))
      world.meet(1, 2, 3)
      const member = agreed(world, 1, 2, 3)
      expect(contents(member, 'd')).toEqual({ x: 'y' })
      expect(member.state.byName.get('d')!.openers).toHaveLength(1)
      expect(aside(member)).toEqual([])
    }
  })

  test('a retention that ended after it was made finite holds: the other side had changed nothing', () => {
    const world = parted()
    world.change(LARGE, w.retentionSet('c', 5000))
    world.change(LARGE, w.retire('c'))
    world.change(SMALL, w.create(2, 'd'))
    world.meet(1, 2, 3)
    expect(contents(agreed(world, 1, 2, 3), 'c')).toBeNull()
  })

  test('handles of all sides are united; without any the longest retention counts', () => {
    const world = parted(w.create(2, 'd', { retentionDurationMs: 5000 }))
    world.change(LARGE, w.open('c', world.member(1), 11))
    world.change(LARGE, w.open('c', world.member(2), 12))
    world.change(SMALL, w.open('c', world.member(3), 13))
    world.change(SMALL, w.put('c', 'a', 'small'))
    world.change(LARGE, w.open('d', world.member(1), 14))
    world.change(LARGE, w.closeAll('d', 2000))
    world.change(SMALL, w.open('d', world.member(3), 15))
    world.change(SMALL, w.closeAll('d', 1000))
    world.nowMs = 3000
    world.meet(1, 2, 3)
    const { state } = agreed(world, 1, 2, 3)
    const openers = state.byName.get('c')!.openers.map(({ nodeId, handles }) => [nodeId, ...handles])
    expect(openers).toEqual([
      [1, 11],
      [2, 12],
      [3, 13],
    ])
    for (const member of world.members) expect(member.state.byName.get('d')!.retentionDueMs).toBe(7000)
  })

  test('three sides at once', () => {
    const world = parted(w.create(2, 'd'), w.put('d', 'x', 'base'))
    world.meet(1)
    world.meet(2)
    for (const node of [1, 2, 3]) world.change([node], w.put('c', 'a', `of ${node}`))
    world.change([2], w.unlink('d'))
    world.change([3], w.put('d', 'x', 'three'))
    world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(contents(member, 'c')).toEqual({ a: 'of 1' })
    expect(contents(member, 'd')).toBeNull()
    const found = (aside(member) as { name: string; nodes: number[]; contents: unknown }[])
      .map((conflict) => [conflict.name, conflict.nodes, conflict.contents] as const)
      .sort((a, b) => (`${a[0]}${a[1].join()}` < `${b[0]}${b[1].join()}` ? -1 : 1))
    expect(found).toEqual([
      ['c', [2], { a: 'of 2' }],
      ['c', [3], { a: 'of 3' }],
      ['d', [3], { x: 'three' }],
    ])
  })

  test('a node that starts gets all of it with them', () => {
    const world = parted()
    world.meet(2)
    world.restart(2)
    world.change([1], w.put('c', 'a', 'one'))
    world.change([3], w.put('c', 'a', 'three'))
    world.meet(1, 2, 3)
    const member = agreed(world, 1, 2, 3)
    expect(aside(member)).toHaveLength(1)
  })

  test('what this node has stays the object it was', () => {
    const world = parted(w.create(2, 'd'))
    world.change(LARGE, w.put('c', 'a', 'large'))
    const before = world.members.map(({ state }): Checkpoint[] => [...state.checkpoints.values()])
    world.meet(1, 2, 3)
    const objects = world.members.map(({ state }) => [...state.checkpoints.values()])
    expect(objects[0]).toEqual(before[0])
    expect(objects[2]![1]).toBe(before[2]![1])
    expect(objects[2]![0]).not.toBe(before[2]![0])
  })

  test('what has been dismissed where they went on is not brought back by who stayed behind', () => {
    const world = parted()
    world.change(LARGE, w.put('c', 'a', 'large'))
    world.change(SMALL, w.put('c', 'a', 'small'))
    world.meet(1, 2, 3)
    world.meet(1, 2)
    world.change(LARGE, (state) => {
      state.conflicts.clear()
      return true
    })
    world.meet(3)
    world.meet(1, 2, 3)
    expect(aside(agreed(world, 1, 2, 3))).toEqual([])
  })

  test('more conflicts than are remembered: the log says which are forgotten, and does not overflow', () => {
    const world = new World(2)
    const { ckptConflicts } = limits
    for (let key = 1; key <= ckptConflicts + 12; key++) world.change([1, 2], w.create(key, `c${key}`))
    world.meet(1)
    world.meet(2)
    for (let key = 1; key <= ckptConflicts + 12; key++) {
      world.change([1], w.put(`c${key}`, 'a', 'one'))
      world.change([2], w.put(`c${key}`, 'a', 'two'))
    }
    const [adoption] = world.meet(1, 2)
    const { state } = agreed(world, 1, 2)
    expect(state.conflicts.size).toBe(ckptConflicts)
    expect(adoption!.notes).toHaveLength(101)
    expect(adoption!.notes[0]!.message).toMatch(
      /^there are too many conflicts: the 12 oldest are forgotten: (\w+ \(c\d+\), ){10}…$/,
    )
    expect(adoption!.notes[100]!.message).toMatch(/^and 937 more of this kind/)
  })
})
