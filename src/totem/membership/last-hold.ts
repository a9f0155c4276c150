import type { Gathering } from './gathering.js'

/** Who held a lost token last, and where it was to go. */
export interface LastHold {
  readonly count: number
  readonly successor: number
}

/**
 * Did this process send the lost token on last of all, as far as the join messages of the others tell?
 * @param highest ring sequence number of the ring that was lost
 */
export function isLastHolder(hold: LastHold, gathering: Gathering, self: number, highest: number): boolean {
  return gathering.alive().every(({ nodeId }) => {
    const join = gathering.proposalOf(nodeId)?.join
    if (nodeId === self || !join) return true
    return join.ringSequence !== highest || join.tokenCount < hold.count
  })
}
