import type { QuorumState } from './view.js'

/** The quorum keys of network.conf. */
export interface QuorumSettings {
  readonly mode: 'off' | 'majority'
  /** Votes of the whole cluster; null with mode off. */
  readonly expectedVotes: number | null
  readonly twoNode: boolean
  /** Effective: two-node implies it. */
  readonly waitForAll: boolean
}

/** What one member brings to the decision. */
export interface QuorumClaim extends QuorumSettings {
  readonly name: string
  /** The most votes it knows the cluster to have: its own setting, or more members than that once seen. */
  readonly votesSeen: number
  /** It saw all members since its start, or joined a quorate member that had. */
  readonly sawAll: boolean
}

export interface QuorumDecision {
  readonly state: QuorumState
  /** What this view knows the cluster's votes to be; its members keep it. */
  readonly votesSeen: number
  /** Its members have seen all, by themselves or through one another. */
  readonly sawAll: boolean
  /** Names of two members whose settings differ, and how; null: all say the same. */
  readonly difference: string | null
}

/**
 * Does this view have a quorum? A function of the members' settings and of one bit each. Where settings
 * differ the strictest hold: majority before off, the larger expected votes, wait-for-all before not.
 */
export function decideQuorum(claims: readonly QuorumClaim[]): QuorumDecision {
  const votes = claims.length
  const strict = claims.filter(({ mode }) => mode === 'majority')
  const difference = differenceOf(claims)
  if (strict.length === 0) {
    const state = { quorate: true, expectedVotes: null, votes, needed: null, waitingForAll: false }
    return { state, votesSeen: 0, sawAll: false, difference }
  }
  const expectedVotes = Math.max(votes, ...strict.map(({ votesSeen }) => votesSeen))
  const twoNode = expectedVotes === 2 && strict.every((claim) => claim.twoNode)
  const needed = twoNode ? 1 : Math.floor(expectedVotes / 2) + 1
  const seen = votes >= expectedVotes || strict.some(({ sawAll }) => sawAll)
  const enough = votes >= needed
  const waitingForAll = enough && !seen && strict.some(({ waitForAll }) => waitForAll)
  const state = { quorate: enough && !waitingForAll, expectedVotes, votes, needed, waitingForAll }
  return { state, votesSeen: expectedVotes, sawAll: enough && seen, difference }
}

function differenceOf(claims: readonly QuorumClaim[]): string | null {
  const first = claims[0]
  const other = claims.find((claim) => textOf(claim) !== textOf(claims[0]!))
  if (!first || !other) return null
  return `${first.name} has ${textOf(first)}, ${other.name} has ${textOf(other)}`
}

function textOf({ mode, expectedVotes, twoNode, waitForAll }: QuorumSettings): string {
  if (mode === 'off') return 'quorum: off'
  const bits = [`expected-votes: ${expectedVotes}`, ...(twoNode ? ['two-node: yes'] : [])]
  return ['quorum: majority', ...bits, `wait-for-all: ${waitForAll ? 'yes' : 'no'}`].join(', ')
}
