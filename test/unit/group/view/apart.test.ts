import { Views, type Introduction } from '../../../../src/group/view/views.js'
import type { QuorumSettings } from '../../../../src/group/index.js'

const off: QuorumSettings = { mode: 'off', expectedVotes: null, twoNode: false, waitForAll: false }
const majorityOf = (expectedVotes: number): QuorumSettings => ({ ...off, mode: 'majority', expectedVotes })

interface Told {
  readonly apartMs: number
  readonly runningMs: number
}

let nowMs = 0
let sequence = 0

function viewsOf(quorum: QuorumSettings, ownApartMs = Infinity): Views {
  const apartness = { apartMs: () => ownApartMs, runningMs: () => nowMs }
  return new Views({ nodeId: 1, bootTimestamp: 1n, quorum }, apartness, () => undefined)
}

/** A view of members that told this. */
function begin(views: Views, quorum: QuorumSettings, told: readonly Told[]): number {
  const ringId = { representative: 1, sequence: ++sequence }
  const introductions = told.map(({ apartMs, runningMs }, index): Introduction => {
    const nodeId = index + 1
    const votes = { ...quorum, votesSeen: quorum.expectedVotes ?? 0, sawAll: true }
    return {
      member: { nodeId, incarnation: 1, address: `10.0.0.${nodeId}`, name: `node${nodeId}` },
      exchange: {
        ringId,
        bootTimestamp: 1n,
        lastView: null,
        quorum: votes,
        apartMs,
        runningMs,
        services: [],
      },
    }
  })
  return views.begin(ringId, introductions).apartMs
}

const long = { apartMs: Infinity, runningMs: 60_000 }
const young = { apartMs: Infinity, runningMs: 40 }
const parted = { apartMs: 300, runningMs: 60_000 }

beforeEach(() => {
  nowMs = 60_000
  sequence = 0
})

describe('for how long nobody outside of a view can have counted its members', () => {
  test('without quorum the shortest that a member tells, whenever it began', () => {
    expect(begin(viewsOf(off), off, [long, parted, young])).toBe(300)
    expect(begin(viewsOf(off), off, [long, young])).toBe(Infinity)
  })

  test('with quorum for ever, where no vote is missing', () => {
    expect(begin(viewsOf(majorityOf(3)), majorityOf(3), [young, parted, young])).toBe(Infinity)
  })

  test('with quorum who began lately may have voted for anybody before', () => {
    expect(begin(viewsOf(majorityOf(3)), majorityOf(3), [long, young])).toBe(40)
    expect(begin(viewsOf(majorityOf(3)), majorityOf(3), [long, parted])).toBe(300)
  })

  test('with quorum it is enough that those who are left make none', () => {
    const five = majorityOf(5)
    expect(begin(viewsOf(five), five, [long, young, long, long])).toBe(60_000)
    expect(begin(viewsOf(five), five, [long, young, long, parted])).toBe(300)
    expect(begin(viewsOf(five), five, [long, young, long])).toBe(40)
  })

  test('without quorum what others told is told on: they may be gone', () => {
    const views = viewsOf(off)
    const ringId = { representative: 1, sequence: 99 }
    expect(views.introduce(ringId).apartMs).toBe(Infinity)
    begin(views, off, [long, parted])
    nowMs += 150
    expect(views.introduce(ringId).apartMs).toBe(450)
  })

  test('with quorum each tells what it knows itself', () => {
    const views = viewsOf(majorityOf(3), 700)
    begin(views, majorityOf(3), [long, parted])
    expect(views.introduce({ representative: 1, sequence: 99 })).toMatchObject({
      apartMs: 700,
      runningMs: nowMs,
    })
  })
})
