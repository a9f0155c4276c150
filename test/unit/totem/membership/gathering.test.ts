import { limits } from '../../../../src/base/index.js'
import { Gathering } from '../../../../src/totem/membership/gathering.js'
import type { FailedProcess, JoinMessage, ProcessId } from '../../../../src/totem/wire/control.js'

const DOUBT_MS = 75

/** Node `7` in its first life is 700, in its second 701. */
function life(nodeId: number, which = 0): ProcessId {
  return { nodeId, incarnation: 100 * nodeId + which }
}

const lives = (...nodeIds: number[]): ProcessId[] => nodeIds.map((nodeId) => life(nodeId))
const gone = (process: ProcessId, left = false): FailedProcess => ({ ...process, left })

function joinOf(processes: readonly ProcessId[], failed: readonly FailedProcess[] = []): JoinMessage {
  return { address: 'a', name: 'n', ringSequence: 1, tokenCount: 0, processes, failed, heard: [] }
}

function gatheringOf(self: number, members: readonly ProcessId[], prefer = Math.min): Gathering {
  return new Gathering(life(self), members, prefer, DOUBT_MS, 0)
}

const nodeIds = (processes: readonly ProcessId[]): number[] => processes.map(({ nodeId }) => nodeId)

describe('the sets grow', () => {
  test('it begins with the members of the last ring and itself, sorted', () => {
    expect(gatheringOf(4, lives(9, 2)).alive()).toEqual(lives(2, 4, 9))
    expect(gatheringOf(4, []).alive()).toEqual(lives(4))
  })

  test('a join adds its sender and whom it names, and tells that there is news', () => {
    const gathering = gatheringOf(1, [])
    expect(gathering.onJoin(life(2), joinOf(lives(2, 3)), 5)).toBe(true)
    expect(nodeIds(gathering.alive())).toEqual([1, 2, 3])
    expect(gathering.onJoin(life(2), joinOf(lives(2, 3)), 6)).toBe(false)
  })

  test('who is only named is not heard yet', () => {
    const gathering = gatheringOf(1, [])
    gathering.onJoin(life(2), joinOf(lives(2, 3)), 5)
    expect([1, 2, 3].map((nodeId) => gathering.heard(nodeId))).toEqual([true, true, false])
    expect(gathering.unheard()).toEqual([life(3)])
  })

  test('no more processes than a ring may have', () => {
    const gathering = gatheringOf(1, [])
    const many = Array.from({ length: 2 * limits.ringMembers }, (_, index) => life(index + 2))
    gathering.onJoin(life(2), joinOf(many), 5)
    expect(gathering.alive()).toHaveLength(limits.ringMembers)
    expect(gathering.includes(life(1))).toBe(true)
  })
})

describe('incarnations', () => {
  test('a newer life takes the place of the older one, which is heard no more', () => {
    const gathering = gatheringOf(1, lives(1, 2))
    gathering.onJoin(life(2), joinOf(lives(1, 2)), 5)
    gathering.onJoin(life(2, 1), joinOf([life(2, 1)]), 6)
    expect(gathering.alive()).toEqual([life(1), life(2, 1)])
    expect(gathering.heard(2)).toBe(true)
    gathering.add(life(2, 2))
    expect(gathering.heard(2)).toBe(false)
  })

  test('an older life does not come back, not even by hearsay', () => {
    const gathering = gatheringOf(1, [life(2, 1)])
    gathering.onJoin(life(3), joinOf([life(2), life(3)]), 5)
    expect(gathering.onJoin(life(2), joinOf([life(2)]), 6)).toBe(false)
    expect(gathering.includes(life(2, 1))).toBe(true)
    expect(gathering.heard(2)).toBe(false)
  })

  test('a life that failed does not come back; another life of the node may, even one counted lower', () => {
    const gathering = gatheringOf(1, [life(2, 1)])
    gathering.fail(life(2, 1), false)
    gathering.add(life(2, 1))
    expect(nodeIds(gathering.alive())).toEqual([1])
    gathering.add(life(2))
    expect(gathering.alive()).toEqual([life(1), life(2)])
  })

  test('nobody can replace this process itself', () => {
    const gathering = gatheringOf(1, lives(1, 2))
    gathering.onJoin(life(2), joinOf([life(1, 5), life(2)]), 5)
    expect(gathering.alive()).toEqual(lives(1, 2))
  })

  test('the failure of an earlier life of this process says nothing of this one', () => {
    const self = new Gathering(life(1, 1), lives(2), Math.min, DOUBT_MS, 0)
    self.onJoin(life(2), joinOf(lives(1, 2), [gone(life(1))]), 5)
    expect(self.includes(life(2))).toBe(true)
  })
})

