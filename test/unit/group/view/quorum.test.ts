import { decideQuorum, type QuorumClaim } from '../../../../src/group/view/quorum.js'

function majority(name: string, expectedVotes: number, more: Partial<QuorumClaim> = {}): QuorumClaim {
  return {
    name,
    mode: 'majority',
    expectedVotes,
    votesSeen: expectedVotes,
    twoNode: false,
    waitForAll: false,
    sawAll: false,
    ...more,
  }
}

const off = (name: string): QuorumClaim => ({
  ...majority(name, 0),
  mode: 'off',
  expectedVotes: null,
})

const claims = (count: number, make: (name: string) => QuorumClaim): QuorumClaim[] => {
  return Array.from({ length: count }, (_, index) => make(`n${index + 1}`))
}

describe('quorum', () => {
  test('off: always', () => {
    expect(decideQuorum([off('a')]).state).toEqual({
      quorate: true,
      expectedVotes: null,
      votes: 1,
      needed: null,
      waitingForAll: false,
    })
  })

  test.each([
    [1, 1, true],
    [1, 2, false],
    [2, 2, true],
    [1, 3, false],
    [2, 3, true],
    [2, 4, false],
    [3, 4, true],
    [2, 5, false],
    [3, 5, true],
  ])('%i of %i votes: %s', (votes, expected, quorate) => {
    expect(decideQuorum(claims(votes, (name) => majority(name, expected))).state.quorate).toBe(quorate)
  })

  test('never on two sides of a cut, however the votes fall', () => {
    for (let expected = 1; expected <= 9; expected++) {
      for (let left = 1; left < expected; left++) {
        const sides = [left, expected - left].map((votes) => {
          return decideQuorum(claims(votes, (name) => majority(name, expected))).state.quorate
        })
        expect(sides).not.toEqual([true, true])
      }
    }
  })

  test('more members than expected votes raise them, and stay known', () => {
    const { state, votesSeen } = decideQuorum(claims(5, (name) => majority(name, 3)))
    expect(state).toMatchObject({ expectedVotes: 5, needed: 3 })
    expect(votesSeen).toBe(5)
    const left = claims(2, (name) => majority(name, 3, { votesSeen: 5 }))
    expect(decideQuorum(left).state.quorate).toBe(false)
  })

  test('wait-for-all: enough votes wait until all were seen, by themselves or by one of them', () => {
    const waiting = claims(2, (name) => majority(name, 3, { waitForAll: true }))
    expect(decideQuorum(waiting)).toMatchObject({
      state: { quorate: false, waitingForAll: true },
      sawAll: false,
    })
    const all = decideQuorum(claims(3, (name) => majority(name, 3, { waitForAll: true })))
    expect(all).toMatchObject({ state: { quorate: true, waitingForAll: false }, sawAll: true })
    const oneSaw = [
      majority('a', 3, { waitForAll: true, sawAll: true }),
      majority('b', 3, { waitForAll: true }),
    ]
    expect(decideQuorum(oneSaw)).toMatchObject({ state: { quorate: true }, sawAll: true })
  })

  test('who joins one that had seen all, but has no quorum, has not', () => {
    const two = [majority('a', 5, { sawAll: true }), majority('b', 5)]
    expect(decideQuorum(two).sawAll).toBe(false)
  })

  test('two-node: one vote is enough, once both were seen', () => {
    const settings = { twoNode: true, waitForAll: true }
    expect(decideQuorum([majority('a', 2, settings)]).state).toMatchObject({ quorate: false, needed: 1 })
    expect(decideQuorum([majority('a', 2, { ...settings, sawAll: true })]).state.quorate).toBe(true)
  })

  test('settings that differ are told by both names, and the strictest hold', () => {
    const { state, difference } = decideQuorum([off('a'), majority('b', 3), majority('c', 5)])
    expect(state).toMatchObject({ quorate: true, expectedVotes: 5, needed: 3 })
    expect(difference).toContain('a has quorum: off')
    expect(difference).toContain('b has quorum: majority, expected-votes: 3')
    expect(decideQuorum(claims(2, (name) => majority(name, 3))).difference).toBeNull()
  })
})