describe('consensus', () => {
  test('is reached when all that live propose the same living', () => {
    const gathering = gatheringOf(1, lives(1, 2, 3))
    expect(gathering.consensus()).toBe(false)
    gathering.onJoin(life(2), joinOf(lives(1, 2, 3)), 5)
    expect(gathering.consensus()).toBe(false)
    gathering.onJoin(life(3), joinOf(lives(3, 1, 2)), 6)
    expect(gathering.consensus()).toBe(true)
  })

  test('whom all hold for failed does not count, whoever names the dead and whoever does not', () => {
    const gathering = gatheringOf(1, lives(1, 2, 3))
    gathering.fail(life(3), false)
    gathering.onJoin(life(2), joinOf(lives(1, 2)), 5)
    expect(gathering.consensus()).toBe(true)
    gathering.onJoin(life(2), joinOf(lives(1, 2, 3), [gone(life(3))]), 6)
    expect(gathering.consensus()).toBe(true)
  })

  test('one who proposes another membership is in the way, by name', () => {
    const gathering = gatheringOf(1, lives(1, 2, 3))
    gathering.onJoin(life(2), joinOf(lives(1, 2, 3)), 5)
    gathering.onJoin(life(3), joinOf(lives(1, 3)), 5)
    expect(gathering.consensus()).toBe(false)
    expect(gathering.disagreeing()).toEqual([life(3)])
  })

  test('another life proposed for a node is another membership', () => {
    const gathering = gatheringOf(1, lives(1, 2, 3))
    gathering.onJoin(life(2), joinOf(lives(1, 2, 3)), 5)
    gathering.onJoin(life(3), joinOf([life(1), life(2, 1), life(3)]), 5)
    expect(gathering.consensus()).toBe(false)
  })

  test('a process by itself agrees with itself', () => {
    expect(gatheringOf(1, []).consensus()).toBe(true)
  })

  test('a new round asks everybody anew', () => {
    const gathering = gatheringOf(1, lives(1, 2))
    gathering.onJoin(life(2), joinOf(lives(1, 2)), 5)
    gathering.newRound(10)
    expect(gathering.consensus()).toBe(false)
    expect(gathering.unheard()).toEqual([life(2)])
    gathering.onJoin(life(2), joinOf(lives(1, 2)), 11)
    expect(gathering.consensus()).toBe(true)
  })
})

describe('failures', () => {
  test('are told once; that somebody left is news even after that', () => {
    const gathering = gatheringOf(1, lives(1, 2))
    expect(gathering.fail(life(2), false)).toBe(true)
    expect(gathering.fail(life(2), false)).toBe(false)
    gathering.fail(life(2), true)
    expect(gathering.failures()).toEqual([gone(life(2), true)])
    gathering.fail(life(2), false)
    expect(gathering.failures()).toEqual([gone(life(2), true)])
  })

  test('this process never fails in its own eyes, nor does one it does not consider', () => {
    const gathering = gatheringOf(1, lives(1, 2))
    expect(gathering.fail(life(1), false)).toBe(false)
    expect(gathering.fail(life(9), false)).toBe(false)
    expect(gathering.fail(life(2, 1), false)).toBe(false)
    expect(nodeIds(gathering.alive())).toEqual([1, 2])
  })

  test('a silent process that another holds for failed is adopted as failed (the paper)', () => {
    const gathering = gatheringOf(1, lives(1, 2, 3))
    expect(gathering.onJoin(life(2), joinOf(lives(1, 2, 3), [gone(life(3))]), 5)).toBe(true)
    expect(nodeIds(gathering.alive())).toEqual([1, 2])
    expect(gathering.consensus()).toBe(true)
  })

  test('who is said to have left has left, heard or not', () => {
    const gathering = gatheringOf(1, lives(1, 2, 3))
    gathering.onJoin(life(3), joinOf(lives(1, 2, 3)), 4)
    gathering.onJoin(life(2), joinOf(lives(1, 2, 3), [gone(life(3), true)]), 5)
    expect(gathering.failures()).toEqual([gone(life(3), true)])
  })

  describe('of this process, in the eyes of another', () => {
    const excluding = joinOf(lives(1, 2, 3), [gone(life(1))])

    test('may be of the past: it is not held against the other at once', () => {
      const gathering = gatheringOf(1, lives(1, 2, 3))
      gathering.onJoin(life(2), excluding, 5)
      expect(nodeIds(gathering.alive())).toEqual([1, 2, 3])
      expect(gathering.consensus()).toBe(false)
      gathering.onJoin(life(2), joinOf(lives(1, 2, 3)), 5 + DOUBT_MS)
      gathering.onJoin(life(2), excluding, 6 + DOUBT_MS)
      expect(nodeIds(gathering.alive())).toEqual([1, 2, 3])
    })

    test('that lasts means that the two cannot be in one ring (the paper)', () => {
      const gathering = gatheringOf(1, lives(1, 2, 3))
      gathering.onJoin(life(2), excluding, 5)
      gathering.onJoin(life(2), excluding, 5 + DOUBT_MS)
      expect(nodeIds(gathering.alive())).toEqual([1, 3])
    })
  })

  test('a join of one that failed changes nothing', () => {
    const gathering = gatheringOf(1, lives(1, 2, 3))
    gathering.fail(life(2), false)
    expect(gathering.onJoin(life(2), joinOf(lives(2, 8), [gone(life(3))]), 5)).toBe(false)
    expect(nodeIds(gathering.alive())).toEqual([1, 3])
  })
})

describe('an accusation of one that is heard', () => {
  /** 1 has heard 3; then 2 says that 3 failed. */
  function accused(prefer = Math.min): Gathering {
    const gathering = gatheringOf(1, lives(1, 2, 3), prefer)
    gathering.onJoin(life(3), joinOf(lives(1, 2, 3)), 1)
    gathering.onJoin(life(2), joinOf(lives(1, 2, 3), [gone(life(3))]), 10)
    return gathering
  }

  test('does not stand at once', () => {
    expect(nodeIds(accused().alive())).toEqual([1, 2, 3])
  })

  test('stands when the accused stays silent', () => {
    const gathering = accused()
    expect(gathering.settleAccusations(10 + DOUBT_MS - 1)).toBe(false)
    expect(gathering.settleAccusations(10 + DOUBT_MS)).toBe(true)
    expect(nodeIds(gathering.alive())).toEqual([1, 2])
  })

  test('is a conflict when the accused speaks: the preferred one of the two stays', () => {
    const lower = accused()
    lower.onJoin(life(3), joinOf(lives(1, 2, 3)), 20)
    expect(nodeIds(lower.alive())).toEqual([1, 2])
    const higher = accused(Math.max)
    higher.onJoin(life(3), joinOf(lives(1, 2, 3)), 20)
    expect(nodeIds(higher.alive())).toEqual([1, 3])
  })

  test('who lost a conflict accuses nobody any more', () => {
    const gathering = accused()
    gathering.onJoin(life(3), joinOf(lives(1, 2, 3), [gone(life(2))]), 20)
    expect(nodeIds(gathering.alive())).toEqual([1, 2])
    gathering.settleAccusations(20 + 10 * DOUBT_MS)
    expect(nodeIds(gathering.alive())).toEqual([1, 2])
  })

  test('is forgotten with its round', () => {
    const gathering = accused()
    gathering.newRound(20)
    expect(gathering.settleAccusations(1000)).toBe(false)
    gathering.onJoin(life(3), joinOf(lives(1, 2, 3)), 1001)
    expect(nodeIds(gathering.alive())).toEqual([1, 2, 3])
  })

  test('says nothing of a new life of the accused', () => {
    const gathering = accused()
    gathering.onJoin(life(3, 1), joinOf([life(1), life(2), life(3, 1)]), 20)
    expect(gathering.settleAccusations(1000)).toBe(false)
    expect(gathering.alive()).toEqual([life(1), life(2), life(3, 1)])
  })
})

describe('all come to the same', () => {
  /** Everybody tells everybody whom it hears, until nothing changes. */
  function settle(ids: readonly number[], hears: (from: number, to: number) => boolean): number[][] {
    const gatherings = new Map(ids.map((id) => [id, gatheringOf(id, lives(...ids))]))
    for (let round = 1; round <= 8; round++) {
      for (const from of ids) {
        const { all, failures } = {
          all: gatherings.get(from)!.all(),
          failures: gatherings.get(from)!.failures(),
        }
        for (const to of ids) {
          if (to !== from && hears(from, to))
            gatherings.get(to)!.onJoin(life(from), joinOf(all, failures), round * 50)
        }
      }
      for (const gathering of gatherings.values()) {
        gathering.settleAccusations(round * 50 + 40)
        if (round < 3) continue
        for (const process of gathering.unheard()) gathering.fail(process, false)
      }
    }
    return ids.map((id) => nodeIds(gatherings.get(id)!.alive()))
  }

  test('when all hear all', () => {
    expect(settle([1, 2, 3], () => true)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  test('when one is silent', () => {
    const [one, two] = settle([1, 2, 3], (from) => from !== 3)
    expect([one, two]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  test('when one link works in one direction: those who stay propose the same', () => {
    const [one, two, three, four] = settle([1, 2, 3, 4], (from, to) => !(from === 4 && to === 2))
    expect([one, two, three]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(four).toEqual([4])
  })
})
